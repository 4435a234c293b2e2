//! Stages out of the store: loaded on first use, dropped by the change feed.

use std::sync::Arc;

use definition::{ApiSnapshot, Scope, rest_api::RestApi, stage::Stage};
use execute_api::{
    address::Address,
    stage::{LoadedStage, Stages},
};
use store::{Change, Record as _, Store};

/// How often a load is begun anew because the API changed meanwhile. A writer that is faster than that gets its stage with the
/// next request.
const LOAD_ATTEMPTS_MAX: usize = 5;

/// Finds the stage that a request addresses.
#[derive(Debug, Clone)]
pub(crate) struct StageLoader {
    store: Store,
    stages: Arc<Stages>,
}

impl StageLoader {
    /// A loader over `store`; from now on the stages of an API are dropped before a change to it is acknowledged.
    pub(crate) fn new(store: Store) -> Self {
        let stages = Arc::new(Stages::new());
        let dropped = Arc::clone(&stages);
        store.subscribe(Arc::new(move |changes: &[Change]| drop_changed(&dropped, changes)));
        Self { store, stages }
    }

    /// The stage at this address; `None` when there is no such API or stage.
    pub(crate) async fn find(&self, address: &Address) -> Result<Option<Arc<LoadedStage>>, store::Error> {
        if let Some(stage) = self.stages.get(address.api_id(), address.stage()) {
            return Ok(Some(stage));
        }
        let mut latest = None;
        for _ in 0..LOAD_ATTEMPTS_MAX {
            let ticket = self.stages.ticket(address.api_id());
            let Some(loaded) = self.load(address).await? else { return Ok(None) };
            if self.stages.insert(address.api_id(), address.stage(), &loaded, ticket) {
                return Ok(Some(loaded));
            }
            latest = Some(loaded);
        }
        Ok(latest)
    }

    async fn load(&self, address: &Address) -> Result<Option<Arc<LoadedStage>>, store::Error> {
        let (api_id, stage_name) = (address.api_id().to_string(), address.stage().to_string());
        let read = move |records: &store::Reader<'_>| -> Result<Option<Served>, store::Error> {
            let Some((scope, _)) = records.find_by_id::<RestApi>(&api_id)? else { return Ok(None) };
            let Some(stage) = records.get::<Stage>(&scope, &api_id, &stage_name)? else { return Ok(None) };
            let snapshot = records.get::<ApiSnapshot>(&scope, &api_id, stage.deployment_id.as_str())?;
            Ok(snapshot.map(|snapshot| Served { scope, stage, snapshot }))
        };
        let served = self.store.read(read).await?;
        Ok(served.map(|served| Arc::new(LoadedStage::compile(&served.scope, &served.stage, &served.snapshot))))
    }
}

/// What a stage is compiled from.
struct Served {
    scope: Scope,
    stage: Stage,
    snapshot: ApiSnapshot,
}

/// A stage depends on its own record and on a deployment, which never changes; of the API only its end matters.
fn drop_changed(stages: &Stages, changes: &[Change]) {
    for change in changes {
        let api_id = match change.kind.as_str() {
            kind if kind == Stage::KIND => &change.parent,
            kind if kind == RestApi::KIND && change.deleted => &change.id,
            _ => continue,
        };
        match api_id.parse() {
            Ok(api_id) => stages.invalidate(&api_id),
            Err(_) => stages.clear(),
        }
    }
}
