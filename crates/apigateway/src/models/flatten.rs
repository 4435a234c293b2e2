//! References between models: `https://apigateway.amazonaws.com/restapis/{id}/models/{name}`.

use definition::model::Model;
use serde_json::{Map, Value};
use store::Reader;

use crate::{call::Call, failure::Result};

/// What a reference to a model starts with, in front of the API's id.
const BASE: &str = "https://apigateway.amazonaws.com/restapis/";

/// The names of the models of this API to which a schema refers, each once.
pub(crate) fn referenced_names(schema: &str, api: &str) -> Vec<String> {
    let mut names = Vec::new();
    if let Ok(mut schema) = serde_json::from_str::<Value>(schema) {
        each_reference(&mut schema, &mut |reference| {
            if let Some(name) = model_name(reference, api).filter(|name| !names.contains(name)) {
                names.push(name);
            }
        });
    }
    names
}

/// The schema with all models that it refers to, directly or not, as its `definitions`.
pub(super) fn flatten(reader: &Reader<'_>, call: &Call, schema: &str) -> Result<String> {
    let Ok(mut root) = serde_json::from_str::<Value>(schema) else { return Ok(schema.to_owned()) };
    let mut definitions = Map::new();
    let mut missing = localize(&mut root, call.api());
    while let Some(name) = missing.pop() {
        if definitions.contains_key(&name) {
            continue;
        }
        let Some(model) = reader.get::<Model>(call.scope(), call.api(), &name)? else { continue };
        let mut definition = serde_json::from_str(model.schema.as_deref().unwrap_or("{}")).unwrap_or_default();
        missing.extend(localize(&mut definition, call.api()));
        definitions.insert(name, definition);
    }
    if let Some(members) = root.as_object_mut().filter(|_| !definitions.is_empty()) {
        let own = members.entry("definitions").or_insert_with(|| Value::Object(Map::new()));
        if let Some(own) = own.as_object_mut() {
            own.extend(definitions);
        }
    }
    Ok(root.to_string())
}

/// Turns references to models into references to definitions; the names of those models.
fn localize(schema: &mut Value, api: &str) -> Vec<String> {
    let mut names = Vec::new();
    each_reference(schema, &mut |reference| {
        if let Some(name) = model_name(reference, api) {
            *reference = format!("#/definitions/{name}");
            names.push(name);
        }
    });
    names
}

fn model_name(reference: &str, api: &str) -> Option<String> {
    let name = reference.strip_prefix(BASE)?.strip_prefix(api)?.strip_prefix("/models/")?;
    Some(name.split('#').next().unwrap_or(name).to_owned())
}

/// Shows every `$ref` of a schema to `see`. The depth is that of JSON which serde_json agreed to read.
fn each_reference(value: &mut Value, see: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if let Value::String(reference) = member
                    && name == "$ref"
                {
                    see(reference);
                } else {
                    each_reference(member, see);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
