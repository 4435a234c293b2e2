//! The `SQLite` engine: connections, schema, and all SQL of the crate.
//!
//! WAL with `synchronous = FULL`: a commit is on disk when it returns. One connection writes, a few read.

pub(crate) mod blobs;
pub(crate) mod events;
pub(crate) mod logs;
pub(crate) mod metrics;
pub(crate) mod records;

use std::{
    fs::{DirBuilder, File, TryLockError},
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};

const DATABASE_FILE: &str = "lambdagate.db";
const LOCK_FILE: &str = "lock";
/// How long a statement waits for a lock of another connection. Readers never wait in WAL mode; this covers checkpoints.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// Prepared statements kept per connection: more than the crate has.
const STATEMENTS_CACHED: usize = 128;

/// The schema's steps, oldest first. The database's `user_version` counts those already taken; a step that was ever released
/// is never edited.
const MIGRATIONS: [&str; 2] = [
    include_str!("../migrations/sqlite/0001_records_blobs_events.sql"),
    include_str!("../migrations/sqlite/0002_logs_metrics.sql"),
];

/// A data directory that this process alone works on, as long as the value lives.
#[derive(Debug)]
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// Locked; the operating system frees it when the process ends, however it ends.
    _lock: File,
}

impl DataDirectory {
    /// Creates the directory where it is missing, readable by the owner only, and locks it.
    pub(crate) fn lock(path: &Path) -> Result<Self> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| Error::File { path, source: Arc::new(source) }
        };
        // Environment variables of functions, and the code itself, are nobody else's business.
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(at(path))?;
        let lock_path = path.join(LOCK_FILE);
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path).map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(Error::InUse { path: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(at(&lock_path)(source)),
        }
    }

    /// The connection that writes, on a database of the newest schema.
    pub(crate) fn open_writer(&self) -> Result<Connection> {
        let mut connection = Connection::open(self.path.join(DATABASE_FILE))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        prepare_writer(&mut connection)?;
        Ok(connection)
    }

    /// A connection that cannot write.
    pub(crate) fn open_reader(&self) -> Result<Connection> {
        // Not SQLITE_OPEN_READ_ONLY: in WAL mode a reader, too, maps the shared index file for writing.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(self.path.join(DATABASE_FILE), flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "query_only", true)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        Ok(connection)
    }
}

/// A database that ends with its connection.
pub(crate) fn open_in_memory() -> Result<Connection> {
    let mut connection = Connection::open_in_memory()?;
    prepare_writer(&mut connection)?;
    Ok(connection)
}

fn prepare_writer(connection: &mut Connection) -> Result<()> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    migrate(connection, &MIGRATIONS)?;
    // The lock says that whoever held a claim is gone, and its claims with it.
    events::release_claims(connection)
}

/// Brings the schema up to the last of `steps`, each step whole or not at all.
fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let taken = match usize::try_from(found) {
        Ok(taken) if found <= known => taken,
        Ok(_) | Err(_) => return Err(Error::NewerSchema { found, known }),
    };
    for (number, step) in (found + 1..).zip(steps.iter().skip(taken)) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
        tracing::info!(schema = number, "database schema brought up to date");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
