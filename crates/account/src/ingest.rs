//! A bounded queue between those who must not wait, such as a request of the data plane, and the store.
//!
//! Putting an item never blocks: beyond the limits it is dropped, counted, and reported once in a while. One task takes the
//! items out, hands them to the store in batches that are small enough for other writers to get their turn, and sweeps. It is
//! woken by the first item and by one that fills a batch, and not by those between: a wake-up costs more than an item.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Notify, oneshot},
    time::{Instant, sleep_until, timeout_at},
};

/// Items that wait or are being written; further ones are dropped.
const QUEUE_ITEMS_MAX: usize = 32 * 1024;
/// Bytes of the items that wait or are being written; further ones are dropped.
const QUEUE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Items that are written at once.
const BATCH_ITEMS_MAX: usize = 1000;
/// Bytes of the items that are written at once, the last one left out.
const BATCH_BYTES_MAX: usize = 512 * 1024;
/// How long a batch waits for more items.
const LINGER: Duration = Duration::from_millis(200);
/// Between two sweeps of a store where nothing was left to sweep.
const SWEEP_PERIOD: Duration = Duration::from_mins(1);
/// Between two steps of a sweep that found more than it may take away at once.
const SWEEP_PAUSE: Duration = Duration::from_millis(50);
/// Between two reports of dropped items.
const REPORT_PERIOD: Duration = Duration::from_secs(30);

/// Something that is queued.
pub(crate) trait Item: Send + 'static {
    /// About how much memory it takes.
    fn bytes(&self) -> usize;
}

/// Where items go.
pub(crate) trait Sink<T>: Send + 'static {
    /// What is lost when items are dropped, for the log.
    const WHAT: &'static str;

    /// Stores a batch; what goes wrong is its own to report.
    fn write(&mut self, batch: Vec<T>) -> impl Future<Output = ()> + Send;

    /// Takes away a bounded number of what is too old or too much; whether there may be more.
    fn sweep(&mut self) -> impl Future<Output = bool> + Send;
}

/// The entrance of a queue; all clones are the same.
#[derive(Debug)]
pub(crate) struct Queue<T> {
    entrance: Arc<Entrance<T>>,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self { entrance: Arc::clone(&self.entrance) }
    }
}

/// Closes the queue when nobody can put anything in any more.
#[derive(Debug)]
struct Entrance<T>(Arc<Line<T>>);

impl<T> Drop for Entrance<T> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.wake.notify_one();
    }
}

/// The queue itself.
#[derive(Debug)]
struct Line<T> {
    state: Mutex<State<T>>,
    /// Wakes the task.
    wake: Notify,
}

#[derive(Debug)]
struct State<T> {
    waiting: Vec<T>,
    /// Of those that wait.
    waiting_bytes: usize,
    /// Those that wait and those that are being written.
    items: usize,
    bytes: usize,
    dropped: u64,
    /// Who wants to know when everything before is stored.
    flushes: Vec<oneshot::Sender<()>>,
    /// Nobody can put anything in any more.
    is_closed: bool,
    /// Nobody takes anything out any more.
    has_ended: bool,
}

impl<T> Default for State<T> {
    fn default() -> Self {
        Self {
            waiting: Vec::new(),
            waiting_bytes: 0,
            items: 0,
            bytes: 0,
            dropped: 0,
            flushes: Vec::new(),
            is_closed: false,
            has_ended: false,
        }
    }
}

impl<T> State<T> {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.flushes.is_empty() && !self.is_closed
    }

    /// Whether there is no point in waiting for more.
    fn is_urgent(&self) -> bool {
        self.fills_a_batch() || !self.flushes.is_empty() || self.is_closed
    }

    fn fills_a_batch(&self) -> bool {
        self.waiting.len() >= BATCH_ITEMS_MAX || self.waiting_bytes >= BATCH_BYTES_MAX
    }
}

