//! `cloneFrom`: a new API with the definition that another has now, under ids of its own.
//!
//! What the call says of the new API wins over what the other one has. Its name, description and tags are the call's alone;
//! stages and deployments are not copied.

use std::{
    collections::{HashMap, HashSet},
    fmt::Display,
    hash::Hash,
    mem,
    str::FromStr,
};

use definition::{
    ApiSnapshot, Scope,
    id::{AuthorizerId, RequestValidatorId},
    rest_api::{ApiKeySource, RestApi},
};

use super::{policy, wire};
use crate::{
    failure::Result,
    ids::{Ids, fresh},
};

/// Fills in the settings that the call does not give with those of the API that it clones.
pub(super) fn lend(input: &mut wire::CreateRestApiInput, origin: &RestApi, scope: &Scope) {
    let endpoint = &origin.endpoint_configuration;
    lend_one(&mut input.version, origin.version.clone());
    lend_one(&mut input.binary_media_types, Some(origin.binary_media_types.clone()));
    lend_one(&mut input.minimum_compression_size, origin.minimum_compression_size.map(i64::from));
    let api_key_source = match origin.api_key_source {
        ApiKeySource::Header => "HEADER",
        ApiKeySource::Authorizer => "AUTHORIZER",
    };
    lend_one(&mut input.api_key_source, Some(api_key_source.to_owned()));
    lend_one(&mut input.disable_execute_api_endpoint, Some(origin.disable_execute_api_endpoint));
    lend_one(&mut input.security_policy, origin.security_policy.clone());
    lend_one(&mut input.endpoint_access_mode, origin.endpoint_access_mode.clone());
    lend_one(&mut input.policy, origin.policy.as_deref().map(|text| policy::shorten(text, scope, &origin.id)));
    let endpoint = wire::EndpointInput {
        types: Some(endpoint.types.iter().map(|kind| kind.as_str().to_owned()).collect()),
        ip_address_type: Some(endpoint.ip_address_type.clone()),
        vpc_endpoint_ids: Some(endpoint.vpc_endpoint_ids.clone()),
    };
    lend_one(&mut input.endpoint_configuration, Some(endpoint));
}

fn lend_one<T>(given: &mut Option<T>, lent: Option<T>) {
    if given.is_none() {
        *given = lent;
    }
}

/// The definition of `origin` as one of `api`: everything that has an id gets one that is new.
pub(super) fn renamed(mut origin: ApiSnapshot, api: &RestApi, ids: &Ids) -> Result<ApiSnapshot> {
    let origin_id = mem::replace(&mut origin.rest_api, api.clone()).id;
    let mut draw = Draw { ids, taken: HashSet::new() };
    let mut resources = HashMap::new();
    for resource in &mut origin.resources {
        let id = if resource.parent_id.is_none() { api.root_resource_id.clone() } else { draw.next()? };
        resources.insert(mem::replace(&mut resource.id, id.clone()), id);
    }
    let (mut validators, mut authorizers) = (HashMap::new(), HashMap::new());
    for validator in &mut origin.request_validators {
        let id: RequestValidatorId = draw.next()?;
        validators.insert(mem::replace(&mut validator.id, id.clone()), id);
    }
    for authorizer in &mut origin.authorizers {
        let id: AuthorizerId = draw.next()?;
        authorizers.insert(mem::replace(&mut authorizer.id, id.clone()), id);
    }
    // A model refers to another one by a URL that names the API.
    let (from, to) = (format!("/restapis/{origin_id}/models/"), format!("/restapis/{}/models/", api.id));
    for model in &mut origin.models {
        model.id = draw.next()?;
        model.schema = model.schema.take().map(|schema| schema.replace(&from, &to));
    }
    for resource in &mut origin.resources {
        resource.parent_id.iter_mut().for_each(|id| rename(id, &resources));
    }
    for method in &mut origin.methods {
        let before = method.resource_id.clone();
        rename(&mut method.resource_id, &resources);
        method.request_validator_id.iter_mut().for_each(|id| rename(id, &validators));
        method.authorizer_id.iter_mut().for_each(|id| rename(id, &authorizers));
        // The namespace is the resource's id unless someone chose another.
        if let Some(integration) = method.integration.as_mut().filter(|it| it.cache_namespace == before.as_str()) {
            integration.cache_namespace = method.resource_id.to_string();
        }
    }
    Ok(origin)
}

fn rename<Id: Hash + Eq + Clone>(id: &mut Id, names: &HashMap<Id, Id>) {
    if let Some(new) = names.get(id) {
        *id = new.clone();
    }
}

/// Draws ids that differ from each other.
struct Draw<'a> {
    ids: &'a Ids,
    taken: HashSet<String>,
}

impl Draw<'_> {
    fn next<Id: FromStr + Display>(&mut self) -> Result<Id> {
        let Self { ids, taken } = self;
        fresh(|| ids.short(), |id: &Id| Ok(!taken.insert(id.to_string())))
    }
}
