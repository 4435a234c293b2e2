//! The stages that are in memory, read by every core without a lock.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use arc_swap::ArcSwap;
use definition::id::{RestApiId, StageName};

use super::{LoadedStage, StageLimits, StageSource, memory::Memories};

/// Independent parts of the registry, so that loading one of ten thousand APIs copies a few dozen entries and not all.
const SHARDS: usize = 256;

/// The loaded stages by API and name.
///
/// A stage that is not here may exist all the same: the caller loads it and puts it in. A change to an API takes its stages
/// out, and [`Ticket`] keeps a load that began before the change from putting the old state back.
#[derive(Debug)]
pub struct Stages {
    shards: Box<[Shard]>,
    memories: Memories,
}

/// One API's stages: a handful, so a list does.
type ApiStages = Vec<(StageName, Arc<LoadedStage>)>;

#[derive(Debug, Default)]
struct Shard {
    apis: ArcSwap<HashMap<RestApiId, ApiStages>>,
    /// Counts changes; see [`Ticket`].
    generation: AtomicU64,
}

/// What to ask for before reading a stage's definition, and to hand in with the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    generation: u64,
}

impl Stages {
    /// No stages yet.
    #[must_use]
    pub fn new(limits: StageLimits) -> Self {
        Self { shards: (0..SHARDS).map(|_| Shard::default()).collect(), memories: Memories::new(limits) }
    }

    /// Compiles a stage. Buckets whose limits have not changed since the last time are as full as they were, and a cache whose
    /// size has not changed keeps its responses.
    #[must_use]
    pub fn compile(&self, source: &StageSource<'_>) -> Arc<LoadedStage> {
        let memory = self.memories.stage(&source.snapshot.rest_api.id, &source.stage.stage_name);
        Arc::new(LoadedStage::compile(source, &memory, self.memories.account(source.scope).as_ref()))
    }

    /// The stage, if it is loaded.
    #[must_use]
    pub fn get(&self, api_id: &RestApiId, stage: &StageName) -> Option<Arc<LoadedStage>> {
        let apis = self.shard(api_id).apis.load();
        apis.get(api_id)?.iter().find(|(name, _)| name == stage).map(|(_, loaded)| Arc::clone(loaded))
    }

    /// To be asked for before a stage of this API is read from where it is kept.
    #[must_use]
    pub fn ticket(&self, api_id: &RestApiId) -> Ticket {
        Ticket { generation: self.shard(api_id).generation.load(Ordering::Acquire) }
    }

    /// Keeps a loaded stage unless its API may have changed since the ticket was asked for; says whether it is kept.
    pub fn insert(&self, api_id: &RestApiId, stage: &StageName, loaded: &Arc<LoadedStage>, ticket: Ticket) -> bool {
        let shard = self.shard(api_id);
        let mut kept = false;
        shard.apis.rcu(|apis| {
            let mut apis = HashMap::clone(apis);
            // Read inside the update: an invalidation raises the number before it takes entries out, so it is either seen
            // here or takes out what is put in here.
            kept = shard.generation.load(Ordering::Acquire) == ticket.generation;
            if kept {
                let stages = apis.entry(api_id.clone()).or_default();
                stages.retain(|(name, _)| name != stage);
                stages.push((stage.clone(), Arc::clone(loaded)));
            }
            apis
        });
        kept
    }

    /// Forgets all stages of an API, after it or one of them changed. Requests in flight end on the stage they began with.
    pub fn invalidate(&self, api_id: &RestApiId) {
        let shard = self.shard(api_id);
        shard.generation.fetch_add(1, Ordering::AcqRel);
        shard.apis.rcu(|apis| {
            let mut apis = HashMap::clone(apis);
            apis.remove(api_id);
            apis
        });
    }

    /// Empties the response cache of a stage, at once.
    pub fn flush_cache(&self, api_id: &RestApiId, stage: &StageName) {
        self.memories.flush(api_id, stage);
        // A load that began before may have taken up another cache; the next one takes the one that is empty now.
        self.invalidate(api_id);
    }

    /// Forgets a stage that is gone, with its buckets and its cache.
    pub fn forget(&self, api_id: &RestApiId, stage: &StageName) {
        self.invalidate(api_id);
        self.memories.forget(api_id, stage);
    }

    /// Forgets everything but what accounts have used of their limits.
    pub fn clear(&self) {
        self.memories.clear();
        for shard in &self.shards {
            shard.generation.fetch_add(1, Ordering::AcqRel);
            shard.apis.store(Arc::default());
        }
    }

    fn shard(&self, api_id: &RestApiId) -> &Shard {
        let mut hasher = DefaultHasher::new();
        api_id.hash(&mut hasher);
        let hash = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or_default();
        &self.shards[hash]
    }
}
