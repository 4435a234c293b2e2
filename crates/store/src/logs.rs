//! Log groups, streams and events ("Working with log groups and log streams").
//!
//! Events are rows of a table of their own, written in batches and never changed. What is deleted, expired or beyond the
//! limit is taken away by [`Transaction::sweep_logs`], a bounded number of rows at a time: one that deleted a million events
//! would hold up every other writer. Patterns, tokens and the limits of requests are the business of whoever reads.

use std::{collections::BTreeMap, ops::ControlFlow};

use definition::{Scope, time::EpochMillis};

use crate::{
    error::{Error, Result},
    sqlite::logs,
    transaction::{Reader, Transaction},
};

/// What AWS adds to the bytes of each event's message when it counts them.
pub const LOG_EVENT_OVERHEAD_BYTES: usize = 26;
/// The bytes of all log events together. Above it the oldest events go, whatever the retention of their group.
pub const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// The most streams that one page holds.
const STREAMS_PAGE_MAX: usize = 1000;

/// Names a group for as long as it exists; one that is created anew under its name has another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogGroupId(pub(crate) i64);

/// Names a stream for as long as it exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogStreamId(pub(crate) i64);

/// A log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    /// Names it in calls of the store.
    pub id: LogGroupId,
    /// Its name.
    pub name: String,
    /// `STANDARD` or `INFREQUENT_ACCESS`.
    pub class: String,
    /// When it was created.
    pub created_at: EpochMillis,
    /// After how many days events go; `None` keeps them.
    pub retention_days: Option<u32>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The bytes of its events.
    pub stored_bytes: u64,
}

/// A group to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLogGroup {
    /// Its name, unique in its account and region.
    pub name: String,
    /// `STANDARD` or `INFREQUENT_ACCESS`.
    pub class: String,
    /// When it is created.
    pub created_at: EpochMillis,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl NewLogGroup {
    /// A group as it comes into being with its first event: of the standard class, without tags.
    #[must_use]
    pub fn standard(name: &str, created_at: EpochMillis) -> Self {
        Self { name: name.to_owned(), class: "STANDARD".to_owned(), created_at, tags: BTreeMap::new() }
    }
}

/// A log stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogStream {
    /// Names it in calls of the store.
    pub id: LogStreamId,
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: EpochMillis,
    /// The time of its earliest event, when there ever was one.
    pub first_event_at: Option<EpochMillis>,
    /// The time of its latest event, when there ever was one.
    pub last_event_at: Option<EpochMillis>,
    /// When it last received events.
    pub last_ingested_at: Option<EpochMillis>,
}

/// The order of a list of streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogStreamOrder {
    /// By name.
    Name,
    /// By the time of the latest event, then by name; streams without events have the time 0.
    LastEvent,
}

/// First to last, or last to first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the least to the greatest.
    Ascending,
    /// From the greatest to the least.
    Descending,
}

/// Which streams of a group are listed.
#[derive(Debug, Clone, Copy)]
pub struct LogStreamRange<'a> {
    /// Only those whose names start so.
    pub prefix: &'a str,
    /// The order.
    pub order: LogStreamOrder,
    /// Its direction.
    pub direction: Direction,
    /// The time of the latest event (0 when ordered by name) and the name of the stream after which the list begins.
    pub after: Option<(EpochMillis, &'a str)>,
}

/// A place in the order of events: by time, then by arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LogPosition {
    /// The event's time.
    pub at: EpochMillis,
    /// Its number in the order of arrival.
    pub number: i64,
}

/// Events from `from` on and before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSpan {
    /// The first position that counts.
    pub from: LogPosition,
    /// The first position that no longer counts.
    pub to: LogPosition,
}

/// Whose events are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogSource {
    /// Those of all streams of a group.
    Group(LogGroupId),
    /// Those of one stream.
    Stream(LogStreamId),
}

/// An event as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredLogEvent {
    /// Its place in the order of events.
    pub position: LogPosition,
    /// The name of its stream.
    pub stream: String,
    /// When it was stored.
    pub ingested_at: EpochMillis,
    /// What it says.
    pub message: String,
}

