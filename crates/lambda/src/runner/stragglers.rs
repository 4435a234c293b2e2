//! Processes that outlive their worker: daemons that left its process group, and what a gate that was killed left behind.
//!
//! A process is known by the environment that it was started with, which names the runner and the worker: children
//! inherit it, and no function's configuration can override either name. A program that was given another environment
//! on purpose is not found. Linux only; elsewhere nothing is looked for.

use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::lock;

/// The workers that exist or are about to, by their log streams.
#[derive(Debug, Default)]
pub(super) struct Census {
    streams: Mutex<HashSet<String>>,
    /// Whether a worker ended since the last look.
    ended: AtomicBool,
}

/// A worker's place in the census; dropped, its processes are stragglers.
#[derive(Debug)]
pub(super) struct Entry {
    census: Arc<Census>,
    stream: String,
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock(&self.census.streams).remove(&self.stream);
        self.census.ended.store(true, Ordering::Release);
    }
}

impl Census {
    /// Enters a worker; to be called before its process is started.
    pub(super) fn enter(self: &Arc<Self>, stream: &str) -> Entry {
        lock(&self.streams).insert(stream.to_owned());
        Entry { census: Arc::clone(self), stream: stream.to_owned() }
    }

    /// Whether there may be new stragglers since this was asked last.
    pub(super) fn take_ended(&self) -> bool {
        self.ended.swap(false, Ordering::AcqRel)
    }

    /// Kills every process of the runner whose worker is not entered. Blocks for a walk over the host's processes.
    pub(super) fn kill_stragglers(&self, runtime_dir: &Path) {
        let is_straggler = |environment: &[u8]| {
            variable(environment, "LAMBDA_RUNTIME_DIR")
                .is_some_and(|dir| runtime_dir.as_os_str().as_encoded_bytes() == dir)
                && variable(environment, "AWS_LAMBDA_LOG_STREAM_NAME")
                    .is_some_and(|stream| !lock(&self.streams).iter().any(|live| live.as_bytes() == stream))
        };
        let killed = kill_where(is_straggler);
        if killed > 0 {
            tracing::debug!(killed, "processes that had outlived their workers");
            // One that forked meanwhile is found the next time.
            self.ended.store(true, Ordering::Release);
        }
    }
}

/// The value of a variable in a block of `name=value`, each ended by a NUL.
fn variable<'a>(environment: &'a [u8], name: &str) -> Option<&'a [u8]> {
    environment
        .split(|byte| *byte == 0)
        .find_map(|entry| entry.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"=")))
}

/// Kills the processes with such an environment; how many they were.
#[cfg(target_os = "linux")]
fn kill_where(is_wanted: impl Fn(&[u8]) -> bool) -> usize {
    let Ok(processes) = std::fs::read_dir("/proc") else { return 0 };
    let pids = processes.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter(|pid| kill_if(*pid, &is_wanted).is_some()).count()
}

#[cfg(target_os = "linux")]
fn kill_if(pid: i32, is_wanted: impl Fn(&[u8]) -> bool) -> Option<()> {
    use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};
    let environment = || std::fs::read(format!("/proc/{pid}/environ")).ok().filter(|text| is_wanted(text));
    environment()?;
    let process = pidfd_open(Pid::from_raw(pid)?, PidfdFlags::empty()).ok()?;
    // Looked at again, because the number may have gone to another process before it was held.
    environment()?;
    pidfd_send_signal(process, Signal::KILL).ok()
}

#[cfg(not(target_os = "linux"))]
fn kill_where(_is_wanted: impl Fn(&[u8]) -> bool) -> usize {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_found_by_its_whole_name() {
        let environment = b"AB=1\0A=2=3\0A=4\0\0";
        assert_eq!(variable(environment, "A"), Some(b"2=3".as_slice()));
        assert_eq!(variable(environment, "B"), None);
    }
}
