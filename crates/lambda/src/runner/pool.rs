//! The workers of one function version, and the invocations that wait for one.
//!
//! An invocation takes the worker that became idle last, so that surplus workers age out; among several, one whose connection is
//! served where it came from. Without an idle one it waits
//! in order; whichever worker is ready first takes the head, and as many workers are started as the queue needs beyond
//! those that are about to be ready.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::runtime;
use tokio::time::Instant;
use uuid::Uuid;

use super::function::{FunctionVersion, Invocation};
use super::outcome::{InvokeError, ThrottleReason};
use super::platform_error::{Ending, PlatformError};
use super::report::{self, End, Figures};
use super::response_stream::Reply;
use super::worker::Worker;
use super::{Shared, here, lock, supervisor};

/// Invocations that may wait for one version; each may hold an event of 6 MiB.
const WAITING_MAX: usize = 1000;
/// Pause after the first failed initialisation; it doubles with every further one.
const BACKOFF_FIRST: Duration = Duration::from_millis(100);
/// The longest pause.
const BACKOFF_MAX: Duration = Duration::from_secs(5);

/// What tells pools apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct PoolKey {
    arn: Arc<str>,
    version: Arc<str>,
    revision_id: Arc<str>,
}

impl PoolKey {
    pub(super) fn of(version: &FunctionVersion) -> Self {
        let FunctionVersion { arn, version, revision_id, .. } = version;
        Self { arn: arn.clone(), version: version.clone(), revision_id: revision_id.clone() }
    }
}

/// An invocation that has no worker yet.
pub(super) struct Waiting {
    pub(super) invocation: Invocation,
    pub(super) reply: Reply,
    pub(super) queued_at: Instant,
    /// When initialisation was repeated inside this invocation; its time runs since then.
    pub(super) retried_at: Option<Instant>,
}

impl Waiting {
    fn refuse(self, error: InvokeError) {
        self.reply.send(Err(error));
    }
}

/// Why a worker was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// For an invocation that found no idle worker.
    OnDemand,
    /// Again, inside the invocation whose first attempt at initialisation hung or crashed ("suppressed init").
    Suppressed,
}

/// Why a worker never asked for an event.
#[derive(Debug, Clone)]
pub(super) enum InitFailure {
    /// The runtime said so.
    Reported { payload: Bytes, error_type: String },
    /// The process ended.
    Exited { ending: Ending },
    /// The process was killed for its memory.
    OutOfMemory,
    /// The time was over.
    TimedOut,
    /// The process could not be started.
    Entrypoint { text: String },
}

impl InitFailure {
    /// The error of the report; `None` for a timeout, which has a status of its own.
    pub(super) fn error_type(&self) -> Option<&str> {
        match self {
            Self::Reported { error_type, .. } => Some(error_type),
            Self::Exited { .. } => Some("Runtime.ExitError"),
            Self::OutOfMemory => Some("Runtime.OutOfMemory"),
            Self::Entrypoint { .. } => Some("Runtime.InvalidEntrypoint"),
            Self::TimedOut => None,
        }
    }

    /// AWS repeats an initialisation that hung or crashed, within the time of the invocation that needs it.
    fn is_repeated(&self) -> bool {
        match self {
            Self::Exited { .. } | Self::OutOfMemory | Self::TimedOut => true,
            Self::Reported { .. } | Self::Entrypoint { .. } => false,
        }
    }

    fn end(&self, limit: Duration) -> End {
        End::Platform(match self {
            Self::Reported { payload, error_type } => {
                return End::Failed { payload: payload.clone(), error_type: error_type.clone() };
            }
            Self::Exited { ending } => PlatformError::Exited { ending: *ending },
            Self::OutOfMemory => PlatformError::OutOfMemory,
            Self::TimedOut => PlatformError::TimedOut { limit },
            Self::Entrypoint { text } => PlatformError::InvalidEntrypoint { text: text.clone() },
        })
    }
}

