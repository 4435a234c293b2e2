//! REST APIs themselves: their settings, and their beginning and end. API Reference, "RestApi".
//!
//! A new API has a root resource and the models `Empty` and `Error`; one that is imported has what its document says, and one
//! that is cloned what the other one has.

mod clone;
mod endpoint;
mod patch;
mod policy;
mod wire;

use definition::{
    Scope,
    id::{ResourceId, RestApiId},
    resource::Resource,
    rest_api::{ApiKeySource, RestApi},
};
use indexmap::IndexMap;
use serde_json::{Value, json};
use store::{Reader, Record, Transaction};

use crate::{
    base_path_mappings,
    call::Call,
    failure::{Failure, Result},
    ids::{Ids, fresh},
    models, security_policy, snapshots, tags, usage_plans,
    wire::{Answer, PageRequest, collection},
};

pub(crate) use endpoint::{complete as endpoint_configuration, endpoint_type};
pub(crate) use policy::normalize as normalize_policy;
pub(crate) use wire::EndpointInput;

/// The largest `minimumCompressionSize`, in bytes.
const COMPRESSION_BYTES_MAX: i64 = 10_485_760;

/// The API with this id.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, id: &str) -> Result<RestApi> {
    reader.get(scope, "", id)?.ok_or_else(|| unknown(scope, id))
}

/// The refusal of an id that names no API.
pub(crate) fn unknown(scope: &Scope, id: &str) -> Failure {
    Failure::not_found(format!("Invalid API identifier specified {}:{id}", scope.account))
}

/// Keeps a changed API.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, api: &RestApi) -> Result<()> {
    transaction.put(scope, "", api.id.as_str(), api)?;
    Ok(())
}

/// An id that no API of any account or region has.
pub(crate) fn fresh_id(reader: &Reader<'_>, ids: &Ids) -> Result<RestApiId> {
    fresh(|| ids.long(), |id: &RestApiId| Ok(reader.find_by_id::<RestApi>(id.as_str())?.is_some()))
}

/// An API's wire form with its tags, an empty map of them included.
pub(crate) fn shown(api: &RestApi) -> Result<Value> {
    let mut document = shown_briefly(api)?;
    document["tags"] = json!(api.tags);
    Ok(document)
}

/// An API's wire form with its tags only if it has any.
fn shown_briefly(api: &RestApi) -> Result<Value> {
    let mut document = serde_json::to_value(api)?;
    if let Some(policy) = &api.policy {
        document["policy"] = Value::String(policy::escape(policy));
    }
    Ok(document)
}

/// `CreateRestApi`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let mut input: wire::CreateRestApiInput = call.decode()?;
    input.check(call)?;
    let origin = input.clone_from.take().filter(|id| !id.is_empty());
    let origin = origin.map(|id| find(transaction, call.scope(), &id)).transpose()?;
    if let Some(origin) = &origin {
        clone::lend(&mut input, origin, call.scope());
    }
    if input.description.as_deref() == Some("") {
        return Err(Failure::bad_request("Description cannot be an empty string"));
    }
    let id = fresh_id(transaction, &call.ids)?;
    let root_resource_id = call.ids.long().parse().map_err(|_| Failure::bad_request("Invalid Resource identifier"))?;
    let api = RestApi {
        name: input.name.unwrap_or_default(),
        description: input.description,
        version: input.version,
        created_date: call.time(),
        api_key_source: match input.api_key_source.as_deref() {
            Some("AUTHORIZER") => ApiKeySource::Authorizer,
            _ => ApiKeySource::Header,
        },
        endpoint_configuration: endpoint_configuration(input.endpoint_configuration),
        binary_media_types: input.binary_media_types.unwrap_or_default(),
        minimum_compression_size: input.minimum_compression_size.map(compression_size).transpose()?,
        disable_execute_api_endpoint: input.disable_execute_api_endpoint.unwrap_or_default(),
        policy: input
            .policy
            .filter(|text| !text.is_empty())
            .map(|text| policy::normalize(&text, call.scope(), &id))
            .transpose()?,
        tags: tags::checked(input.tags.clone().unwrap_or_default())?,
        root_resource_id,
        security_policy: input.security_policy,
        endpoint_access_mode: input.endpoint_access_mode,
        id,
    };
    check(&api)?;
    transaction.insert(call.scope(), "", api.id.as_str(), &api)?;
    if let Some(origin) = origin {
        let definition = snapshots::load(transaction, call.scope(), origin)?;
        snapshots::write(transaction, call.scope(), &clone::renamed(definition, &api, &call.ids)?)?;
    } else {
        insert_root(transaction, call.scope(), &api)?;
        models::insert_defaults(transaction, call, &api)?;
    }
    let shown = if input.tags.is_some() { shown(&api)? } else { shown_briefly(&api)? };
    Answer::created(shown)
}

