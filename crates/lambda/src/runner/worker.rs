//! One worker: what its process may do next, and the invocation it is in.
//!
//! The states and their names are those of the Runtime API. Every change happens under one short lock; the pool's lock
//! may be held while a worker's is taken, never the other way round.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::{Notify, OwnedSemaphorePermit, mpsc, oneshot};
use tokio::time::Instant;
use uuid::Uuid;

use super::function::{FunctionVersion, Invocation};
use super::logs::WorkerLog;
use super::memory::MemoryWatch;
use super::peer;
use super::platform_error::PlatformError;
use super::pool::{InitFailure, Pool, Start, Waiting};
use super::report::{self, End, Figures};
use super::response_stream::Reply;
use super::{Shared, lock};

/// A worker process as the pool and the Runtime API know it.
pub(super) struct Worker {
    pub(super) version: Arc<FunctionVersion>,
    pub(super) pool: Arc<Pool>,
    pub(super) shared: Arc<Shared>,
    pub(super) log: WorkerLog,
    pub(super) start: Start,
    /// Where its connections are served.
    pub(super) home: Handle,
    /// The pool's generation when the worker was started.
    pub(super) generation: u64,
    pub(super) started_at: Instant,
    pub(super) memory: MemoryWatch,
    state: Mutex<State>,
    /// Wakes the supervisor.
    attention: Notify,
    /// Whether the supervisor sleeps without a timer and must be woken for an invocation.
    unwatched: AtomicBool,
}

struct State {
    phase: Phase,
    since: Instant,
    /// The time of initialisation, until the first invocation reports it.
    init_duration: Option<Duration>,
    /// Held while the process initialises.
    init_permit: Option<OwnedSemaphorePermit>,
    served: bool,
    /// It asked for its next event and its pool does not know yet.
    announcing: bool,
    stop: bool,
}

enum Phase {
    Started,
    InitError,
    Ready {
        parked: Option<oneshot::Sender<Event>>,
    },
    Running(Running),
    /// The invocation's time runs on until the runtime asks for its next event.
    ResponseSent {
        until: Instant,
    },
    Gone,
}

struct Running {
    request_id: Uuid,
    started: Instant,
    /// The runtime has begun to send its answer.
    answering: Option<Answering>,
    reply: Reply,
}

/// Which answer a runtime is sending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answering {
    Response,
    Error,
}

/// An answer that a runtime has begun to send.
pub(super) struct Begun {
    pub(super) request_id: Uuid,
    /// Where its pieces go, if the caller takes them as they come.
    pub(super) pieces: Option<mpsc::Sender<Bytes>>,
}

/// What a parked `next` receives.
pub(super) struct Event {
    pub(super) invocation: Invocation,
    /// When the invocation's time is over.
    pub(super) deadline: Instant,
}

/// Why the Runtime API refuses a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    InvalidStateTransition { from: &'static str, to: &'static str },
    InvalidRequestId,
}

/// What of a worker is overdue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overdue {
    Initialisation,
    Invocation,
    /// The answer came in time, the runtime's next request did not.
    Return,
}

/// What the supervisor finds when it looks at a worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// Something runs; it is overdue at this time.
    Until(Instant, Overdue),
    /// Nothing runs.
    Idle,
}

impl Phase {
    /// The state's name in the Runtime API's errors.
    fn name(&self) -> &'static str {
        match self {
            Self::Started => "Started",
            Self::InitError => "InitError",
            Self::Ready { .. } => "Ready",
            Self::Running(Running { answering: None, .. }) => "Running",
            Self::Running(Running { answering: Some(answering), .. }) => answering.state_name(),
            Self::ResponseSent { .. } => "RuntimeResponseSentState",
            Self::Gone => "Gone",
        }
    }
}

impl Answering {
    fn state_name(self) -> &'static str {
        match self {
            Self::Response => "InvocationResponse",
            Self::Error => "InvocationErrorResponse",
        }
    }
}

