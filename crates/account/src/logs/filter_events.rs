//! `FilterLogEvents`: the streams of a group together, by time, name and pattern.

use std::{collections::HashSet, ops::ControlFlow, sync::Arc};

use definition::Scope;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{
    Direction, LOG_EVENT_OVERHEAD_BYTES, LogGroup, LogPosition, LogSource, LogSpan, Reader, Store, StoredLogEvent,
};

use super::{
    Call, Outcome,
    failure::Failure,
    filter_pattern::FilterPattern,
    get_events::{PAGE_BYTES_MAX, PAGE_EVENTS_MAX},
    groups, names,
    position_token::{PositionToken, behind, digits, span},
    streams,
};

/// Streams that a request may name.
const STREAM_NAMES_MAX: usize = 100;
/// Events that one look into the store goes through, and the bytes of their messages; other readers get their turn between looks.
const LOOK_EVENTS_MAX: usize = 5000;
const LOOK_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Looks that one request takes; then it answers what it found, and a token to go on with.
const LOOKS_MAX: usize = 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<i64>,
    end_time: Option<i64>,
    filter_pattern: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
    start_from_head: Option<bool>,
}

/// What is looked for.
struct Search {
    streams: Streams,
    pattern: FilterPattern,
    direction: Direction,
    limit: usize,
}

/// Whose events count.
enum Streams {
    All,
    Named(HashSet<String>),
    Prefixed(String),
}

impl Streams {
    fn include(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Named(names) => names.contains(name),
            Self::Prefixed(prefix) => name.starts_with(prefix),
        }
    }
}

/// A page that is being filled.
#[derive(Default)]
struct Page {
    events: Vec<StoredLogEvent>,
    bytes: usize,
}

impl Page {
    fn is_full(&self, limit: usize) -> bool {
        self.events.len() >= limit || self.bytes >= PAGE_BYTES_MAX
    }
}

pub(super) async fn filter(store: &Store, call: &Call) -> Outcome {
    let mut input: Input = call.input()?;
    let (scope, now) = (call.caller.scope.clone(), call.now);
    let group = names::group_reference(&scope, input.log_group_name.take(), input.log_group_identifier.take())?;
    let token = input.next_token.as_deref().map(PositionToken::read).transpose()?;
    let head = if input.start_from_head == Some(false) { Direction::Descending } else { Direction::Ascending };
    let direction = token.map_or(head, |token| token.direction);
    let pattern = FilterPattern::parse(input.filter_pattern.as_deref().unwrap_or_default());
    let search = Arc::new(Search {
        streams: streams_of(&mut input)?,
        pattern: pattern.map_err(Failure::InvalidPattern)?,
        direction,
        limit: names::limit(input.limit, PAGE_EVENTS_MAX)?,
    });
    let searched = Arc::clone(&search);
    let found = store.read(move |reader: &Reader<'_>| find(reader, &scope, &group, &searched.streams)).await?;
    // Unlike elsewhere, events at the very end of the time range count.
    let mut rest = span(&found.group, now, input.start_time, input.end_time.map(|end| end.saturating_add(1)));
    if let Some(token) = token {
        narrow(&mut rest, direction, token.position);
    }
    let (limit, mut page) = (search.limit, Page::default());
    let mut next = None;
    for _ in 0..LOOKS_MAX {
        let (search, span, source) = (Arc::clone(&search), rest, found.source);
        (page, next) = store.read(move |reader: &Reader<'_>| look(reader, source, span, &search, page)).await?;
        match next {
            Some(position) if !page.is_full(limit) => narrow(&mut rest, direction, position),
            _ => break,
        }
    }
    Ok(Some(output(&page.events, next.map(|position| PositionToken { direction, position }))))
}

/// The streams that a request names.
fn streams_of(input: &mut Input) -> Result<Streams, Failure> {
    match (input.log_stream_names.take(), input.log_stream_name_prefix.take()) {
        (Some(_), Some(_)) => {
            let rule = "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.";
            Err(Failure::InvalidParameter(rule))
        }
        (Some(named), None) if named.is_empty() || named.len() > STREAM_NAMES_MAX => {
            let bound = if named.is_empty() { "greater than or equal to 1" } else { "less than or equal to 100" };
            let constraint = format!("Member must have length {bound}");
            Err(Failure::Constraint { member: "logStreamNames", value: format!("{named:?}"), constraint })
        }
        (Some(named), None) => {
            let named = named.into_iter().map(|name| names::stream_name("logStreamNames", name));
            Ok(Streams::Named(named.collect::<Result<_, _>>()?))
        }
        (None, Some(prefix)) => Ok(Streams::Prefixed(names::stream_name("logStreamNamePrefix", prefix)?)),
        (None, None) => Ok(Streams::All),
    }
}

/// Where the events are.
struct Place {
    group: LogGroup,
    source: LogSource,
}

/// The group, and its one stream where just one is named; all that are named must exist.
fn find(reader: &Reader<'_>, scope: &Scope, group: &str, wanted: &Streams) -> Result<Place, Failure> {
    let group = groups::find(reader, scope, group)?;
    let mut source = LogSource::Group(group.id);
    if let Streams::Named(named) = wanted {
        for name in named {
            let stream = streams::find(reader, group.id, name)?;
            if named.len() == 1 {
                source = LogSource::Stream(stream.id);
            }
        }
    }
    Ok(Place { group, source })
}

/// Leaves what comes from the position on, in the direction.
fn narrow(span: &mut LogSpan, direction: Direction, position: LogPosition) {
    match direction {
        Direction::Ascending => span.from = span.from.max(position),
        Direction::Descending => span.to = span.to.min(position),
    }
}

/// Goes through some events; the page with those that match, and where to go on unless the end was reached.
fn look(
    reader: &Reader<'_>,
    source: LogSource,
    span: LogSpan,
    search: &Search,
    mut page: Page,
) -> Result<(Page, Option<LogPosition>), Failure> {
    let (mut events, mut bytes, mut next) = (0, 0, None);
    reader.scan_log_events(source, span, search.direction, |event| {
        let position = event.position;
        events += 1;
        bytes += event.message.len();
        if search.streams.include(&event.stream) && search.pattern.matches(&event.message) {
            page.bytes += event.message.len() + LOG_EVENT_OVERHEAD_BYTES;
            page.events.push(event);
        }
        if page.is_full(search.limit) || events >= LOOK_EVENTS_MAX || bytes >= LOOK_BYTES_MAX {
            next = Some(match search.direction {
                Direction::Ascending => behind(position),
                Direction::Descending => position,
            });
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok((page, next))
}

fn output(events: &[StoredLogEvent], next: Option<PositionToken>) -> Value {
    let events: Vec<Value> = events
        .iter()
        .map(|event| {
            json!({
                "logStreamName": event.stream,
                "timestamp": event.position.at,
                "message": event.message,
                "ingestionTime": event.ingested_at,
                "eventId": digits(event.position),
            })
        })
        .collect();
    let mut output = json!({ "events": events, "searchedLogStreams": [] });
    if let Some(token) = next {
        output["nextToken"] = token.write().into();
    }
    output
}
