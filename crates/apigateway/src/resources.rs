//! The tree of an API's resources. API Reference, "Resource"; Developer Guide, "Set up a proxy resource".
//!
//! Beside each resource stands its [`ResourceName`], found by parent and path part, so that a resource's siblings and children
//! are found without a look at the rest of the tree.

use definition::{
    Scope,
    id::ResourceId,
    resource::{Resource, Segment},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use store::{Reader, Record, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::{Ids, fresh},
    methods,
    patch::{self, Dialect, Op, Patch, Rule, Table},
    rest_apis,
    wire::{Answer, PageRequest, collection},
};

const PATH_PART_RULE: &str = "Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces \
                              at the beginning and the end and a greedy path variable can only be at the end of the resource \
                              path";

/// The place of a resource below its parent; its id is `{parentId}/{pathPart}`.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ResourceName {
    resource_id: ResourceId,
}

impl Record for ResourceName {
    const KIND: &'static str = "resource-name";
    const PARENT_KIND: &'static str = rest_apis::KIND;
}

static TABLE: Table<Resource> = Table {
    dialect: Dialect::Listed,
    rules: &[
        Rule::new("/parentId", &[Op::Replace], set_parent_id),
        Rule::new("/pathPart", &[Op::Replace], set_path_part),
    ],
};

fn set_parent_id(resource: &mut Resource, patch: &Patch) -> Result<()> {
    if resource.parent_id.is_none() {
        return Err(Failure::bad_request("Root resource cannot update its parentId."));
    }
    resource.parent_id = Some(patch.text().parse().map_err(|_| unknown())?);
    Ok(())
}

fn set_path_part(resource: &mut Resource, patch: &Patch) -> Result<()> {
    if resource.parent_id.is_none() {
        return Err(Failure::bad_request("Root resource cannot update its pathPart."));
    }
    resource.path_part = Some(patch.text().to_owned());
    Ok(())
}

/// The resource with this id; also refuses, in the same words, when the API does not exist.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, api: &str, id: &str) -> Result<Resource> {
    reader.get(scope, api, id)?.ok_or_else(unknown)
}

/// The resource that the call's path names.
pub(crate) fn named(reader: &Reader<'_>, call: &Call) -> Result<Resource> {
    find(reader, call.scope(), call.api(), call.path("resource_id"))
}

/// The refusal of an id that names no resource.
pub(crate) fn unknown() -> Failure {
    Failure::not_found("Invalid Resource identifier specified")
}

/// An id that no resource of the API has.
pub(crate) fn fresh_id(reader: &Reader<'_>, scope: &Scope, api: &str, ids: &Ids) -> Result<ResourceId> {
    fresh(|| ids.short(), |id: &ResourceId| Ok(reader.get::<Resource>(scope, api, id.as_str())?.is_some()))
}

/// Keeps a resource and its name.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, resource: &Resource) -> Result<()> {
    transaction.put(scope, api, resource.id.as_str(), resource)?;
    if let Some(name) = name_id(resource) {
        transaction.put(scope, api, &name, &ResourceName { resource_id: resource.id.clone() })?;
    }
    Ok(())
}

/// The child of a resource with this path part.
pub(crate) fn child(
    reader: &Reader<'_>,
    scope: &Scope,
    api: &str,
    parent: &ResourceId,
    path_part: &str,
) -> Result<Option<Resource>> {
    let Some(name) = reader.get::<ResourceName>(scope, api, &format!("{parent}/{path_part}"))? else {
        return Ok(None);
    };
    Ok(reader.get(scope, api, name.resource_id.as_str())?)
}

/// The path of a child.
pub(crate) fn path_below(parent: &Resource, path_part: &str) -> String {
    format!("{}/{path_part}", parent.path.trim_end_matches('/'))
}

/// `CreateResource`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::CreateResourceInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("pathPart", input.path_part.as_ref());
    violations.finish()?;
    let path_part = input.path_part.unwrap_or_default();
    let (scope, api) = (call.scope(), call.api());
    let parent = find(transaction, scope, api, call.path("parent_id"))?;
    let resource = Resource {
        id: fresh_id(transaction, scope, api, &call.ids)?,
        parent_id: Some(parent.id.clone()),
        path: path_below(&parent, &path_part),
        path_part: Some(path_part),
    };
    check_place(transaction, call, &parent, &resource)?;
    keep(transaction, scope, api, &resource)?;
    Answer::created(resource)
}

/// `GetResources`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    rest_apis::find(reader, call.scope(), call.api())?;
    let found = reader.list::<Resource>(call.scope(), call.api(), page.after, page.limit)?;
    let items = found.items.iter().map(|resource| shown(reader, call, resource)).collect::<Result<_>>()?;
    collection(items, found.next)
}

/// `GetResource`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let resource = named(reader, call)?;
    Answer::ok(shown(reader, call, &resource)?)
}

/// `UpdateResource`: a moved or renamed resource takes its descendants along.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let before = named(transaction, call)?;
    let mut resource = before.clone();
    TABLE.apply(&mut resource, &patches)?;
    if resource != before {
        relocate(transaction, call, &before, &mut resource)?;
    }
    Answer::ok(shown(transaction, call, &resource)?)
}

