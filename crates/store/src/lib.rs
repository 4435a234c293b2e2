//! What is remembered: the records of the control plane, function code, queued asynchronous invocations, logs and metrics.
//!
//! A [`Store`] is opened once and cloned freely. Work is given to it as plain synchronous functions: [`Store::write`] runs one
//! over a [`Transaction`], [`Store::read`] one over a [`Reader`]. A write is acknowledged when it is durable, and after every
//! subscriber of the [change feed](Store::subscribe) has seen it.
//!
//! The surface names no engine. `SQLite` lives in the private module `sqlite`, and all SQL with it; another engine of the same
//! schema would be a sibling of that module. What records mean, and which of them belong together, is the business of the
//! crates that own them; the store knows their place (scope, parent, id) and their JSON.

mod error;
mod record;
mod kinds;
mod blob;
mod event;
mod logs;
mod metrics;
mod change;

mod store;
mod transaction;
mod writer;
mod readers;
mod sqlite;

pub use blob::{BLOB_BYTES_MAX, InvalidHash, Sha256Hash};
pub use change::{Change, Subscriber};
pub use error::{Error, Result};
pub use event::{ClaimedEvent, EVENT_CONTEXT_BYTES_MAX, EVENT_PAYLOAD_BYTES_MAX, EVENTS_MAX, NewEvent};
pub use logs::{
    Direction, LOG_BYTES_MAX, LOG_EVENT_OVERHEAD_BYTES, LogGroup, LogGroupId, LogPosition, LogSource, LogSpan,
    LogStream, LogStreamId, LogStreamOrder, LogStreamRange, LogSweep, NewLogGroup, StoredLogEvent,
};
pub use metrics::{Datapoint, METRICS_MAX, Metric, MetricId, MetricKey};
pub use record::{
    InvalidPosition, Order, PAGE_MAX, PICK_SCAN_MAX, Page, PageRange, Placed, Position, Record, Version, Versioned,
};
pub use store::Store;
pub use transaction::{Reader, Transaction};
