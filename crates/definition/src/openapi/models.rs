//! Schemas that become models, and references to schemas that become references to models.

use serde_json::{Map, Value};

use super::{Importer, Problem};
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

impl Importer<'_> {
    /// Makes a model of each schema that the document declares by name.
    pub(super) fn declared_models(&mut self) {
        let schemas = self.source.schemas().and_then(Value::as_object);
        let mut declared = Vec::new();
        for (name, schema) in schemas.into_iter().flatten() {
            self.findings.look_at(schema);
            let Some(model) = model_name(name) else {
                self.findings.error(format!("Unable to create model '{name}': Model name must be alphanumeric"));
                continue;
            };
            if model.as_str() != name {
                let text = format!("Model name '{name}' is not alphanumeric; the model is called '{model}'");
                self.findings.warning(text);
            }
            if self.model_names.insert(model.clone(), 1).is_none() {
                declared.push((model, schema));
            } else {
                self.findings.error(format!("Unable to create model '{name}': another one is called '{model}'"));
            }
        }
        for (name, schema) in declared {
            self.add_model(&name, schema);
        }
    }

    /// The name of the model for a schema where a body is declared: the schema that it refers to, or a new model of its own,
    /// called after `place`.
    pub(super) fn model_of(&mut self, schema: &Value, place: &str) -> Option<String> {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            let Some(name) = self.referred_model(reference) else {
                self.findings.error(format!("Unable to resolve model reference '{reference}'"));
                return None;
            };
            return Some(name.to_string());
        }
        let plain = model_name(place)?;
        let mut name = plain.clone();
        while self.model_names.contains_key(&name) {
            let number = self.model_names.entry(plain.clone()).or_insert(1);
            *number += 1;
            name = model_name(&format!("{plain}{number}"))?;
        }
        self.model_names.insert(name.clone(), 1);
        self.add_model(&name, schema);
        Some(name.to_string())
    }

    fn add_model(&mut self, name: &ModelName, schema: &Value) {
        let before = self.findings.look_at(schema);
        match self.model(name.clone(), schema) {
            Ok(model) => self.models.push(model),
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
                    return self.model_reference(reference);
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

    /// A reference as a model has it: to another model by its URL. One that is such a URL already stays.
    fn model_reference(&self, reference: &str) -> Result<Value, Problem> {
        let url = match self.referred_model(reference) {
            Some(name) => format!("{MODEL_URL_BASE}{}/models/{name}", self.options.base.id),
            None if reference.starts_with(MODEL_URL_BASE) => reference.to_owned(),
            None => return Err(format!("Unable to resolve model reference '{reference}'").into()),
        };
        let mut members = Map::new();
        members.insert("$ref".to_owned(), Value::String(url));
        Ok(Value::Object(members))
    }

    /// The model to which a reference leads, if it is one that the document declares.
    fn referred_model(&self, reference: &str) -> Option<ModelName> {
        let schema = reference.strip_prefix(self.source.version.schema_prefix())?;
        let is_declared =
            self.source.schemas()?.get(&*percent_encoding::percent_decode_str(schema).decode_utf8().ok()?);
        model_name(schema).filter(|_| is_declared.is_some())
    }
}

/// A model's name has letters and digits only; a schema's may have more.
pub(super) fn model_name(schema: &str) -> Option<ModelName> {
    schema.chars().filter(char::is_ascii_alphanumeric).collect::<String>().parse().ok()
}