impl Worker {
    pub(super) fn new(
        pool: Arc<Pool>,
        shared: Arc<Shared>,
        log: WorkerLog,
        start: Start,
        home: Handle,
        generation: u64,
        init_permit: OwnedSemaphorePermit,
    ) -> Self {
        let now = Instant::now();
        let state = State {
            phase: Phase::Started,
            since: now,
            init_duration: None,
            init_permit: Some(init_permit),
            served: false,
            announcing: false,
            stop: false,
        };
        Self {
            version: Arc::clone(&pool.version),
            pool,
            shared,
            log,
            start,
            home,
            generation,
            started_at: now,
            memory: MemoryWatch::default(),
            state: Mutex::new(state),
            attention: Notify::new(),
            unwatched: AtomicBool::new(false),
        }
    }

    /// The runtime asks for its next event. The answer comes by the receiver when there is one.
    pub(super) fn park(self: &Arc<Self>) -> Result<oneshot::Receiver<Event>, Refusal> {
        let (sender, receiver) = oneshot::channel();
        let mut state = lock(&self.state);
        let first = match &state.phase {
            Phase::Started => true,
            // A client whose connection broke asks again.
            Phase::Ready { .. } | Phase::ResponseSent { .. } => false,
            Phase::InitError | Phase::Running(_) | Phase::Gone => {
                return Err(Refusal::InvalidStateTransition { from: state.phase.name(), to: "Ready" });
            }
        };
        let now = Instant::now();
        state.phase = Phase::Ready { parked: Some(sender) };
        state.since = now;
        // A worker that has just initialised is expected as a starting one already.
        state.announcing = !first;
        if first {
            state.init_duration = match self.start {
                Start::OnDemand => Some(now - self.started_at),
                Start::Suppressed => None,
            };
            state.init_permit = None;
        }
        drop(state);
        self.pool.ready(self, first);
        Ok(receiver)
    }

