//! Programs of this host: running them, and saying how to get the ones that are missing.

use std::ffi::OsStr;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

/// Runs a command to its end, its output on this terminal; a failure names the command.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    eprintln!("\n$ {shown}");
    let status = command.status().with_context(|| format!("cannot run {shown}"))?;
    if status.success() { Ok(()) } else { bail!("{shown}: {status}") }
}

/// Whether a program can be started at all.
pub(crate) fn exists(program: impl AsRef<OsStr>, version_flag: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(version_flag).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Fails with a hint when a program is missing.
pub(crate) fn require(program: &str, version_flag: &str, hint: &str) -> Result<()> {
    if exists(program, version_flag) { Ok(()) } else { bail!("{program} was not found: {hint}") }
}

/// The interpreters that functions run on.
pub(crate) fn require_interpreters() -> Result<()> {
    require("node", "--version", "install Node.js 20 or later, on Debian: apt-get install nodejs")?;
    require("python3", "--version", "install Python 3.11 or later, on Debian: apt-get install python3 python3-venv")
}

fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
