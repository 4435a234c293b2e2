//! `GetLogEvents`: one stream, page by page in either direction.

use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::{Value, json};
use store::{Direction, LOG_EVENT_OVERHEAD_BYTES, LogSource, LogSpan, Reader, Store, StoredLogEvent};

use super::{
    Call, Outcome,
    failure::Failure,
    groups,
    names::{self, required},
    position_token::{PositionToken, behind, span},
    streams,
};

/// Events of one page.
pub(super) const PAGE_EVENTS_MAX: usize = 10_000;
/// Bytes of one page's events, the last one left out.
pub(super) const PAGE_BYTES_MAX: usize = 1024 * 1024;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

pub(super) async fn get(store: &Store, call: &Call) -> Outcome {
    let input: Input = call.input()?;
    let (scope, now) = (call.caller.scope.clone(), call.now);
    let group = names::group_reference(&scope, input.log_group_name, input.log_group_identifier)?;
    let stream = names::stream_name("logStreamName", required("logStreamName", input.log_stream_name)?)?;
    let token = input.next_token.as_deref().map(PositionToken::read).transpose()?;
    let head = if input.start_from_head == Some(true) { Direction::Ascending } else { Direction::Descending };
    let limit = names::limit(input.limit, PAGE_EVENTS_MAX)?;
    let read = move |reader: &Reader<'_>| -> Result<Value, Failure> {
        let group = groups::find(reader, &scope, &group)?;
        let stream = streams::find(reader, group.id, &stream)?;
        let whole = span(&group, now, input.start_time, input.end_time);
        let wanted = token.map_or(whole, |token| from_token(whole, token));
        let direction = token.map_or(head, |token| token.direction);
        let mut page = Page { events: Vec::new(), bytes: 0, limit };
        reader.scan_log_events(LogSource::Stream(stream.id), wanted, direction, |event| page.add(event))?;
        if direction == Direction::Descending {
            page.events.reverse();
        }
        Ok(output(&page.events, wanted, direction))
    };
    Ok(Some(store.read(read).await?))
}

fn from_token(whole: LogSpan, token: PositionToken) -> LogSpan {
    match token.direction {
        Direction::Ascending => LogSpan { from: whole.from.max(token.position), to: whole.to },
        Direction::Descending => LogSpan { from: whole.from, to: whole.to.min(token.position) },
    }
}

/// What fits into an answer.
struct Page {
    events: Vec<StoredLogEvent>,
    bytes: usize,
    limit: usize,
}

impl Page {
    fn add(&mut self, event: StoredLogEvent) -> ControlFlow<()> {
        self.bytes += event.message.len() + LOG_EVENT_OVERHEAD_BYTES;
        self.events.push(event);
        if self.events.len() >= self.limit || self.bytes >= PAGE_BYTES_MAX {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

/// An empty page leaves both tokens where it stood, so that a client sees that there is no more, and may come again.
fn output(events: &[StoredLogEvent], wanted: LogSpan, direction: Direction) -> Value {
    let (backward, forward) = match (events.first(), events.last()) {
        (Some(first), Some(last)) => (first.position, behind(last.position)),
        _ => match direction {
            Direction::Ascending => (wanted.from, wanted.from),
            Direction::Descending => (wanted.to, wanted.to),
        },
    };
    let token = |direction, position| PositionToken { direction, position }.write();
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            json!({ "timestamp": event.position.at, "message": event.message, "ingestionTime": event.ingested_at })
        })
        .collect();
    json!({
        "events": events,
        "nextForwardToken": token(Direction::Ascending, forward),
        "nextBackwardToken": token(Direction::Descending, backward),
    })
}
