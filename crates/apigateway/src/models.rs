//! JSON schemas of bodies. API Reference, "Model"; Developer Guide, "Data models for REST APIs".

mod flatten;
mod template;

use definition::{
    Scope,
    id::{ModelId, ModelName},
    method::Method,
    model::Model,
    rest_api::RestApi,
};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    methods,
    patch::{self, Dialect, Op, Rule, Table},
    rest_apis,
    wire::Answer,
};

pub(crate) use flatten::referenced_names;

const NO_SCHEMA: &str = "Model schema must have at least 1 property or array items defined";

/// The models of a new API: name, description, schema.
const DEFAULTS: [(&str, &str, &str); 2] = [
    (
        "Empty",
        "This is a default empty schema model",
        "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \
         \"type\" : \"object\"\n}",
    ),
    (
        "Error",
        "This is a default error schema model",
        "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \
         \"type\" : \"object\",\n  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}",
    ),
];

static TABLE: Table<Model> = Table {
    dialect: Dialect::Listed,
    rules: &[
        Rule::set("/description", &[Op::Replace], |model, patch| {
            model.description = patch.optional_text();
        }),
        Rule::set("/schema", &[Op::Replace], |model, patch| {
            model.schema = patch.optional_text();
        }),
    ],
};

/// The model of this name; also refuses, in the same words, when the API does not exist.
fn find(reader: &Reader<'_>, call: &Call, name: &str) -> Result<Model> {
    let unknown = || Failure::not_found(format!("Invalid model name specified: {name}"));
    reader.get(call.scope(), call.api(), name)?.ok_or_else(unknown)
}

/// Keeps a model, new or changed.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, model: &Model) -> Result<()> {
    transaction.put(scope, api, model.name.as_str(), model)?;
    Ok(())
}

/// Makes the models of a new API.
pub(crate) fn insert_defaults(transaction: &mut Transaction<'_>, call: &Call, api: &RestApi) -> Result<()> {
    for (name, description, schema) in DEFAULTS {
        let model = Model {
            id: fresh_id(call)?,
            name: model_name(name)?,
            description: Some(description.to_owned()),
            schema: Some(schema.to_owned()),
            content_type: "application/json".to_owned(),
        };
        keep(transaction, call.scope(), api.id.as_str(), &model)?;
    }
    Ok(())
}

/// Refuses models by content type of which one is not there.
pub(crate) fn check_references(
    reader: &Reader<'_>,
    call: &Call,
    models: Option<&IndexMap<String, String>>,
) -> Result<()> {
    for name in models.into_iter().flat_map(IndexMap::values) {
        if reader.get::<Model>(call.scope(), call.api(), name)?.is_none() {
            return Err(Failure::bad_request(format!("Invalid model identifier specified: {name}")));
        }
    }
    Ok(())
}

/// `CreateModel`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateModelInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("name", input.name.as_ref());
    violations.required("contentType", input.content_type.as_ref());
    violations.finish()?;
    rest_apis::find(transaction, call.scope(), call.api())?;
    let model = Model {
        id: fresh_id(call)?,
        name: model_name(&input.name.unwrap_or_default())?,
        description: input.description,
        schema: input.schema,
        content_type: input.content_type.unwrap_or_default(),
    };
    if transaction.get::<Model>(call.scope(), call.api(), model.name.as_str())?.is_some() {
        return Err(Failure::conflict("Model name already exists for this REST API"));
    }
    check(transaction, call, &model)?;
    keep(transaction, call.scope(), call.api(), &model)?;
    Answer::created(model)
}

/// `GetModels`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::list_below::<Model>(reader, call)
}

/// `GetModel`; with `flatten=true`, the models that it refers to stand inside its schema.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let mut model = find(reader, call, call.path("model_name"))?;
    if call.query_flag("flatten") {
        model.schema = model.schema.map(|schema| flatten::flatten(reader, call, &schema)).transpose()?;
    }
    Answer::ok(model)
}

/// `GetModelTemplate`.
pub(crate) fn get_template(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let model = find(reader, call, call.path("model_name"))?;
    let schema = flatten::flatten(reader, call, model.schema.as_deref().unwrap_or("{}"))?;
    let schema: Value = serde_json::from_str(&schema)?;
    Answer::ok(json!({ "value": template::skeleton(&schema) }))
}

/// `UpdateModel`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut model = find(transaction, call, call.path("model_name"))?;
    TABLE.apply(&mut model, &patches)?;
    check(transaction, call, &model)?;
    keep(transaction, call.scope(), call.api(), &model)?;
    Answer::ok(model)
}

/// `DeleteModel`: refused while a method or another model refers to it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let model = find(transaction, call, call.path("model_name"))?;
    let name = model.name.as_str();
    let in_use = |what: &str, user: &str| {
        Err(Failure::conflict(format!("Cannot delete model '{name}', is referenced in {what}: {user}")))
    };
    if let Some((user, place)) = methods::find_user(transaction, call, |method| place_in(method, name))? {
        return in_use(place, &user);
    }
    for other in transaction.list_all::<Model>(call.scope(), call.api())? {
        let schema = other.schema.as_deref().unwrap_or_default();
        if other.name != model.name && referenced_names(schema, call.api()).iter().any(|referred| referred == name) {
            return in_use("model", other.name.as_str());
        }
    }
    transaction.delete::<Model>(call.scope(), call.api(), name)?;
    Ok(Answer::accepted())
}

/// Where a method refers to a model.
fn place_in(method: &Method, name: &str) -> Option<&'static str> {
    let names = |models: &Option<IndexMap<String, String>>| {
        models.as_ref().is_some_and(|models| models.values().any(|model| model == name))
    };
    if names(&method.request_models) {
        return Some("method request");
    }
    method.method_responses.values().any(|response| names(&response.response_models)).then_some("method response")
}

fn model_name(text: &str) -> Result<ModelName> {
    if text.is_empty() {
        return Err(Failure::bad_request("Model name must be non-empty"));
    }
    text.parse().map_err(|_| Failure::bad_request(format!("Model name must be alphanumeric: {text}")))
}

/// A model's id. Operations address models by name, so ids may even meet.
fn fresh_id(call: &Call) -> Result<ModelId> {
    crate::ids::fresh(|| call.ids.short(), |_| Ok(false))
}

/// Refuses a schema that is none, or that refers to models that are not there.
fn check(reader: &Reader<'_>, call: &Call, model: &Model) -> Result<()> {
    let Some(schema) = model.schema.as_deref().filter(|schema| !schema.trim().is_empty()) else {
        return Err(Failure::bad_request(NO_SCHEMA));
    };
    let invalid = |error: &str| {
        Failure::bad_request(format!("Invalid model specified: Validation Result: warnings : [], errors : [{error}]"))
    };
    let parsed: Value = serde_json::from_str(schema).map_err(|_| invalid("Invalid model schema specified"))?;
    if !parsed.is_object() {
        return Err(invalid("Invalid model schema specified"));
    }
    for name in referenced_names(schema, call.api()) {
        let is_itself = name == model.name.as_str();
        if !is_itself && reader.get::<Model>(call.scope(), call.api(), &name)?.is_none() {
            return Err(invalid(&format!("Model reference must be in canonical form and exist: {name}")));
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateModelInput {
    name: Option<String>,
    description: Option<String>,
    schema: Option<String>,
    content_type: Option<String>,
}
