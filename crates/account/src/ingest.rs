//! A bounded queue between those who must not wait, such as a request of the data plane, and the store.
//!
//! Putting an item never blocks: beyond the limits it is dropped, counted, and reported once in a while. One task takes the
//! items out, hands them to the store in batches that are small enough for other writers to get their turn, and sweeps.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until, timeout_at},
};

/// Items that wait; further ones are dropped.
const QUEUE_ITEMS_MAX: usize = 32 * 1024;
/// Bytes of the items that wait; further ones are dropped.
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
    sender: mpsc::Sender<Message<T>>,
    gauge: Arc<Gauge>,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self { sender: self.sender.clone(), gauge: Arc::clone(&self.gauge) }
    }
}

#[derive(Debug)]
enum Message<T> {
    Item(T),
    /// Everything before it shall be stored, and then its sender be told.
    Flush(oneshot::Sender<()>),
}

/// What a queue holds and what it lost.
#[derive(Debug, Default)]
struct Gauge {
    bytes: AtomicUsize,
    dropped: AtomicU64,
}

impl<T: Item> Queue<T> {
    /// A queue whose task runs on `runtime` until its last entrance is gone and everything is stored.
    pub(crate) fn start(sink: impl Sink<T>, runtime: &Handle) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE_ITEMS_MAX);
        let gauge = Arc::new(Gauge::default());
        runtime.spawn(run(sink, Intake { receiver, gauge: Arc::clone(&gauge) }));
        Self { sender, gauge }
    }

    /// Queues an item, or drops it.
    pub(crate) fn put(&self, item: T) {
        let bytes = item.bytes();
        let waiting = self.gauge.bytes.fetch_add(bytes, Ordering::Relaxed);
        if waiting + bytes > QUEUE_BYTES_MAX || self.sender.try_send(Message::Item(item)).is_err() {
            self.gauge.bytes.fetch_sub(bytes, Ordering::Relaxed);
            self.gauge.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Waits until everything that was put before is stored, or known to be lost.
    pub(crate) async fn flush(&self) {
        let (done, is_done) = oneshot::channel();
        if self.sender.send(Message::Flush(done)).await.is_ok() {
            // A task that ended has nothing left to store.
            let _ = is_done.await;
        }
    }
}

/// The exit of a queue.
struct Intake<T> {
    receiver: mpsc::Receiver<Message<T>>,
    gauge: Arc<Gauge>,
}

/// What is stored at once, and who waits for it.
struct Batch<T> {
    items: Vec<T>,
    bytes: usize,
    waiting: Vec<oneshot::Sender<()>>,
}

impl<T: Item> Intake<T> {
    /// A batch that begins with `first`: it is full, waited long enough, or somebody waits for it.
    async fn collect(&mut self, first: Message<T>) -> Batch<T> {
        let deadline = Instant::now() + LINGER;
        let mut batch = Batch { items: Vec::new(), bytes: 0, waiting: Vec::new() };
        let mut next = Some(first);
        while let Some(message) = next {
            match message {
                Message::Item(item) => {
                    batch.bytes += item.bytes();
                    batch.items.push(item);
                }
                Message::Flush(done) => {
                    batch.waiting.push(done);
                    break;
                }
            }
            if batch.items.len() >= BATCH_ITEMS_MAX || batch.bytes >= BATCH_BYTES_MAX {
                break;
            }
            next = timeout_at(deadline, self.receiver.recv()).await.ok().flatten();
        }
        self.gauge.bytes.fetch_sub(batch.bytes, Ordering::Relaxed);
        batch
    }
}

async fn run<T: Item, S: Sink<T>>(mut sink: S, mut intake: Intake<T>) {
    let mut sweep_at = Instant::now() + SWEEP_PERIOD;
    let mut report_at = Instant::now();
    loop {
        let first = tokio::select! {
            first = intake.receiver.recv() => first,
            () = sleep_until(sweep_at) => {
                let pause = if sink.sweep().await { SWEEP_PAUSE } else { SWEEP_PERIOD };
                sweep_at = Instant::now() + pause;
                continue;
            }
        };
        let Some(first) = first else { return };
        let batch = intake.collect(first).await;
        if !batch.items.is_empty() {
            sink.write(batch.items).await;
        }
        for done in batch.waiting {
            // Whoever no longer waits needs no answer.
            let _ = done.send(());
        }
        if Instant::now() >= report_at {
            let dropped = intake.gauge.dropped.swap(0, Ordering::Relaxed);
            if dropped > 0 {
                tracing::warn!(dropped, "{} were dropped: they come faster than they can be stored", S::WHAT);
                report_at = Instant::now() + REPORT_PERIOD;
            }
        }
    }
}

#[cfg(test)]
mod tests;
