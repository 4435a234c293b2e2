//! The first program of a worker process: confines itself, then becomes the function's interpreter.
//!
//! The runner re-executes a program that calls [`main`], so that nothing runs between fork and exec of the
//! multi-threaded gate. What to become arrives as JSON on standard input; the environment in between is empty.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};

use rustix::process::{Resource, Rlimit};
use serde::{Deserialize, Serialize};

/// The hidden first argument that makes a program call [`main`].
pub const SUBCOMMAND: &str = "__worker-init";

/// Open files of a function, as on AWS.
const OPEN_FILES: u64 = 1024;
/// What a shell answers when the program is not there.
const EXIT_NOT_FOUND: u8 = 127;
/// What a shell answers when the program cannot be executed; here also when confinement fails.
const EXIT_CANNOT_EXECUTE: u8 = 126;

/// What the process is to become.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct WorkerSpec {
    /// The gate's process id; the worker must not outlive it.
    pub(crate) parent: u32,
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) working_dir: PathBuf,
    /// The complete environment.
    pub(crate) environment: Vec<(String, String)>,
}

/// Confines the calling process and replaces it by the program that standard input names. Returns only on failure,
/// after a line on standard error, with the exit code a shell would choose (127 not found, 126 otherwise).
#[must_use]
pub fn main() -> ExitCode {
    let (message, code) = match read_spec() {
        Ok(spec) => become_worker(&spec),
        Err(error) => (format!("worker specification cannot be read: {error}"), EXIT_CANNOT_EXECUTE),
    };
    eprintln!("{message}");
    ExitCode::from(code)
}

fn read_spec() -> std::io::Result<WorkerSpec> {
    let mut text = Vec::new();
    std::io::stdin().lock().read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}

fn become_worker(spec: &WorkerSpec) -> (String, u8) {
    if let Err(error) = confine(spec.parent) {
        return (format!("worker cannot be confined: {error}"), EXIT_CANNOT_EXECUTE);
    }
    let mut command = Command::new(&spec.program);
    command.args(&spec.arguments).current_dir(&spec.working_dir).stdin(Stdio::null());
    command.env_clear().envs(spec.environment.iter().map(|(name, value)| (name, value)));
    let error = command.exec();
    let is_missing = error.kind() == std::io::ErrorKind::NotFound;
    let code = if is_missing { EXIT_NOT_FOUND } else { EXIT_CANNOT_EXECUTE };
    (format!("{}: {error}", spec.program.display()), code)
}

/// Own session (so that the whole process tree can be killed as a group), bounded files, no core dumps.
fn confine(parent: u32) -> std::io::Result<()> {
    rustix::process::setsid()?;
    limit(Resource::Nofile, OPEN_FILES)?;
    limit(Resource::Core, 0)?;
    confine_linux(parent)
}

fn limit(resource: Resource, value: u64) -> std::io::Result<()> {
    let inherited = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let value = Some(value.min(inherited));
    Ok(rustix::process::setrlimit(resource, Rlimit { current: value, maximum: value })?)
}

/// No privileges by set-user-id programs, and death with the gate.
#[cfg(target_os = "linux")]
fn confine_linux(parent: u32) -> std::io::Result<()> {
    rustix::thread::set_no_new_privs(true)?;
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    // The gate may have died before the signal was armed; then somebody else is the parent by now.
    let actual = rustix::process::getppid().map(|pid| pid.as_raw_nonzero().get().unsigned_abs());
    if actual == Some(parent) { Ok(()) } else { Err(std::io::Error::other("the gate is gone")) }
}

#[cfg(not(target_os = "linux"))]
fn confine_linux(_parent: u32) -> std::io::Result<()> {
    Ok(())
}
