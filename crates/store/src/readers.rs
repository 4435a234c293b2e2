//! The threads that read, each with a connection of its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::{
    error::{Error, Result},
    sqlite::DataDirectory,
    transaction::Reader,
};

/// Reads that run at one time. They are short and mostly served from memory; more threads than this would only take turns.
const THREADS: usize = 4;
/// Reads that wait for a thread; whoever comes when the queue is full waits for room in it.
const QUEUE_MAX: usize = 1024;

/// Runs over a view of the database, or is told why there is none; it answers its caller itself.
type Job = Box<dyn FnOnce(Result<Reader<'_>>) + Send>;

/// The reading threads. Dropping them lets the queued jobs finish and waits for them.
pub(crate) struct Readers {
    queue: Option<mpsc::Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Readers {
    /// Starts the threads, on a database that the writer has brought up to date.
    pub(crate) fn start(directory: &DataDirectory) -> Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let jobs = Arc::new(Mutex::new(jobs));
        let mut readers = Self { queue: Some(queue), threads: Vec::with_capacity(THREADS) };
        for number in 0..THREADS {
            let connection = directory.open_reader()?;
            let jobs = Arc::clone(&jobs);
            let thread = thread::Builder::new().name(format!("store-reader-{number}"));
            let thread = thread.spawn(move || work(&connection, &jobs));
            readers.threads.push(thread.map_err(|source| Error::Thread(Arc::new(source)))?);
        }
        Ok(readers)
    }

    /// Runs a job over what is committed by now.
    pub(crate) async fn submit<T, E>(
        &self,
        job: impl FnOnce(&Reader<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let run: Job = Box::new(move |reader| {
            let outcome = reader.map_err(E::from).and_then(|reader| {
                let run = AssertUnwindSafe(|| job(&reader));
                catch_unwind(run).unwrap_or_else(|_| Err(E::from(Error::JobPanicked)))
            });
            // A caller that no longer waits has no use for the answer.
            let _ = answer.send(outcome);
        });
        let queue = self.queue.as_ref().ok_or(Error::Closed)?;
        queue.send(run).await.map_err(|_| Error::Closed)?;
        answered.await.map_err(|_| Error::Closed)?
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.queue = None;
        for thread in self.threads.drain(..) {
            // The last handle may be dropped by a job, and a thread cannot wait for itself.
            if thread.thread().id() != thread::current().id() && thread.join().is_err() {
                tracing::error!("a reading thread of the store panicked");
            }
        }
    }
}

fn work(connection: &Connection, jobs: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        // The thread that holds the lock waits for the next job; the others wait for the lock.
        let next = jobs.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
        let Some(job) = next else { return };
        run(connection, job);
    }
}

fn run(connection: &Connection, job: Job) {
    // One transaction over the whole job, so that all its statements see one moment. It writes nothing, so how it ends is all
    // the same, and its end comes from dropping it.
    match connection.unchecked_transaction() {
        Ok(view) => job(Ok(Reader::new(&view))),
        Err(error) => job(Err(Error::from(error))),
    }
}
