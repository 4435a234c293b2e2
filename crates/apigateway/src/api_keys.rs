//! API keys: who a client is to usage plans. API Reference, "ApiKey".
//!
//! A key's value is a secret: it comes from the system's randomness, belongs to one key of an account and region, and is shown
//! when the key is made and afterwards only to who asks for it.
//!
//! Differs from AWS: `generateDistinctId` changes nothing, an id is never the value; `stageKeys` are kept and shown, and give
//! access to nothing.

mod csv;
mod import;
mod patch;
mod stage_keys;
mod value;
mod wire;

use definition::{
    Scope,
    api_key::{ApiKey, ApiKeyValueOwner},
    id::ApiKeyId,
};
use serde_json::{Value, json};
use store::{Order, Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::{Ids, fresh},
    tags, usage_plan_keys,
    wire::{Answer, PageRequest, collection},
};

pub(crate) use import::import;

/// How many an account has at most in a region ("Quotas for configuring and running a REST API in API Gateway").
const KEYS_MAX: u64 = 10_000;

/// How many keys an account may still make.
fn room(reader: &Reader<'_>, scope: &Scope) -> Result<u64> {
    Ok(KEYS_MAX.saturating_sub(reader.count::<ApiKey>(scope, "")?))
}

/// Takes the place of a new key; refuses when there is none.
fn take_place(room: &mut u64) -> Result<()> {
    *room = room.checked_sub(1).ok_or_else(|| Failure::limit_exceeded("API keys", "account"))?;
    Ok(())
}

/// The key with this id.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, id: &str) -> Result<ApiKey> {
    reader.get(scope, "", id)?.ok_or_else(unknown)
}

/// The refusal of an id that names no key.
pub(crate) fn unknown() -> Failure {
    Failure::not_found("Invalid API Key identifier specified")
}

fn named(reader: &Reader<'_>, call: &Call) -> Result<ApiKey> {
    find(reader, call.scope(), call.path("api_Key"))
}

/// Keeps a changed key.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, key: &ApiKey) -> Result<()> {
    transaction.put(scope, "", key.id.as_str(), key)?;
    Ok(())
}

/// Keeps a new key, whose value nobody else may have.
fn insert(transaction: &mut Transaction<'_>, scope: &Scope, key: &ApiKey) -> Result<()> {
    let digest = value::digest(&key.value);
    if transaction.get::<ApiKeyValueOwner>(scope, "", &digest)?.is_some() {
        return Err(Failure::conflict("API Key already exists"));
    }
    transaction.insert(scope, "", &digest, &ApiKeyValueOwner { api_key_id: key.id.clone() })?;
    transaction.insert(scope, "", key.id.as_str(), key)?;
    Ok(())
}

/// An id that no key of any account or region has.
fn fresh_id(reader: &Reader<'_>, ids: &Ids) -> Result<ApiKeyId> {
    fresh(|| ids.long(), |id: &ApiKeyId| Ok(reader.find_by_id::<ApiKey>(id.as_str())?.is_some()))
}

/// A key's wire form with its value, and with its tags if it has any.
fn shown_with_value(key: &ApiKey) -> Result<Value> {
    let mut document = serde_json::to_value(key)?;
    if let Some(members) = document.as_object_mut() {
        members.shift_remove("labels");
    }
    Ok(document)
}

/// The same without the value.
fn shown(key: &ApiKey) -> Result<Value> {
    let mut document = shown_with_value(key)?;
    if let Some(members) = document.as_object_mut() {
        members.shift_remove("value");
    }
    Ok(document)
}

/// `CreateApiKey`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::CreateApiKeyInput = call.decode()?;
    let tags_given = input.tags.is_some();
    let stage_keys = stage_keys::read(input.stage_keys.unwrap_or_default())?;
    let key = ApiKey {
        value: match input.value.as_deref() {
            None | Some("") => value::generate()?,
            Some(text) => value::parse(text)?,
        },
        name: wire::name(input.name)?,
        customer_id: input.customer_id.filter(|text| !text.is_empty()),
        description: wire::description(input.description)?,
        enabled: input.enabled.unwrap_or_default(),
        created_date: call.time(),
        last_updated_date: call.time(),
        stage_keys,
        labels: Vec::new(),
        tags: tags::checked(input.tags.unwrap_or_default())?,
        id: fresh_id(transaction, &call.ids)?,
    };
    stage_keys::check(transaction, call.scope(), &key.stage_keys)?;
    take_place(&mut room(transaction, call.scope())?)?;
    insert(transaction, call.scope(), &key)?;
    let mut document = shown_with_value(&key)?;
    if tags_given {
        document["tags"] = json!(key.tags);
    }
    Answer::created(document)
}

/// `GetApiKeys`, newest first: those whose names start with `name` and that belong to `customerId`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    let prefix = call.query("name").unwrap_or_default();
    let customer = call.query("customerId").filter(|id| !id.is_empty());
    let show: fn(&ApiKey) -> Result<Value> = if call.query_flag("includeValues") { shown_with_value } else { shown };
    let found = reader.pick(call.scope(), "", page.range(Order::NewestFirst), |key: ApiKey| {
        let is_named = key.name.as_deref().unwrap_or_default().starts_with(prefix);
        let is_wanted = is_named && (customer.is_none() || key.customer_id.as_deref() == customer);
        is_wanted.then(|| show(&key)).transpose()
    })?;
    collection(found.items, found.next)
}

/// `GetApiKey`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let key = named(reader, call)?;
    let mut document = if call.query_flag("includeValue") { shown_with_value(&key)? } else { shown(&key)? };
    document["tags"] = json!(key.tags);
    Answer::ok(document)
}

/// `UpdateApiKey`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = crate::patch::read(call)?;
    let mut key = named(transaction, call)?;
    let stage_keys_before = key.stage_keys.clone();
    patch::TABLE.apply(&mut key, &patches)?;
    let added: Vec<String> =
        key.stage_keys.iter().filter(|stage_key| !stage_keys_before.contains(stage_key)).cloned().collect();
    stage_keys::check(transaction, call.scope(), &added)?;
    key.last_updated_date = call.time();
    keep(transaction, call.scope(), &key)?;
    let mut document = shown(&key)?;
    document["tags"] = json!(key.tags);
    Answer::ok(document)
}

/// `DeleteApiKey`: it leaves its usage plans, with what it used of them.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let key = named(transaction, call)?;
    for plan in usage_plan_keys::plans_of(transaction, call.scope(), &key.id)? {
        usage_plan_keys::detach(transaction, call.scope(), &plan, &key.id)?;
    }
    transaction.delete::<ApiKeyValueOwner>(call.scope(), "", &value::digest(&key.value))?;
    transaction.delete::<ApiKey>(call.scope(), "", key.id.as_str())?;
    Ok(Answer::accepted())
}
