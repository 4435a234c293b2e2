//! Stages: names under which deployments are served, and settings that act at once. API Reference, "Stage".
//!
//! Differs from AWS: a cache is available as soon as it is asked for.

mod patch;
mod settings;
mod wire;

use definition::{
    Scope,
    deployment::Deployment,
    id::{DeploymentId, StageName},
    stage::{CacheFlush, Stage},
    time::EpochSeconds,
};
use indexmap::IndexMap;
use store::{Reader, Transaction};

use crate::{
    base_path_mappings,
    call::Call,
    client_certificates, documentation,
    failure::{Failure, Result},
    rest_apis, usage_plans,
    wire::{Answer, whole_collection},
};

pub(crate) use wire::CACHE_CLUSTER_SIZES;

/// The size of a cache for which none was given, in GB.
const CACHE_CLUSTER_SIZE_DEFAULT: &str = "0.5";

/// The stage of this name; also refuses, in the same words, when the API does not exist.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, api: &str, name: &str) -> Result<Stage> {
    let unknown = || Failure::not_found("Invalid stage identifier specified");
    reader.get(scope, api, name)?.ok_or_else(unknown)
}

fn named(reader: &Reader<'_>, call: &Call) -> Result<Stage> {
    find(reader, call.scope(), call.api(), call.path("stage_name"))
}

/// Keeps a stage, new or changed.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, stage: &Stage) -> Result<()> {
    transaction.put(scope, api, stage.stage_name.as_str(), stage)?;
    Ok(())
}

/// A stage for which nothing else was said.
pub(crate) fn new(stage_name: StageName, deployment_id: DeploymentId, now: EpochSeconds) -> Stage {
    Stage {
        stage_name,
        deployment_id,
        description: None,
        cache_cluster_enabled: false,
        cache_cluster_size: None,
        cache_cluster_status: "NOT_AVAILABLE".to_owned(),
        method_settings: IndexMap::new(),
        variables: None,
        documentation_version: None,
        client_certificate_id: None,
        access_log_settings: None,
        canary_settings: None,
        tracing_enabled: false,
        tags: IndexMap::new(),
        created_date: now,
        last_updated_date: now,
    }
}

/// Asks for a cache, or for none; what is not said stays.
pub(crate) fn set_cache_cluster(stage: &mut Stage, enabled: Option<bool>, size: Option<String>) {
    if let Some(enabled) = enabled {
        stage.cache_cluster_enabled = enabled;
    }
    if size.is_some() {
        stage.cache_cluster_size = size;
    }
    if stage.cache_cluster_enabled && stage.cache_cluster_size.is_none() {
        stage.cache_cluster_size = Some(CACHE_CLUSTER_SIZE_DEFAULT.to_owned());
    }
    let status = if stage.cache_cluster_enabled { "AVAILABLE" } else { "NOT_AVAILABLE" };
    status.clone_into(&mut stage.cache_cluster_status);
}

/// A stage's name.
pub(crate) fn stage_name(text: &str) -> Result<StageName> {
    text.parse().map_err(|_| Failure::bad_request("Stage name only allows a-zA-Z0-9_-"))
}

/// Refuses a stage that cannot be, whichever call made it so.
pub(crate) fn check(stage: &Stage) -> Result<()> {
    settings::check_variables(stage.variables.as_ref())?;
    let Some(canary) = &stage.canary_settings else { return Ok(()) };
    settings::check_variables(canary.stage_variable_overrides.as_ref())?;
    if !(0.0..=100.0).contains(&canary.percent_traffic) {
        return Err(Failure::bad_request("Canary percent traffic must be between 0.0 and 100.0"));
    }
    Ok(())
}

/// Refuses a stage that points at what is not there.
fn check_deployments(reader: &Reader<'_>, call: &Call, stage: &Stage) -> Result<()> {
    let canary = stage.canary_settings.as_ref().and_then(|canary| canary.deployment_id.as_ref());
    for id in std::iter::once(&stage.deployment_id).chain(canary) {
        if reader.get::<Deployment>(call.scope(), call.api(), id.as_str())?.is_none() {
            return Err(settings::unknown_deployment());
        }
    }
    Ok(())
}

/// `CreateStage`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::CreateStageInput = call.decode()?;
    input.check(call)?;
    rest_apis::find(transaction, call.scope(), call.api())?;
    let name = stage_name(input.stage_name.as_deref().unwrap_or_default())?;
    if transaction.get::<Stage>(call.scope(), call.api(), name.as_str())?.is_some() {
        return Err(Failure::conflict("Stage already exists"));
    }
    let stage = input.into_stage(name, call.time())?;
    check(&stage)?;
    check_deployments(transaction, call, &stage)?;
    documentation::versions::check_stage(transaction, call, &stage)?;
    keep(transaction, call.scope(), call.api(), &stage)?;
    Answer::created(stage)
}

/// `GetStages`, which is not paged; with `deploymentId`, those that serve it.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::find(reader, call.scope(), call.api())?;
    let stages = reader.list_all::<Stage>(call.scope(), call.api())?;
    let wanted = call.query("deploymentId").filter(|id| !id.is_empty());
    let serves = |stage: &&Stage| wanted.is_none_or(|id| stage.deployment_id.as_str() == id);
    whole_collection(stages.iter().filter(serves).map(serde_json::to_value).collect::<Result<_, _>>()?)
}

/// `GetStage`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(named(reader, call)?)
}

/// `UpdateStage`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = crate::patch::read(call)?;
    let mut stage = named(transaction, call)?;
    patch::TABLE.apply(&mut stage, &patches)?;
    check(&stage)?;
    check_deployments(transaction, call, &stage)?;
    client_certificates::check_stage(transaction, call.scope(), &stage)?;
    documentation::versions::check_stage(transaction, call, &stage)?;
    stage.last_updated_date = call.time();
    keep(transaction, call.scope(), call.api(), &stage)?;
    Answer::ok(stage)
}

/// `DeleteStage`: refused while domain names lead to it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let stage = named(transaction, call)?;
    let hosts = base_path_mappings::hosts_of_stage(transaction, call.scope(), call.api(), &stage.stage_name)?;
    if !hosts.is_empty() {
        return Err(Failure::bad_request(format!(
            "Deleting stage {} failed. Please remove all base path mappings related to the stage in your domains: {}",
            stage.stage_name,
            hosts.join(", "),
        )));
    }
    transaction.delete::<Stage>(call.scope(), call.api(), stage.stage_name.as_str())?;
    transaction.delete::<CacheFlush>(call.scope(), call.api(), stage.stage_name.as_str())?;
    usage_plans::forget_stage(transaction, call.scope(), call.api(), &stage.stage_name)?;
    Ok(Answer::accepted())
}

/// `FlushStageCache`: whoever holds the cache empties it before this call is answered.
pub(crate) fn flush_cache(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let stage = named(transaction, call)?;
    let flush = CacheFlush { flushed_date: call.time() };
    transaction.put(call.scope(), call.api(), stage.stage_name.as_str(), &flush)?;
    Ok(Answer::accepted())
}

/// `FlushStageAuthorizersCache`. This version caches no authorizer's answers, so there is nothing to flush.
pub(crate) fn flush_authorizers_cache(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    named(reader, call)?;
    Ok(Answer::accepted())
}
