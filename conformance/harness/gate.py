"""A gate at which a function waits until the scenario lets it through."""

import socket
from types import TracebackType
from typing import Self

TIMEOUT_S = 60.0


class Gate:
    """A loopback port: who connects to it waits until the connection is closed."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(TIMEOUT_S)

    @property
    def port(self) -> int:
        """Where to wait."""
        port: int = self._listener.getsockname()[1]
        return port

    def open(self) -> None:
        """Waits until somebody stands there, and lets them through."""
        waiting, _ = self._listener.accept()
        waiting.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()
