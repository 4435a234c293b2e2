//! Runs function versions in local worker processes that speak the Lambda Runtime API.
//!
//! One [`Runner`] serves a process. [`Runner::invoke`] may be called from any thread and any runtime; workers, their
//! listeners and their timers live on the multi-thread runtime whose handle the runner was given, and so do their connections
//! unless [`RunnerConfig::connection_runtimes`] has better places. Who may call a
//! function, which version an alias means, reserved concurrency and asynchronous delivery are the caller's.
//!
//! Flow of an invocation: `function` (what is run) → `pool` (an idle worker, a new one, or a place in the queue) →
//! `worker` (one event at a time) → `runtime_api` (what the process sees) → `outcome` (what the caller gets).
//! `supervisor` owns each process with its `launcher`, `environment`, `memory` watch and `logs`.
//!
//! Isolation is mode `process`: own session and process group, resource limits, no new privileges, an environment that
//! starts empty, death with the gate; what a process leaves behind is found and ended (`stragglers`). `/tmp` itself is the host's; every worker slot has a directory of its own that
//! `TMPDIR` names and that survives a timeout or a crash of the process.
//!
//! AWS: Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle".

mod config;
mod interpreters;
mod function;
mod outcome;
mod response_stream;
mod platform_error;
mod report;
mod pool;
mod janitor;
mod worker;
mod peer;
mod runtime_api;
mod supervisor;
mod stragglers;
mod environment;
mod entrypoint;
mod launcher;
mod memory;
mod logs;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use tokio::runtime::{self, Handle};
use tokio::sync::{Notify, Semaphore};
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use config::RunnerConfig;
pub use function::{FunctionVersion, Invocation, LogFormat, Runtime, UnknownRuntime};
pub use interpreters::{Interpreter, Interpreters};
pub use logs::{LogRecord, LogSink, LogSource};
pub use outcome::{FunctionError, InvokeError, Outcome, ThrottleReason};
pub use response_stream::{ResponsePiece, ResponseStream};

use launcher::Launcher;
use pool::{Pool, PoolKey, Waiting};
use response_stream::Reply;
use stragglers::Census;

/// How often the end looks for processes that outlived their workers; one look finds all but those that fork meanwhile.
const FINAL_LOOKS: usize = 10;

/// Runs functions. Cheap to clone; all clones are the same runner.
#[derive(Clone)]
pub struct Runner {
    shared: Arc<Shared>,
}

/// What pools, workers and the janitor of one runner share.
struct Shared {
    config: RunnerConfig,
    runtime: Handle,
    launcher: Launcher,
    /// Where the bootstraps were written: `LAMBDA_RUNTIME_DIR`.
    runtime_dir: PathBuf,
    pools: RwLock<HashMap<PoolKey, Arc<Pool>>>,
    /// Processes that exist or are about to, of all pools.
    workers: AtomicUsize,
    /// Processes that may initialise at the same time.
    inits: Arc<Semaphore>,
    /// Wakes the janitor: somebody waits in a queue.
    queued: Notify,
    closing: AtomicBool,
    tasks: Mutex<JoinSet<()>>,
    census: Arc<Census>,
}

impl Runner {
    /// Writes the bootstraps into `scratch_dir` and starts the launcher thread. No process is started before the first
    /// invocation. `runtime` must be a multi-thread runtime with I/O and time enabled.
    ///
    /// # Errors
    ///
    /// When `scratch_dir` cannot be prepared or the thread cannot be started.
    pub fn new(config: RunnerConfig, runtime: Handle) -> std::io::Result<Self> {
        let runtime_dir = entrypoint::install_bootstraps(&config.scratch_dir)?;
        let launcher = Launcher::start(config.worker_command.clone(), runtime.clone())?;
        let shared = Arc::new(Shared {
            launcher,
            runtime_dir,
            pools: RwLock::default(),
            workers: AtomicUsize::new(0),
            inits: Arc::new(Semaphore::new(config.concurrent_inits.max(1))),
            queued: Notify::new(),
            closing: AtomicBool::new(false),
            tasks: Mutex::new(JoinSet::new()),
            census: Arc::default(),
            config,
            runtime,
        });
        // Those of an earlier run that was killed: nobody else has this directory.
        shared.census.kill_stragglers(&shared.runtime_dir);
        shared.runtime.spawn(janitor::run(Arc::downgrade(&shared)));
        Ok(Self { shared })
    }