/// `DeleteResource`: with all its descendants and their methods.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let (scope, api) = (call.scope(), call.api());
    let resource = named(transaction, call)?;
    if resource.parent_id.is_none() {
        return Err(Failure::bad_request("Root resource cannot be deleted"));
    }
    let mut doomed = vec![resource];
    while let Some(resource) = doomed.pop() {
        doomed.extend(children(transaction, scope, api, &resource.id)?);
        methods::delete_all(transaction, scope, api, &resource.id)?;
        if let Some(name) = name_id(&resource) {
            transaction.delete::<ResourceName>(scope, api, &name)?;
        }
        transaction.delete::<Resource>(scope, api, resource.id.as_str())?;
    }
    Ok(Answer::accepted())
}

/// Gives a changed resource its new place, and its descendants their new paths.
fn relocate(transaction: &mut Transaction<'_>, call: &Call, before: &Resource, resource: &mut Resource) -> Result<()> {
    let (scope, api) = (call.scope(), call.api());
    let (Some(parent_id), Some(path_part)) = (resource.parent_id.clone(), resource.path_part.clone()) else {
        return Ok(());
    };
    let parent = find(transaction, scope, api, parent_id.as_str())?;
    check_acyclic(transaction, call, &parent, &resource.id)?;
    if let Some(name) = name_id(before) {
        transaction.delete::<ResourceName>(scope, api, &name)?;
    }
    resource.path = path_below(&parent, &path_part);
    check_place(transaction, call, &parent, resource)?;
    let has_children = !names_below(transaction, scope, api, &resource.id)?.is_empty();
    if matches!(Segment::parse(&path_part), Some(Segment::Greedy(_))) && has_children {
        return Err(greedy_parent(resource));
    }
    keep(transaction, scope, api, resource)?;
    let mut moved = vec![resource.clone()];
    while let Some(parent) = moved.pop() {
        for mut child in children(transaction, scope, api, &parent.id)? {
            child.path = path_below(&parent, child.path_part.as_deref().unwrap_or_default());
            transaction.put(scope, api, child.id.as_str(), &child)?;
            moved.push(child);
        }
    }
    Ok(())
}

/// Refuses a path part that the parent cannot take.
fn check_place(reader: &Reader<'_>, call: &Call, parent: &Resource, resource: &Resource) -> Result<()> {
    let path_part = resource.path_part.as_deref().unwrap_or_default();
    let Some(segment) = Segment::parse(path_part) else {
        return Err(Failure::bad_request(PATH_PART_RULE));
    };
    let parent_segment = parent.path_part.as_deref().and_then(Segment::parse);
    if matches!(parent_segment, Some(Segment::Greedy(_))) {
        return Err(greedy_parent(parent));
    }
    let (scope, api) = (call.scope(), call.api());
    if child(reader, scope, api, &parent.id, path_part)?.is_some() {
        let message = format!("Another resource with the same parent already has this name: {path_part}");
        return Err(Failure::conflict(message));
    }
    if matches!(segment, Segment::Static(_)) {
        return Ok(());
    }
    let variables = reader.list_prefix::<ResourceName>(scope, api, &format!("{}/{{", parent.id))?;
    let Some(name) = variables.first() else { return Ok(()) };
    let sibling = find(reader, scope, api, name.resource_id.as_str())?;
    Err(Failure::bad_request(format!(
        "A sibling ({}) of this resource already has a variable path part -- only one is allowed",
        sibling.path_part.unwrap_or_default()
    )))
}

fn greedy_parent(parent: &Resource) -> Failure {
    let path_part = parent.path_part.as_deref().unwrap_or_default();
    Failure::bad_request(format!("Cannot create a child of a resource with a greedy path variable: {path_part}"))
}

/// Refuses a parent that is the resource itself or below it.
fn check_acyclic(reader: &Reader<'_>, call: &Call, parent: &Resource, id: &ResourceId) -> Result<()> {
    let mut ancestor = parent.clone();
    loop {
        if ancestor.id == *id {
            return Err(Failure::bad_request("Resources cannot be cyclical."));
        }
        let Some(next) = &ancestor.parent_id else { return Ok(()) };
        ancestor = find(reader, call.scope(), call.api(), next.as_str())?;
    }
}

fn names_below(reader: &Reader<'_>, scope: &Scope, api: &str, id: &ResourceId) -> Result<Vec<ResourceName>> {
    Ok(reader.list_prefix(scope, api, &format!("{id}/"))?)
}

fn children(reader: &Reader<'_>, scope: &Scope, api: &str, id: &ResourceId) -> Result<Vec<Resource>> {
    let names = names_below(reader, scope, api, id)?;
    names.iter().map(|name| find(reader, scope, api, name.resource_id.as_str())).collect()
}

/// The id of a resource's name; the root has none.
pub(crate) fn name_id(resource: &Resource) -> Option<String> {
    Some(format!("{}/{}", resource.parent_id.as_ref()?, resource.path_part.as_ref()?))
}

/// A resource's wire form: its methods as a map, of whole methods with `embed=methods` and of empty objects without.
fn shown(reader: &Reader<'_>, call: &Call, resource: &Resource) -> Result<Value> {
    let mut document = serde_json::to_value(resource)?;
    let embedded = call.embeds("methods");
    let mut shown = Map::new();
    for method in methods::of_resource(reader, call.scope(), call.api(), &resource.id)? {
        let form = if embedded { methods::shown(&method)? } else { json!({}) };
        shown.insert(method.http_method.to_string(), form);
    }
    if !shown.is_empty() {
        document["resourceMethods"] = Value::Object(shown);
    }
    Ok(document)
}

mod wire {
    use super::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct CreateResourceInput {
        pub(super) path_part: Option<String>,
    }
}
