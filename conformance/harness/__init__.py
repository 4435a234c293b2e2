"""What every scenario needs: a gateway of its own, the clients that call it, and functions to deploy."""
