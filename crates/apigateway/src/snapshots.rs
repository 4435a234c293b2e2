//! An API's whole definition, read and written at once: what deployments freeze and imports bring.

use std::collections::{HashMap, HashSet};

use definition::{
    ApiSnapshot, Scope,
    id::ResourceId,
    method::Method,
    request_validator::RequestValidator,
    resource::{Resource, Segment},
    rest_api::RestApi,
};
use store::{Reader, Record, Transaction};

use crate::{
    failure::{Failure, Result},
    resources::{self, ResourceName},
};

/// The current definition of an API.
pub(crate) fn load(reader: &Reader<'_>, scope: &Scope, rest_api: RestApi) -> Result<ApiSnapshot> {
    let id = rest_api.id.as_str();
    Ok(ApiSnapshot {
        resources: reader.list_all(scope, id)?,
        methods: reader.list_all(scope, id)?,
        models: reader.list_all(scope, id)?,
        request_validators: reader.list_all(scope, id)?,
        authorizers: reader.list_all(scope, id)?,
        gateway_responses: reader.list_all(scope, id)?,
        rest_api,
    })
}

/// The ids of a definition's parts that an import draws ids for.
pub(crate) fn ids(snapshot: &ApiSnapshot) -> impl Iterator<Item = String> {
    let resources = snapshot.resources.iter().map(|resource| resource.id.to_string());
    let validators = snapshot.request_validators.iter().map(|validator| validator.id.to_string());
    let authorizers = snapshot.authorizers.iter().map(|authorizer| authorizer.id.to_string());
    resources.chain(validators).chain(authorizers)
}

/// Writes a definition over what is there; records that it does not mention stay.
pub(crate) fn write(transaction: &mut Transaction<'_>, scope: &Scope, snapshot: &ApiSnapshot) -> Result<()> {
    let api = snapshot.rest_api.id.as_str();
    transaction.put(scope, "", api, &snapshot.rest_api)?;
    for resource in &snapshot.resources {
        resources::keep(transaction, scope, api, resource)?;
    }
    put_all(transaction, scope, api, &snapshot.methods, Method::record_id)?;
    put_all(transaction, scope, api, &snapshot.models, |model| model.name.to_string())?;
    put_all(transaction, scope, api, &snapshot.request_validators, |validator| validator.id.to_string())?;
    put_all(transaction, scope, api, &snapshot.authorizers, |authorizer| authorizer.id.to_string())?;
    put_all(transaction, scope, api, &snapshot.gateway_responses, |response| response.response_type.clone())
}

/// Deletes the records of `current` that `next` does not have.
pub(crate) fn delete_absent(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    current: &ApiSnapshot,
    next: &ApiSnapshot,
) -> Result<()> {
    let api = current.rest_api.id.as_str();
    delete_others(transaction, scope, api, &current.methods, &next.methods, Method::record_id)?;
    delete_others(transaction, scope, api, &current.models, &next.models, |model| model.name.to_string())?;
    delete_others(transaction, scope, api, &current.request_validators, &next.request_validators, |validator| {
        validator.id.to_string()
    })?;
    delete_others(transaction, scope, api, &current.authorizers, &next.authorizers, |authorizer| {
        authorizer.id.to_string()
    })?;
    delete_others(transaction, scope, api, &current.gateway_responses, &next.gateway_responses, |response| {
        response.response_type.clone()
    })?;
    let kept: HashSet<&ResourceId> = next.resources.iter().map(|resource| &resource.id).collect();
    for resource in current.resources.iter().filter(|resource| !kept.contains(&resource.id)) {
        if let Some(name) = resources::name_id(resource) {
            transaction.delete::<ResourceName>(scope, api, &name)?;
        }
        transaction.delete::<Resource>(scope, api, resource.id.as_str())?;
    }
    Ok(())
}

