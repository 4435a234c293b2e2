//! Why the store could not do what it was asked.

use std::{path::PathBuf, sync::Arc};

/// The outcome of a store operation.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why the store could not do what it was asked.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `insert` found a record in the place; it is untouched.
    #[error("{kind} {id:?} exists already")]
    AlreadyExists {
        /// The record's kind.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A conditional write found another version than the caller had read, or none.
    #[error("{kind} {id:?} was changed by someone else")]
    VersionConflict {
        /// The record's kind.
        kind: &'static str,
        /// Its id.
        id: String,
    },
    /// A stored record's JSON is not a record of its kind.
    #[error("stored {kind} {id:?} cannot be read")]
    CorruptRecord {
        /// The record's kind.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What the JSON reader says.
        source: Arc<serde_json::Error>,
    },
    /// A record cannot be written as JSON.
    #[error("{kind} {id:?} cannot be written as JSON")]
    UnwritableRecord {
        /// The record's kind.
        kind: &'static str,
        /// Its id.
        id: String,
        /// What the JSON writer says.
        source: Arc<serde_json::Error>,
    },
    /// A stored blob's bytes do not have the digest that names them.
    #[error("stored blob {hash} is damaged")]
    CorruptBlob {
        /// The name under which it was stored.
        hash: crate::Sha256Hash,
    },
    /// A stored number is outside the range of its column.
    #[error("stored column {column} holds {value}, which is out of its range")]
    CorruptColumn {
        /// The column.
        column: &'static str,
        /// What it holds.
        value: i64,
    },
    /// Something is larger than its limit.
    #[error("{what} of {size} exceeds the limit of {limit}")]
    TooLarge {
        /// What is too large, with its unit.
        what: &'static str,
        /// Its size.
        size: usize,
        /// The limit.
        limit: usize,
    },
    /// The queue of asynchronous invocations is full.
    #[error("the event queue holds its limit of {limit} events")]
    QueueFull {
        /// The limit.
        limit: u64,
    },
    /// Another process works on the same data directory.
    #[error("data directory {} is in use by another process", path.display())]
    InUse {
        /// The directory.
        path: PathBuf,
    },
    /// The data was written by a newer release.
    #[error("data has schema {found}, this release knows schemas up to {known}: use the newer release that wrote it")]
    NewerSchema {
        /// The schema of the data.
        found: i64,
        /// The newest schema that this release knows.
        known: i64,
    },
    /// A file or directory of the store cannot be used.
    #[error("cannot use {}", path.display())]
    File {
        /// The file or directory.
        path: PathBuf,
        /// What the operating system says.
        source: Arc<std::io::Error>,
    },
    /// A thread of the store cannot be started.
    #[error("cannot start a thread of the store")]
    Thread(#[source] Arc<std::io::Error>),
    /// The database engine failed.
    #[error("the database failed")]
    Database(#[source] Arc<rusqlite::Error>),
    /// The job panicked; nothing of it was kept.
    #[error("the job panicked, nothing of it was kept")]
    JobPanicked,
    /// The store's threads have ended.
    #[error("the store is closed")]
    Closed,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(Arc::new(error))
    }
}
