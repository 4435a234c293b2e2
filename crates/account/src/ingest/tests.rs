use std::sync::{Arc, Mutex};

use super::{BATCH_BYTES_MAX, BATCH_ITEMS_MAX, Item, LINGER, QUEUE_BYTES_MAX, QUEUE_ITEMS_MAX, Queue, Sink};

/// So many bytes.
struct Load(usize);

impl Item for Load {
    fn bytes(&self) -> usize {
        self.0
    }
}

/// Writes down the sizes of batches.
#[derive(Clone, Default)]
struct Ledger {
    batches: Arc<Mutex<Vec<usize>>>,
}

impl Ledger {
    fn batches(&self) -> Vec<usize> {
        self.batches.lock().unwrap().clone()
    }
}

impl Sink<Load> for Ledger {
    const WHAT: &'static str = "loads";

    async fn write(&mut self, batch: Vec<Load>) {
        self.batches.lock().unwrap().push(batch.len());
    }

    async fn sweep(&mut self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn a_flush_returns_when_everything_before_it_is_written() {
    let ledger = Ledger::default();
    let queue = Queue::start(ledger.clone(), &tokio::runtime::Handle::current());
    for _ in 0..3 {
        queue.put(Load(1));
    }
    queue.flush().await;
    assert_eq!(ledger.batches(), [3]);
    queue.flush().await;
    assert_eq!(ledger.batches(), [3]);
}

#[tokio::test(start_paused = true)]
async fn a_batch_is_bounded_by_items_and_by_bytes() {
    let ledger = Ledger::default();
    let queue = Queue::start(ledger.clone(), &tokio::runtime::Handle::current());
    for _ in 0..=BATCH_ITEMS_MAX {
        queue.put(Load(1));
    }
    queue.flush().await;
    assert_eq!(ledger.batches(), [BATCH_ITEMS_MAX, 1]);
    for _ in 0..3 {
        queue.put(Load(BATCH_BYTES_MAX / 2));
    }
    queue.flush().await;
    assert_eq!(ledger.batches()[2..], [2, 1]);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_is_dropped_and_counted() {
    let ledger = Ledger::default();
    let queue = Queue::start(ledger.clone(), &tokio::runtime::Handle::current());
    queue.put(Load(QUEUE_BYTES_MAX + 1));
    for _ in 0..QUEUE_ITEMS_MAX + 5 {
        queue.put(Load(1));
    }
    assert_eq!(queue.line().lock().dropped, 6);
    queue.flush().await;
    assert_eq!(ledger.batches().iter().sum::<usize>(), QUEUE_ITEMS_MAX);
    let state = queue.line().lock();
    assert_eq!((state.items, state.bytes), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_batch_waits_for_more_until_it_is_full_or_has_waited_long_enough() {
    let ledger = Ledger::default();
    let queue = Queue::start(ledger.clone(), &tokio::runtime::Handle::current());
    queue.put(Load(1));
    tokio::time::sleep(LINGER / 2).await;
    queue.put(Load(1));
    assert!(ledger.batches().is_empty());
    tokio::time::sleep(LINGER).await;
    assert_eq!(ledger.batches(), [2]);
    for _ in 0..BATCH_ITEMS_MAX {
        queue.put(Load(1));
    }
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert_eq!(ledger.batches(), [2, BATCH_ITEMS_MAX]);
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_stored_when_nobody_can_add_to_it() {
    let ledger = Ledger::default();
    let queue = Queue::start(ledger.clone(), &tokio::runtime::Handle::current());
    let other = queue.clone();
    queue.put(Load(1));
    drop(queue);
    other.put(Load(1));
    drop(other);
    tokio::task::yield_now().await;
    tokio::task::yield_now().await;
    assert_eq!(ledger.batches(), [2]);
}

/// Breaks at the first batch.
struct Broken;

impl Sink<Load> for Broken {
    const WHAT: &'static str = "loads";

    async fn write(&mut self, _: Vec<Load>) {
        panic!("broken");
    }

    async fn sweep(&mut self) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_task_that_is_gone() {
    let queue = Queue::start(Broken, &tokio::runtime::Handle::current());
    queue.put(Load(1));
    queue.flush().await;
    queue.flush().await;
    queue.put(Load(1));
    assert_eq!(queue.line().lock().dropped, 1);
}
