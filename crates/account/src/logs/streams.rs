//! Log streams.

use definition::{Scope, time::EpochMillis};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Direction, LogGroupId, LogStream, LogStreamOrder, LogStreamRange, Reader, Store, Transaction};

use super::{
    Call, Outcome,
    failure::Failure,
    groups,
    names::{self, required},
};

/// Streams of one page.
const PAGE_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NamesInput {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
}

impl NamesInput {
    /// The names of the group and the stream.
    fn names(self) -> Result<(String, String), Failure> {
        let group = names::group_name("logGroupName", required("logGroupName", self.log_group_name)?)?;
        let stream = names::stream_name("logStreamName", required("logStreamName", self.log_stream_name)?)?;
        Ok((group, stream))
    }
}

pub(super) async fn create(store: &Store, call: &Call) -> Outcome {
    let (group, stream) = call.input::<NamesInput>()?.names()?;
    let (scope, now) = (call.caller.scope.clone(), call.now);
    let created = store.write(move |transaction: &mut Transaction<'_>| -> Result<(), Failure> {
        let group = groups::find(transaction, &scope, &group)?;
        match transaction.insert_log_stream(group.id, &stream, now) {
            Ok(_) => Ok(()),
            Err(store::Error::AlreadyExists { .. }) => Err(Failure::StreamExists),
            Err(error) => Err(error.into()),
        }
    });
    created.await?;
    Ok(None)
}

pub(super) async fn delete(store: &Store, call: &Call) -> Outcome {
    let (group, stream) = call.input::<NamesInput>()?.names()?;
    let scope = call.caller.scope.clone();
    let deleted = store.write(move |transaction: &mut Transaction<'_>| -> Result<(), Failure> {
        let group = groups::find(transaction, &scope, &group)?;
        let stream = find(transaction, group.id, &stream)?;
        Ok(transaction.delete_log_stream(stream.id)?)
    });
    deleted.await?;
    Ok(None)
}

/// The stream of this name, which must exist.
pub(super) fn find(reader: &Reader<'_>, group: LogGroupId, name: &str) -> Result<LogStream, Failure> {
    reader.log_stream(group, name)?.ok_or(Failure::NoSuchStream)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    next_token: Option<String>,
    limit: Option<i64>,
}

pub(super) async fn describe(store: &Store, call: &Call) -> Outcome {
    let input: DescribeInput = call.input()?;
    let scope = call.caller.scope.clone();
    let group = names::group_reference(&scope, input.log_group_name, input.log_group_identifier)?;
    let prefix =
        input.log_stream_name_prefix.map(|prefix| names::stream_name("logStreamNamePrefix", prefix)).transpose()?;
    let order = order_of(input.order_by.as_deref())?;
    if order == LogStreamOrder::LastEvent && prefix.is_some() {
        return Err(Failure::InvalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix."));
    }
    let direction = if input.descending == Some(true) { Direction::Descending } else { Direction::Ascending };
    let after = input.next_token.as_deref().map(read_token).transpose()?;
    let limit = names::limit(input.limit, PAGE_MAX)?;
    let read = move |reader: &Reader<'_>| -> Result<Value, Failure> {
        let group = groups::find(reader, &scope, &group)?;
        let after = after.as_ref().map(|(time, name)| (*time, name.as_str()));
        let range = LogStreamRange { prefix: prefix.as_deref().unwrap_or_default(), order, direction, after };
        // One more than asked for tells whether there is a next page.
        let mut streams = reader.list_log_streams(group.id, range, limit + 1)?;
        let more = streams.len() > limit;
        streams.truncate(limit);
        let next = streams.last().filter(|_| more).map(|last| write_token(last, order));
        let streams: Vec<Value> = streams.iter().map(|stream| describe_one(&scope, &group.name, stream)).collect();
        let mut output = json!({ "logStreams": streams });
        if let Some(next) = next {
            output["nextToken"] = next.into();
        }
        Ok(output)
    };
    Ok(Some(store.read(read).await?))
}

fn order_of(text: Option<&str>) -> Result<LogStreamOrder, Failure> {
    match text {
        None | Some("LogStreamName") => Ok(LogStreamOrder::Name),
        Some("LastEventTime") => Ok(LogStreamOrder::LastEvent),
        Some(other) => {
            let constraint = "Member must satisfy enum value set: [LogStreamName, LastEventTime]".to_owned();
            Err(Failure::Constraint { member: "orderBy", value: other.to_owned(), constraint })
        }
    }
}

/// The last stream of a page: the time that it is ordered by, and its name.
fn write_token(stream: &LogStream, order: LogStreamOrder) -> String {
    let time = match order {
        LogStreamOrder::Name => 0,
        LogStreamOrder::LastEvent => stream.last_event_at.map_or(0, |time| time.0),
    };
    format!("{time}@{}", stream.name)
}

fn read_token(token: &str) -> Result<(EpochMillis, String), Failure> {
    let parts = token.split_once('@').and_then(|(time, name)| Some((time.parse().ok()?, name)));
    let (time, name) = parts.ok_or(Failure::InvalidParameter("The specified nextToken is invalid."))?;
    Ok((EpochMillis(time), name.to_owned()))
}

fn describe_one(scope: &Scope, group: &str, stream: &LogStream) -> Value {
    let mut output = json!({
        "logStreamName": stream.name,
        "creationTime": stream.created_at,
        "arn": format!("{}:log-stream:{}", names::group_arn(scope, group), stream.name),
        "storedBytes": 0,
    });
    let times = [
        ("firstEventTimestamp", stream.first_event_at),
        ("lastEventTimestamp", stream.last_event_at),
        ("lastIngestionTime", stream.last_ingested_at),
    ];
    for (member, time) in times {
        if let Some(time) = time {
            output[member] = time.0.into();
        }
    }
    if stream.last_ingested_at.is_some() {
        // Nobody needs it any more, and some clients still look for it.
        output["uploadSequenceToken"] = format!("{:056}", stream.created_at.0).into();
    }
    output
}
