//! What a token costs: to one thread, and to several that draw from the same bucket, as all cores do from the account's.

use execute_api::throttle::{Bucket, RateLimit};
use tokio::time::Instant;

fn main() {
    divan::main();
}

const THREADS: [usize; 3] = [1, 2, 4];

fn bucket(rate: f64, burst: i64) -> Option<Bucket> {
    RateLimit::new(rate, burst).map(|limit| Bucket::new(limit, Instant::now()))
}

/// A bucket that never runs dry.
#[divan::bench(threads = THREADS)]
fn take(bencher: divan::Bencher<'_, '_>) {
    let bucket = bucket(1e9, i64::from(u32::MAX));
    bencher.bench(|| bucket.as_ref().map(|bucket| bucket.take(Instant::now())));
}

/// A bucket that is empty: the cost of refusing a flood.
#[divan::bench(threads = THREADS)]
fn refuse(bencher: divan::Bencher<'_, '_>) {
    let bucket = bucket(1e-6, 1);
    bencher.bench(|| bucket.as_ref().map(|bucket| bucket.take(Instant::now())));
}

/// What reading the clock has in it.
#[divan::bench(threads = THREADS)]
fn now() -> Instant {
    Instant::now()
}
