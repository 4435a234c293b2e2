//! Base path mappings: which API and stage serve a domain name's paths. API Reference, "BasePathMapping".

use definition::{
    Scope,
    domain_name::{BasePathMapping, DomainName, NONE},
    id::{RestApiId, StageName},
    rest_api::{EndpointType, RestApi},
    stage::Stage,
};
use serde::Deserialize;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    domain_names,
    failure::{Failure, Result},
    patch::{self, Dialect, Op, Rule, Table},
    wire::{Answer, PageRequest, collection},
};

/// How many a domain name has at most ("Quotas for configuring and running a REST API in API Gateway", "API mappings per domain").
const MAPPINGS_MAX: u64 = 200;

static TABLE: Table<BasePathMapping> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::new("/basePath", &[Op::Replace], |mapping, patch| {
            mapping.base_path = base_path(patch.value.as_deref())?;
            Ok(())
        }),
        Rule::new("/basepath", &[Op::Replace], |mapping, patch| {
            mapping.base_path = base_path(patch.value.as_deref())?;
            Ok(())
        }),
        Rule::new("/restapiId", &[Op::Replace], |mapping, patch| {
            mapping.rest_api_id = rest_api_id(patch.text())?;
            Ok(())
        }),
        Rule::new("/stage", &[Op::Replace], |mapping, patch| {
            mapping.stage = stage_name(patch.value.as_deref())?;
            Ok(())
        }),
    ],
};

/// The domain name and the mapping that the call's path names.
fn named(reader: &Reader<'_>, call: &Call) -> Result<(DomainName, BasePathMapping)> {
    let domain = domain_names::named(reader, call)?;
    let unknown = || Failure::not_found("Invalid base path mapping identifier specified");
    let mapping = reader.get(call.scope(), &domain.record_id(), call.path("base_path"))?.ok_or_else(unknown)?;
    Ok((domain, mapping))
}

/// The hosts of the domain names that have mappings to an API, each once.
pub(crate) fn hosts_of_api(reader: &Reader<'_>, scope: &Scope, api: &str) -> Result<Vec<String>> {
    hosts_with(reader, scope, |mapping| mapping.rest_api_id.as_str() == api)
}

/// The hosts of the domain names that have mappings to this very stage of an API, each once.
pub(crate) fn hosts_of_stage(reader: &Reader<'_>, scope: &Scope, api: &str, stage: &StageName) -> Result<Vec<String>> {
    hosts_with(reader, scope, |mapping| mapping.rest_api_id.as_str() == api && mapping.stage.as_ref() == Some(stage))
}

fn hosts_with(reader: &Reader<'_>, scope: &Scope, is_wanted: impl Fn(&BasePathMapping) -> bool) -> Result<Vec<String>> {
    let mut hosts = Vec::new();
    for domain in reader.list_all::<DomainName>(scope, "")? {
        let mappings = reader.list_all::<BasePathMapping>(scope, &domain.record_id())?;
        if mappings.iter().any(&is_wanted) {
            hosts.push(domain.domain_name);
        }
    }
    Ok(hosts)
}

/// `CreateBasePathMapping`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateBasePathMappingInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("restApiId", input.rest_api_id.as_ref());
    violations.finish()?;
    let base_path = base_path(input.base_path.as_deref())?;
    let domain = domain_names::named(transaction, call)?;
    let mapping = BasePathMapping {
        base_path,
        rest_api_id: rest_api_id(input.rest_api_id.as_deref().unwrap_or_default())?,
        stage: stage_name(input.stage.as_deref())?,
    };
    check(transaction, call.scope(), &domain, &mapping)?;
    if transaction.count::<BasePathMapping>(call.scope(), &domain.record_id())? >= MAPPINGS_MAX {
        return Err(Failure::limit_exceeded("base path mappings", "domain name"));
    }
    insert(transaction, call.scope(), &domain, &mapping)?;
    Answer::created(mapping)
}

