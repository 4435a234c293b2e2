//! What the process says: its own log on standard error, and lines for people on standard output.

use std::{
    fmt,
    io::{IsTerminal as _, Write as _},
};

use tracing_subscriber::EnvFilter;

/// Starts the log; `filter` is `level` or `module=level,…`.
pub(crate) fn start(filter: &str) -> anyhow::Result<()> {
    let filter =
        EnvFilter::try_new(filter).map_err(|error| anyhow::anyhow!("--log {filter:?} is no filter: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .try_init()
        .map_err(|error| anyhow::anyhow!("the log cannot start: {error}"))
}

/// Prints a line on standard output. Whoever read it may be gone, and the gateway goes on without.
pub(crate) fn print_line(line: fmt::Arguments<'_>) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}