impl<T> Line<T> {
    /// Locks; no critical section leaves half a change behind.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Item> Queue<T> {
    /// A queue whose task runs on `runtime` until its last entrance is gone and everything is stored.
    pub(crate) fn start(sink: impl Sink<T>, runtime: &Handle) -> Self {
        let line = Arc::new(Line { state: Mutex::default(), wake: Notify::new() });
        runtime.spawn(run(sink, Arc::clone(&line)));
        Self { entrance: Arc::new(Entrance(line)) }
    }

    /// Queues an item, or drops it.
    pub(crate) fn put(&self, item: T) {
        let bytes = item.bytes();
        let mut state = self.line().lock();
        if state.has_ended || state.items >= QUEUE_ITEMS_MAX || state.bytes + bytes > QUEUE_BYTES_MAX {
            state.dropped += 1;
            return;
        }
        let (was_empty, was_full) = (state.waiting.is_empty(), state.fills_a_batch());
        state.waiting.push(item);
        state.waiting_bytes += bytes;
        state.items += 1;
        state.bytes += bytes;
        let is_news = was_empty || (state.fills_a_batch() && !was_full);
        drop(state);
        if is_news {
            self.line().wake.notify_one();
        }
    }

    /// Waits until everything that was put before is stored, or known to be lost.
    pub(crate) async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        {
            let mut state = self.line().lock();
            // A task that has ended stores nothing more.
            if state.has_ended {
                return;
            }
            state.flushes.push(done);
        }
        self.line().wake.notify_one();
        // The same goes for one that ends now.
        let _ = is_done.await;
    }

    fn line(&self) -> &Line<T> {
        &self.entrance.0
    }
}

/// Lets nobody wait for a task that is gone, however it went.
struct Ending<T>(Arc<Line<T>>);

impl<T> Drop for Ending<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.has_ended = true;
        state.flushes = Vec::new();
        state.waiting = Vec::new();
    }
}

async fn run<T: Item, S: Sink<T>>(mut sink: S, line: Arc<Line<T>>) {
    let _ending = Ending(Arc::clone(&line));
    let mut sweep_at = Instant::now() + SWEEP_PERIOD;
    let mut report_at = Instant::now();
    loop {
        tokio::select! {
            () = line.wake.notified() => {}
            () = sleep_until(sweep_at) => {
                let pause = if sink.sweep().await { SWEEP_PAUSE } else { SWEEP_PERIOD };
                sweep_at = Instant::now() + pause;
                continue;
            }
        }
        // What was said before the last turn may be heard only now.
        if line.lock().is_idle() {
            continue;
        }
        linger(&line).await;
        let (items, flushes, is_closed) = {
            let mut state = line.lock();
            state.waiting_bytes = 0;
            (std::mem::take(&mut state.waiting), std::mem::take(&mut state.flushes), state.is_closed)
        };
        write(&mut sink, &line, items).await;
        for done in flushes {
            // Whoever no longer waits needs no answer.
            let _ = done.send(());
        }
        if is_closed || Instant::now() >= report_at {
            let dropped = std::mem::take(&mut line.lock().dropped);
            if dropped > 0 {
                tracing::warn!(dropped, "{} were dropped: they come faster than they can be stored", S::WHAT);
                report_at = Instant::now() + REPORT_PERIOD;
            }
        }
        if is_closed {
            return;
        }
    }
}

/// Waits for more items, but not long.
async fn linger<T>(line: &Line<T>) {
    let deadline = Instant::now() + LINGER;
    while !line.lock().is_urgent() {
        if timeout_at(deadline, line.wake.notified()).await.is_err() {
            return;
        }
    }
}

/// Stores items in batches.
async fn write<T: Item, S: Sink<T>>(sink: &mut S, line: &Line<T>, items: Vec<T>) {
    let mut items = items.into_iter();
    loop {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while batch.len() < BATCH_ITEMS_MAX
            && bytes < BATCH_BYTES_MAX
            && let Some(item) = items.next()
        {
            bytes += item.bytes();
            batch.push(item);
        }
        if batch.is_empty() {
            return;
        }
        let written = batch.len();
        sink.write(batch).await;
        let mut state = line.lock();
        state.items -= written;
        state.bytes -= bytes;
    }
}

#[cfg(test)]
mod tests;
