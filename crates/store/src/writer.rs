//! The one thread that writes, and its group commit.
//!
//! Disk flushes bound the rate of durable commits, so jobs that wait while one commit is on its way share the next. Each runs in
//! a savepoint of its own: one that fails or panics takes back its own changes and no others'. After the commit the subscribers
//! see the changes, and only then is anyone answered.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    thread::{self, JoinHandle},
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::{
    change::{Change, Subscriber},
    error::{Error, Result},
    sqlite::DataDirectory,
    transaction::Transaction,
};

/// Jobs that wait for the writer; whoever comes when the queue is full waits for room in it.
const QUEUE_MAX: usize = 1024;
/// Jobs that share one commit. It bounds how long the first of them waits for the others.
const BATCH_MAX: usize = 64;

/// Runs in the batch's transaction, or is told why there is none.
type Job = Box<dyn FnOnce(Result<&mut Transaction<'_>>) -> Done + Send>;

/// A job that has run and is not yet answered.
struct Done {
    keep: bool,
    acknowledge: Acknowledge,
}

/// Answers the caller, who learns of success only if the commit succeeded.
type Acknowledge = Box<dyn FnOnce(Result<()>) + Send>;

/// Everyone who is told of changes.
#[derive(Clone, Default)]
pub(crate) struct Subscribers(Arc<Mutex<Vec<Subscriber>>>);

impl Subscribers {
    pub(crate) fn add(&self, subscriber: Subscriber) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(subscriber);
    }

    fn publish(&self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        // Called without the lock, so that a subscriber may itself subscribe someone.
        let subscribers = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for subscriber in subscribers {
            if catch_unwind(AssertUnwindSafe(|| subscriber(changes))).is_err() {
                tracing::error!(changes = changes.len(), "a subscriber of the change feed panicked");
            }
        }
    }
}

/// The writer thread. Dropping it lets the queued jobs finish and waits for them.
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread. It keeps `directory` locked for as long as it writes.
    pub(crate) fn start(
        connection: Connection,
        directory: Option<DataDirectory>,
        subscribers: Subscribers,
    ) -> Result<Self> {
        let (queue, jobs) = mpsc::channel(QUEUE_MAX);
        let run = move || {
            work(&connection, jobs, &subscribers);
            // The connection first: its last act is on the files that the lock guards.
            drop(connection);
            drop(directory);
        };
        let thread = thread::Builder::new().name("store-writer".to_owned()).spawn(run);
        let thread = thread.map_err(|source| Error::Thread(Arc::new(source)))?;
        Ok(Self { queue: Some(queue), thread: Some(thread) })
    }

    /// Runs a job and waits until its changes are durable.
    pub(crate) async fn submit<T, E>(
        &self,
        job: impl FnOnce(&mut Transaction<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let run: Job = Box::new(move |transaction| {
            let outcome = transaction.map_err(E::from).and_then(|transaction| {
                let run = AssertUnwindSafe(|| job(transaction));
                catch_unwind(run).unwrap_or_else(|_| Err(E::from(Error::JobPanicked)))
            });
            let keep = outcome.is_ok();
            let acknowledge: Acknowledge = Box::new(move |committed| {
                let outcome = outcome.and_then(|value| committed.map(|()| value).map_err(E::from));
                // A caller that no longer waits has no use for the answer.
                let _ = answer.send(outcome);
            });
            Done { keep, acknowledge }
        });
        let queue = self.queue.as_ref().ok_or(Error::Closed)?;
        queue.send(run).await.map_err(|_| Error::Closed)?;
        answered.await.map_err(|_| Error::Closed)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        let Some(thread) = self.thread.take() else { return };
        // The last handle may be dropped by a job, and a thread cannot wait for itself.
        if thread.thread().id() != thread::current().id() && thread.join().is_err() {
            tracing::error!("the store's writer thread panicked");
        }
    }
}

fn work(connection: &Connection, mut queue: mpsc::Receiver<Job>, subscribers: &Subscribers) {
    let mut jobs = VecDeque::with_capacity(BATCH_MAX);
    while let Some(first) = queue.blocking_recv() {
        jobs.push_back(first);
        while jobs.len() < BATCH_MAX {
            let Ok(next) = queue.try_recv() else { break };
            jobs.push_back(next);
        }
        while !jobs.is_empty() {
            run_batch(connection, &mut jobs, subscribers);
        }
    }
}

/// Runs jobs from the front, commits, and answers those that ran. It leaves jobs only when the engine gave up the transaction
/// under one of those before them.
fn run_batch(connection: &Connection, jobs: &mut VecDeque<Job>, subscribers: &Subscribers) {
    if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE").map_err(Error::from) {
        tracing::error!(%error, "cannot begin a transaction");
        for job in jobs.drain(..) {
            (job(Err(error.clone())).acknowledge)(Err(error.clone()));
        }
        return;
    }
    let mut batch = Batch::default();
    let committed = batch.run(connection, jobs);
    match &committed {
        Ok(()) => subscribers.publish(&batch.changes),
        Err(error) => {
            tracing::error!(%error, jobs = batch.acknowledgements.len(), "a batch of jobs was not committed");
            roll_back(connection);
        }
    }
    for acknowledge in batch.acknowledgements {
        acknowledge(committed.clone());
    }
}

/// The jobs of one commit that have run.
#[derive(Default)]
struct Batch {
    changes: Vec<Change>,
    acknowledgements: Vec<Acknowledge>,
}

impl Batch {
    fn run(&mut self, connection: &Connection, jobs: &mut VecDeque<Job>) -> Result<()> {
        while let Some(job) = jobs.pop_front() {
            let begun = execute(connection, "SAVEPOINT job");
            let mut transaction = Transaction::new(connection);
            let done = job(begun.clone().map(|()| &mut transaction));
            self.acknowledgements.push(done.acknowledge);
            begun?;
            // On a full disk, say, SQLite may end the whole transaction; then the savepoint is gone, and this fails.
            if done.keep {
                execute(connection, "RELEASE job")?;
                self.changes.extend(transaction.into_changes());
            } else {
                execute(connection, "ROLLBACK TO job")?;
                execute(connection, "RELEASE job")?;
            }
        }
        execute(connection, "COMMIT")
    }
}

fn execute(connection: &Connection, statement: &str) -> Result<()> {
    connection.prepare_cached(statement)?.execute([])?;
    Ok(())
}

fn roll_back(connection: &Connection) {
    if connection.is_autocommit() {
        return;
    }
    if let Err(error) = connection.execute_batch("ROLLBACK") {
        tracing::error!(%error, "cannot roll back");
    }
}
