//! Log events: spans and directions, what deleting hides, what sweeps take away.

use std::{collections::BTreeMap, ops::ControlFlow};

use definition::time::EpochMillis;
use store::{
    Direction, Error, LOG_EVENT_OVERHEAD_BYTES, LogGroup, LogGroupId, LogPosition, LogSource, LogSpan, LogStreamId,
    LogStreamOrder, LogStreamRange, LogSweep, NewLogGroup, Result, Store, Transaction,
};

use super::{in_memory, scope, scope_in};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;
const ALL: LogSpan = LogSpan {
    from: LogPosition { at: EpochMillis(0), number: 0 },
    to: LogPosition { at: EpochMillis(i64::MAX), number: 0 },
};

/// Appends messages at their times to a stream of a group, both of which come into being.
async fn write(store: &Store, group: &'static str, stream: &'static str, events: &'static [(i64, &'static str)]) {
    let job = move |transaction: &mut Transaction<'_>| -> Result<()> {
        let (group, stream) = ensure(transaction, group, stream)?;
        let events = events.iter().map(|(at, message)| (EpochMillis(*at), *message));
        transaction.append_log_events(group, stream, EpochMillis(7), events)
    };
    store.write(job).await.unwrap();
}

fn ensure(transaction: &mut Transaction<'_>, group: &str, stream: &str) -> Result<(LogGroupId, LogStreamId)> {
    let group = match transaction.log_group(&scope(), group)? {
        Some(found) => found.id,
        None => transaction.insert_log_group(&scope(), &NewLogGroup::standard(group, EpochMillis(1)))?,
    };
    let stream = match transaction.log_stream(group, stream)? {
        Some(found) => found.id,
        None => transaction.insert_log_stream(group, stream, EpochMillis(2))?,
    };
    Ok((group, stream))
}

async fn group(store: &Store, name: &'static str) -> Option<LogGroup> {
    store.read(move |reader| reader.log_group(&scope(), name)).await.unwrap()
}

/// The messages of a span.
async fn messages(store: &Store, source: LogSource, span: LogSpan, direction: Direction) -> Vec<String> {
    let read = move |reader: &store::Reader<'_>| -> Result<Vec<String>> {
        let mut messages = Vec::new();
        reader.scan_log_events(source, span, direction, |event| {
            messages.push(event.message);
            ControlFlow::Continue(())
        })?;
        Ok(messages)
    };
    store.read(read).await.unwrap()
}

async fn all(store: &Store, source: LogSource) -> Vec<String> {
    messages(store, source, ALL, Direction::Ascending).await
}

async fn sweep(store: &Store, now_ms: i64, bytes_max: u64, rows_max: usize) -> bool {
    let sweep = LogSweep { now: EpochMillis(now_ms), bytes_max, rows_max };
    store.write(move |transaction| transaction.sweep_logs(sweep)).await.unwrap()
}

/// What the events of a group count that are not swept yet.
async fn bytes_of(store: &Store, name: &'static str) -> u64 {
    group(store, name).await.unwrap().stored_bytes
}

fn counted(messages: &[&str]) -> u64 {
    messages.iter().map(|message| u64::try_from(message.len() + LOG_EVENT_OVERHEAD_BYTES).unwrap()).sum()
}

#[tokio::test]
async fn events_come_in_the_order_of_time_and_then_of_arrival() {
    let store = in_memory();
    write(&store, "g", "one", &[(5, "c"), (1, "a")]).await;
    write(&store, "g", "two", &[(5, "d"), (3, "b")]).await;
    let source = LogSource::Group(group(&store, "g").await.unwrap().id);

    assert_eq!(all(&store, source).await, ["a", "b", "c", "d"]);
    assert_eq!(messages(&store, source, ALL, Direction::Descending).await, ["d", "c", "b", "a"]);
    let span = LogSpan {
        from: LogPosition { at: EpochMillis(3), number: 0 },
        to: LogPosition { at: EpochMillis(5), number: 3 },
    };
    assert_eq!(messages(&store, source, span, Direction::Ascending).await, ["b", "c"]);
    assert_eq!(bytes_of(&store, "g").await, counted(&["a", "b", "c", "d"]));
}

#[tokio::test]
async fn names_are_taken_once_and_scopes_are_apart() {
    let store = in_memory();
    write(&store, "g", "s", &[]).await;
    let group_id = group(&store, "g").await.unwrap().id;
    let again = NewLogGroup::standard("g", EpochMillis(0));
    let elsewhere = again.clone();

    let taken = store.write(move |transaction| transaction.insert_log_group(&scope(), &again)).await.unwrap_err();
    assert!(matches!(taken, Error::AlreadyExists { kind: "log group", .. }), "{taken}");
    store.write(move |transaction| transaction.insert_log_group(&scope_in("eu-west-1"), &elsewhere)).await.unwrap();
    let taken =
        store.write(move |transaction| transaction.insert_log_stream(group_id, "s", EpochMillis(0))).await.unwrap_err();
    assert!(matches!(taken, Error::AlreadyExists { kind: "log stream", .. }), "{taken}");
    let tags = BTreeMap::from([("a".to_owned(), "b".to_owned())]);
    let kept = tags.clone();
    store.write(move |transaction| transaction.set_log_group_tags(group_id, &tags)).await.unwrap();
    assert_eq!(group(&store, "g").await.unwrap().tags, kept);
}

