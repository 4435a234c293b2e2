//! Statements on the table `event`.

use definition::{Scope, time::EpochMillis};
use rusqlite::{Connection, Row, params};

use crate::{
    error::{Error, Result},
    event::{ClaimedEvent, NewEvent},
};

pub(crate) fn insert(connection: &Connection, event: &NewEvent) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO event (id, account, region, function_arn, payload, context, accepted_at, attempts,
                            next_attempt_at, claimed)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, ?7, 0)",
    )?;
    let NewEvent { id, scope, function_arn, payload, context, accepted_at } = event;
    statement.execute(params![id, scope.account, scope.region, function_arn, payload, context, accepted_at.0])?;
    Ok(())
}

/// Claims up to `limit` events that are due at `now` until `until`, choosing those due longest; in the order in which they were queued.
pub(crate) fn claim(
    connection: &Connection,
    now: EpochMillis,
    until: EpochMillis,
    limit: i64,
) -> Result<Vec<ClaimedEvent>> {
    let mut statement = connection.prepare_cached(
        "UPDATE event SET next_attempt_at = ?2, claimed = 1
         WHERE id IN (SELECT id FROM event WHERE next_attempt_at <= ?1 ORDER BY next_attempt_at, rowid LIMIT ?3)
         RETURNING id, account, region, function_arn, payload, context, accepted_at, attempts, rowid",
    )?;
    let rows = statement.query_map(params![now.0, until.0, limit], |row| read(row, until))?;
    let mut claimed = rows.collect::<rusqlite::Result<Result<Vec<_>>>>()??;
    // RETURNING promises no order.
    claimed.sort_by_key(|(queued, _)| *queued);
    Ok(claimed.into_iter().map(|(_, claim)| claim).collect())
}

/// An event and its place in the order of acceptance.
fn read(row: &Row<'_>, claimed_until: EpochMillis) -> rusqlite::Result<Result<(i64, ClaimedEvent)>> {
    let attempts: i64 = row.get(7)?;
    let Ok(attempts) = u32::try_from(attempts) else {
        return Ok(Err(Error::CorruptColumn { column: "event.attempts", value: attempts }));
    };
    let event = NewEvent {
        id: row.get(0)?,
        scope: Scope { account: row.get(1)?, region: row.get(2)? },
        function_arn: row.get(3)?,
        payload: row.get(4)?,
        context: row.get(5)?,
        accepted_at: EpochMillis(row.get(6)?),
    };
    Ok(Ok((row.get(8)?, ClaimedEvent { event, attempts, claimed_until })))
}

/// Deletes an event; whether there was one.
pub(crate) fn delete(connection: &Connection, id: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached("DELETE FROM event WHERE id = ?1")?;
    Ok(statement.execute([id])? == 1)
}

/// Ends the claim on an event; whether there is such an event.
pub(crate) fn reschedule(
    connection: &Connection,
    id: &str,
    next_attempt_at: EpochMillis,
    attempts: u32,
) -> Result<bool> {
    let mut statement =
        connection.prepare_cached("UPDATE event SET next_attempt_at = ?2, attempts = ?3, claimed = 0 WHERE id = ?1")?;
    Ok(statement.execute(params![id, next_attempt_at.0, attempts])? == 1)
}

/// Makes every claimed event due again.
pub(crate) fn release_claims(connection: &Connection) -> Result<()> {
    connection.execute("UPDATE event SET claimed = 0, next_attempt_at = accepted_at WHERE claimed = 1", [])?;
    Ok(())
}

pub(crate) fn count(connection: &Connection) -> Result<i64> {
    let mut statement = connection.prepare_cached("SELECT total FROM event_total")?;
    Ok(statement.query_row([], |row| row.get(0))?)
}

/// When the next event is due, or the next claim ends.
pub(crate) fn next_attempt_at(connection: &Connection) -> Result<Option<EpochMillis>> {
    let mut statement = connection.prepare_cached("SELECT min(next_attempt_at) FROM event")?;
    let time: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(time.map(EpochMillis))
}

/// Deletes every event.
pub(crate) fn delete_all(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM event", [])?;
    Ok(())
}
