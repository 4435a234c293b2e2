//! Statements on the tables `metric` and `metric_datapoint`.

use std::{ops::ControlFlow, sync::Arc};

use definition::{Scope, time::EpochMillis};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    error::{Error, Result},
    metrics::{Datapoint, Metric, MetricId, MetricKey},
};

/// The bytes of a value and its count.
const PAIR_BYTES: usize = 16;

pub(crate) fn find(connection: &Connection, key: &MetricKey) -> Result<Option<MetricId>> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM metric WHERE account = ?1 AND region = ?2 AND namespace = ?3 AND name = ?4 AND dimensions = ?5",
    )?;
    let MetricKey { scope, namespace, name, .. } = key;
    let values = params![scope.account, scope.region, namespace, name, write_dimensions(key)?];
    Ok(statement.query_row(values, |row| row.get(0).map(MetricId)).optional()?)
}

pub(crate) fn count(connection: &Connection) -> Result<usize> {
    let count: i64 = connection.prepare_cached("SELECT count(*) FROM metric")?.query_row([], |row| row.get(0))?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

pub(crate) fn insert(connection: &Connection, key: &MetricKey, minute: EpochMillis) -> Result<MetricId> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO metric (account, region, namespace, name, dimensions, last_datum_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         RETURNING id",
    )?;
    let MetricKey { scope, namespace, name, .. } = key;
    let values = params![scope.account, scope.region, namespace, name, write_dimensions(key)?, minute.0];
    Ok(statement.query_row(values, |row| row.get(0).map(MetricId))?)
}

pub(crate) fn scan(
    connection: &Connection,
    scope: &Scope,
    after: MetricId,
    since: EpochMillis,
    mut visit: impl FnMut(Metric) -> ControlFlow<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT id, namespace, name, dimensions, last_datum_at FROM metric
         WHERE id > ?1 AND account = ?2 AND region = ?3 AND last_datum_at >= ?4 ORDER BY id",
    )?;
    let rows = statement
        .query_map(params![after.0, scope.account, scope.region, since.0], |row| Ok(read_metric(row, scope)))?;
    for metric in rows {
        if visit(metric??).is_break() {
            break;
        }
    }
    Ok(())
}

fn read_metric(row: &Row<'_>, scope: &Scope) -> Result<Metric> {
    let (name, dimensions): (String, String) = (row.get(2)?, row.get(3)?);
    let dimensions = serde_json::from_str(&dimensions).map_err(|source| Error::CorruptRecord {
        kind: "metric",
        id: name.clone(),
        source: Arc::new(source),
    })?;
    let key = MetricKey { scope: scope.clone(), namespace: row.get(1)?, name, dimensions };
    Ok(Metric { id: MetricId(row.get(0)?), key, last_datum_at: EpochMillis(row.get(4)?) })
}

fn write_dimensions(key: &MetricKey) -> Result<String> {
    serde_json::to_string(&key.dimensions).map_err(|source| Error::UnwritableRecord {
        kind: "metric",
        id: key.name.clone(),
        source: Arc::new(source),
    })
}

pub(crate) fn datapoint(
    connection: &Connection,
    metric: MetricId,
    minute: EpochMillis,
    unit: &str,
) -> Result<Option<Datapoint>> {
    let mut statement = connection.prepare_cached(
        "SELECT samples, sum, minimum, maximum, samples_by_value FROM metric_datapoint
         WHERE metric = ?1 AND minute = ?2 AND unit = ?3",
    )?;
    Ok(statement.query_row(params![metric.0, minute.0, unit], read_datapoint).optional()?)
}

fn read_datapoint(row: &Row<'_>) -> rusqlite::Result<Datapoint> {
    let pairs = row.get_ref(4)?.as_blob().unwrap_or_default();
    Ok(Datapoint {
        samples: row.get(0)?,
        sum: row.get(1)?,
        minimum: row.get(2)?,
        maximum: row.get(3)?,
        samples_by_value: pairs.chunks_exact(PAIR_BYTES).filter_map(read_pair).collect(),
    })
}

fn read_pair(bytes: &[u8]) -> Option<(f64, f64)> {
    let (value, count) = bytes.split_at_checked(PAIR_BYTES / 2)?;
    Some((f64::from_le_bytes(value.try_into().ok()?), f64::from_le_bytes(count.try_into().ok()?)))
}

pub(crate) fn put_datapoint(
    connection: &Connection,
    metric: MetricId,
    minute: EpochMillis,
    unit: &str,
    datapoint: &Datapoint,
) -> Result<()> {
    let Datapoint { samples, sum, minimum, maximum, samples_by_value } = datapoint;
    let pairs: Vec<u8> = samples_by_value
        .iter()
        .flat_map(|(value, count)| [value.to_le_bytes(), count.to_le_bytes()])
        .flatten()
        .collect();
    let mut statement = connection.prepare_cached(
        "INSERT INTO metric_datapoint (metric, minute, unit, samples, sum, minimum, maximum, samples_by_value)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT DO UPDATE SET samples = ?4, sum = ?5, minimum = ?6, maximum = ?7, samples_by_value = ?8",
    )?;
    statement.execute(params![metric.0, minute.0, unit, samples, sum, minimum, maximum, pairs])?;
    let mut statement =
        connection.prepare_cached("UPDATE metric SET last_datum_at = ?2 WHERE id = ?1 AND last_datum_at < ?2")?;
    statement.execute(params![metric.0, minute.0])?;
    Ok(())
}

pub(crate) fn scan_datapoints(
    connection: &Connection,
    metric: MetricId,
    from: EpochMillis,
    to: EpochMillis,
    mut visit: impl FnMut(EpochMillis, String, Datapoint) -> ControlFlow<()>,
) -> Result<()> {
    let mut statement = connection.prepare_cached(
        "SELECT samples, sum, minimum, maximum, samples_by_value, minute, unit FROM metric_datapoint
         WHERE metric = ?1 AND minute >= ?2 AND minute < ?3 ORDER BY minute, unit",
    )?;
    let rows = statement.query_map(params![metric.0, from.0, to.0], |row| {
        Ok((EpochMillis(row.get(5)?), row.get(6)?, read_datapoint(row)?))
    })?;
    for row in rows {
        let (minute, unit, datapoint) = row?;
        if visit(minute, unit, datapoint).is_break() {
            break;
        }
    }
    Ok(())
}

pub(crate) fn sweep(connection: &Connection, before: EpochMillis, rows_max: usize) -> Result<bool> {
    let room = i64::try_from(rows_max).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(
        "DELETE FROM metric_datapoint WHERE (metric, minute, unit) IN
             (SELECT metric, minute, unit FROM metric_datapoint WHERE minute < ?1 LIMIT ?2)",
    )?;
    let datapoints = statement.execute(params![before.0, room])?;
    let mut statement = connection
        .prepare_cached("DELETE FROM metric WHERE id IN (SELECT id FROM metric WHERE last_datum_at < ?1 LIMIT ?2)")?;
    let metrics = statement.execute(params![before.0, room])?;
    Ok(datapoints >= rows_max || metrics >= rows_max)
}

/// Deletes every metric and datapoint.
pub(crate) fn delete_all(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM metric_datapoint", [])?;
    connection.execute("DELETE FROM metric", [])?;
    Ok(())
}
