//! Owns one worker's process: starts it, serves its Runtime API, watches its time and memory, ends and reaps it.
//!
//! One task per worker. While invocations run it looks at least every [`WATCH_TURN`]; without work it sleeps until the
//! next dispatch calls, so a warm invocation costs it no wake-up of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::{Pid, Signal};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Child;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::Shared;
use super::entrypoint::Entrypoint;
use super::environment::{self, WorkerPlace};
use super::logs::WorkerLog;
use super::platform_error::{Ending, PlatformError};
use super::pool::{InitFailure, Pool, Start};
use super::report;
use super::runtime_api;
use super::stragglers::Entry;
use super::worker::{Overdue, Watch, Worker};
use crate::worker_init::WorkerSpec;

/// Where below the scratch directory workers have their temporary directories.
pub(super) const TEMPORARY_DIRS: &str = "tmp";
/// Where below the scratch directory byte-code is cached.
const CODE_CACHES: &str = "code-cache";
/// Between two looks at a busy worker.
const WATCH_TURN: Duration = Duration::from_millis(100);
/// What a process wrote before it ended is read within this time; only a process that left its session can hold a
/// connection open longer.
const LAST_WORDS: Duration = Duration::from_millis(200);
const MIB: u64 = 1024 * 1024;

/// A started worker.
struct Process {
    worker: Arc<Worker>,
    child: Child,
    pid: Option<Pid>,
    listener: TcpListener,
    connections: JoinSet<()>,
    /// When the memory was last looked at.
    measured_at: Instant,
    /// Taken when the next worker of the pool shall have it.
    temporary_dir: Option<PathBuf>,
    _entry: Entry,
}

/// Why the watch of a process is over.
enum Ended {
    /// By itself, or by a kill whose reason has been reported already.
    Exited(Ending),
    /// Because the runner asked it to.
    Stopped,
}

/// Runs a new worker of `pool` to its end.
pub(super) async fn run(pool: Arc<Pool>, shared: Arc<Shared>, start: Start, home: Handle, generation: u64) {
    match begin(&pool, &shared, start, home, generation).await {
        Ok(mut process) => {
            let ended = process.watch().await;
            process.settle(ended).await;
        }
        Err(text) => {
            tracing::warn!(function = %pool.version.arn, reason = text, "no worker can be started");
            pool.stillborn(&shared, &InitFailure::Entrypoint { text });
        }
    }
}

async fn begin(
    pool: &Arc<Pool>,
    shared: &Arc<Shared>,
    start: Start,
    home: Handle,
    generation: u64,
) -> Result<Process, String> {
    let version = Arc::clone(&pool.version);
    let entrypoint = Entrypoint::of(&version, &shared.config.interpreters, &shared.runtime_dir)?;
    let permit = Arc::clone(&shared.inits).acquire_owned().await.map_err(|error| error.to_string())?;
    let scratch = shared.runtime_dir.parent().unwrap_or(Path::new("/"));
    let temporary_dir = pool.take_temporary_dir(&scratch.join(TEMPORARY_DIRS));
    let code_cache_dir = scratch.join(CODE_CACHES).join(file_name_of(&version.code_sha256));
    let prepare = async {
        tokio::fs::create_dir_all(&temporary_dir).await?;
        tokio::fs::create_dir_all(&code_cache_dir).await?;
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let (output, output_writer) = std::io::pipe()?;
        let config = &shared.config;
        let log = WorkerLog::new(Arc::clone(&version), output, config.log_sink.clone(), config.clock)?;
        Ok::<_, std::io::Error>((listener, log, output_writer))
    };
    let (listener, log, output) = prepare.await.map_err(|error| format!("worker cannot be prepared: {error}"))?;
    let runtime_api = listener.local_addr().map_err(|error| error.to_string())?.to_string();
    let place = WorkerPlace {
        runtime_api,
        log_stream: &log.stream,
        temporary_dir: &temporary_dir,
        runtime_dir: &shared.runtime_dir,
        code_cache_dir: &code_cache_dir,
    };
    let spec = WorkerSpec {
        parent: std::process::id(),
        environment: environment::variables(&version, &entrypoint, &place),
        program: entrypoint.program,
        arguments: entrypoint.arguments,
        working_dir: version.code_dir.clone(),
    };
    let entry = shared.census.enter(&log.stream);
    if start == Start::OnDemand {
        log.platform(&report::init_start(&version, &entrypoint.runtime_version, (shared.config.clock)()));
    }
    let worker = Arc::new(Worker::new(Arc::clone(pool), Arc::clone(shared), log, start, home, generation, permit));
    let launched = shared.launcher.launch(spec, output).await;
    let child = launched.map_err(|error| format!("worker cannot be started: {error}"))?;
    worker.memory.set_pid(child.id().unwrap_or(0));
    pool.register(&worker);
    let pid = child.id().and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
    Ok(Process {
        worker,
        child,
        pid,
        listener,
        connections: JoinSet::new(),
        measured_at: Instant::now(),
        temporary_dir: Some(temporary_dir),
        _entry: entry,
    })
}

/// Base64 may hold a slash.
fn file_name_of(sha256: &str) -> String {
    sha256.replace('/', "_")
}

