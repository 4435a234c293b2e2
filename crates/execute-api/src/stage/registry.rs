//! The stages that are in memory, read by every core without a lock.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
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

/// A shard's APIs, sorted by their ids: so few that a search costs less than a hash.
#[derive(Debug, Clone, Default)]
struct Apis(Vec<(RestApiId, ApiStages)>);

/// One API's stages: a handful, so a list does.
type ApiStages = Vec<(StageName, Arc<LoadedStage>)>;

impl Apis {
    fn place(&self, api_id: &RestApiId) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(api_id))
    }

    fn get(&self, api_id: &RestApiId) -> Option<&ApiStages> {
        self.place(api_id).ok().map(|place| &self.0[place].1)
    }

    fn entry(&mut self, api_id: &RestApiId) -> &mut ApiStages {
        let place = self.place(api_id).unwrap_or_else(|place| {
            self.0.insert(place, (api_id.clone(), ApiStages::new()));
            place
        });
        &mut self.0[place].1
    }

    fn remove(&mut self, api_id: &RestApiId) {
        if let Ok(place) = self.place(api_id) {
            self.0.remove(place);
        }
    }
}

#[derive(Debug, Default)]
struct Shard {
    apis: ArcSwap<Apis>,
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
            let mut apis = Apis::clone(apis);
            // Read inside the update: an invalidation raises the number before it takes entries out, so it is either seen
            // here or takes out what is put in here.
            kept = shard.generation.load(Ordering::Acquire) == ticket.generation;
            if kept {
                let stages = apis.entry(api_id);
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
            let mut apis = Apis::clone(apis);
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
        // Ids are random; whoever chooses them so that they meet makes each change of his own APIs a little dearer.
        let hash =
            api_id.as_str().bytes().fold(0_u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
        &self.shards[hash as usize % SHARDS]
    }
}
