//! The cached responses of a stage, bounded by bytes, and the bytes that all stages share.
//!
//! When a cache is full, what was asked for least recently makes room. Each cache gets the bytes of its stage's
//! `cacheClusterSize`; if all of them together ask for more than the process may hold, each gets its part in proportion.

use std::sync::{
    Arc, Mutex, PoisonError, Weak,
    atomic::{AtomicU64, Ordering},
};

use bytes::Bytes;
use quick_cache::{
    DefaultHashBuilder, OptionsBuilder, Weighter,
    sync::{Cache, DefaultLifecycle},
};
use tokio::time::Instant;

use super::ENTRY_BODY_BYTES_MAX;
use crate::{map_response::MethodResponse, request::Headers};

/// What an entry costs besides its key, names, values and body, in bytes: the map's slot, counters, allocations.
const ENTRY_OVERHEAD_BYTES: usize = 256;
/// What a header field costs besides its name and value, in bytes.
const FIELD_OVERHEAD_BYTES: usize = 80;
/// A response of usual size, in bytes: how many entries to prepare for follows from it.
const TYPICAL_ENTRY_BYTES: u64 = 16 * 1024;
/// The parts of a cache that threads use independently. Each must have room for several of the largest entries.
const SHARDS_MAX: u64 = 16;
const SHARD_BYTES_MIN: u64 = 8 * ENTRY_BODY_BYTES_MAX as u64;
/// Entries to prepare for; more are taken as long as their bytes fit.
const PREPARED_ENTRIES_MAX: u64 = 4096;

/// A method response that is kept.
#[derive(Debug)]
pub(super) struct CachedResponse {
    expires_at: Instant,
    epoch: Epoch,
    status: u16,
    headers: Headers,
    body: Bytes,
    bytes: usize,
}

/// The time between two flushes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Epoch(u64);

impl CachedResponse {
    /// A copy of a response, so that it holds on to no larger buffer that the original was read into.
    pub(super) fn new(status: u16, sent: &Headers, body: &[u8], expires_at: Instant, epoch: Epoch) -> Self {
        let mut headers = Headers::default();
        let mut bytes = ENTRY_OVERHEAD_BYTES + body.len();
        for field in sent.iter() {
            let value = field.raw_value();
            bytes += FIELD_OVERHEAD_BYTES + field.name().len() + value.len();
            if let Ok(value) = http::HeaderValue::from_bytes(value.as_bytes()) {
                headers.append_raw(field.name(), value);
            }
        }
        Self { expires_at, epoch, status, headers, body: Bytes::copy_from_slice(body), bytes }
    }

    /// The response as it was.
    pub(super) fn response(&self) -> MethodResponse {
        MethodResponse { status: self.status, headers: self.headers.clone(), body: self.body.clone().into() }
    }
}

/// The cache of a stage.
#[derive(Debug)]
pub(crate) struct ResponseCache {
    entries: Entries,
    bytes_asked: u64,
    epoch: AtomicU64,
}

type Entries = Cache<Box<[u8]>, Arc<CachedResponse>, ByBytes, DefaultHashBuilder, Lifecycle>;
type Lifecycle = DefaultLifecycle<Box<[u8]>, Arc<CachedResponse>>;

/// Weighs entries by what they hold in memory.
#[derive(Debug, Clone)]
struct ByBytes;

impl Weighter<Box<[u8]>, Arc<CachedResponse>> for ByBytes {
    fn weight(&self, key: &Box<[u8]>, response: &Arc<CachedResponse>) -> u64 {
        (key.len() + response.bytes) as u64
    }
}

impl ResponseCache {
    /// An empty cache of at most so many bytes.
    fn new(bytes_asked: u64) -> Self {
        let shards = (bytes_asked / SHARD_BYTES_MIN).clamp(1, SHARDS_MAX);
        let prepared = (bytes_asked / TYPICAL_ENTRY_BYTES).clamp(1, PREPARED_ENTRIES_MAX);
        let mut options = OptionsBuilder::new();
        options.shards(usize::try_from(shards).unwrap_or(1));
        options.estimated_items_capacity(usize::try_from(prepared).unwrap_or(1)).weight_capacity(bytes_asked);
        let entries = match options.build() {
            Ok(options) => Cache::with_options(options, ByBytes, DefaultHashBuilder::default(), Lifecycle::default()),
            // Reached only if an option were missing.
            Err(_) => Cache::with_weighter(1, bytes_asked, ByBytes),
        };
        Self { entries, bytes_asked, epoch: AtomicU64::new(0) }
    }

    /// The bytes that its stage asked for.
    pub(crate) fn bytes_asked(&self) -> u64 {
        self.bytes_asked
    }

    /// The time since the last flush.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.epoch.load(Ordering::Acquire))
    }

    /// The response of this key, if it is still good.
    pub(super) fn get(&self, key: &[u8], now: Instant) -> Option<Arc<CachedResponse>> {
        let cached = self.entries.get(key)?;
        (cached.expires_at > now && cached.epoch == self.epoch()).then_some(cached)
    }

    /// Keeps a response, in place of an older one of its key. One from before a flush is never found.
    pub(super) fn insert(&self, key: Box<[u8]>, response: CachedResponse) {
        if response.epoch == self.epoch() {
            self.entries.insert(key, Arc::new(response));
        }
    }

    /// Empties the cache, of responses that are on their way into it, too.
    pub(crate) fn flush(&self) {
        self.epoch.fetch_add(1, Ordering::AcqRel);
        self.entries.clear();
    }
}

/// The bytes that the caches of a process may hold together.
#[derive(Debug)]
pub(crate) struct CacheBudget {
    bytes_max: u64,
    caches: Mutex<Vec<Weak<ResponseCache>>>,
}

impl CacheBudget {
    pub(crate) fn new(bytes_max: u64) -> Self {
        Self { bytes_max, caches: Mutex::default() }
    }

    /// A new cache that would like so many bytes. Its part is settled by [`CacheBudget::share_out`].
    pub(crate) fn open(&self, bytes_asked: u64) -> Arc<ResponseCache> {
        let cache = Arc::new(ResponseCache::new(bytes_asked));
        self.caches.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::downgrade(&cache));
        cache
    }

    /// Gives each cache that is still in use its part; one that holds more than that loses what was used least recently.
    pub(crate) fn share_out(&self) {
        let mut caches = self.caches.lock().unwrap_or_else(PoisonError::into_inner);
        caches.retain(|cache| cache.strong_count() > 0);
        let caches: Vec<_> = caches.iter().filter_map(Weak::upgrade).collect();
        let asked: u128 = caches.iter().map(|cache| u128::from(cache.bytes_asked)).sum();
        for cache in caches {
            let part = u128::from(cache.bytes_asked) * u128::from(self.bytes_max) / asked.max(1);
            let part = u64::try_from(part).map_or(cache.bytes_asked, |part| part.min(cache.bytes_asked));
            // A shard's part is rounded up; what that adds must not add up to more than there is.
            cache.entries.set_capacity(part - part % cache.entries.num_shards() as u64);
        }
    }
}

#[cfg(test)]
mod tests;