    /// Hands the invocation to the parked `next`, or gives it back when the process is not waiting for one after all.
    #[expect(
        clippy::result_large_err,
        reason = "a box would cost every invocation what only a broken connection needs"
    )]
    pub(super) fn dispatch(&self, waiting: Waiting) -> Result<(), Waiting> {
        let Waiting { invocation, reply, queued_at, retried_at } = waiting;
        let mut state = lock(&self.state);
        let parked = match &mut state.phase {
            Phase::Ready { parked } => parked.take().filter(|parked| !parked.is_closed()),
            Phase::Started | Phase::InitError | Phase::Running(_) | Phase::ResponseSent { .. } | Phase::Gone => None,
        };
        let Some(parked) = parked else { return Err(Waiting { invocation, reply, queued_at, retried_at }) };
        let started = retried_at.unwrap_or_else(Instant::now);
        let request_id = invocation.request_id;
        state.phase = Phase::Running(Running { request_id, started, answering: None, reply });
        state.since = started;
        state.served = true;
        let event = Event { invocation, deadline: started + self.version.timeout };
        if let Err(event) = parked.send(event) {
            // The connection broke between the check and the send.
            let phase = std::mem::replace(&mut state.phase, Phase::Ready { parked: None });
            if let Phase::Running(Running { reply, .. }) = phase {
                return Err(Waiting { invocation: event.invocation, reply, queued_at, retried_at });
            }
            return Ok(());
        }
        drop(state);
        if self.unwatched.swap(false, Ordering::AcqRel) {
            self.attention.notify_one();
        }
        Ok(())
    }

    /// The runtime has begun to answer `request_id`.
    pub(super) fn begin_answer(&self, request_id: &str, answering: Answering) -> Result<Begun, Refusal> {
        let mut state = lock(&self.state);
        let from = state.phase.name();
        let Phase::Running(running) = &mut state.phase else { return Err(Refusal::InvalidRequestId) };
        if Uuid::try_parse(request_id).ok() != Some(running.request_id) {
            return Err(Refusal::InvalidRequestId);
        }
        if running.answering.is_some() {
            return Err(Refusal::InvalidStateTransition { from, to: answering.state_name() });
        }
        running.answering = Some(answering);
        Ok(Begun { request_id: running.request_id, pieces: running.reply.take_pieces() })
    }

    /// The runtime's answer is complete. False when the invocation was over before.
    pub(super) fn answer(&self, request_id: Uuid, end: End) -> bool {
        self.end_invocation(Some(request_id), end, |until| Phase::ResponseSent { until })
    }

    /// The platform ends the invocation in progress, if there is one.
    pub(super) fn abort(&self, error: PlatformError) -> bool {
        self.end_invocation(None, End::Platform(error), |_| Phase::Gone)
    }

    /// `next` makes the phase that follows, from the time at which the invocation's time is over.
    fn end_invocation(&self, request_id: Option<Uuid>, end: End, next: fn(Instant) -> Phase) -> bool {
        let mut state = lock(&self.state);
        let until = match &state.phase {
            Phase::Running(running) if request_id.is_none_or(|id| id == running.request_id) => {
                running.started + self.version.timeout
            }
            Phase::Running(_)
            | Phase::Started
            | Phase::InitError
            | Phase::Ready { .. }
            | Phase::ResponseSent { .. }
            | Phase::Gone => return false,
        };
        let now = Instant::now();
        let phase = std::mem::replace(&mut state.phase, next(until));
        state.since = now;
        let init_duration = state.init_duration.take();
        drop(state);
        let Phase::Running(running) = phase else { return false };
        let figures =
            Figures { duration: now - running.started, init_duration, max_memory_bytes: self.memory.peak_bytes() };
        self.settle(running.request_id, end, figures, running.reply);
        true
    }

    /// Ends an invocation that waited for this worker's initialisation.
    pub(super) fn fail_waiting(&self, waiting: Waiting, end: End) {
        let invocation = &waiting.invocation;
        self.open_invocation(invocation.request_id, invocation.log_tail);
        let duration = waiting.retried_at.map_or(self.started_at.elapsed(), |retried_at| retried_at.elapsed());
        let figures = Figures { duration, init_duration: None, max_memory_bytes: self.memory.peak_bytes() };
        self.settle(invocation.request_id, end, figures, waiting.reply);
    }

    /// Writes the lines that open an invocation.
    pub(super) fn open_invocation(&self, request_id: Uuid, wants_tail: bool) {
        report::open(&self.log, &self.version, request_id, wants_tail, (self.shared.config.clock)());
    }

    fn settle(&self, request_id: Uuid, end: End, figures: Figures, reply: Reply) {
        let now = (self.shared.config.clock)();
        let outcome = report::close(&self.log, &self.version, request_id, end, figures, now);
        reply.send(Ok(outcome));
    }

    /// The runtime reports that it could not initialise.
    pub(super) fn report_init_error(&self, payload: Bytes, error_type: String) -> Result<(), Refusal> {
        let mut state = lock(&self.state);
        if !matches!(state.phase, Phase::Started) {
            return Err(Refusal::InvalidStateTransition { from: state.phase.name(), to: "InitError" });
        }
        state.phase = Phase::InitError;
        state.since = Instant::now();
        state.init_permit = None;
        drop(state);
        self.fail_init(&InitFailure::Reported { payload, error_type });
        Ok(())
    }

    /// Initialisation is over its time or its process is gone. False when it had succeeded or failed before.
    pub(super) fn init_ended(&self, failure: &InitFailure) -> bool {
        let mut state = lock(&self.state);
        if !matches!(state.phase, Phase::Started) {
            return false;
        }
        state.phase = Phase::Gone;
        state.init_permit = None;
        drop(state);
        self.fail_init(failure);
        true
    }

    fn fail_init(&self, failure: &InitFailure) {
        let now = (self.shared.config.clock)();
        let duration = self.started_at.elapsed();
        self.log.catch_up();
        self.log.platform(&report::init_report(&self.version, duration, failure.error_type(), now));
        self.pool.init_failed(self, failure);
    }

    /// Asks the supervisor to end the process.
    pub(super) fn stop(&self) {
        lock(&self.state).stop = true;
        self.attention.notify_one();
    }

    pub(super) fn stop_requested(&self) -> bool {
        lock(&self.state).stop
    }

    /// Waits until somebody wants the supervisor's attention.
    pub(super) async fn attention(&self) {
        self.attention.notified().await;
    }

    /// What the supervisor has to watch now. When nothing runs, the next dispatch will call for attention.
    pub(super) fn watch(&self) -> Watch {
        let watch = self.current_watch();
        if watch != Watch::Idle {
            return watch;
        }
        self.unwatched.store(true, Ordering::Release);
        // A dispatch between the look and the store saw a watching supervisor and did not call.
        let watch = self.current_watch();
        if watch != Watch::Idle {
            self.unwatched.store(false, Ordering::Release);
        }
        watch
    }

    fn current_watch(&self) -> Watch {
        let state = lock(&self.state);
        match &state.phase {
            Phase::Started => {
                let limit = match self.start {
                    Start::OnDemand => self.shared.config.init_timeout,
                    Start::Suppressed => self.version.timeout,
                };
                Watch::Until(self.started_at + limit, Overdue::Initialisation)
            }
            // A runtime exits by itself after it reported; this bounds one that does not.
            Phase::InitError => Watch::Until(state.since + self.shared.config.kill_grace, Overdue::Initialisation),
            Phase::Running(running) => Watch::Until(running.started + self.version.timeout, Overdue::Invocation),
            Phase::ResponseSent { until } => Watch::Until(*until, Overdue::Return),
            Phase::Ready { .. } | Phase::Gone => Watch::Idle,
        }
    }

    /// Whether the pool will hear of this worker in a moment: it answered and will surely ask for its next event, or has asked.
    pub(super) fn is_returning(&self, within: Duration) -> bool {
        let state = lock(&self.state);
        state.announcing || (matches!(state.phase, Phase::ResponseSent { .. }) && state.since.elapsed() < within)
    }

    /// The pool knows that the worker waits for an event.
    pub(super) fn announced(&self) {
        lock(&self.state).announcing = false;
    }

    /// Whether the process waits for nothing: its `next` was lost and never repeated.
    pub(super) fn is_lost(&self, after: Duration) -> bool {
        let state = lock(&self.state);
        match &state.phase {
            Phase::Ready { parked } => {
                parked.as_ref().is_none_or(oneshot::Sender::is_closed) && state.since.elapsed() > after
            }
            Phase::Started | Phase::InitError | Phase::Running(_) | Phase::ResponseSent { .. } | Phase::Gone => false,
        }
    }

    /// Whether the worker has initialised and is not about to end.
    pub(super) fn may_serve(&self) -> bool {
        let state = lock(&self.state);
        match &state.phase {
            Phase::Ready { .. } | Phase::Running(_) | Phase::ResponseSent { .. } => !state.stop,
            Phase::Started | Phase::InitError | Phase::Gone => false,
        }
    }

    /// Whether the worker must not take another invocation: retired, too old, or used where nothing is used twice.
    pub(super) fn is_spent(&self, generation: u64) -> bool {
        let config = &self.shared.config;
        self.generation < generation
            || self.started_at.elapsed() > config.max_age
            || (config.idle_ttl.is_zero() && lock(&self.state).served)
    }

    /// Whether a connection to the worker's port comes from its process or one that this started.
    pub(super) async fn is_own(&self, stream: &TcpStream) -> bool {
        let pid = self.memory.pid();
        let (Ok(peer), Ok(local)) = (stream.peer_addr(), stream.local_addr()) else { return false };
        let look = tokio::task::spawn_blocking(move || peer::is_of_tree(pid, peer, local));
        // A look that panicked saw nothing.
        look.await.unwrap_or(false)
    }
}
