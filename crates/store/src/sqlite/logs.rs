//! Statements on the tables `log_group`, `log_stream`, `log_event` and `log_trash`.

mod sweep;

use std::{collections::BTreeMap, ops::ControlFlow, sync::Arc};

use definition::{Scope, time::EpochMillis};
use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) use sweep::sweep;

use crate::{
    error::{Error, Result},
    logs::{
        Direction, LOG_EVENT_OVERHEAD_BYTES, LogGroup, LogGroupId, LogPosition, LogSource, LogSpan, LogStream,
        LogStreamId, LogStreamOrder, LogStreamRange, NewLogGroup, StoredLogEvent,
    },
};

/// What sorts after every name that starts as a prefix does.
const LAST_CHARACTER: char = char::MAX;

pub(crate) fn group(connection: &Connection, scope: &Scope, name: &str) -> Result<Option<LogGroup>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, class, created_at, retention_days, tags, stored_bytes FROM log_group
         WHERE account = ?1 AND region = ?2 AND name = ?3",
    )?;
    let found = statement.query_row(params![scope.account, scope.region, name], read_group).optional()?;
    found.transpose()
}

pub(crate) fn scan_groups(
    connection: &Connection,
    scope: &Scope,
    prefix: &str,
    after: &str,
    mut visit: impl FnMut(LogGroup) -> ControlFlow<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, class, created_at, retention_days, tags, stored_bytes FROM log_group
         WHERE account = ?1 AND region = ?2 AND name >= ?3 AND name > ?4 ORDER BY name",
    )?;
    for group in statement.query_map(params![scope.account, scope.region, prefix, after], read_group)? {
        let group = group??;
        if !group.name.starts_with(prefix) || visit(group).is_break() {
            break;
        }
    }
    Ok(())
}

fn read_group(row: &Row<'_>) -> rusqlite::Result<Result<LogGroup>> {
    let (name, tags): (String, String) = (row.get(1)?, row.get(5)?);
    let (retention_days, stored_bytes): (Option<i64>, i64) = (row.get(4)?, row.get(6)?);
    let Ok(days) = retention_days.map(u32::try_from).transpose() else {
        let value = retention_days.unwrap_or_default();
        return Ok(Err(Error::CorruptColumn { column: "log_group.retention_days", value }));
    };
    let tags = match serde_json::from_str(&tags) {
        Ok(tags) => tags,
        Err(source) => {
            return Ok(Err(Error::CorruptRecord { kind: "log group", id: name, source: Arc::new(source) }));
        }
    };
    Ok(Ok(LogGroup {
        id: LogGroupId(row.get(0)?),
        name,
        class: row.get(2)?,
        created_at: EpochMillis(row.get(3)?),
        retention_days: days,
        tags,
        stored_bytes: u64::try_from(stored_bytes).unwrap_or(0),
    }))
}

/// Inserts a group unless its name is taken; its id if it did.
pub(crate) fn insert_group(connection: &Connection, scope: &Scope, group: &NewLogGroup) -> Result<Option<LogGroupId>> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO log_group (account, region, name, class, created_at, tags, stored_bytes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0) ON CONFLICT DO NOTHING RETURNING id",
    )?;
    let NewLogGroup { name, class, created_at, tags } = group;
    let tags = write_tags(name, tags)?;
    let values = params![scope.account, scope.region, name, class, created_at.0, tags];
    Ok(statement.query_row(values, |row| row.get(0).map(LogGroupId)).optional()?)
}

pub(crate) fn set_retention(connection: &Connection, group: LogGroupId, days: Option<u32>) -> Result<()> {
    let mut statement = connection.prepare_cached("UPDATE log_group SET retention_days = ?2 WHERE id = ?1")?;
    statement.execute(params![group.0, days])?;
    Ok(())
}

pub(crate) fn set_tags(connection: &Connection, group: LogGroupId, tags: &BTreeMap<String, String>) -> Result<()> {
    let tags = write_tags("tags", tags)?;
    let mut statement = connection.prepare_cached("UPDATE log_group SET tags = ?2 WHERE id = ?1")?;
    statement.execute(params![group.0, tags])?;
    Ok(())
}

fn write_tags(name: &str, tags: &BTreeMap<String, String>) -> Result<String> {
    serde_json::to_string(tags).map_err(|source| Error::UnwritableRecord {
        kind: "log group",
        id: name.to_owned(),
        source: Arc::new(source),
    })
}

pub(crate) fn delete_group(connection: &Connection, group: LogGroupId) -> Result<()> {
    connection.prepare_cached("INSERT INTO log_trash (log_group) VALUES (?1)")?.execute([group.0])?;
    connection.prepare_cached("DELETE FROM log_group WHERE id = ?1")?.execute([group.0])?;
    Ok(())
}

pub(crate) fn stream(connection: &Connection, group: LogGroupId, name: &str) -> Result<Option<LogStream>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, name, created_at, first_event_at, last_event_at, last_ingested_at FROM log_stream
         WHERE log_group = ?1 AND name = ?2",
    )?;
    Ok(statement.query_row(params![group.0, name], read_stream).optional()?)
}

fn read_stream(row: &Row<'_>) -> rusqlite::Result<LogStream> {
    let time = |index| row.get::<_, Option<i64>>(index).map(|time| time.map(EpochMillis));
    Ok(LogStream {
        id: LogStreamId(row.get(0)?),
        name: row.get(1)?,
        created_at: EpochMillis(row.get(2)?),
        first_event_at: time(3)?,
        last_event_at: time(4)?,
        last_ingested_at: time(5)?,
    })
}

