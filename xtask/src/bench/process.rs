//! Servers of the benchmark's own: started, watched, and asked to end when no longer needed.

use std::collections::HashMap;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// Clock ticks per second in `/proc/PID/stat`; Linux has had no other value on any machine that matters.
const TICKS_PER_SECOND: f64 = 100.0;
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// A minute: a busy machine takes its time to start an interpreter.
const POLLS_MAX: u32 = 3000;

/// A child process that gets SIGTERM when it is dropped.
pub(super) struct Server(Child);

/// What a server and its descendants have used so far.
#[derive(Clone, Copy, Default)]
pub(super) struct Usage {
    /// Seconds on a core, in user and kernel mode.
    pub(super) cpu_seconds: f64,
    /// The most memory that each process has held at a time, added up, in MiB.
    pub(super) peak_mib: f64,
    /// The memory that they hold now, in MiB.
    pub(super) resident_mib: f64,
}

impl Server {
    /// Starts the command.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let child = command.spawn().with_context(|| format!("cannot start {}", command.get_program().display()))?;
        Ok(Self(child))
    }

    /// Starts the command and waits until something listens on the port.
    pub(super) fn start_on(command: &mut Command, port: u16) -> Result<Self> {
        let server = Self::start(command)?;
        for _ in 0..POLLS_MAX {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(server);
            }
            thread::sleep(POLL_INTERVAL);
        }
        bail!("{} does not listen on port {port}", command.get_program().display())
    }

    /// The process, to read its output.
    pub(super) fn child(&mut self) -> &mut Child {
        &mut self.0
    }

    /// The process's id.
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nothing is left to do when the process has ended by itself or cannot be waited for.
        kill_process(Pid::from_child(&self.0), Signal::TERM).ok();
        self.0.wait().ok();
    }
}

/// A loopback port that was free a moment ago.
pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// What the process and its living descendants have used.
pub(super) fn usage(root: u32) -> Usage {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut cpu: HashMap<u32, f64> = HashMap::new();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = process.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        let Some((parent, seconds)) = stat(id) else { continue };
        children.entry(parent).or_default().push(id);
        cpu.insert(id, seconds);
    }
    let mut total = Usage::default();
    let mut pending = vec![root];
    while let Some(id) = pending.pop() {
        total.cpu_seconds += cpu.get(&id).copied().unwrap_or_default();
        total.peak_mib += memory_mib(id, "VmHWM:");
        total.resident_mib += memory_mib(id, "VmRSS:");
        pending.extend(children.get(&id).into_iter().flatten());
    }
    total
}

/// The parent of a process and the CPU time of its threads.
fn stat(id: u32) -> Option<(u32, f64)> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    // The second field is the program's name in parentheses, which may hold blanks.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let parent = fields.nth(1)?.parse().ok()?;
    let user: f64 = fields.nth(9)?.parse().ok()?;
    let system: f64 = fields.next()?.parse().ok()?;
    Some((parent, (user + system) / TICKS_PER_SECOND))
}

fn memory_mib(id: u32, label: &str) -> f64 {
    let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(label));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}
