//! What a stage keeps while its definition is replaced: how full its buckets are, and the responses that it cached.
//!
//! A load takes what it needs and leaves what it no longer names behind. Only loads and flushes lock; requests hold what they use
//! through their stage.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use definition::{
    Scope,
    id::{RestApiId, StageName},
};
use tokio::time::Instant;

use crate::{
    cache::{CacheBudget, ResponseCache},
    throttle::{Bucket, RateLimit},
};

/// Limits of the process, which no API's user sets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageLimits {
    /// What all APIs of an account serve together in a region; `None` is no limit.
    pub account: Option<RateLimit>,
    /// Bytes of all cached responses together.
    pub cache_bytes_max: u64,
}

/// What outlives the loads of all stages.
#[derive(Debug)]
pub(super) struct Memories {
    account_limit: Option<RateLimit>,
    budget: Arc<CacheBudget>,
    accounts: Mutex<HashMap<Scope, Arc<Bucket>>>,
    stages: Mutex<HashMap<(RestApiId, StageName), Arc<StageMemory>>>,
}

/// What outlives the loads of one stage.
#[derive(Debug)]
pub(crate) struct StageMemory {
    budget: Arc<CacheBudget>,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    buckets: HashMap<String, Arc<Bucket>>,
    cache: Option<Arc<ResponseCache>>,
}

impl Memories {
    pub(super) fn new(limits: StageLimits) -> Self {
        Self {
            account_limit: limits.account,
            budget: Arc::new(CacheBudget::new(limits.cache_bytes_max)),
            accounts: Mutex::default(),
            stages: Mutex::default(),
        }
    }

    /// The bucket of an account in a region, unless it has no limit.
    pub(super) fn account(&self, scope: &Scope) -> Option<Arc<Bucket>> {
        let limit = self.account_limit?;
        let mut accounts = locked(&self.accounts);
        let bucket = accounts.entry(scope.clone()).or_insert_with(|| Arc::new(Bucket::new(limit, Instant::now())));
        Some(Arc::clone(bucket))
    }

    /// The memory of a stage, which begins with its first load.
    pub(super) fn stage(&self, api_id: &RestApiId, stage: &StageName) -> Arc<StageMemory> {
        let mut stages = locked(&self.stages);
        let memory = stages.entry((api_id.clone(), stage.clone()));
        Arc::clone(
            memory
                .or_insert_with(|| Arc::new(StageMemory { budget: Arc::clone(&self.budget), kept: Mutex::default() })),
        )
    }

    /// Empties a stage's cache, if it has one.
    pub(super) fn flush(&self, api_id: &RestApiId, stage: &StageName) {
        let memory = locked(&self.stages).get(&(api_id.clone(), stage.clone())).cloned();
        if let Some(cache) = memory.and_then(|memory| locked(&memory.kept).cache.clone()) {
            cache.flush();
        }
    }

    /// Forgets a stage that is gone.
    pub(super) fn forget(&self, api_id: &RestApiId, stage: &StageName) {
        locked(&self.stages).remove(&(api_id.clone(), stage.clone()));
        self.budget.share_out();
    }

    /// Forgets everything but the accounts' buckets.
    pub(super) fn clear(&self) {
        locked(&self.stages).clear();
        self.budget.share_out();
    }
}

/// A load of a stage in progress: what it asks for is kept, what it does not name is forgotten when it ends.
pub(super) struct Load<'m> {
    memory: &'m StageMemory,
    buckets: HashMap<String, Arc<Bucket>>,
}

impl StageMemory {
    /// Begins a load.
    pub(super) fn load(&self) -> Load<'_> {
        Load { memory: self, buckets: HashMap::new() }
    }

    /// The stage's cache of this size; one of another size is given up with all that it holds, as is one that is not wanted.
    pub(super) fn cache(&self, bytes_max: Option<u64>) -> Option<Arc<ResponseCache>> {
        let mut kept = locked(&self.kept);
        if kept.cache.as_ref().map(|cache| cache.bytes_asked()) != bytes_max {
            kept.cache = None;
            kept.cache = bytes_max.map(|bytes| self.budget.open(bytes));
            self.budget.share_out();
        }
        kept.cache.clone()
    }
}

impl Load<'_> {
    /// The bucket of this name, as full as it is, if its limit is still the same; else a full one. Loads that run at the same time
    /// get the same.
    pub(super) fn bucket(&mut self, name: String, limit: RateLimit) -> Arc<Bucket> {
        let full = || Arc::new(Bucket::new(limit, Instant::now()));
        let bucket = {
            let mut kept = locked(&self.memory.kept);
            let known = kept.buckets.entry(name.clone()).or_insert_with(full);
            if known.limit() != limit {
                *known = full();
            }
            Arc::clone(known)
        };
        self.buckets.insert(name, Arc::clone(&bucket));
        bucket
    }

    /// Ends the load.
    pub(super) fn finish(self) {
        locked(&self.memory.kept).buckets = self.buckets;
    }
}

/// What a lock guards stays whole whatever its holders do, so a panic elsewhere does not spoil it.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Arc<StageMemory> {
        let memories = Memories::new(StageLimits { account: None, cache_bytes_max: 0 });
        memories.stage(&"abcdef1234".parse().unwrap(), &"prod".parse().unwrap())
    }

    fn bucket(load: &mut Load<'_>, burst: i64) -> Arc<Bucket> {
        load.bucket("GET /".to_owned(), RateLimit::new(1.0, burst).unwrap())
    }

    #[test]
    fn loads_at_the_same_time_share_their_buckets() {
        let memory = memory();
        let (mut first, mut second) = (memory.load(), memory.load());
        let (a, b) = (bucket(&mut first, 2), bucket(&mut second, 2));
        assert!(Arc::ptr_eq(&a, &b));
        first.finish();
        second.finish();
        assert!(Arc::ptr_eq(&a, &bucket(&mut memory.load(), 2)));
        assert!(!Arc::ptr_eq(&a, &bucket(&mut memory.load(), 3)));
    }

    #[test]
    fn what_a_load_does_not_name_is_forgotten() {
        let memory = memory();
        let mut load = memory.load();
        let old = bucket(&mut load, 2);
        load.finish();
        memory.load().finish();
        assert!(!Arc::ptr_eq(&old, &bucket(&mut memory.load(), 2)));
    }
}
