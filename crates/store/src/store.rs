//! The handle through which everyone uses the store.

use std::{fmt, path::Path, sync::Arc};

use crate::{
    change::Subscriber,
    error::{Error, Result},
    readers::Readers,
    sqlite::{self, DataDirectory},
    transaction::{Reader, Transaction},
    writer::{Subscribers, Writer},
};

/// An open store; a clone is the same store. Dropping the last one lets the queued jobs finish, and waits for them.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
}

struct Shared {
    // Fields are dropped in this order: the writer's connection goes last and leaves a single tidy file.
    reads: Reads,
    writer: Writer,
    subscribers: Subscribers,
}

/// Who runs the reads.
enum Reads {
    Pool(Readers),
    /// In memory there is one connection. Nothing waits for a disk there, so taking turns costs little.
    Writer,
}

impl Store {
    /// Opens the store in a directory, which is created where it is missing, and brings its schema up to date.
    ///
    /// One process at a time: [`Error::InUse`] while another has it open, [`Error::NewerSchema`] when a newer release wrote it.
    pub fn open(directory: impl AsRef<Path>) -> Result<Self> {
        let directory = DataDirectory::lock(directory.as_ref())?;
        let connection = directory.open_writer()?;
        let reads = Reads::Pool(Readers::start(&directory)?);
        let subscribers = Subscribers::default();
        let writer = Writer::start(connection, Some(directory), subscribers.clone())?;
        Ok(Self { shared: Arc::new(Shared { reads, writer, subscribers }) })
    }

    /// A store that ends with its last handle.
    pub fn in_memory() -> Result<Self> {
        let subscribers = Subscribers::default();
        let writer = Writer::start(sqlite::open_in_memory()?, None, subscribers.clone())?;
        Ok(Self { shared: Arc::new(Shared { reads: Reads::Writer, writer, subscribers }) })
    }

    /// Runs a job that may change the store. `Ok` comes back once its changes are durable and every subscriber has seen them;
    /// when the job returns an error or panics, nothing of it is kept.
    ///
    /// Jobs run one at a time, so a job that reads and then writes needs no further care, and one that takes long keeps all
    /// others waiting. Once queued, a job runs even if the caller stops waiting for it. No particular runtime is needed.
    pub async fn write<T, E>(
        &self,
        job: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        self.shared.writer.submit(job).await
    }

    /// Runs a job over a consistent view of everything acknowledged so far.
    pub async fn read<T, E>(&self, job: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        match &self.shared.reads {
            Reads::Pool(readers) => readers.submit(job).await,
            Reads::Writer => self.shared.writer.submit(move |transaction| job(transaction)).await,
        }
    }

    /// Tells `subscriber` of every commit from now on. A subscriber that keeps a `Store` keeps it from ever closing.
    pub fn subscribe(&self, subscriber: Subscriber) {
        self.shared.subscribers.add(subscriber);
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}
