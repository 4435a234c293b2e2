//! Log events of the rest of the process, on their way to the store.

use std::{collections::HashMap, sync::Arc};

use definition::{Scope, time::EpochMillis};
use jiff::Timestamp;
use store::{LOG_BYTES_MAX, LogGroupId, LogStreamId, LogSweep, NewLogGroup, Store, Transaction};
use tokio::runtime::Handle;

use super::EVENT_BYTES_MAX;
use crate::ingest::{Item, Queue, Sink};

/// Rows that one step of a sweep takes away; it is over within milliseconds.
const SWEEP_ROWS_MAX: usize = 2000;

/// One line of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// The account of its group.
    pub account: Arc<str>,
    /// The region of its group.
    pub region: Arc<str>,
    /// The name of its group, which is created where it is missing.
    pub group: Arc<str>,
    /// The name of its stream, which is created where it is missing.
    pub stream: Arc<str>,
    /// When it happened, in milliseconds since 1970.
    pub at_ms: i64,
    /// What it says. Beyond [`EVENT_BYTES_MAX`] bytes it is cut; an empty one is not stored.
    pub message: String,
}

/// Takes log events and brings them to the store, in the background. A clone is the same writer.
#[derive(Debug, Clone)]
pub struct LogWriter {
    queue: Queue<LogEvent>,
}

impl LogWriter {
    /// A writer over `store`. Its work, which includes taking away what has expired, is done on `runtime`.
    #[must_use]
    pub fn start(store: Store, runtime: &Handle, clock: fn() -> Timestamp) -> Self {
        Self { queue: Queue::start(LogSink { store, clock }, runtime) }
    }

    /// Queues an event. It never waits: when the queue is full the event is dropped, and the drop is counted and reported.
    pub fn put(&self, event: LogEvent) {
        if !event.message.is_empty() {
            self.queue.put(event);
        }
    }

    /// Waits until everything that was put before is stored.
    pub async fn flush(&self) {
        self.queue.flush().await;
    }
}

impl Item for LogEvent {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.message.len()
    }
}

struct LogSink {
    store: Store,
    clock: fn() -> Timestamp,
}

impl Sink<LogEvent> for LogSink {
    const WHAT: &'static str = "log events";

    async fn write(&mut self, batch: Vec<LogEvent>) {
        let (now, events) = (EpochMillis::from((self.clock)()), batch.len());
        let written = self.store.write(move |transaction| append(transaction, &batch, now)).await;
        if let Err(error) = written {
            tracing::error!(error = &error as &dyn std::error::Error, events, "log events cannot be stored");
        }
    }

    async fn sweep(&mut self) -> bool {
        let sweep = LogSweep { now: (self.clock)().into(), bytes_max: LOG_BYTES_MAX, rows_max: SWEEP_ROWS_MAX };
        let swept = self.store.write(move |transaction| transaction.sweep_logs(sweep)).await;
        swept.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "expired log events cannot be removed");
            false
        })
    }
}

/// Appends events to their streams, each stream's in the order in which they came.
fn append(transaction: &mut Transaction<'_>, batch: &[LogEvent], now: EpochMillis) -> store::Result<()> {
    let mut by_stream: HashMap<[&str; 4], Vec<&LogEvent>> = HashMap::new();
    for event in batch {
        by_stream.entry([&event.account, &event.region, &event.group, &event.stream]).or_default().push(event);
    }
    for ([account, region, group, stream], events) in by_stream {
        let scope = Scope { account: account.to_owned(), region: region.to_owned() };
        let (group, stream) = ensure_stream(transaction, &scope, group, stream, now)?;
        let events = events.into_iter().map(|event| (EpochMillis(event.at_ms), cut(&event.message)));
        transaction.append_log_events(group, stream, now, events)?;
    }
    Ok(())
}

fn ensure_stream(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    group: &str,
    stream: &str,
    now: EpochMillis,
) -> store::Result<(LogGroupId, LogStreamId)> {
    let group_id = match transaction.log_group(scope, group)? {
        Some(found) => found.id,
        None => transaction.insert_log_group(scope, &NewLogGroup::standard(group, now))?,
    };
    let stream_id = match transaction.log_stream(group_id, stream)? {
        Some(found) => found.id,
        None => transaction.insert_log_stream(group_id, stream, now)?,
    };
    Ok((group_id, stream_id))
}

/// As much of a message as an event may hold.
fn cut(message: &str) -> &str {
    &message[..message.floor_char_boundary(EVENT_BYTES_MAX)]
}