impl Process {
    /// Serves the process until it is gone.
    async fn watch(&mut self) -> Ended {
        let worker = Arc::clone(&self.worker);
        let mut follow = std::pin::pin!(worker.log.follow());
        let mut is_followed = true;
        let mut stopping: Option<Instant> = None;
        loop {
            let due = self.look(stopping);
            tokio::select! {
                status = self.child.wait() => {
                    let ending = status.map_or(Ending::Code(-1), Ending::from);
                    return if stopping.is_some() { Ended::Stopped } else { Ended::Exited(ending) };
                }
                accepted = self.listener.accept() => {
                    if let Ok((stream, _)) = accepted {
                        self.serve(stream);
                    }
                }
                () = worker.attention() => {
                    if stopping.is_none() && worker.stop_requested() {
                        stopping = Some(Instant::now() + worker.shared.config.kill_grace);
                        self.signal(Signal::TERM);
                    }
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                Some(_) = self.connections.join_next() => {}
                () = &mut follow, if is_followed => is_followed = false,
            }
        }
    }

    /// Serves a connection, at the worker's home.
    fn serve(&mut self, stream: TcpStream) {
        let worker = Arc::clone(&self.worker);
        let home = worker.home.clone();
        // It leaves this runtime's watch for the other's; a socket that cannot is closed, and its client connects anew.
        let Ok(stream) = stream.into_std() else { return };
        let served = async move {
            if let Ok(stream) = TcpStream::from_std(stream) {
                runtime_api::serve(worker, stream).await;
            }
        };
        self.connections.spawn_on(served, &home);
    }

    /// Ends what is overdue or too large; answers when to look again.
    fn look(&mut self, stopping: Option<Instant>) -> Option<Instant> {
        let worker = Arc::clone(&self.worker);
        let now = Instant::now();
        if let Some(kill_at) = stopping {
            if now >= kill_at {
                self.signal(Signal::KILL);
                return None;
            }
            return Some(kill_at);
        }
        let Watch::Until(due, overdue) = worker.watch() else { return None };
        if now >= due {
            self.signal(Signal::KILL);
            self.keep_temporary_dir();
            match overdue {
                Overdue::Invocation => worker.abort(PlatformError::TimedOut { limit: worker.version.timeout }),
                Overdue::Initialisation => worker.init_ended(&InitFailure::TimedOut),
                // Its caller has the answer; what still runs would hold the worker for ever.
                Overdue::Return => false,
            };
            return None;
        }
        if self.uses_too_much_memory(now) {
            self.signal(Signal::KILL);
            self.keep_temporary_dir();
            let _ = worker.abort(PlatformError::OutOfMemory) || worker.init_ended(&InitFailure::OutOfMemory);
            return None;
        }
        Some(due.min(now + WATCH_TURN))
    }

    /// Looks at most once per turn: a runtime that makes a connection per call wakes the supervisor for each.
    fn uses_too_much_memory(&mut self, now: Instant) -> bool {
        if now.saturating_duration_since(self.measured_at) < WATCH_TURN {
            return false;
        }
        self.measured_at = now;
        self.worker.memory.exceeds(u64::from(self.worker.version.memory_mb) * MIB)
    }

    /// The sandbox outlives its process: the next worker, which the caller may ask for at once, finds the files.
    fn keep_temporary_dir(&mut self) {
        if let Some(dir) = self.temporary_dir.take() {
            self.worker.pool.keep_temporary_dir(dir);
        }
    }

    /// Signals the whole process group; before the process has made its own, the process alone.
    fn signal(&self, signal: Signal) {
        let Some(pid) = self.pid else { return };
        // A process that is gone already needs no signal.
        if rustix::process::kill_process_group(pid, signal).is_err() {
            let _ = rustix::process::kill_process(pid, signal);
        }
    }

    /// The process is gone: its last words are read, its invocation is answered, its traces are removed.
    async fn settle(mut self, ended: Ended) {
        let worker = Arc::clone(&self.worker);
        if let Some(pid) = self.pid {
            // What the process left behind in its group; usually nothing.
            let _ = rustix::process::kill_process_group(pid, Signal::KILL);
        }
        self.hear_last_words().await;
        worker.log.finish();
        let ending = match ended {
            Ended::Exited(ending) => {
                self.keep_temporary_dir();
                ending
            }
            Ended::Stopped => Ending::Signal(Signal::TERM.as_raw()),
        };
        let _ = worker.abort(PlatformError::Exited { ending }) || worker.init_ended(&InitFailure::Exited { ending });
        if let Some(dir) = self.temporary_dir.take() {
            // What cannot be removed goes with the scratch directory.
            let _ = tokio::fs::remove_dir_all(dir).await;
        }
        worker.pool.gone(&worker.shared, &worker);
    }

    /// An answer may have been sent just before the process ended.
    async fn hear_last_words(&mut self) {
        while let Ok(Ok((stream, _))) = timeout(Duration::ZERO, self.listener.accept()).await {
            self.serve(stream);
        }
        let all_heard = async { while self.connections.join_next().await.is_some() {} };
        // Whoever still talks belongs to no group of ours.
        let _ = timeout(LAST_WORDS, all_heard).await;
    }
}
