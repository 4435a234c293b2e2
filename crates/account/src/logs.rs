//! Amazon CloudWatch Logs: log groups, streams and events.
//!
//! The rest of the process writes through [`LogWriter`].

mod writer;

pub use writer::{LogEvent, LogWriter};

/// The bytes of an event's message, with what AWS adds to each ("CloudWatch Logs quotas").
pub const EVENT_BYTES_MAX: usize = 1024 * 1024 - store::LOG_EVENT_OVERHEAD_BYTES;