/// The workers and the queue of one function version.
pub(super) struct Pool {
    pub(super) version: Arc<FunctionVersion>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last became idle last.
    idle: Vec<Idle>,
    waiting: VecDeque<Waiting>,
    workers: Vec<Arc<Worker>>,
    /// Workers that exist or are being started.
    live: usize,
    /// Those of them that have not asked for an event yet.
    starting: usize,
    /// Workers of an older generation end when they become idle.
    generation: u64,
    failures: u32,
    backoff: Option<Backoff>,
    /// Temporary directories of workers that timed out or crashed, for the next worker.
    temporary_dirs: Vec<PathBuf>,
    closed: bool,
}

impl State {
    /// The worker that became idle last, of those whose connections are served on this runtime if there is one.
    fn take_idle(&mut self, here: Option<runtime::Id>) -> Option<Idle> {
        match self.idle.iter().rposition(|idle| Some(idle.worker.home.id()) == here) {
            Some(nearby) => Some(self.idle.remove(nearby)),
            None => self.idle.pop(),
        }
    }

    /// Whether a worker will ask for an event, as far as one can know.
    fn has_prospects(&self) -> bool {
        self.starting > 0 || self.workers.iter().any(|worker| worker.may_serve())
    }
}

struct Idle {
    worker: Arc<Worker>,
    since: Instant,
}

struct Backoff {
    until: Instant,
    failure: InitFailure,
}

impl Pool {
    pub(super) fn new(version: Arc<FunctionVersion>) -> Self {
        Self { version, state: Mutex::default() }
    }

    /// Gives the invocation to an idle worker or lets it wait for one.
    pub(super) fn admit(self: &Arc<Self>, shared: &Arc<Shared>, mut waiting: Waiting) {
        let here = here();
        loop {
            let mut state = lock(&self.state);
            let Some(Idle { worker, .. }) = state.take_idle(here) else {
                let starts = self.enqueue(&mut state, shared, waiting);
                drop(state);
                self.start_workers(shared, starts);
                return;
            };
            drop(state);
            match worker.dispatch(waiting) {
                Ok(()) => return,
                Err(returned) => waiting = returned,
            }
        }
    }

    /// The number of workers to start.
    fn enqueue(&self, state: &mut State, shared: &Shared, waiting: Waiting) -> usize {
        if state.closed {
            waiting.refuse(InvokeError::ShuttingDown);
            return 0;
        }
        if let Some(backoff) = state.backoff.as_ref().filter(|backoff| backoff.until > Instant::now())
            && !state.has_prospects()
        {
            self.answer_without_worker(waiting, &backoff.failure);
            return 0;
        }
        if state.waiting.len() >= WAITING_MAX {
            waiting.refuse(throttled());
            return 0;
        }
        state.waiting.push_back(waiting);
        shared.queued.notify_one();
        Self::reserve(state, shared)
    }

    fn answer_without_worker(&self, waiting: Waiting, failure: &InitFailure) {
        let figures = Figures { duration: Duration::ZERO, init_duration: None, max_memory_bytes: 0 };
        let end = failure.end(self.version.timeout);
        let outcome = report::outcome(&self.version, waiting.invocation.request_id, end, figures);
        waiting.reply.send(Ok(outcome));
    }

    /// Counts the workers that the queue needs and the limits allow, to be started by the caller without the lock.
    fn reserve(state: &mut State, shared: &Shared) -> usize {
        let limit = shared.config.max_workers_per_function;
        if state.closed || state.live >= limit || state.waiting.len() <= state.starting {
            return 0;
        }
        let generation = state.generation;
        let grace = shared.config.return_grace;
        let is_returning = |worker: &&Arc<Worker>| worker.is_returning(grace) && !worker.is_spent(generation);
        let returning = state.workers.iter().filter(is_returning).count();
        let mut starts = 0;
        while state.waiting.len() > state.starting + returning && state.live < limit && shared.reserve_worker() {
            state.live += 1;
            state.starting += 1;
            starts += 1;
        }
        starts
    }

