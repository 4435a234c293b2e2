//! Delivers queued invocations: claims them from the store, runs them, retries or gives up.
//!
//! A function's error is retried twice; a throttle or a fault of the platform is retried until the event is too old, each
//! time after as long as the event has waited already, which doubles the wait. Every delivery is at least once.
//! Differs from AWS: an event that is given up is logged and gone, since destinations and dead-letter queues, which
//! could take it, are refused where they are configured.
//!
//! AWS: Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation".

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use definition::time::EpochMillis;
use store::{ClaimedEvent, Reader, Transaction};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet};

use crate::invocation::{Delivery, EventContext};
use crate::runner::InvokeError;
use crate::service::Lambda;

/// Retries of a function that failed.
const RETRIES_MAX: u32 = 2;
/// The age at which an event is given up.
const AGE_MAX: Duration = Duration::from_hours(6);
/// The longest an attempt takes: the longest timeout, the longest wait for a worker, and room for both to be noticed.
const LEASE: Duration = Duration::from_mins(15 + 1);
/// The shortest and the longest wait after a throttle or a fault of the platform.
const BACKOFF_MIN: Duration = Duration::from_secs(1);
const BACKOFF_MAX: Duration = Duration::from_mins(5);
/// The wait after the store failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
/// The longest sleep: a clock that was set forward is noticed after this time.
const SLEEP_MAX: Duration = Duration::from_mins(1);

/// The task that delivers, and what wakes it.
#[derive(Debug, Default)]
pub(crate) struct Dispatcher {
    queued: Arc<Notify>,
    task: Mutex<Option<JoinHandle<()>>>,
}

impl Dispatcher {
    /// An event was queued.
    pub(crate) fn wake(&self) {
        self.queued.notify_one();
    }

