//! Usage plans: which stages keys may call, how fast and how often. API Reference, "UsagePlan".
//!
//! A plan names its stages, and each stage's API keeps the plans that name it, so that either is found from the other. A stage
//! that is deleted leaves its plans.

mod draft;
mod patch;
mod stages;
mod wire;

use definition::{
    Scope,
    api_key::ApiKeyUsagePlan,
    id::UsagePlanId,
    usage_plan::{UsagePlan, UsagePlanKey},
};
use serde_json::{Value, json};
use store::{Order, Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::fresh,
    wire::{Answer, PageRequest, collection},
};

pub(crate) use stages::{forget_api, forget_stage};

/// How many an account has at most in a region ("Quotas for configuring and running a REST API in API Gateway").
const PLANS_MAX: u64 = 300;

/// The plan with this id.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, id: &str) -> Result<UsagePlan> {
    reader.get(scope, "", id)?.ok_or_else(|| Failure::not_found("Invalid Usage Plan ID specified"))
}

/// The plan that a call's path names.
pub(crate) fn named(reader: &Reader<'_>, call: &Call) -> Result<UsagePlan> {
    find(reader, call.scope(), call.path("usageplanId"))
}

/// Keeps a plan, new or changed.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, plan: &UsagePlan) -> Result<()> {
    transaction.put(scope, "", plan.id.as_str(), plan)?;
    Ok(())
}

/// A plan's wire form, with its tags if it has any.
fn shown_briefly(plan: &UsagePlan) -> Result<Value> {
    let mut document = serde_json::to_value(plan)?;
    if let Some(quota) = document.get_mut("quota").and_then(Value::as_object_mut) {
        quota.shift_remove("since");
    }
    Ok(document)
}

/// The same with its tags, an empty map of them included.
fn shown(plan: &UsagePlan) -> Result<Value> {
    let mut document = shown_briefly(plan)?;
    document["tags"] = json!(plan.tags);
    Ok(document)
}

/// `CreateUsagePlan`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::CreateUsagePlanInput = call.decode()?;
    input.check(call)?;
    let show: fn(&UsagePlan) -> Result<Value> = if input.tags.is_some() { shown } else { shown_briefly };
    let taken = |id: &UsagePlanId| Ok(transaction.find_by_id::<UsagePlan>(id.as_str())?.is_some());
    let id = fresh(|| call.ids.short(), taken)?;
    let plan = input.into_draft(id)?.finish(call.today())?;
    stages::associate(transaction, call.scope(), &[], &plan, &plan.name)?;
    if transaction.count::<UsagePlan>(call.scope(), "")? >= PLANS_MAX {
        return Err(Failure::limit_exceeded("usage plans", "account"));
    }
    transaction.insert(call.scope(), "", plan.id.as_str(), &plan)?;
    Answer::created(show(&plan)?)
}

/// `GetUsagePlans`; with `keyId`, those that the key is in.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let range = PageRequest::of(call)?.range(Order::OldestFirst);
    let found = match call.query("keyId").filter(|id| !id.is_empty()) {
        None => reader.pick(call.scope(), "", range, |plan: UsagePlan| shown_briefly(&plan).map(Some))?,
        Some(key) => reader.pick(call.scope(), key, range, |link: ApiKeyUsagePlan| {
            let plan = find(reader, call.scope(), link.usage_plan_id.as_str())?;
            shown_briefly(&plan).map(Some)
        })?,
    };
    collection(found.items, found.next)
}

/// `GetUsagePlan`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(shown(&named(reader, call)?)?)
}

/// `UpdateUsagePlan`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let plan = named(transaction, call)?;
    let stages_before = plan.api_stages.clone();
    let mut draft = draft::Draft::from(plan);
    patch::TABLE.apply(&mut draft, &patches)?;
    let plan = draft.finish(call.today())?;
    stages::associate(transaction, call.scope(), &stages_before, &plan, plan.id.as_str())?;
    keep(transaction, call.scope(), &plan)?;
    Answer::ok(shown(&plan)?)
}

/// `DeleteUsagePlan`: refused while stages are in it. Its keys leave it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let plan = named(transaction, call)?;
    let id = plan.id.as_str();
    if let Some(stage) = plan.api_stages.first() {
        return Err(Failure::bad_request(format!(
            "Cannot delete Usage Plan {id} because there are API Stages associated with it, including {}:{}",
            stage.api_id, stage.stage
        )));
    }
    for link in transaction.list_all::<UsagePlanKey>(call.scope(), id)? {
        transaction.delete::<ApiKeyUsagePlan>(call.scope(), link.api_key_id.as_str(), id)?;
    }
    transaction.delete_children::<UsagePlan>(call.scope(), id)?;
    transaction.delete::<UsagePlan>(call.scope(), "", id)?;
    Ok(Answer::accepted())
}