/// The resource `/` of a new API.
fn insert_root(transaction: &mut Transaction<'_>, scope: &Scope, api: &RestApi) -> Result<()> {
    let root = root(api.root_resource_id.clone());
    transaction.insert(scope, api.id.as_str(), root.id.as_str(), &root)?;
    Ok(())
}

/// The resource `/`.
pub(crate) fn root(id: ResourceId) -> Resource {
    Resource { id, parent_id: None, path_part: None, path: "/".to_owned() }
}

/// A page of an API's records of one kind, each shown as it is stored.
pub(crate) fn list_below<R: Record>(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    find(reader, call.scope(), call.api())?;
    let found = reader.list::<R>(call.scope(), call.api(), page.after, page.limit)?;
    let items = found.items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    collection(items, found.next)
}

/// `GetRestApis`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    let found = reader.list::<RestApi>(call.scope(), "", page.after, page.limit)?;
    let items = found.items.iter().map(shown_briefly).collect::<Result<_>>()?;
    collection(items, found.next)
}

/// `GetRestApi`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(shown(&find(reader, call.scope(), call.api())?)?)
}

/// `UpdateRestApi`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = crate::patch::read(call)?;
    let mut api = find(transaction, call.scope(), call.api())?;
    let policy_before = api.policy.clone();
    patch::TABLE.apply(&mut api, &patches)?;
    check(&api)?;
    if api.policy != policy_before {
        let text = api.policy.take();
        api.policy = text.map(|text| policy::normalize(&text, call.scope(), &api.id)).transpose()?;
    }
    keep(transaction, call.scope(), &api)?;
    Answer::ok(shown(&api)?)
}

/// `DeleteRestApi`: refused while domain names lead to it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let api = find(transaction, call.scope(), call.api())?;
    let hosts = base_path_mappings::hosts_of_api(transaction, call.scope(), api.id.as_str())?;
    if !hosts.is_empty() {
        return Err(Failure::bad_request(format!(
            "Deleting RestApi {} failed. Please remove all base path mappings related to the RestApi in your domains: {}",
            api.id,
            hosts.join(", "),
        )));
    }
    usage_plans::forget_api(transaction, call.scope(), api.id.as_str())?;
    transaction.delete_children::<RestApi>(call.scope(), api.id.as_str())?;
    transaction.delete::<RestApi>(call.scope(), "", api.id.as_str())?;
    Ok(Answer::accepted())
}

/// Refuses settings that no API can have.
pub(crate) fn check(api: &RestApi) -> Result<()> {
    endpoint::check(&api.endpoint_configuration)?;
    security_policy::check(api.security_policy.as_deref(), api.endpoint_access_mode.as_deref())
}

fn compression_size(bytes: i64) -> Result<u32> {
    let in_range = (0..=COMPRESSION_BYTES_MAX).contains(&bytes);
    u32::try_from(bytes).ok().filter(|_| in_range).ok_or_else(|| {
        let message = format!("Invalid minimum compression size, must be between 0 and {COMPRESSION_BYTES_MAX}");
        Failure::bad_request(message)
    })
}

/// The kind of record below which the parts of an API are kept.
pub(crate) const KIND: &str = RestApi::KIND;

/// Tags as they are stored.
pub(crate) type Tags = IndexMap<String, String>;