    fn take_task(&self) -> Option<JoinHandle<()>> {
        self.task.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Lambda {
    /// Starts to deliver asynchronous invocations, those left from an earlier run among them. Starting twice is starting
    /// once.
    pub fn start_dispatcher(&self) {
        let mut task = self.dispatcher().task.lock().unwrap_or_else(PoisonError::into_inner);
        if task.is_none() {
            *task = Some(self.config().runtime.spawn(dispatch(self.clone())));
        }
    }

    /// Stops the dispatcher, then the runner. Events whose function was still running stay queued and are delivered
    /// again after the next start.
    pub async fn shutdown(&self) {
        if let Some(task) = self.dispatcher().take_task() {
            task.abort();
            // Cancelled, as just asked for.
            let _ = task.await;
        }
        self.runner().shutdown().await;
    }
}

async fn dispatch(lambda: Lambda) {
    let limit = lambda.config().concurrent_events.max(1);
    let queued = Arc::clone(&lambda.dispatcher().queued);
    let mut running = JoinSet::new();
    loop {
        while running.try_join_next().is_some() {}
        let pause = match take(&lambda, limit - running.len()).await {
            Ok((events, pause)) => {
                for event in events {
                    let lambda = lambda.clone();
                    running.spawn(async move { deliver(&lambda, event).await });
                }
                pause
            }
            Err(error) => {
                tracing::error!(%error, "queued invocations cannot be claimed");
                STORE_PAUSE
            }
        };
        tokio::select! {
            () = queued.notified() => {}
            _ = running.join_next(), if !running.is_empty() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Claims up to `free` events; they, and how long to wait for the next.
async fn take(lambda: &Lambda, free: usize) -> store::Result<(Vec<ClaimedEvent>, Duration)> {
    if free == 0 {
        return Ok((Vec::new(), SLEEP_MAX));
    }
    let now = EpochMillis::from((lambda.config().clock)());
    // Most wake-ups find nothing due; only then is the writer, and the disk, left alone.
    let next = lambda.store().read(|reader: &Reader<'_>| reader.next_event_at()).await?;
    let Some(next) = next else { return Ok((Vec::new(), SLEEP_MAX)) };
    if next > now {
        return Ok((Vec::new(), between(now, next).min(SLEEP_MAX)));
    }
    let claim = move |transaction: &mut Transaction<'_>| transaction.claim_events(now, free, LEASE);
    Ok((lambda.store().write(claim).await?, Duration::ZERO))
}

/// What becomes of an event after an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// It is done.
    Done,
    /// It is given up, for a reason in AWS's words.
    GiveUp(&'static str),
    /// It is tried again.
    Retry { at: EpochMillis, attempts: u32 },
    /// The gate is ending; whoever starts next has it.
    Leave,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Attempt {
    Succeeded,
    FunctionFailed,
    PlatformFailed,
    NoFunction,
    ShuttingDown,
}

async fn deliver(lambda: &Lambda, claimed: ClaimedEvent) {
    let (id, arn, accepted_at) =
        (claimed.event.id.clone(), claimed.event.function_arn.clone(), claimed.event.accepted_at);
    let attempts = claimed.attempts;
    let clock = lambda.config().clock;
    let attempt = if is_too_old(accepted_at, EpochMillis::from(clock())) {
        Attempt::PlatformFailed
    } else {
        attempt(lambda, claimed).await
    };
    let verdict = judge(attempt, attempts, accepted_at, EpochMillis::from(clock()), lambda.config().retry_base);
    if let Verdict::GiveUp(condition) = verdict {
        tracing::warn!(request_id = %id, function = %arn, condition, attempts, "asynchronous invocation is given up");
    }
    let job = move |transaction: &mut Transaction<'_>| match verdict {
        Verdict::Done | Verdict::GiveUp(_) => transaction.complete_event(&id),
        Verdict::Retry { at, attempts } => transaction.reschedule_event(&id, at, attempts),
        Verdict::Leave => Ok(true),
    };
    if let Err(error) = lambda.store().write(job).await {
        // The claim ends by itself, and the event is delivered once more.
        tracing::error!(%error, function = %arn, "the end of an asynchronous invocation cannot be recorded");
    }
}

async fn attempt(lambda: &Lambda, claimed: ClaimedEvent) -> Attempt {
    let event = claimed.event;
    let function = match lambda.load_function(&event.function_arn).await {
        Ok(Some(function)) => function,
        Ok(None) => return Attempt::NoFunction,
        Err(error) => {
            tracing::error!(%error, function = %event.function_arn, "function cannot be loaded");
            return Attempt::PlatformFailed;
        }
    };
    let Ok(request_id) = event.id.parse() else {
        tracing::error!(id = %event.id, "queued invocation has an id that is no UUID");
        return Attempt::NoFunction;
    };
    let context: EventContext = serde_json::from_str(&event.context).unwrap_or_default();
    let delivery = Delivery {
        request_id,
        payload: Bytes::from(event.payload),
        client_context: None,
        trace_id: context.trace_id,
        log_tail: false,
    };
    match lambda.run(&function, delivery).await {
        Ok(outcome) if outcome.function_error.is_none() => Attempt::Succeeded,
        Ok(_) => Attempt::FunctionFailed,
        Err(InvokeError::Throttled { .. }) => Attempt::PlatformFailed,
        Err(InvokeError::ShuttingDown) => Attempt::ShuttingDown,
    }
}

fn judge(attempt: Attempt, attempts: u32, accepted_at: EpochMillis, now: EpochMillis, retry_base: Duration) -> Verdict {
    let (wait, attempts) = match attempt {
        Attempt::Succeeded => return Verdict::Done,
        Attempt::ShuttingDown => return Verdict::Leave,
        Attempt::NoFunction => return Verdict::GiveUp("FunctionNotFound"),
        Attempt::FunctionFailed if attempts >= RETRIES_MAX => return Verdict::GiveUp("RetriesExhausted"),
        Attempt::FunctionFailed => (retry_base.saturating_mul(1 << attempts), attempts + 1),
        Attempt::PlatformFailed => (between(accepted_at, now).clamp(BACKOFF_MIN, BACKOFF_MAX), attempts),
    };
    let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let at = EpochMillis(now.0.saturating_add(wait_ms));
    if is_too_old(accepted_at, at) {
        return Verdict::GiveUp("EventAgeExceeded");
    }
    Verdict::Retry { at, attempts }
}

fn is_too_old(accepted_at: EpochMillis, now: EpochMillis) -> bool {
    between(accepted_at, now) > AGE_MAX
}

/// From one point in time to a later one; nothing when it is not later.
fn between(from: EpochMillis, to: EpochMillis) -> Duration {
    Duration::from_millis(u64::try_from(to.0.saturating_sub(from.0)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;

    #[track_caller]
    fn check(attempt: Attempt, attempts: u32, age: i64, expected: Verdict) {
        let found = judge(attempt, attempts, EpochMillis(0), EpochMillis(age), Duration::from_mins(1));
        assert_eq!(found, expected, "{attempt:?} {attempts} {age}");
    }

    fn retry(at: i64, attempts: u32) -> Verdict {
        Verdict::Retry { at: EpochMillis(at), attempts }
    }

    #[test]
    fn a_failed_function_is_tried_after_one_and_after_two_minutes() {
        check(Attempt::Succeeded, 0, 5, Verdict::Done);
        check(Attempt::FunctionFailed, 0, 5, retry(5 + MINUTE, 1));
        check(Attempt::FunctionFailed, 1, 5, retry(5 + 2 * MINUTE, 2));
        check(Attempt::FunctionFailed, 2, 5, Verdict::GiveUp("RetriesExhausted"));
    }

    #[test]
    fn a_throttle_is_no_attempt_and_waits_twice_as_long_each_time() {
        check(Attempt::PlatformFailed, 1, 0, retry(1_000, 1));
        check(Attempt::PlatformFailed, 1, 4_000, retry(8_000, 1));
        check(Attempt::PlatformFailed, 0, HOUR, retry(HOUR + 5 * MINUTE, 0));
    }

    #[test]
    fn an_event_ends_with_its_function_its_age_or_never_by_a_shutdown() {
        check(Attempt::NoFunction, 0, 0, Verdict::GiveUp("FunctionNotFound"));
        check(Attempt::PlatformFailed, 0, 6 * HOUR - MINUTE, Verdict::GiveUp("EventAgeExceeded"));
        check(Attempt::FunctionFailed, 1, 6 * HOUR - MINUTE, Verdict::GiveUp("EventAgeExceeded"));
        check(Attempt::ShuttingDown, 2, 7 * HOUR, Verdict::Leave);
    }
}
