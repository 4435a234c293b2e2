//! Schemas that become models, and references to schemas that become references to models.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    Importer, Problem,
    source::{REFERENCE_STEPS_MAX, Source},
};
use crate::{id::ModelName, model::Model};

/// Keywords that API Gateway drops from imported schemas ("Amazon API Gateway important notes for REST APIs").
const DROPPED_KEYWORDS: [&str; 10] = [
    "discriminator",
    "example",
    "exclusiveMinimum",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "nullable",
    "maxItems",
    "minItems",
];
/// What a reference to a model starts with, in front of the API's id.
pub(super) const MODEL_URL_BASE: &str = "https://apigateway.amazonaws.com/restapis/";
/// Schemas are rewritten to this depth; deeper ones are refused.
const SCHEMA_DEPTH_MAX: usize = 100;

impl<'a> Importer<'a> {
    /// Makes a model of each schema that the document declares by name.
    pub(super) fn declared_models(&mut self) {
        let source = self.source;
        self.schema_models = schema_models(source, &mut self.model_names);
        for (name, schema) in source.schemas().and_then(Value::as_object).into_iter().flatten() {
            self.findings.look_at(schema);
            let Some(model) = self.schema_models.get(name).cloned() else {
                self.findings.error(format!("Unable to create model '{name}': Model name must be alphanumeric"));
                continue;
            };
            if model.as_str() != name {
                let text = format!("Model name '{name}' is not alphanumeric; the model is called '{model}'");
                self.findings.warning(text);
            }
            self.add_model(&model, schema);
        }
    }

    /// The name of the model for a schema where a body is declared: the schema that it refers to, or a new model of its own,
    /// called after `place`. A reference that leads nowhere is ignored with a warning, and stands for no model.
    pub(super) fn model_of(&mut self, schema: &'a Value, place: &str) -> Option<String> {
        let source = self.source;
        let mut schema = schema;
        for _ in 0..REFERENCE_STEPS_MAX {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else {
                let name = self.model_names.free(&model_name(place)?)?;
                self.add_model(&name, schema);
                return Some(name.to_string());
            };
            if let Some(name) = self.referred_model(reference) {
                return Some(name.to_string());
            }
            let Some(target) = source.target(reference) else { break };
            schema = target;
        }
        let reference = schema.get("$ref").and_then(Value::as_str).unwrap_or_default();
        let name = reference.rsplit('/').next().unwrap_or_default();
        self.findings.warning_at(schema, format!("Reference to model '{name}' not found. Ignoring."));
        None
    }

    fn add_model(&mut self, name: &ModelName, schema: &'a Value) {
        let before = self.findings.look_at(schema);
        match self.model(name.clone(), schema) {
            Ok(model) => {
                self.models.push(model);
                self.schemas.push((name.clone(), schema));
            }
            Err(problem) => self.findings.refuse(format!("create model '{name}'"), &problem),
        }
        self.findings.look_back(before);
    }

    fn model(&mut self, name: ModelName, schema: &Value) -> Result<Model, Problem> {
        if !schema.is_object() {
            return Err("the schema is not an object".into());
        }
        Ok(Model {
            id: self.fresh()?,
            name,
            description: schema.get("description").and_then(Value::as_str).map(str::to_owned),
            schema: Some(self.rewritten(schema, 0)?.to_string()),
            content_type: "application/json".to_owned(),
        })
    }

    fn rewritten(&mut self, schema: &Value, depth: usize) -> Result<Value, Problem> {
        if depth > SCHEMA_DEPTH_MAX {
            return Err(format!("the schema is nested deeper than {SCHEMA_DEPTH_MAX}").into());
        }
        match schema {
            Value::Object(members) => {
                if let Some(reference) = members.get("$ref").and_then(Value::as_str) {
                    return self.referred(reference, depth);
                }
                let mut kept = Map::new();
                for (key, value) in members {
                    if DROPPED_KEYWORDS.contains(&key.as_str()) {
                        self.findings.silence(value, format!("'{key}' of a schema is dropped"));
                        continue;
                    }
                    let value = match (key.as_str(), value) {
                        // Below these the keys are the user's member names, not keywords.
                        ("properties" | "patternProperties" | "definitions", Value::Object(named)) => {
                            self.each_rewritten(named, depth)?
                        }
                        ("enum" | "default" | "required", value) => value.clone(),
                        (_, value) => self.rewritten(value, depth + 1)?,
                    };
                    kept.insert(key.clone(), value);
                }
                Ok(Value::Object(kept))
            }
            Value::Array(items) => items.iter().map(|item| self.rewritten(item, depth + 1)).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Ok(schema.clone()),
        }
    }