    fn start_workers(self: &Arc<Self>, shared: &Arc<Shared>, count: usize) {
        for _ in 0..count {
            self.start_worker(shared, Start::OnDemand);
        }
    }

    fn start_worker(self: &Arc<Self>, shared: &Arc<Shared>, start: Start) {
        let generation = lock(&self.state).generation;
        shared.spawn(supervisor::run(Arc::clone(self), Arc::clone(shared), start, shared.home(), generation));
    }

    /// A directory for a worker's temporary files: one that a crashed worker left, or a new name in `parent`.
    pub(super) fn take_temporary_dir(&self, parent: &Path) -> PathBuf {
        let left = lock(&self.state).temporary_dirs.pop();
        left.unwrap_or_else(|| parent.join(Uuid::new_v4().simple().to_string()))
    }

    /// Keeps the directory of a worker that timed out or crashed.
    pub(super) fn keep_temporary_dir(&self, dir: PathBuf) {
        lock(&self.state).temporary_dirs.push(dir);
    }

    /// A new worker has its process. One that comes too late is told to stop.
    pub(super) fn register(&self, worker: &Arc<Worker>) {
        let mut state = lock(&self.state);
        state.workers.push(Arc::clone(worker));
        if state.closed {
            worker.stop();
        }
    }

    /// The worker waits for an event; `first` says that it has just initialised.
    pub(super) fn ready(self: &Arc<Self>, worker: &Arc<Worker>, first: bool) {
        let mut state = lock(&self.state);
        worker.announced();
        if first {
            state.starting -= 1;
            state.failures = 0;
            state.backoff = None;
        }
        // A client that repeats a lost `next` may still be listed.
        state.idle.retain(|idle| !Arc::ptr_eq(&idle.worker, worker));
        if state.closed || worker.is_spent(state.generation) {
            worker.stop();
            let starts = Self::reserve(&mut state, &worker.shared);
            drop(state);
            self.start_workers(&worker.shared, starts);
            return;
        }
        let Some(head) = state.waiting.pop_front() else {
            state.idle.push(Idle { worker: Arc::clone(worker), since: Instant::now() });
            return;
        };
        drop(state);
        if let Err(head) = worker.dispatch(head) {
            lock(&self.state).waiting.push_front(head);
        }
    }

    /// The worker failed to initialise: the first in the queue learns why, or has it tried once more.
    pub(super) fn init_failed(self: &Arc<Self>, worker: &Worker, failure: &InitFailure) {
        let mut state = lock(&self.state);
        state.starting -= 1;
        let is_repeated = failure.is_repeated() && worker.start == Start::OnDemand && !worker.stop_requested();
        if is_repeated
            && let Some(head) = state.waiting.front_mut()
            && head.retried_at.is_none()
            && worker.shared.reserve_worker()
        {
            head.retried_at = Some(Instant::now());
            state.live += 1;
            state.starting += 1;
            drop(state);
            self.start_worker(&worker.shared, Start::Suppressed);
            return;
        }
        let pause = BACKOFF_FIRST.saturating_mul(1 << state.failures.min(16)).min(BACKOFF_MAX);
        state.failures += 1;
        state.backoff = Some(Backoff { until: Instant::now() + pause, failure: failure.clone() });
        let head = state.waiting.pop_front();
        // Another start for those behind it would only repeat the failure.
        let surplus = if state.has_prospects() { VecDeque::new() } else { std::mem::take(&mut state.waiting) };
        drop(state);
        if let Some(head) = head {
            worker.fail_waiting(head, failure.end(self.version.timeout));
        }
        for waiting in surplus {
            self.answer_without_worker(waiting, failure);
        }
    }

    /// The worker's process is gone.
    pub(super) fn gone(self: &Arc<Self>, shared: &Arc<Shared>, worker: &Arc<Worker>) {
        let mut state = lock(&self.state);
        state.live -= 1;
        state.workers.retain(|other| !Arc::ptr_eq(other, worker));
        state.idle.retain(|idle| !Arc::ptr_eq(&idle.worker, worker));
        shared.release_worker();
        let starts = Self::reserve(&mut state, shared);
        drop(state);
        self.start_workers(shared, starts);
    }

