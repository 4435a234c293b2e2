//! A server of the benchmark's own, asked to end when it is no longer needed.

use std::process::{Child, Command};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

/// A child process that gets SIGTERM when it is dropped.
pub(super) struct Server(Child);

impl Server {
    /// Starts the command.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self(child))
    }

    /// The process, to read its output.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.0
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to do when the process has ended by itself or cannot be waited for.
        kill_process(Pid::from_child(&self.0), Signal::TERM).ok();
        self.0.wait().ok();
    }
}