    fn each_rewritten(&mut self, named: &Map<String, Value>, depth: usize) -> Result<Value, Problem> {
        let rewritten = named.iter().map(|(name, schema)| Ok((name.clone(), self.rewritten(schema, depth + 1)?)));
        rewritten.collect::<Result<Map<String, Value>, Problem>>().map(Value::Object)
    }

    /// What stands for a reference in a model: one to another model by its URL, as it is where it is such a URL already, and
    /// for one to anything else in the document that very thing.
    fn referred(&mut self, reference: &str, depth: usize) -> Result<Value, Problem> {
        let url = match self.referred_model(reference) {
            Some(name) => format!("{MODEL_URL_BASE}{}/models/{name}", self.options.base.id),
            None if reference.starts_with(MODEL_URL_BASE) => reference.to_owned(),
            None => {
                let unknown = || format!("Unable to resolve model reference '{reference}'");
                let target = self.source.target(reference).ok_or_else(unknown)?;
                return self.rewritten(target, depth + 1);
            }
        };
        let mut members = Map::new();
        members.insert("$ref".to_owned(), Value::String(url));
        Ok(Value::Object(members))
    }

    /// The model to which a reference leads, if it is one that the document declares.
    fn referred_model(&self, reference: &str) -> Option<&ModelName> {
        let schema = reference.strip_prefix(self.source.version.schema_prefix())?;
        self.schema_models.get(&*percent_encoding::percent_decode_str(schema).decode_utf8().ok()?)
    }
}

/// The names of models, and the last number behind one that told another model from it.
#[derive(Default)]
pub(super) struct ModelNames(HashMap<ModelName, u32>);

impl ModelNames {
    /// The name, taken for a new model, or the name with the first number that makes it another's.
    fn free(&mut self, plain: &ModelName) -> Option<ModelName> {
        let mut name = plain.clone();
        while self.0.contains_key(&name) {
            let number = self.0.entry(plain.clone()).or_insert(1);
            *number += 1;
            name = model_name(&format!("{plain}{number}"))?;
        }
        self.0.insert(name.clone(), 1);
        Some(name)
    }
}

/// What the models of a document's named schemas are called, by the schemas' names. One without a letter or a digit in its name
/// has no model.
fn schema_models(source: &Source, names: &mut ModelNames) -> HashMap<String, ModelName> {
    let schemas = || source.schemas().and_then(Value::as_object).into_iter().flat_map(Map::keys);
    // Names that need no change come first: the others make way for them.
    let mut models: HashMap<String, ModelName> = schemas()
        .filter_map(|schema| Some((schema.clone(), model_name(schema).filter(|name| name.as_str() == schema)?)))
        .collect();
    names.0.extend(models.values().map(|name| (name.clone(), 1)));
    for schema in schemas() {
        if !models.contains_key(schema)
            && let Some(name) = model_name(schema).and_then(|plain| names.free(&plain))
        {
            models.insert(schema.clone(), name);
        }
    }
    models
}

/// The document's named schemas, by the names of their models.
pub(super) fn named_schemas(source: &Source) -> Vec<(ModelName, &Value)> {
    let models = schema_models(source, &mut ModelNames::default());
    let schemas = source.schemas().and_then(Value::as_object).into_iter().flatten();
    schemas.filter_map(|(name, schema)| Some((models.get(name)?.clone(), schema))).collect()
}

/// A model's name has letters and digits only; a schema's may have more.
fn model_name(schema: &str) -> Option<ModelName> {
    schema.chars().filter(char::is_ascii_alphanumeric).collect::<String>().parse().ok()
}