    /// Runs `version` once and answers what it answered; a function's error, timeout or crash is an [`Outcome`].
    ///
    /// Safe on any runtime. Dropping the future does not cancel the function: AWS finishes an invocation whose caller
    /// went away.
    ///
    /// # Errors
    ///
    /// [`InvokeError::Throttled`] when no worker could be had within the queue timeout, [`InvokeError::ShuttingDown`]
    /// once [`Runner::shutdown`] was called.
    pub async fn invoke(&self, version: &Arc<FunctionVersion>, invocation: Invocation) -> Result<Outcome, InvokeError> {
        let (reply, answer) = Reply::whole();
        self.admit(version, invocation, reply)?;
        answer.await.unwrap_or(Err(InvokeError::ShuttingDown))
    }

    /// As [`Runner::invoke`], for a caller that takes the response as it comes: answers with the first piece of it, or with the
    /// end of an invocation that had none. The worker takes no other event before the response has ended.
    ///
    /// # Errors
    ///
    /// As [`Runner::invoke`].
    pub async fn invoke_streaming(
        &self,
        version: &Arc<FunctionVersion>,
        invocation: Invocation,
    ) -> Result<ResponseStream, InvokeError> {
        let (reply, stream) = Reply::streaming();
        self.admit(version, invocation, reply)?;
        stream.begun().await
    }

    fn admit(&self, version: &Arc<FunctionVersion>, invocation: Invocation, reply: Reply) -> Result<(), InvokeError> {
        if self.shared.closing.load(Ordering::Acquire) {
            return Err(InvokeError::ShuttingDown);
        }
        let waiting = Waiting { invocation, reply, queued_at: Instant::now(), retried_at: None };
        self.shared.pool(version).admit(&self.shared, waiting);
        Ok(())
    }

    /// Ends the workers of every version of the function `arn` (unqualified): idle ones at once, busy ones after the
    /// invocation they are in. Later invocations start new workers.
    pub fn retire(&self, arn: &str) {
        for pool in self.shared.all_pools() {
            if &*pool.version.arn == arn {
                pool.retire();
            }
        }
    }

    /// The number of worker processes that exist or are being started.
    #[must_use]
    pub fn worker_count(&self) -> usize {
        self.shared.workers.load(Ordering::Acquire)
    }

    /// Refuses new invocations, sends SIGTERM to every worker, SIGKILL after the grace period, and returns when all
    /// processes are gone. Invocations in flight end as crashed.
    pub async fn shutdown(&self) {
        self.shared.closing.store(true, Ordering::Release);
        for pool in self.shared.all_pools() {
            pool.close();
        }
        let mut tasks = std::mem::take(&mut *lock(&self.shared.tasks));
        while tasks.join_next().await.is_some() {}
        let shared = Arc::clone(&self.shared);
        let work = self.shared.runtime.spawn_blocking(move || {
            for _ in 0..FINAL_LOOKS {
                if !shared.census.take_ended() {
                    return;
                }
                shared.census.kill_stragglers(&shared.runtime_dir);
            }
        });
        if let Err(error) = work.await {
            tracing::error!(%error, "what workers left behind cannot be looked for");
        }
    }
}

impl Shared {
    fn pool(&self, version: &Arc<FunctionVersion>) -> Arc<Pool> {
        let key = PoolKey::of(version);
        if let Some(pool) = self.pools.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(pool);
        }
        let mut pools = self.pools.write().unwrap_or_else(PoisonError::into_inner);
        let pool = pools.entry(key).or_insert_with(|| Arc::new(Pool::new(Arc::clone(version))));
        if self.closing.load(Ordering::Acquire) {
            // Shutdown may have closed the others before this one was there.
            pool.close();
        }
        Arc::clone(pool)
    }

    fn all_pools(&self) -> Vec<Arc<Pool>> {
        self.pools.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Counts one more worker, unless the host's limit is reached.
    fn reserve_worker(&self) -> bool {
        let limit = self.config.max_workers;
        let more = |workers: usize| (workers < limit).then_some(workers + 1);
        self.workers.fetch_update(Ordering::AcqRel, Ordering::Acquire, more).is_ok()
    }

    fn release_worker(&self) {
        self.workers.fetch_sub(1, Ordering::AcqRel);
    }

    /// Where the connections of a worker are served that somebody wants here and now.
    fn home(&self) -> Handle {
        let here = here();
        let homes = &self.config.connection_runtimes;
        homes.iter().find(|home| Some(home.id()) == here).unwrap_or(&self.runtime).clone()
    }

    /// Runs `task` on the runner's own runtime, whatever thread asks.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn_on(task, &self.runtime);
    }
}

/// The runtime that the caller is on.
fn here() -> Option<runtime::Id> {
    Handle::try_current().ok().map(|handle| handle.id())
}

/// Locks; a panic elsewhere must not end every later invocation, and no critical section here leaves half a change.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
