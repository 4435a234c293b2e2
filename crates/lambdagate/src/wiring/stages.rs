//! Stages out of the store: loaded on first use, dropped by the change feed.

use std::sync::Arc;

use definition::{
    ApiSnapshot, Scope,
    client_certificate::{ClientCertificate, ClientCertificateKey},
    id::{RestApiId, StageName},
    rest_api::RestApi,
    stage::{CacheFlush, Stage},
};
use execute_api::{
    address::Address,
    stage::{ClientIdentity, LoadedStage, StageLimits, StageSource, Stages},
};
use store::{Change, Record as _, Store};

use super::client_identity::client_identity;

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
    pub(crate) fn new(store: Store, limits: StageLimits) -> Self {
        let stages = Arc::new(Stages::new(limits));
        let dropped = Arc::clone(&stages);
        store.subscribe(Arc::new(move |changes: &[Change]| drop_changed(&dropped, changes)));
        Self { store, stages }
    }

    /// The stage at this address, if it is in memory.
    pub(crate) fn loaded(&self, address: &Address) -> Option<Arc<LoadedStage>> {
        self.stages.get(address.api_id(), address.stage())
    }

    /// The stage at this address; `None` when there is no such API or stage.
    pub(crate) async fn find(&self, address: &Address) -> Result<Option<Arc<LoadedStage>>, store::Error> {
        if let Some(stage) = self.loaded(address) {
            return Ok(Some(stage));
        }
        let mut latest = None;
        for _ in 0..LOAD_ATTEMPTS_MAX {
            let ticket = self.stages.ticket(address.api_id());
            let Some(served) = self.read(address).await? else { return Ok(None) };
            // Of the requests that found nothing at the same time, one compiles for all.
            if let Some(stage) = self.loaded(address) {
                return Ok(Some(stage));
            }
            let loaded = self.stages.compile(&served.source());
            if self.stages.insert(address.api_id(), address.stage(), &loaded, ticket) {
                return Ok(Some(loaded));
            }
            latest = Some(loaded);
        }
        Ok(latest)
    }

    async fn read(&self, address: &Address) -> Result<Option<Served>, store::Error> {
        let (api_id, stage_name) = (address.api_id().to_string(), address.stage().to_string());
        let read = move |records: &store::Reader<'_>| -> Result<Option<Served>, store::Error> {
            let Some((scope, _)) = records.find_by_id::<RestApi>(&api_id)? else { return Ok(None) };
            let Some(stage) = records.get::<Stage>(&scope, &api_id, &stage_name)? else { return Ok(None) };
            let snapshot = records.get::<ApiSnapshot>(&scope, &api_id, stage.deployment_id.as_str())?;
            let canary = stage.canary_settings.as_ref().and_then(|canary| canary.deployment_id.as_ref());
            let canary_snapshot = match canary.filter(|id| **id != stage.deployment_id) {
                Some(id) => records.get::<ApiSnapshot>(&scope, &api_id, id.as_str())?,
                None => None,
            };
            let client_identity = identity_of(records, &scope, &stage)?;
            Ok(snapshot.map(|snapshot| Served { scope, stage, snapshot, canary_snapshot, client_identity }))
        };
        self.store.read(read).await
    }
}

/// What a stage is compiled from.
struct Served {
    scope: Scope,
    stage: Stage,
    snapshot: ApiSnapshot,
    /// The canary's, when it is another.
    canary_snapshot: Option<ApiSnapshot>,
    client_identity: Option<Arc<ClientIdentity>>,
}

impl Served {
    fn source(&self) -> StageSource<'_> {
        let Self { scope, stage, snapshot, canary_snapshot, client_identity } = self;
        let (canary_snapshot, client_identity) = (canary_snapshot.as_ref(), client_identity.as_ref());
        StageSource { scope, stage, snapshot, canary_snapshot, client_identity }
    }
}

