//! Statements on the table `record`.

use std::ops::ControlFlow;

use definition::Scope;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{
    error::{Error, Result},
    record::Order,
};

/// All records of one kind below one parent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) parent_kind: &'static str,
    pub(crate) parent: &'a str,
    pub(crate) kind: &'static str,
}

/// A record as it is stored.
pub(crate) struct Stored {
    pub(crate) id: String,
    pub(crate) sequence: i64,
    pub(crate) version: i64,
    pub(crate) body: String,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { id: row.get(0)?, sequence: row.get(1)?, version: row.get(2)?, body: row.get(3)? })
    }
}

pub(crate) fn get(connection: &Connection, place: Place<'_>, id: &str) -> Result<Option<Stored>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, sequence, version, body FROM record
         WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND id = ?6",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    let key = params![scope.account, scope.region, parent_kind, parent, kind, id];
    Ok(statement.query_row(key, Stored::read).optional()?)
}

/// Up to `limit` records after the sequence `after`, in creation order.
pub(crate) fn list(connection: &Connection, place: Place<'_>, after: i64, limit: i64) -> Result<Vec<Stored>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, sequence, version, body FROM record INDEXED BY record_by_creation
         WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND sequence > ?6
         ORDER BY sequence LIMIT ?7",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    let range = params![scope.account, scope.region, parent_kind, parent, kind, after, limit];
    let rows = statement.query_map(range, Stored::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Shows `visit` the records after the sequence `after` in this order, until it says to stop.
pub(crate) fn walk<E: From<Error>>(
    connection: &Connection,
    place: Place<'_>,
    order: Order,
    after: Option<i64>,
    mut visit: impl FnMut(Stored) -> Result<ControlFlow<()>, E>,
) -> Result<(), E> {
    let (sql, start) = match order {
        Order::OldestFirst => (
            "SELECT id, sequence, version, body FROM record INDEXED BY record_by_creation
             WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND sequence > ?6
             ORDER BY sequence",
            0,
        ),
        Order::NewestFirst => (
            "SELECT id, sequence, version, body FROM record INDEXED BY record_by_creation
             WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND sequence < ?6
             ORDER BY sequence DESC",
            i64::MAX,
        ),
    };
    let mut statement = connection.prepare_cached(sql).map_err(Error::from)?;
    let Place { scope, parent_kind, parent, kind } = place;
    let range = params![scope.account, scope.region, parent_kind, parent, kind, after.unwrap_or(start)];
    for stored in statement.query_map(range, Stored::read).map_err(Error::from)? {
        if visit(stored.map_err(Error::from)?)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// All records whose ids start with `prefix`, ordered by id.
pub(crate) fn list_prefix(connection: &Connection, place: Place<'_>, prefix: &str) -> Result<Vec<Stored>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, sequence, version, body FROM record INDEXED BY record_by_place
         WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND id >= ?6
         ORDER BY id",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    let range = params![scope.account, scope.region, parent_kind, parent, kind, prefix];
    let mut found = Vec::new();
    // Ids with a common prefix stand together: the first one without it ends the walk.
    for stored in statement.query_map(range, Stored::read)? {
        let stored = stored?;
        if !stored.id.starts_with(prefix) {
            break;
        }
        found.push(stored);
    }
    Ok(found)
}

/// Up to `limit` records whose ids come after `after`, ordered by id.
pub(crate) fn list_by_id(connection: &Connection, place: Place<'_>, after: &str, limit: i64) -> Result<Vec<Stored>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, sequence, version, body FROM record INDEXED BY record_by_place
         WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND id > ?6
         ORDER BY id LIMIT ?7",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    let range = params![scope.account, scope.region, parent_kind, parent, kind, after, limit];
    let rows = statement.query_map(range, Stored::read)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

pub(crate) fn count(connection: &Connection, place: Place<'_>) -> Result<i64> {
    let mut statement = connection.prepare_cached(
        "SELECT count(*) FROM record
         WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    Ok(statement.query_row(params![scope.account, scope.region, parent_kind, parent, kind], |row| row.get(0))?)
}

/// The oldest record of the kind with this id, in whatever scope and below whatever parent.
pub(crate) fn find_by_id(connection: &Connection, kind: &str, id: &str) -> Result<Option<(Scope, Stored)>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, sequence, version, body, account, region FROM record INDEXED BY record_by_id
         WHERE kind = ?1 AND id = ?2 ORDER BY sequence LIMIT 1",
    )?;
    let found = statement.query_row(params![kind, id], |row| {
        Ok((Scope { account: row.get(4)?, region: row.get(5)? }, Stored::read(row)?))
    });
    Ok(found.optional()?)
}

/// A record with its place.
pub(crate) struct Found {
    pub(crate) scope: Scope,
    pub(crate) parent: String,
    pub(crate) stored: Stored,
}

/// All records of the kind, in whatever scope and below whatever parent, in creation order.
pub(crate) fn list_everywhere(connection: &Connection, kind: &str) -> Result<Vec<Found>> {
    let mut statement = connection.prepare_cached(
        "SELECT id, sequence, version, body, account, region, parent FROM record INDEXED BY record_by_id
         WHERE kind = ?1 ORDER BY sequence",
    )?;
    let rows = statement.query_map([kind], |row| {
        let scope = Scope { account: row.get(4)?, region: row.get(5)? };
        Ok(Found { scope, parent: row.get(6)?, stored: Stored::read(row)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Inserts a record unless its place is taken; whether it did.
pub(crate) fn insert(connection: &Connection, place: Place<'_>, id: &str, body: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO record (account, region, parent_kind, parent, kind, id, version, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7) ON CONFLICT DO NOTHING",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    let inserted = statement.execute(params![scope.account, scope.region, parent_kind, parent, kind, id, body])?;
    Ok(inserted == 1)
}

/// Inserts or replaces a record; its new version.
pub(crate) fn put(connection: &Connection, place: Place<'_>, id: &str, body: &str) -> Result<i64> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO record (account, region, parent_kind, parent, kind, id, version, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)
         ON CONFLICT (account, region, parent_kind, parent, kind, id)
         DO UPDATE SET version = version + 1, body = excluded.body
         RETURNING version",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    let values = params![scope.account, scope.region, parent_kind, parent, kind, id, body];
    Ok(statement.query_row(values, |row| row.get(0))?)
}

/// Replaces a record that still has `version`; whether it did.
pub(crate) fn replace(connection: &Connection, place: Place<'_>, id: &str, version: i64, body: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "UPDATE record SET version = version + 1, body = ?8
         WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND id = ?6
           AND version = ?7",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    let values = params![scope.account, scope.region, parent_kind, parent, kind, id, version, body];
    Ok(statement.execute(values)? == 1)
}

/// Deletes a record; whether there was one.
pub(crate) fn delete(connection: &Connection, place: Place<'_>, id: &str) -> Result<bool> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM record
         WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4 AND kind = ?5 AND id = ?6",
    )?;
    let Place { scope, parent_kind, parent, kind } = place;
    Ok(statement.execute(params![scope.account, scope.region, parent_kind, parent, kind, id])? == 1)
}

/// Deletes all records of all kinds below a parent; their kinds and ids.
pub(crate) fn delete_children(
    connection: &Connection,
    scope: &Scope,
    parent_kind: &str,
    parent: &str,
) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare_cached(
        "DELETE FROM record WHERE account = ?1 AND region = ?2 AND parent_kind = ?3 AND parent = ?4
         RETURNING kind, id",
    )?;
    let key = params![scope.account, scope.region, parent_kind, parent];
    let rows = statement.query_map(key, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What is known of a record that was deleted with all others.
pub(crate) struct Removed {
    pub(crate) scope: Scope,
    pub(crate) kind: String,
    pub(crate) parent: String,
    pub(crate) id: String,
}

/// Deletes every record.
pub(crate) fn delete_all(connection: &Connection) -> Result<Vec<Removed>> {
    let mut statement = connection.prepare_cached("DELETE FROM record RETURNING account, region, kind, parent, id")?;
    let rows = statement.query_map([], |row| {
        let scope = Scope { account: row.get(0)?, region: row.get(1)? };
        Ok(Removed { scope, kind: row.get(2)?, parent: row.get(3)?, id: row.get(4)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
