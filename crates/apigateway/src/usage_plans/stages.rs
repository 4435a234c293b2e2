//! The stages of usage plans, and the plans of stages.

use std::collections::HashMap;

use definition::{
    Scope,
    id::{StageName, UsagePlanId},
    rest_api::RestApi,
    stage::Stage,
    usage_plan::{ApiStage, StageUsagePlan, UsagePlan, UsagePlanKey},
};
use indexmap::IndexMap;
use store::{Reader, Transaction};

use super::{find, keep};
use crate::{
    failure::{Failure, Result},
    usage_plan_keys,
};

/// How many stages a plan can have; ours, AWS publishes none.
const API_STAGES_MAX: usize = 500;

/// The refusal of a stage that does not exist; `plan` is how the client knows the plan.
pub(super) fn unknown(api: &str, stage: &str, plan: &str) -> Failure {
    Failure::not_found(format!("Invalid API Stage {{api: {api}, stage: {stage}}} specified for usageplan {plan}"))
}

/// The refusal of a text that names no stage.
pub(super) fn not_a_stage() -> Failure {
    Failure::bad_request("Invalid API Stage specified")
}

/// A stage as a client names it, without throttles.
pub(super) fn api_stage(api: &str, stage: &str, plan: &str) -> Result<ApiStage> {
    if api.is_empty() || stage.is_empty() {
        return Err(not_a_stage());
    }
    let (Ok(api_id), Ok(stage)) = (api.parse(), stage.parse()) else {
        return Err(unknown(api, stage, plan));
    };
    Ok(ApiStage { api_id, stage, throttle: IndexMap::new() })
}

/// Adds a stage that is not yet among a plan's.
pub(super) fn add(api_stages: &mut Vec<ApiStage>, added: ApiStage) -> Result<()> {
    let ApiStage { api_id, stage, .. } = &added;
    if api_stages.iter().any(|present| present.is(api_id.as_str(), stage.as_str())) {
        let message = format!("API Stage {api_id}:{stage} is already associated with the Usage Plan");
        return Err(Failure::conflict(message));
    }
    if api_stages.len() >= API_STAGES_MAX {
        return Err(Failure::bad_request(format!("A Usage Plan has at most {API_STAGES_MAX} API Stages")));
    }
    api_stages.push(added);
    Ok(())
}

/// Keeps what the stages of a plan are to others, `before` being its stages up to now; `name` is how the client knows the plan.
pub(super) fn associate(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    before: &[ApiStage],
    plan: &UsagePlan,
    name: &str,
) -> Result<()> {
    let link = |stage: &ApiStage| StageUsagePlan { stage: stage.stage.clone(), usage_plan_id: plan.id.clone() };
    for gone in before.iter().filter(|stage| plan.api_stage(stage.api_id.as_str(), stage.stage.as_str()).is_none()) {
        transaction.delete::<StageUsagePlan>(scope, gone.api_id.as_str(), &link(gone).record_id())?;
    }
    let is_new = |stage: &&ApiStage| !before.iter().any(|known| known.is(stage.api_id.as_str(), stage.stage.as_str()));
    let added: Vec<&ApiStage> = plan.api_stages.iter().filter(is_new).collect();
    check_keys(transaction, scope, plan, &added)?;
    for added in added {
        let (api, stage) = (added.api_id.as_str(), added.stage.as_str());
        let is_there = transaction.get::<RestApi>(scope, "", api)?.is_some()
            && transaction.get::<Stage>(scope, api, stage)?.is_some();
        if !is_there {
            return Err(unknown(api, stage, name));
        }
        transaction.insert(scope, api, &link(added).record_id(), &link(added))?;
    }
    Ok(())
}

/// Refuses new stages of a plan that another plan of one of its keys has already.
fn check_keys(reader: &Reader<'_>, scope: &Scope, plan: &UsagePlan, added: &[&ApiStage]) -> Result<()> {
    let mut taken: HashMap<UsagePlanId, &ApiStage> = HashMap::new();
    for &stage in added {
        let others = plans_of(reader, scope, stage.api_id.as_str(), &format!("{}/", stage.stage))?;
        taken.extend(others.into_iter().map(|link| (link.usage_plan_id, stage)));
    }
    if taken.is_empty() {
        return Ok(());
    }
    for UsagePlanKey { api_key_id } in reader.list_all(scope, plan.id.as_str())? {
        let others = usage_plan_keys::plans_of(reader, scope, &api_key_id)?;
        if let Some(stage) = others.iter().find_map(|other| taken.get(other)) {
            return Err(usage_plan_keys::several_plans(&plan.id, &api_key_id, stage));
        }
    }
    Ok(())
}

/// The plans of the stages of an API whose links start with `prefix`.
fn plans_of(reader: &Reader<'_>, scope: &Scope, api: &str, prefix: &str) -> Result<Vec<StageUsagePlan>> {
    Ok(reader.list_prefix::<StageUsagePlan>(scope, api, prefix)?)
}

/// Takes a stage that is deleted out of its plans.
pub(crate) fn forget_stage(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    api: &str,
    stage: &StageName,
) -> Result<()> {
    forget(transaction, scope, api, &format!("{stage}/"))
}

/// Takes all stages of an API that is deleted out of their plans.
pub(crate) fn forget_api(transaction: &mut Transaction<'_>, scope: &Scope, api: &str) -> Result<()> {
    forget(transaction, scope, api, "")
}

fn forget(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, prefix: &str) -> Result<()> {
    for link in plans_of(transaction, scope, api, prefix)? {
        let mut plan = find(transaction, scope, link.usage_plan_id.as_str())?;
        plan.api_stages.retain(|associated| !associated.is(api, link.stage.as_str()));
        keep(transaction, scope, &plan)?;
        transaction.delete::<StageUsagePlan>(scope, api, &link.record_id())?;
    }
    Ok(())
}