/// Gives what an import brings the ids of what is there under the same path or name, so that both are one thing.
pub(crate) fn align(imported: &mut ApiSnapshot, current: &ApiSnapshot) {
    align_resources(imported, &current.resources);
    let models: HashMap<_, _> = current.models.iter().map(|model| (&model.name, &model.id)).collect();
    for model in &mut imported.models {
        if let Some(same) = models.get(&model.name) {
            model.id = (*same).clone();
        }
    }
    let named = |validator: &RequestValidator| Some((validator.name.clone()?, validator.id.clone()));
    let same_validators: HashMap<_, _> = current.request_validators.iter().filter_map(named).collect();
    let mut validators = HashMap::new();
    for validator in &mut imported.request_validators {
        if let Some(same) = validator.name.as_ref().and_then(|name| same_validators.get(name)) {
            validators.insert(std::mem::replace(&mut validator.id, same.clone()), same.clone());
        }
    }
    let same_authorizers: HashMap<_, _> =
        current.authorizers.iter().map(|authorizer| (&authorizer.name, &authorizer.id)).collect();
    let mut authorizers = HashMap::new();
    for authorizer in &mut imported.authorizers {
        if let Some(same) = same_authorizers.get(&authorizer.name) {
            authorizers.insert(std::mem::replace(&mut authorizer.id, (*same).clone()), (*same).clone());
        }
    }
    for method in &mut imported.methods {
        realign(&mut method.request_validator_id, &validators);
        realign(&mut method.authorizer_id, &authorizers);
    }
}

/// Refuses a tree in which a resource would have two children with variables in their path parts.
pub(crate) fn check_siblings(current: &ApiSnapshot, imported: &ApiSnapshot) -> Result<()> {
    let mut variables: HashMap<&ResourceId, &str> = HashMap::new();
    for resource in current.resources.iter().chain(&imported.resources) {
        let (Some(parent), Some(path_part)) = (&resource.parent_id, resource.path_part.as_deref()) else { continue };
        if matches!(Segment::parse(path_part), None | Some(Segment::Static(_))) {
            continue;
        }
        if let Some(sibling) = variables.insert(parent, path_part).filter(|sibling| *sibling != path_part) {
            return Err(Failure::bad_request(format!(
                "A sibling ({sibling}) of this resource already has a variable path part -- only one is allowed"
            )));
        }
    }
    Ok(())
}

/// Gives imported resources the ids of those of `current` with the same paths.
fn align_resources(imported: &mut ApiSnapshot, current: &[Resource]) {
    let by_path: HashMap<&str, &ResourceId> =
        current.iter().map(|resource| (resource.path.as_str(), &resource.id)).collect();
    let ids: HashMap<ResourceId, ResourceId> = imported
        .resources
        .iter()
        .filter_map(|resource| Some((resource.id.clone(), (*by_path.get(resource.path.as_str())?).clone())))
        .collect();
    let aligned = |id: &mut ResourceId| {
        if let Some(same) = ids.get(id) {
            *id = same.clone();
        }
    };
    for resource in &mut imported.resources {
        aligned(&mut resource.id);
        resource.parent_id.as_mut().into_iter().for_each(aligned);
    }
    for method in &mut imported.methods {
        let before = method.resource_id.clone();
        aligned(&mut method.resource_id);
        // The namespace is the resource's id unless someone chose another.
        if let Some(integration) = method.integration.as_mut().filter(|i| i.cache_namespace == before.as_str()) {
            integration.cache_namespace = method.resource_id.to_string();
        }
    }
}

fn realign<Id: std::hash::Hash + Eq + Clone>(id: &mut Option<Id>, ids: &HashMap<Id, Id>) {
    if let Some(same) = id.as_ref().and_then(|id| ids.get(id)) {
        *id = Some(same.clone());
    }
}

fn put_all<R: Record>(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    api: &str,
    records: &[R],
    id: impl Fn(&R) -> String,
) -> Result<()> {
    for record in records {
        transaction.put(scope, api, &id(record), record)?;
    }
    Ok(())
}

fn delete_others<R: Record>(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    api: &str,
    current: &[R],
    next: &[R],
    id: impl Fn(&R) -> String,
) -> Result<()> {
    let kept: HashSet<String> = next.iter().map(&id).collect();
    for gone in current.iter().map(&id).filter(|id| !kept.contains(id)) {
        transaction.delete::<R>(scope, api, &gone)?;
    }
    Ok(())
}
