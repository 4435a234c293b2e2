//! Taking away what is deleted, expired or too much, a bounded number of rows at a time.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Params, params};

use crate::{
    error::Result,
    logs::{LOG_EVENT_OVERHEAD_BYTES, LogSweep},
};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// One sweep; whether there may be more to sweep.
pub(crate) fn sweep(connection: &Connection, sweep: LogSweep) -> Result<bool> {
    let mut room = i64::try_from(sweep.rows_max).unwrap_or(i64::MAX);
    empty_trash(connection, &mut room)?;
    expire(connection, sweep.now.0, &mut room)?;
    drop_oldest(connection, sweep.bytes_max, &mut room)?;
    Ok(room <= 0)
}

/// Deletes the events and streams of groups, and the events of streams, that are gone.
fn empty_trash(connection: &Connection, room: &mut i64) -> Result<()> {
    while *room > 0 {
        let mut statement = connection.prepare_cached("SELECT id, log_group, log_stream FROM log_trash LIMIT 1")?;
        let next = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional()?;
        let Some((id, group, stream)): Option<(i64, Option<i64>, Option<i64>)> = next else { return Ok(()) };
        if let Some(stream) = stream {
            *room -= delete_events(connection, "log_stream = ?1 LIMIT ?2", params![stream, *room])?;
        }
        if let Some(group) = group {
            *room -= delete_events(connection, "log_group = ?1 LIMIT ?2", params![group, *room])?;
            let mut statement = connection.prepare_cached(
                "DELETE FROM log_stream WHERE id IN (SELECT id FROM log_stream WHERE log_group = ?1 LIMIT ?2)",
            )?;
            let streams = statement.execute(params![group, (*room).max(0)])?;
            *room -= i64::try_from(streams).unwrap_or(i64::MAX);
        }
        // With room left there was nothing more of it.
        if *room > 0 {
            connection.prepare_cached("DELETE FROM log_trash WHERE id = ?1")?.execute([id])?;
        }
    }
    Ok(())
}

/// Deletes events that are older than their group keeps them.
fn expire(connection: &Connection, now_ms: i64, room: &mut i64) -> Result<()> {
    let mut statement = connection
        .prepare_cached("SELECT id, retention_days FROM log_group WHERE retention_days IS NOT NULL ORDER BY id")?;
    let groups = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let groups: Vec<(i64, i64)> = groups.collect::<rusqlite::Result<_>>()?;
    for (group, days) in groups {
        if *room <= 0 {
            break;
        }
        let before = now_ms.saturating_sub(days.saturating_mul(DAY_MS));
        let condition = "log_group = ?1 AND at < ?2 ORDER BY at LIMIT ?3";
        *room -= delete_events(connection, condition, params![group, before, *room])?;
    }
    Ok(())
}

/// Deletes the oldest events of all while there are too many.
fn drop_oldest(connection: &Connection, bytes_max: u64, room: &mut i64) -> Result<()> {
    let bytes_max = i64::try_from(bytes_max).unwrap_or(i64::MAX);
    while *room > 0 {
        let mut statement = connection.prepare_cached("SELECT coalesce(sum(stored_bytes), 0) FROM log_group")?;
        let bytes: i64 = statement.query_row([], |row| row.get(0))?;
        if bytes <= bytes_max {
            return Ok(());
        }
        let deleted = delete_events(connection, "true ORDER BY id LIMIT ?1", params![STEP.min(*room)])?;
        if deleted == 0 {
            return Ok(());
        }
        *room -= deleted;
    }
    Ok(())
}

/// How many events go before the bytes are counted anew: no more are lost than these beyond what is too much.
const STEP: i64 = 16;

/// Deletes events and tells their groups; how many.
fn delete_events(connection: &Connection, condition: &str, values: impl Params) -> Result<i64> {
    let mut statement = connection.prepare_cached(&format!(
        "DELETE FROM log_event WHERE id IN (SELECT id FROM log_event WHERE {condition})
         RETURNING log_group, octet_length(message)"
    ))?;
    let overhead = i64::try_from(LOG_EVENT_OVERHEAD_BYTES).unwrap_or(0);
    let mut bytes_by_group: BTreeMap<i64, i64> = BTreeMap::new();
    let mut count = 0;
    for row in statement.query_map(values, |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))? {
        let (group, bytes) = row?;
        *bytes_by_group.entry(group).or_default() += bytes + overhead;
        count += 1;
    }
    let mut update =
        connection.prepare_cached("UPDATE log_group SET stored_bytes = stored_bytes - ?2 WHERE id = ?1")?;
    for (group, bytes) in bytes_by_group {
        update.execute(params![group, bytes])?;
    }
    Ok(count)
}