#[tokio::test]
async fn what_is_deleted_is_hidden_at_once_and_swept_in_steps() {
    let store = in_memory();
    write(&store, "g", "gone", &[(1, "a"), (2, "b"), (3, "c")]).await;
    write(&store, "g", "kept", &[(4, "d")]).await;
    let id = group(&store, "g").await.unwrap().id;
    let delete = move |transaction: &mut Transaction<'_>| -> Result<()> {
        let stream = transaction.log_stream(id, "gone")?.unwrap();
        transaction.delete_log_stream(stream.id)
    };
    store.write(delete).await.unwrap();

    assert_eq!(all(&store, LogSource::Group(id)).await, ["d"]);
    assert_eq!(bytes_of(&store, "g").await, counted(&["a", "b", "c", "d"]));
    assert!(sweep(&store, 0, u64::MAX, 2).await);
    assert_eq!(bytes_of(&store, "g").await, counted(&["c", "d"]));
    assert!(!sweep(&store, 0, u64::MAX, 2).await);
    assert_eq!(bytes_of(&store, "g").await, counted(&["d"]));

    store.write(move |transaction| transaction.delete_log_group(id)).await.unwrap();
    write(&store, "g", "kept", &[(9, "new")]).await;
    let anew = group(&store, "g").await.unwrap().id;
    assert_ne!(anew, id);
    assert_eq!(all(&store, LogSource::Group(id)).await, ["d"]);
    while sweep(&store, 0, u64::MAX, 1).await {}
    assert_eq!(all(&store, LogSource::Group(id)).await, Vec::<String>::new());
    assert_eq!(all(&store, LogSource::Group(anew)).await, ["new"]);
}

#[tokio::test]
async fn expired_events_go_and_those_of_other_groups_stay() {
    let store = in_memory();
    write(&store, "short", "s", &[(0, "old"), (DAY_MS, "edge"), (2 * DAY_MS, "new")]).await;
    write(&store, "forever", "s", &[(0, "old")]).await;
    let id = group(&store, "short").await.unwrap().id;
    store.write(move |transaction| transaction.set_log_group_retention(id, Some(1))).await.unwrap();

    assert!(!sweep(&store, 2 * DAY_MS, u64::MAX, 100).await);
    assert_eq!(all(&store, LogSource::Group(id)).await, ["edge", "new"]);
    assert_eq!(bytes_of(&store, "short").await, counted(&["edge", "new"]));
    let forever = group(&store, "forever").await.unwrap().id;
    assert_eq!(all(&store, LogSource::Group(forever)).await, ["old"]);
}

#[tokio::test]
async fn above_the_limit_the_first_to_arrive_go_first() {
    let store = in_memory();
    write(&store, "a", "s", &[(9, "first"); 20]).await;
    write(&store, "b", "s", &[(1, "later"); 20]).await;

    let bytes_max = counted(&["later"; 20]);
    assert!(!sweep(&store, 0, bytes_max, 100).await);
    assert_eq!(bytes_of(&store, "a").await, 0);
    assert!(bytes_of(&store, "b").await <= bytes_max);
    assert!(bytes_of(&store, "b").await > 0);
}

#[tokio::test]
async fn streams_are_listed_in_each_order_from_where_a_page_ended() {
    let store = in_memory();
    write(&store, "g", "a", &[(30, "m")]).await;
    write(&store, "g", "b", &[(10, "m")]).await;
    write(&store, "g", "c", &[]).await;
    let id = group(&store, "g").await.unwrap().id;
    let names = async |prefix: &'static str, order, direction, after: Option<(i64, &'static str)>| {
        let read = move |reader: &store::Reader<'_>| {
            let after = after.map(|(time, name)| (EpochMillis(time), name));
            reader.list_log_streams(id, LogStreamRange { prefix, order, direction, after }, 10)
        };
        let streams = store.read(read).await.unwrap();
        streams.into_iter().map(|stream| stream.name).collect::<String>()
    };

    assert_eq!(names("", LogStreamOrder::Name, Direction::Ascending, None).await, "abc");
    assert_eq!(names("", LogStreamOrder::Name, Direction::Descending, Some((0, "c"))).await, "ba");
    assert_eq!(names("b", LogStreamOrder::Name, Direction::Ascending, None).await, "b");
    assert_eq!(names("", LogStreamOrder::LastEvent, Direction::Ascending, None).await, "cba");
    assert_eq!(names("", LogStreamOrder::LastEvent, Direction::Descending, Some((30, "a"))).await, "bc");
}

#[tokio::test]
async fn clearing_takes_logs_along() {
    let store = in_memory();
    write(&store, "g", "s", &[(1, "m")]).await;
    let id = group(&store, "g").await.unwrap().id;
    store.write(|transaction: &mut Transaction<'_>| transaction.clear()).await.unwrap();
    assert_eq!(group(&store, "g").await, None);
    assert_eq!(all(&store, LogSource::Group(id)).await, Vec::<String>::new());
}
