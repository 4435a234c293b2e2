//! What a runner is told once, by the binary.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::Handle;

use super::interpreters::Interpreters;
use super::logs::LogSink;
use crate::worker_init;

/// Initialisation budget of AWS's on-demand functions.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long a request waits for a worker when the host is full, before 429.
const QUEUE_TIMEOUT: Duration = Duration::from_secs(2);
/// A worker that answered asks for its next event within this time, or it still has work of its own to do.
const RETURN_GRACE: Duration = Duration::from_millis(100);
/// Between SIGTERM and SIGKILL; AWS gives a function with an internal extension as much.
const KILL_GRACE: Duration = Duration::from_millis(500);
/// An idle worker ends after this time.
const IDLE_TTL: Duration = Duration::from_mins(10);
/// A worker older than this ends after its invocation: leaks stay bounded.
const MAX_AGE: Duration = Duration::from_hours(2);
/// Workers of one function version.
const MAX_WORKERS_PER_FUNCTION: usize = 100;
/// Workers of all functions: AWS's default for the concurrency of an account is 1000, a host carries less.
const MAX_WORKERS: usize = 500;
/// The largest streamed response, AWS's quota: 200 MB.
const STREAMED_RESPONSE_BYTES_MAX: u64 = 200 * 1024 * 1024;
/// Initialisations at the same time, per core.
const INITS_PER_CORE: usize = 2;

/// Settings of a [`Runner`](super::Runner). Start from [`RunnerConfig::new`] and change what differs.
#[derive(Clone)]
pub struct RunnerConfig {
    /// The program and arguments that end in [`worker_init::main`]; the default is a program with the single argument
    /// [`worker_init::SUBCOMMAND`].
    pub worker_command: Vec<OsString>,
    /// A directory of the runner's own: bootstraps, workers' temporary directories, byte-code caches.
    pub scratch_dir: PathBuf,
    /// The language interpreters of this host.
    pub interpreters: Interpreters,
    /// An idle worker ends after this time; zero means that every invocation starts cold. Default 10 minutes.
    pub idle_ttl: Duration,
    /// A worker older than this ends once idle. Default 2 hours.
    pub max_age: Duration,
    /// Workers of one function version. Default 100.
    pub max_workers_per_function: usize,
    /// Workers of all functions together. Default 500.
    pub max_workers: usize,
    /// How long a request waits when a limit on workers is reached. Default 2 s.
    pub queue_timeout: Duration,
    /// Processes that may initialise at the same time. Default two per core.
    pub concurrent_inits: usize,
    /// Time from the start of a process to its first `next`. Default 10 s.
    pub init_timeout: Duration,
    /// How long a request waits for a worker that has just answered, before another is started for it. Default 100 ms.
    pub return_grace: Duration,
    /// Time between SIGTERM and SIGKILL. Default 500 ms.
    pub kill_grace: Duration,
    /// The largest streamed response, in bytes. Default 200 MiB.
    pub streamed_response_bytes_max: u64,
    /// Single-threaded runtimes on which workers' connections are served, each worker's on the one that wanted it first: an
    /// invocation from there then crosses no threads. They must run until the runner is shut down. Default: none, so that the
    /// runner's own runtime serves them.
    pub connection_runtimes: Vec<Handle>,
    /// Receives every log record of every worker. Default: `tracing` at debug level.
    pub log_sink: LogSink,
    /// The wall clock: deadlines and log timestamps.
    pub clock: fn() -> Timestamp,
}

impl RunnerConfig {
    /// The defaults. `worker_program` is an executable that calls [`worker_init::main`] when its first argument is
    /// [`worker_init::SUBCOMMAND`]; `lambdagate` itself does.
    #[must_use]
    pub fn new(
        worker_program: PathBuf,
        scratch_dir: PathBuf,
        interpreters: Interpreters,
        clock: fn() -> Timestamp,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            worker_command: vec![worker_program.into(), worker_init::SUBCOMMAND.into()],
            scratch_dir,
            interpreters,
            idle_ttl: IDLE_TTL,
            max_age: MAX_AGE,
            max_workers_per_function: MAX_WORKERS_PER_FUNCTION,
            max_workers: MAX_WORKERS,
            queue_timeout: QUEUE_TIMEOUT,
            concurrent_inits: INITS_PER_CORE * cores,
            connection_runtimes: Vec::new(),
            init_timeout: INIT_TIMEOUT,
            return_grace: RETURN_GRACE,
            kill_grace: KILL_GRACE,
            streamed_response_bytes_max: STREAMED_RESPONSE_BYTES_MAX,
            log_sink: LogSink::tracing(),
            clock,
        }
    }
}