/// The client certificate that a stage names. It never changes, and stays as long as it is named.
fn identity_of(
    records: &store::Reader<'_>,
    scope: &Scope,
    stage: &Stage,
) -> Result<Option<Arc<ClientIdentity>>, store::Error> {
    let Some(id) = stage.client_certificate_id.as_deref() else { return Ok(None) };
    let certificate = records.get::<ClientCertificate>(scope, "", id)?;
    let key = records.get::<ClientCertificateKey>(scope, id, id)?;
    Ok(certificate.zip(key).and_then(|(certificate, key)| client_identity(&certificate, &key).ok()))
}

/// A stage depends on its own record and on deployments, which never change; of the API only its end matters.
fn drop_changed(stages: &Stages, changes: &[Change]) {
    for change in changes {
        match change.kind.as_str() {
            kind if kind == Stage::KIND => match place(change) {
                Some((api_id, stage)) if change.deleted => stages.forget(&api_id, &stage),
                Some((api_id, _)) => stages.invalidate(&api_id),
                None => stages.clear(),
            },
            kind if kind == CacheFlush::KIND && !change.deleted => match place(change) {
                Some((api_id, stage)) => stages.flush_cache(&api_id, &stage),
                None => stages.clear(),
            },
            kind if kind == RestApi::KIND && change.deleted => match change.id.parse() {
                Ok(api_id) => stages.invalidate(&api_id),
                Err(_) => stages.clear(),
            },
            _ => {}
        }
    }
}

/// The API and the stage that a change below an API is about.
fn place(change: &Change) -> Option<(RestApiId, StageName)> {
    Some((change.parent.parse().ok()?, change.id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use store::Transaction;

    use super::*;

    const API_ID: &str = "abcdef1234";

    /// A store with an API without methods, deployed to the stage `prod`.
    async fn store() -> Store {
        let store = Store::in_memory().unwrap();
        let api = json!({
            "id": API_ID, "name": "test", "createdDate": 0, "apiKeySource": "HEADER", "rootResourceId": "root000000",
            "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"}, "disableExecuteApiEndpoint": false,
        });
        let snapshot = json!({
            "restApi": api, "resources": [], "methods": [], "models": [], "requestValidators": [], "authorizers": [],
            "gatewayResponses": [],
        });
        let stage = json!({
            "stageName": "prod", "deploymentId": "d1e2f3", "cacheClusterEnabled": false, "methodSettings": {},
            "cacheClusterStatus": "NOT_AVAILABLE", "tracingEnabled": false, "createdDate": 0, "lastUpdatedDate": 0,
        });
        let api: RestApi = serde_json::from_value(api).unwrap();
        let stage: Stage = serde_json::from_value(stage).unwrap();
        let snapshot: ApiSnapshot = serde_json::from_value(snapshot).unwrap();
        let scope = Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() };
        let job = move |transaction: &mut Transaction<'_>| -> store::Result<()> {
            transaction.put(&scope, "", API_ID, &api)?;
            transaction.put(&scope, API_ID, "prod", &stage)?;
            transaction.put(&scope, API_ID, "d1e2f3", &snapshot)?;
            Ok(())
        };
        store.write(job).await.unwrap();
        store
    }

    #[tokio::test]
    async fn requests_that_come_at_once_share_one_load() {
        let loader = StageLoader::new(store().await, StageLimits { account: None, cache_bytes_max: 0 });
        let address = Address::parse("abcdef1234.execute-api.localhost", "/prod/pets").unwrap();
        let (first, second, third) = tokio::join!(loader.find(&address), loader.find(&address), loader.find(&address));
        let first = first.unwrap().unwrap();
        assert!([second, third].into_iter().all(|found| Arc::ptr_eq(&first, &found.unwrap().unwrap())));

        loader.stages.invalidate(&API_ID.parse().unwrap());
        assert!(!Arc::ptr_eq(&first, &loader.find(&address).await.unwrap().unwrap()));
        let elsewhere = Address::parse("abcdef1234.execute-api.localhost", "/test/pets").unwrap();
        assert!(loader.find(&elsewhere).await.unwrap().is_none());
    }
}
