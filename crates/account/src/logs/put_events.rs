//! `PutLogEvents`.

use definition::time::EpochMillis;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{LOG_EVENT_OVERHEAD_BYTES, LogGroup, Reader, Store, Transaction};

use super::{
    Call, EVENT_BYTES_MAX, Outcome,
    failure::Failure,
    groups,
    names::{self, required},
    streams,
};

/// Events of one call.
const BATCH_EVENTS_MAX: usize = 10_000;
/// Bytes of one call's events, with what AWS adds to each.
const BATCH_BYTES_MAX: usize = 1024 * 1024;
/// Events that share a transaction: a full batch would hold up other writers.
const TRANSACTION_EVENTS_MAX: usize = 1000;
const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Events may be so far ahead of the service's clock.
const AHEAD_MS_MAX: i64 = 2 * HOUR_MS;
/// Events may be so old.
const AGE_MS_MAX: i64 = 14 * DAY_MS;

#[derive(Deserialize)]
struct Input {
    #[serde(rename = "logGroupName")]
    group: Option<String>,
    #[serde(rename = "logStreamName")]
    stream: Option<String>,
    #[serde(rename = "logEvents")]
    events: Option<Vec<InputEvent>>,
}

#[derive(Deserialize)]
struct InputEvent {
    timestamp: Option<i64>,
    message: Option<String>,
}

/// The events of a call, in the order of their times.
struct Batch {
    events: Vec<(EpochMillis, String)>,
}

/// Which of a batch's `length` events are stored: those that are neither too old nor expired nor too new.
struct Accepted {
    length: usize,
    too_old_end: usize,
    expired_end: usize,
    too_new_start: usize,
}

pub(super) async fn put(store: &Store, call: &Call) -> Outcome {
    let input: Input = call.input()?;
    let group_name = names::group_name("logGroupName", required("logGroupName", input.group)?)?;
    let stream_name = names::stream_name("logStreamName", required("logStreamName", input.stream)?)?;
    let mut batch = Batch::read(required("logEvents", input.events)?)?;
    let (scope, now) = (call.caller.scope.clone(), call.now);
    let (scope_read, group_read) = (scope.clone(), group_name.clone());
    let found = store.read(move |reader: &Reader<'_>| groups::find(reader, &scope_read, &group_read)).await?;
    let accepted = batch.accept(&found, now)?;
    // At least once, so that a stream that is missing is reported whatever the batch holds.
    loop {
        let rest = batch.events.split_off(batch.events.len().min(TRANSACTION_EVENTS_MAX));
        let part = std::mem::replace(&mut batch.events, rest);
        let (scope, group_name, stream_name) = (scope.clone(), group_name.clone(), stream_name.clone());
        let stored = store.write(move |transaction: &mut Transaction<'_>| -> Result<(), Failure> {
            let group = groups::find(transaction, &scope, &group_name)?;
            let stream = streams::find(transaction, group.id, &stream_name)?;
            let events = part.iter().map(|(at, message)| (*at, message.as_str()));
            Ok(transaction.append_log_events(group.id, stream.id, now, events)?)
        });
        stored.await?;
        if batch.events.is_empty() {
            break;
        }
    }
    Ok(Some(accepted.output(now)))
}

impl Batch {
    fn read(events: Vec<InputEvent>) -> Result<Self, Failure> {
        if events.is_empty() || events.len() > BATCH_EVENTS_MAX {
            let bound = if events.is_empty() { "greater than or equal to 1" } else { "less than or equal to 10000" };
            let constraint = format!("Member must have length {bound}");
            return Err(Failure::Constraint { member: "logEvents", value: "[]".to_owned(), constraint });
        }
        let mut bytes = 0;
        let mut latest = i64::MIN;
        let mut read = Vec::with_capacity(events.len());
        for event in events {
            let at = required("logEvents.member.timestamp", event.timestamp)?;
            let message = required("logEvents.member.message", event.message)?;
            if message.is_empty() {
                let constraint = "Member must have length greater than or equal to 1".to_owned();
                return Err(Failure::Constraint { member: "logEvents.member.message", value: message, constraint });
            }
            if message.len() > EVENT_BYTES_MAX {
                let limit = EVENT_BYTES_MAX + LOG_EVENT_OVERHEAD_BYTES;
                return Err(Failure::EventTooLarge { bytes: message.len() + LOG_EVENT_OVERHEAD_BYTES, limit });
            }
            if at < latest {
                let rule = "Log events in a single PutLogEvents request must be in chronological order.";
                return Err(Failure::InvalidParameter(rule));
            }
            latest = at;
            bytes += message.len() + LOG_EVENT_OVERHEAD_BYTES;
            read.push((EpochMillis(at), message));
        }
        if bytes > BATCH_BYTES_MAX {
            return Err(Failure::BatchTooLarge { bytes, limit: BATCH_BYTES_MAX });
        }
        Ok(Self { events: read })
    }

    /// Leaves out what is too old or too new; the rest must lie within a day.
    fn accept(&mut self, group: &LogGroup, now: EpochMillis) -> Result<Accepted, Failure> {
        let oldest = now.0 - AGE_MS_MAX;
        let expired = group.retention_days.map_or(i64::MIN, |days| now.0 - i64::from(days) * DAY_MS);
        let events = &self.events;
        let accepted = Accepted {
            length: events.len(),
            too_old_end: events.partition_point(|(at, _)| at.0 < oldest),
            expired_end: events.partition_point(|(at, _)| at.0 < expired),
            too_new_start: events.partition_point(|(at, _)| at.0 <= now.0 + AHEAD_MS_MAX),
        };
        let start = accepted.too_old_end.max(accepted.expired_end);
        let valid = events.get(start..accepted.too_new_start).unwrap_or_default();
        if let (Some((first, _)), Some((last, _))) = (valid.first(), valid.last())
            && last.0 - first.0 > DAY_MS
        {
            let rule = "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.";
            return Err(Failure::InvalidParameter(rule));
        }
        self.events.truncate(accepted.too_new_start);
        self.events.drain(..start.min(self.events.len()));
        Ok(accepted)
    }
}

impl Accepted {
    fn output(&self, now: EpochMillis) -> Value {
        // The token is ignored wherever it is given back, and clients of old expect one.
        let mut output = json!({ "nextSequenceToken": format!("{:056}", now.0) });
        let mut rejected = serde_json::Map::new();
        if self.too_old_end > 0 {
            rejected.insert("tooOldLogEventEndIndex".to_owned(), self.too_old_end.into());
        }
        if self.expired_end > 0 {
            rejected.insert("expiredLogEventEndIndex".to_owned(), self.expired_end.into());
        }
        if self.too_new_start < self.length {
            rejected.insert("tooNewLogEventStartIndex".to_owned(), self.too_new_start.into());
        }
        if !rejected.is_empty() {
            output["rejectedLogEventsInfo"] = rejected.into();
        }
        output
    }
}
