//! Deployments: the definition of an API frozen, and served by the stages that point at it. API Reference, "Deployment".

mod wire;

use definition::{ApiSnapshot, Scope, deployment::Deployment, id::DeploymentId, stage::Stage};
use serde_json::{Map, Value, json};
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::{Ids, fresh},
    patch::{self, Dialect, Op, Rule, Table},
    rest_apis, snapshots, stages,
    wire::Answer,
};

static TABLE: Table<Deployment> = Table {
    dialect: Dialect::Plain,
    rules: &[Rule::set("/description", &[Op::Replace], |deployment, patch| {
        deployment.description = patch.optional_text();
    })],
};

/// The deployment with this id; also refuses, in the same words, when the API does not exist.
fn find(reader: &Reader<'_>, scope: &Scope, api: &str, id: &str) -> Result<Deployment> {
    let unknown = || Failure::not_found("Invalid Deployment identifier specified");
    reader.get(scope, api, id)?.ok_or_else(unknown)
}

fn named(reader: &Reader<'_>, call: &Call) -> Result<Deployment> {
    find(reader, call.scope(), call.api(), call.path("deployment_id"))
}

/// Freezes the current definition of an API.
pub(crate) fn freeze(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    snapshot: &ApiSnapshot,
    ids: &Ids,
    description: Option<String>,
    now: jiff::Timestamp,
) -> Result<Deployment> {
    if snapshot.methods.is_empty() {
        return Err(Failure::bad_request("The REST API doesn't contain any methods"));
    }
    if snapshot.methods.iter().any(|method| method.integration.is_none()) {
        return Err(Failure::bad_request("No integration defined for method"));
    }
    let api = snapshot.rest_api.id.as_str();
    let taken = |id: &DeploymentId| Ok(transaction.get::<Deployment>(scope, api, id.as_str())?.is_some());
    let id = fresh(|| ids.short(), taken)?;
    let deployment = Deployment { id, description, created_date: now.into() };
    transaction.insert(scope, api, deployment.id.as_str(), &deployment)?;
    transaction.insert(scope, api, deployment.id.as_str(), snapshot)?;
    Ok(deployment)
}

/// `CreateDeployment`: with a stage's name, the stage is made or pointed at the new deployment; with canary settings, only a
/// share of its traffic is.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::CreateDeploymentInput = call.decode()?;
    input.check(call)?;
    let api = rest_apis::find(transaction, call.scope(), call.api())?;
    let stage = find_stage(transaction, call, &input)?;
    let snapshot = snapshots::load(transaction, call.scope(), api)?;
    let deployment = freeze(transaction, call.scope(), &snapshot, &call.ids, input.description.clone(), call.now)?;
    if let Some(name) = input.stage_name.clone().filter(|name| !name.is_empty()) {
        let stage = match stage {
            Some(stage) => input.onto(stage, &deployment.id, call.time()),
            None => input.new_stage(stages::stage_name(&name)?, deployment.id.clone(), call.time()),
        };
        stages::check(&stage)?;
        stages::keep(transaction, call.scope(), call.api(), &stage)?;
    }
    Answer::created(deployment)
}

/// The stage that the deployment is for, when it exists; a canary needs it to.
fn find_stage(reader: &Reader<'_>, call: &Call, input: &wire::CreateDeploymentInput) -> Result<Option<Stage>> {
    let name = input.stage_name.as_deref().unwrap_or_default();
    let stage: Option<Stage> = if name.is_empty() { None } else { reader.get(call.scope(), call.api(), name)? };
    if input.canary_settings.is_none() || stage.is_some() {
        return Ok(stage);
    }
    Err(Failure::bad_request(if name.is_empty() {
        let given = input.stage_name.as_deref().unwrap_or("null");
        format!(
            "Invalid deployment content specified.Non null and non empty stageName must be provided for canary \
             deployment. Provided value is {given}"
        )
    } else {
        format!(
            "Invalid deployment content specified.Stage {name} must already be created before making a canary release \
             deployment"
        )
    }))
}

/// `GetDeployments`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::list_below::<Deployment>(reader, call)
}

/// `GetDeployment`; with `embed=apisummary`, with the methods that it froze.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let deployment = named(reader, call)?;
    let mut document = serde_json::to_value(&deployment)?;
    if call.embeds("apisummary") {
        let snapshot: Option<ApiSnapshot> = reader.get(call.scope(), call.api(), deployment.id.as_str())?;
        document["apiSummary"] = Value::Object(snapshot.as_ref().map(summary).unwrap_or_default());
    }
    Answer::ok(document)
}

/// `UpdateDeployment`: its description; what it froze never changes.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut deployment = named(transaction, call)?;
    TABLE.apply(&mut deployment, &patches)?;
    transaction.put(call.scope(), call.api(), deployment.id.as_str(), &deployment)?;
    Answer::ok(deployment)
}

/// `DeleteDeployment`: refused while a stage or its canary points at it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let deployment = named(transaction, call)?;
    if is_used(transaction, call.scope(), call.api(), &deployment.id)? {
        return Err(Failure::bad_request("Active stages pointing to this deployment must be moved or deleted"));
    }
    discard(transaction, call.scope(), call.api(), &deployment.id)?;
    Ok(Answer::accepted())
}

/// Whether a stage or a canary points at a deployment.
pub(crate) fn is_used(reader: &Reader<'_>, scope: &Scope, api: &str, id: &DeploymentId) -> Result<bool> {
    let stages = reader.list_all::<Stage>(scope, api)?;
    Ok(stages.iter().any(|stage| {
        let canary = stage.canary_settings.as_ref().and_then(|canary| canary.deployment_id.as_ref());
        stage.deployment_id == *id || canary == Some(id)
    }))
}

/// Deletes a deployment with what it froze.
pub(crate) fn discard(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, id: &DeploymentId) -> Result<()> {
    transaction.delete::<Deployment>(scope, api, id.as_str())?;
    transaction.delete::<ApiSnapshot>(scope, api, id.as_str())?;
    Ok(())
}

/// The methods of a definition by path and name.
fn summary(snapshot: &ApiSnapshot) -> Map<String, Value> {
    let mut summary = Map::new();
    for resource in &snapshot.resources {
        let methods: Map<String, Value> = snapshot
            .methods
            .iter()
            .filter(|method| method.resource_id == resource.id)
            .map(|method| {
                let settings = json!({
                    "authorizationType": method.authorization_type.as_str(),
                    "apiKeyRequired": method.api_key_required,
                });
                (method.http_method.to_string(), settings)
            })
            .collect();
        if !methods.is_empty() {
            summary.insert(resource.path.clone(), Value::Object(methods));
        }
    }
    summary
}
