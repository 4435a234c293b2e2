//! Statements on the table `blob`.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{blob::Sha256Hash, error::Result};

pub(crate) fn get(connection: &Connection, hash: Sha256Hash) -> Result<Option<Vec<u8>>> {
    let mut statement = connection.prepare_cached("SELECT body FROM blob WHERE hash = ?1")?;
    Ok(statement.query_row(params![hash.as_bytes()], |row| row.get(0)).optional()?)
}

/// Keeps `bytes` under their hash, unless they are kept already.
pub(crate) fn put(connection: &Connection, hash: Sha256Hash, bytes: &[u8]) -> Result<()> {
    let mut statement =
        connection.prepare_cached("INSERT INTO blob (hash, body) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?;
    statement.execute(params![hash.as_bytes(), bytes])?;
    Ok(())
}

/// Deletes a blob; whether there was one.
pub(crate) fn delete(connection: &Connection, hash: Sha256Hash) -> Result<bool> {
    let mut statement = connection.prepare_cached("DELETE FROM blob WHERE hash = ?1")?;
    Ok(statement.execute(params![hash.as_bytes()])? == 1)
}

/// Deletes every blob.
pub(crate) fn delete_all(connection: &Connection) -> Result<()> {
    connection.execute("DELETE FROM blob", [])?;
    Ok(())
}