/// What a sweep takes away.
#[derive(Debug, Clone, Copy)]
pub struct LogSweep {
    /// Now; what is older than a group's retention goes.
    pub now: EpochMillis,
    /// The bytes that may stay, at most.
    pub bytes_max: u64,
    /// The most rows that go at once.
    pub rows_max: usize,
}

impl Reader<'_> {
    /// The group of this name.
    pub fn log_group(&self, scope: &Scope, name: &str) -> Result<Option<LogGroup>> {
        logs::group(self.connection(), scope, name)
    }

    /// Shows the groups whose names start with `prefix` and come after `after`, ordered by name, until `visit` breaks.
    pub fn scan_log_groups(
        &self,
        scope: &Scope,
        prefix: &str,
        after: &str,
        visit: impl FnMut(LogGroup) -> ControlFlow<()>,
    ) -> Result<()> {
        logs::scan_groups(self.connection(), scope, prefix, after, visit)
    }

    /// The stream of this name.
    pub fn log_stream(&self, group: LogGroupId, name: &str) -> Result<Option<LogStream>> {
        logs::stream(self.connection(), group, name)
    }

    /// Up to `limit` (1 to 1000) streams of a group.
    pub fn list_log_streams(
        &self,
        group: LogGroupId,
        range: LogStreamRange<'_>,
        limit: usize,
    ) -> Result<Vec<LogStream>> {
        logs::list_streams(self.connection(), group, range, limit.clamp(1, STREAMS_PAGE_MAX))
    }

    /// Shows the events of a span in the order of their positions, until `visit` breaks.
    pub fn scan_log_events(
        &self,
        source: LogSource,
        span: LogSpan,
        direction: Direction,
        visit: impl FnMut(StoredLogEvent) -> ControlFlow<()>,
    ) -> Result<()> {
        logs::scan_events(self.connection(), source, span, direction, visit)
    }
}

impl Transaction<'_> {
    /// Creates a group; [`Error::AlreadyExists`] when there is one of its name.
    pub fn insert_log_group(&mut self, scope: &Scope, group: &NewLogGroup) -> Result<LogGroupId> {
        let inserted = logs::insert_group(self.connection(), scope, group)?;
        inserted.ok_or_else(|| Error::AlreadyExists { kind: "log group", id: group.name.clone() })
    }

    /// Sets after how many days the group's events go.
    pub fn set_log_group_retention(&mut self, group: LogGroupId, days: Option<u32>) -> Result<()> {
        logs::set_retention(self.connection(), group, days)
    }

    /// Replaces the group's tags.
    pub fn set_log_group_tags(&mut self, group: LogGroupId, tags: &BTreeMap<String, String>) -> Result<()> {
        logs::set_tags(self.connection(), group, tags)
    }

    /// Deletes a group. Its streams and events are out of reach at once, and go with the next sweeps.
    pub fn delete_log_group(&mut self, group: LogGroupId) -> Result<()> {
        logs::delete_group(self.connection(), group)
    }

    /// Creates a stream; [`Error::AlreadyExists`] when the group has one of this name.
    pub fn insert_log_stream(&mut self, group: LogGroupId, name: &str, created_at: EpochMillis) -> Result<LogStreamId> {
        let inserted = logs::insert_stream(self.connection(), group, name, created_at)?;
        inserted.ok_or_else(|| Error::AlreadyExists { kind: "log stream", id: name.to_owned() })
    }

    /// Deletes a stream. Its events are out of reach at once, and go with the next sweeps.
    pub fn delete_log_stream(&mut self, stream: LogStreamId) -> Result<()> {
        logs::delete_stream(self.connection(), stream)
    }

    /// Adds events, in whatever order of time, to a stream of the group.
    pub fn append_log_events<'e>(
        &mut self,
        group: LogGroupId,
        stream: LogStreamId,
        ingested_at: EpochMillis,
        events: impl IntoIterator<Item = (EpochMillis, &'e str)>,
    ) -> Result<()> {
        logs::append(self.connection(), group, stream, ingested_at, events)
    }

    /// Takes away what is deleted, expired or too much, up to `rows_max` rows; whether there may be more of it.
    pub fn sweep_logs(&mut self, sweep: LogSweep) -> Result<bool> {
        logs::sweep(self.connection(), sweep)
    }
}