pub(crate) fn list_streams(
    connection: &Connection,
    group: LogGroupId,
    range: LogStreamRange<'_>,
    limit: usize,
) -> Result<Vec<LogStream>> {
    let LogStreamRange { prefix, order, direction, after } = range;
    let end = format!("{prefix}{LAST_CHARACTER}");
    let (comparison, keyword) = match direction {
        Direction::Ascending => (">", "ASC"),
        Direction::Descending => ("<", "DESC"),
    };
    let (key, sorting) = match order {
        LogStreamOrder::Name => ("(0, name)", format!("name {keyword}")),
        LogStreamOrder::LastEvent => {
            ("(coalesce(last_event_at, 0), name)", format!("coalesce(last_event_at, 0) {keyword}, name {keyword}"))
        }
    };
    let mut statement = connection.prepare_cached(&format!(
        "SELECT id, name, created_at, first_event_at, last_event_at, last_ingested_at FROM log_stream
         WHERE log_group = ?1 AND name >= ?2 AND name < ?3 AND (?4 IS NULL OR {key} {comparison} (?4, ?5))
         ORDER BY {sorting} LIMIT ?6"
    ))?;
    let (time, name) = after.map_or((None, None), |(time, name)| (Some(time.0), Some(name)));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows = statement.query_map(params![group.0, prefix, end, time, name, limit], read_stream)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Inserts a stream unless its name is taken; its id if it did.
pub(crate) fn insert_stream(
    connection: &Connection,
    group: LogGroupId,
    name: &str,
    created_at: EpochMillis,
) -> Result<Option<LogStreamId>> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO log_stream (log_group, name, created_at) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING RETURNING id",
    )?;
    let inserted = statement.query_row(params![group.0, name, created_at.0], |row| row.get(0).map(LogStreamId));
    Ok(inserted.optional()?)
}

pub(crate) fn delete_stream(connection: &Connection, stream: LogStreamId) -> Result<()> {
    connection.prepare_cached("INSERT INTO log_trash (log_stream) VALUES (?1)")?.execute([stream.0])?;
    connection.prepare_cached("DELETE FROM log_stream WHERE id = ?1")?.execute([stream.0])?;
    Ok(())
}

pub(crate) fn append<'e>(
    connection: &Connection,
    group: LogGroupId,
    stream: LogStreamId,
    ingested_at: EpochMillis,
    events: impl IntoIterator<Item = (EpochMillis, &'e str)>,
) -> Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO log_event (log_group, log_stream, at, ingested_at, message) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let (mut first, mut last, mut bytes) = (i64::MAX, i64::MIN, 0);
    for (at, message) in events {
        insert.execute(params![group.0, stream.0, at.0, ingested_at.0, message])?;
        (first, last) = (first.min(at.0), last.max(at.0));
        bytes += message.len() + LOG_EVENT_OVERHEAD_BYTES;
    }
    if bytes == 0 {
        return Ok(());
    }
    let mut update = connection.prepare_cached(
        "UPDATE log_stream SET first_event_at = min(coalesce(first_event_at, ?2), ?2),
                               last_event_at = max(coalesce(last_event_at, ?3), ?3), last_ingested_at = ?4
         WHERE id = ?1",
    )?;
    update.execute(params![stream.0, first, last, ingested_at.0])?;
    let mut update =
        connection.prepare_cached("UPDATE log_group SET stored_bytes = stored_bytes + ?2 WHERE id = ?1")?;
    update.execute(params![group.0, i64::try_from(bytes).unwrap_or(i64::MAX)])?;
    Ok(())
}

pub(crate) fn scan_events(
    connection: &Connection,
    source: LogSource,
    span: LogSpan,
    direction: Direction,
    mut visit: impl FnMut(StoredLogEvent) -> ControlFlow<()>,
) -> Result<()> {
    let (column, id) = match source {
        LogSource::Group(group) => ("log_group", group.0),
        LogSource::Stream(stream) => ("log_stream", stream.0),
    };
    let keyword = match direction {
        Direction::Ascending => "ASC",
        Direction::Descending => "DESC",
    };
    // Events of a stream that is gone have no stream to join and stay out of sight until they are swept.
    let mut statement = connection.prepare_cached(&format!(
        "SELECT log_event.at, log_event.id, log_stream.name, log_event.ingested_at, log_event.message
         FROM log_event CROSS JOIN log_stream ON log_stream.id = log_event.log_stream
         WHERE log_event.{column} = ?1 AND (log_event.at, log_event.id) >= (?2, ?3)
           AND (log_event.at, log_event.id) < (?4, ?5)
         ORDER BY log_event.at {keyword}, log_event.id {keyword}"
    ))?;
    let values = params![id, span.from.at.0, span.from.number, span.to.at.0, span.to.number];
    let rows = statement.query_map(values, |row| {
        Ok(StoredLogEvent {
            position: LogPosition { at: EpochMillis(row.get(0)?), number: row.get(1)? },
            stream: row.get(2)?,
            ingested_at: EpochMillis(row.get(3)?),
            message: row.get(4)?,
        })
    })?;
    for event in rows {
        if visit(event?).is_break() {
            break;
        }
    }
    Ok(())
}

/// Deletes every group, stream and event.
pub(crate) fn delete_all(connection: &Connection) -> Result<()> {
    for table in ["log_event", "log_stream", "log_group", "log_trash"] {
        connection.execute(&format!("DELETE FROM {table}"), [])?;
    }
    Ok(())
}
