//! The entities of an API about which there is no documentation part of their own.

use std::collections::HashSet;

use definition::{
    ApiSnapshot,
    documentation::{DocumentationPart, Location, PartType},
    method::Method,
    rest_api::RestApi,
};
use serde_json::json;
use store::{Position, Reader};

use super::parts::Wanted;
use crate::{
    call::Call,
    failure::Result,
    snapshots,
    wire::{Answer, PageRequest, collection},
};

/// A page of the undocumented entities, each as a location. Its position is a number of entities.
pub(super) fn list(
    reader: &Reader<'_>,
    call: &Call,
    api: RestApi,
    wanted: &Wanted<'_>,
    page: &PageRequest,
) -> Result<Answer> {
    let parts: Vec<DocumentationPart> = reader.list_all(call.scope(), call.api())?;
    let documented: HashSet<_> = parts.iter().map(|part| part.location.key()).collect();
    let mut missing = entities(&snapshots::load(reader, call.scope(), api)?);
    missing.retain(|location| !documented.contains(&location.key()) && wanted.matches(location));
    let skipped: usize = page.after.and_then(|position| position.to_string().parse().ok()).unwrap_or_default();
    let end = skipped.saturating_add(page.limit);
    let next: Option<Position> = (missing.len() > end).then(|| end.to_string().parse().ok()).flatten();
    let shown = missing.iter().skip(skipped).take(page.limit);
    collection(shown.map(|location| json!({ "location": location })).collect(), next)
}

/// Everything of an API that can be documented: the API, its authorizers and models, its resources, and what is on them.
fn entities(snapshot: &ApiSnapshot) -> Vec<Location> {
    let mut entities = vec![Location::of(PartType::Api)];
    let authorizers = snapshot.authorizers.iter().map(|authorizer| authorizer.name.as_str());
    entities.extend(authorizers.map(|name| Location::of(PartType::Authorizer).named(name)));
    entities.extend(snapshot.models.iter().map(|model| Location::of(PartType::Model).named(model.name.as_str())));
    for resource in &snapshot.resources {
        entities.push(Location::of(PartType::Resource).at(&resource.path));
        for method in snapshot.methods.iter().filter(|method| method.resource_id == resource.id) {
            on_method(&mut entities, &resource.path, method);
        }
    }
    entities
}

fn on_method(entities: &mut Vec<Location>, path: &str, method: &Method) {
    let entity = |part_type| Location::of(part_type).at(path).method(method.http_method);
    entities.push(entity(PartType::Method));
    for name in method.request_parameters.iter().flat_map(|parameters| parameters.keys()) {
        let Some((place, name)) = name.strip_prefix("method.request.").and_then(|rest| rest.split_once('.')) else {
            continue;
        };
        let part_type = match place {
            "querystring" => PartType::QueryParameter,
            "header" => PartType::RequestHeader,
            "path" => PartType::PathParameter,
            _ => continue,
        };
        entities.push(entity(part_type).named(name));
    }
    if method.request_models.as_ref().is_some_and(|models| !models.is_empty()) {
        entities.push(entity(PartType::RequestBody));
    }
    for response in method.method_responses.values() {
        entities.push(entity(PartType::Response).status_code(response.status_code));
        for name in response.response_parameters.iter().flat_map(|parameters| parameters.keys()) {
            if let Some(name) = name.strip_prefix("method.response.header.") {
                entities.push(entity(PartType::ResponseHeader).status_code(response.status_code).named(name));
            }
        }
        if response.response_models.as_ref().is_some_and(|models| !models.is_empty()) {
            entities.push(entity(PartType::ResponseBody).status_code(response.status_code));
        }
    }
}