/// `GetBasePathMappings`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    let domain = domain_names::named(reader, call)?;
    let found = reader.list::<BasePathMapping>(call.scope(), &domain.record_id(), page.after, page.limit)?;
    let items = found.items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    collection(items, found.next)
}

/// `GetBasePathMapping`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(named(reader, call)?.1)
}

/// `UpdateBasePathMapping`: one whose base path changes takes its place at the end of the list.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let (domain, mut mapping) = named(transaction, call)?;
    let before = mapping.base_path.clone();
    TABLE.apply(&mut mapping, &patches)?;
    check(transaction, call.scope(), &domain, &mapping)?;
    if mapping.base_path == before {
        transaction.put(call.scope(), &domain.record_id(), &before, &mapping)?;
    } else {
        transaction.delete::<BasePathMapping>(call.scope(), &domain.record_id(), &before)?;
        insert(transaction, call.scope(), &domain, &mapping)?;
    }
    Answer::ok(mapping)
}

/// `DeleteBasePathMapping`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let (domain, mapping) = named(transaction, call)?;
    transaction.delete::<BasePathMapping>(call.scope(), &domain.record_id(), &mapping.base_path)?;
    Ok(Answer::accepted())
}

/// Keeps a mapping whose base path must be free.
fn insert(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    domain: &DomainName,
    mapping: &BasePathMapping,
) -> Result<()> {
    let place = domain.record_id();
    if transaction.get::<BasePathMapping>(scope, &place, &mapping.base_path)?.is_some() {
        return Err(Failure::conflict(match mapping.base_path.as_str() {
            NONE => "Only one base path mapping is allowed if the base path is empty.",
            _ => "Base path already exists for this domain name",
        }));
    }
    transaction.insert(scope, &place, &mapping.base_path, mapping)?;
    Ok(())
}

/// Refuses a mapping to what is not there, or to what callers of the domain name could not reach.
fn check(reader: &Reader<'_>, scope: &Scope, domain: &DomainName, mapping: &BasePathMapping) -> Result<()> {
    let api: Option<RestApi> = reader.get(scope, "", mapping.rest_api_id.as_str())?;
    let api = api.ok_or_else(unknown_api)?;
    if let Some(stage) = &mapping.stage
        && reader.get::<Stage>(scope, api.id.as_str(), stage.as_str())?.is_none()
    {
        return Err(unknown_stage());
    }
    let api_is_private = api.endpoint_configuration.types.contains(&EndpointType::Private);
    match (domain.is_private(), api_is_private) {
        (true, true) | (false, false) => Ok(()),
        (true, false) => Err(Failure::bad_request("Private domain names can only be mapped to private REST APIs")),
        (false, true) => Err(Failure::bad_request("Private REST APIs can only be mapped to private domain names")),
    }
}

/// A base path as it is stored.
fn base_path(text: Option<&str>) -> Result<String> {
    let text = text.filter(|text| !text.is_empty()).unwrap_or(NONE);
    if text.contains('/') {
        return Err(Failure::bad_request(
            "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level base \
             path mapping, use API Gateway V2.",
        ));
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"$-_.+!*'()".contains(&byte);
    if !text.bytes().all(is_allowed) {
        return Err(Failure::bad_request("Base path can only contain letters, numbers and one of $-_.+!*'()"));
    }
    Ok(text.to_owned())
}

fn rest_api_id(text: &str) -> Result<RestApiId> {
    text.parse().map_err(|_| unknown_api())
}

/// A stage's name; none, and [`NONE`], leave it to the client.
fn stage_name(text: Option<&str>) -> Result<Option<StageName>> {
    let text = text.filter(|text| !text.is_empty() && *text != NONE);
    text.map(|text| text.parse().map_err(|_| unknown_stage())).transpose()
}

fn unknown_api() -> Failure {
    Failure::bad_request("Invalid REST API identifier specified")
}

fn unknown_stage() -> Failure {
    Failure::bad_request("Invalid stage identifier specified")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateBasePathMappingInput {
    base_path: Option<String>,
    rest_api_id: Option<String>,
    stage: Option<String>,
}