    /// A worker could not even be started.
    pub(super) fn stillborn(self: &Arc<Self>, shared: &Arc<Shared>, failure: &InitFailure) {
        let mut state = lock(&self.state);
        state.live -= 1;
        state.starting -= 1;
        shared.release_worker();
        let head = state.waiting.pop_front();
        let starts = Self::reserve(&mut state, shared);
        drop(state);
        self.start_workers(shared, starts);
        if let Some(head) = head {
            self.answer_without_worker(head, failure);
        }
    }

    /// Ends idle workers now and the others after what they are doing.
    pub(super) fn retire(&self) {
        let mut state = lock(&self.state);
        state.generation += 1;
        for Idle { worker, .. } in state.idle.drain(..) {
            worker.stop();
        }
    }

    /// Refuses everything from now on and ends all workers.
    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        state.idle.clear();
        let waiting = std::mem::take(&mut state.waiting);
        let workers = state.workers.clone();
        drop(state);
        for worker in workers {
            worker.stop();
        }
        for waiting in waiting {
            waiting.refuse(InvokeError::ShuttingDown);
        }
    }

    /// The janitor's turn: refuses who waited too long, starts workers that are still needed, ends those that idled
    /// too long. True while invocations wait.
    pub(super) fn sweep(self: &Arc<Self>, shared: &Arc<Shared>, now: Instant) -> bool {
        let mut state = lock(&self.state);
        let starts = Self::reserve(&mut state, shared);
        let overdue = Self::take_overdue(&mut state, shared.config.queue_timeout, now);
        let idle_ttl = shared.config.idle_ttl;
        let expired = state.idle.partition_point(|idle| now.saturating_duration_since(idle.since) >= idle_ttl);
        for Idle { worker, .. } in state.idle.drain(..expired) {
            worker.stop();
        }
        for worker in state.workers.iter().filter(|worker| worker.is_lost(idle_ttl)) {
            worker.stop();
        }
        let waits = !state.waiting.is_empty();
        drop(state);
        self.start_workers(shared, starts);
        for waiting in overdue {
            waiting.refuse(throttled());
        }
        waits
    }

    /// Those that no starting worker will serve and whose time in the queue is over.
    fn take_overdue(state: &mut State, limit: Duration, now: Instant) -> Vec<Waiting> {
        let unserved = state.starting.min(state.waiting.len());
        let is_overdue = |waiting: &Waiting| now.saturating_duration_since(waiting.queued_at) >= limit;
        let first_overdue = state.waiting.iter().skip(unserved).position(is_overdue).map(|index| index + unserved);
        let Some(first) = first_overdue else { return Vec::new() };
        // The queue is in order of arrival, so the overdue stand together.
        let count = state.waiting.iter().skip(first).take_while(|waiting| is_overdue(waiting)).count();
        state.waiting.drain(first..first + count).collect()
    }

    /// Since when the longest idle worker has been idle.
    pub(super) fn oldest_idle(&self) -> Option<Instant> {
        lock(&self.state).idle.first().map(|idle| idle.since)
    }

    /// Ends the longest idle worker, to make room for another function's.
    pub(super) fn evict(&self) {
        let mut state = lock(&self.state);
        if !state.idle.is_empty() {
            state.idle.remove(0).worker.stop();
        }
    }

    /// Whether nothing would be lost if the pool were forgotten; the directories that would be left.
    pub(super) fn is_empty(&self) -> bool {
        let state = lock(&self.state);
        state.live == 0 && state.waiting.is_empty() && state.backoff.as_ref().is_none_or(|b| b.until <= Instant::now())
    }

    /// The directories kept for workers to come.
    pub(super) fn take_temporary_dirs(&self) -> Vec<PathBuf> {
        std::mem::take(&mut lock(&self.state).temporary_dirs)
    }
}

fn throttled() -> InvokeError {
    InvokeError::Throttled { reason: ThrottleReason::ConcurrentInvocationLimitExceeded }
}
