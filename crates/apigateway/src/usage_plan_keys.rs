//! API keys in usage plans. API Reference, "UsagePlanKey".
//!
//! A key may be in several plans, as long as no stage is in two of them: it would not be known which plan counts.

use definition::{
    Scope,
    api_key::{ApiKey, ApiKeyUsagePlan},
    id::{ApiKeyId, UsagePlanId},
    usage::Usage,
    usage_plan::{ApiStage, UsagePlan, UsagePlanKey},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use store::{Order, Reader, Transaction};

use crate::{
    api_keys,
    call::Call,
    failure::{Failure, Result},
    usage_plans,
    wire::{Answer, PageRequest, collection},
};

/// The only type of key there is.
const API_KEY: &str = "API_KEY";

/// In how many plans a key can be: the quota "Usage plans per API key".
pub(crate) const PLANS_PER_KEY_MAX: usize = 10;

/// The plans that a key is in, in the order in which it came into them.
pub(crate) fn plans_of(reader: &Reader<'_>, scope: &Scope, key: &ApiKeyId) -> Result<Vec<UsagePlanId>> {
    let links = reader.list_all::<ApiKeyUsagePlan>(scope, key.as_str())?;
    Ok(links.into_iter().map(|link| link.usage_plan_id).collect())
}

/// Whether a key is in a plan.
pub(crate) fn is_in(reader: &Reader<'_>, scope: &Scope, plan: &str, key: &ApiKeyId) -> Result<bool> {
    Ok(reader.get::<UsagePlanKey>(scope, plan, key.as_str())?.is_some())
}

/// Puts a key into a plan.
pub(crate) fn attach(transaction: &mut Transaction<'_>, scope: &Scope, plan: &UsagePlan, key: &ApiKey) -> Result<()> {
    if is_in(transaction, scope, plan.id.as_str(), &key.id)? {
        let message = format!("Usage Plan {} cannot be added because API Key {} is in it already", plan.id, key.id);
        return Err(Failure::conflict(message));
    }
    let plans = plans_of(transaction, scope, &key.id)?;
    if plans.len() >= PLANS_PER_KEY_MAX {
        return Err(too_many_plans());
    }
    for other in &plans {
        let other = usage_plans::find(transaction, scope, other.as_str())?;
        let is_shared = |stage: &&ApiStage| other.api_stage(stage.api_id.as_str(), stage.stage.as_str()).is_some();
        if let Some(shared) = plan.api_stages.iter().find(is_shared) {
            return Err(several_plans(&plan.id, &key.id, shared));
        }
    }
    let (plan_id, key_id) = (plan.id.clone(), key.id.clone());
    transaction.insert(scope, plan.id.as_str(), key.id.as_str(), &UsagePlanKey { api_key_id: key_id })?;
    transaction.insert(scope, key.id.as_str(), plan.id.as_str(), &ApiKeyUsagePlan { usage_plan_id: plan_id })?;
    Ok(())
}

/// The refusal of more plans than a key can be in.
pub(crate) fn too_many_plans() -> Failure {
    Failure::bad_request(format!("An API Key can be in at most {PLANS_PER_KEY_MAX} Usage Plans"))
}

/// The refusal of what would put a stage into two plans of a key.
pub(crate) fn several_plans(plan: &UsagePlanId, key: &ApiKeyId, stage: &ApiStage) -> Failure {
    Failure::conflict(format!(
        "Usage Plan {plan} cannot be added because API Key {key} cannot reference multiple Usage Plans with the same API \
         stage: {}:{}",
        stage.api_id, stage.stage
    ))
}

/// Takes a key out of a plan, with what it used of it.
pub(crate) fn detach(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    plan: &UsagePlanId,
    key: &ApiKeyId,
) -> Result<()> {
    for day in transaction.list_prefix::<Usage>(scope, plan.as_str(), &format!("{key}/"))? {
        transaction.delete::<Usage>(scope, plan.as_str(), &day.record_id())?;
    }
    transaction.delete::<UsagePlanKey>(scope, plan.as_str(), key.as_str())?;
    transaction.delete::<ApiKeyUsagePlan>(scope, key.as_str(), plan.as_str())?;
    Ok(())
}

/// The plan and the key in it that a call's path names; `unknown` words the refusal of a key that is not in the plan.
pub(crate) fn named(reader: &Reader<'_>, call: &Call, unknown: fn() -> Failure) -> Result<(UsagePlan, ApiKey)> {
    let plan = usage_plans::named(reader, call)?;
    let link: Option<UsagePlanKey> = reader.get(call.scope(), plan.id.as_str(), call.path("keyId"))?;
    let link = link.ok_or_else(unknown)?;
    let key = api_keys::find(reader, call.scope(), link.api_key_id.as_str())?;
    Ok((plan, key))
}

fn shown(key: &ApiKey) -> Value {
    let mut document = Map::new();
    document.insert("id".to_owned(), json!(key.id));
    document.insert("type".to_owned(), json!(API_KEY));
    document.insert("value".to_owned(), json!(key.value));
    if let Some(name) = &key.name {
        document.insert("name".to_owned(), json!(name));
    }
    Value::Object(document)
}

/// `CreateUsagePlanKey`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateUsagePlanKeyInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("keyId", input.key_id.as_ref());
    violations.required("keyType", input.key_type.as_ref());
    violations.finish()?;
    let plan = usage_plans::named(transaction, call)?;
    if input.key_type.as_deref() != Some(API_KEY) {
        return Err(Failure::bad_request(format!("Invalid key type specified. Must be one of: [{API_KEY}]")));
    }
    let key = api_keys::find(transaction, call.scope(), input.key_id.as_deref().unwrap_or_default())?;
    attach(transaction, call.scope(), &plan, &key)?;
    Answer::created(shown(&key))
}

/// `GetUsagePlanKeys`: those whose names start with `name`. A plan that does not exist has none.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    let prefix = call.query("name").unwrap_or_default();
    let range = page.range(Order::OldestFirst);
    let found = reader.pick(call.scope(), call.path("usageplanId"), range, |link: UsagePlanKey| {
        let key = api_keys::find(reader, call.scope(), link.api_key_id.as_str())?;
        let is_named = key.name.as_deref().unwrap_or_default().starts_with(prefix);
        Ok::<_, Failure>(is_named.then(|| shown(&key)))
    })?;
    collection(found.items, found.next)
}

/// `GetUsagePlanKey`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let (_, key) = named(reader, call, api_keys::unknown)?;
    Answer::ok(shown(&key))
}

/// `DeleteUsagePlanKey`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let (plan, key) = named(transaction, call, api_keys::unknown)?;
    detach(transaction, call.scope(), &plan.id, &key.id)?;
    Ok(Answer::accepted())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateUsagePlanKeyInput {
    key_id: Option<String>,
    key_type: Option<String>,
}
