use super::{MIGRATIONS, events, migrate, open_in_memory};
use crate::{
    error::Error,
    event::{EVENTS_MAX, NewEvent},
    transaction::Transaction,
};
use definition::{Scope, time::EpochMillis};
use rusqlite::Connection;

#[test]
fn migrating_again_changes_nothing() {
    let mut connection = open_in_memory().unwrap();
    migrate(&mut connection, &MIGRATIONS).unwrap();
    let schema: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert_eq!(schema, i64::try_from(MIGRATIONS.len()).unwrap());
}

#[test]
fn a_step_that_fails_leaves_the_schema_at_the_step_before() {
    let mut connection = Connection::open_in_memory().unwrap();
    let steps = ["CREATE TABLE one (a) STRICT;", "CREATE TABLE two (a INTEGER) STRICT;"];
    assert!(migrate(&mut connection, &steps).is_err());
    let steps = ["CREATE TABLE one (a INTEGER) STRICT;", "CREATE TABLE two (a INTEGER) STRICT; nonsense"];
    assert!(migrate(&mut connection, &steps).is_err());
    let steps = [steps[0], "CREATE TABLE two (a INTEGER) STRICT;"];
    migrate(&mut connection, &steps).unwrap();
    connection.execute("INSERT INTO two VALUES (1)", []).unwrap();
}

#[test]
fn a_schema_of_the_future_is_refused() {
    let mut connection = open_in_memory().unwrap();
    connection.pragma_update(None, "user_version", 1000).unwrap();
    let refused = migrate(&mut connection, &MIGRATIONS).unwrap_err();
    assert!(matches!(refused, Error::NewerSchema { found: 1000, .. }), "{refused}");
}

#[test]
fn a_full_queue_refuses_events_until_one_is_done() {
    let connection = open_in_memory().unwrap();
    let event = |id: &str| NewEvent {
        id: id.to_owned(),
        scope: Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() },
        function_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".to_owned(),
        payload: Vec::new(),
        context: "{}".to_owned(),
        accepted_at: EpochMillis(0),
    };
    events::insert(&connection, &event("first")).unwrap();
    connection.execute("UPDATE event_total SET total = ?1", [i64::try_from(EVENTS_MAX).unwrap()]).unwrap();

    let mut transaction = Transaction::new(&connection);
    let refused = transaction.enqueue_event(&event("second")).unwrap_err();
    assert!(matches!(refused, Error::QueueFull { limit: EVENTS_MAX }), "{refused}");
    assert!(transaction.complete_event("first").unwrap());
    transaction.enqueue_event(&event("second")).unwrap();
}

#[test]
fn a_damaged_blob_is_not_handed_out() {
    let connection = open_in_memory().unwrap();
    let mut transaction = Transaction::new(&connection);
    let hash = transaction.put_blob(b"code").unwrap();
    connection.execute("UPDATE blob SET body = x'00'", []).unwrap();
    let error = transaction.get_blob(hash).unwrap_err();
    assert!(matches!(error, Error::CorruptBlob { .. }), "{error}");
}
