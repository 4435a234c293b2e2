//! The worker program of the runner's own tests: only what `lambdagate` does for its hidden subcommand.

use std::process::ExitCode;

fn main() -> ExitCode {
    lambda::worker_init::main()
}
