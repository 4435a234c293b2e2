//! An API's models as JSON schemas, draft 4.
//!
//! Models refer to each other by `https://apigateway.amazonaws.com/restapis/{restApiId}/models/{ModelName}`; whatever the id,
//! the model of this API is meant, and nothing is ever fetched. Cycles are fine.

use std::{collections::HashMap, error::Error, sync::Arc};

use definition::model::Model;
use jsonschema::{Draft, Retrieve, Uri, Validator};
use serde_json::Value;

use super::wording;
use crate::Failure;

/// The model that every API has unless it was imported, and that accepts everything.
const EMPTY_MODEL: &str = "Empty";
/// What the reference to a model starts with.
const MODEL_URL: &str = "https://apigateway.amazonaws.com/restapis/";

/// The schemas of an API's models by name.
#[derive(Debug)]
pub(super) struct Models {
    /// A model without a schema accepts everything; the error is about text that is no JSON.
    schemas: HashMap<Box<str>, Result<Value, Box<str>>>,
}

/// What a body must satisfy.
#[derive(Debug)]
pub(super) enum ModelSchema {
    /// Nothing.
    Anything,
    Schema(Box<Validator>),
    /// The schema cannot be used: every request fails for this reason.
    Broken(Box<str>),
}

impl Models {
    pub(super) fn new(models: &[Model]) -> Self {
        let schemas = models.iter().map(|model| {
            let schema = match model.schema.as_deref() {
                None | Some("") => Ok(Value::Object(serde_json::Map::new())),
                Some(text) => serde_json::from_str(text).map_err(|error| error.to_string().into()),
            };
            (model.name.as_str().into(), schema)
        });
        Self { schemas: schemas.collect() }
    }

    /// Compiles the model of a name.
    pub(super) fn compile(self: &Arc<Self>, name: &str) -> ModelSchema {
        let schema = match self.schemas.get(name) {
            Some(Ok(schema)) => schema,
            Some(Err(error)) => return ModelSchema::Broken(format!("Model {name} is no JSON schema: {error}").into()),
            None if name == EMPTY_MODEL => return ModelSchema::Anything,
            None => return ModelSchema::Broken(format!("Model {name} does not exist").into()),
        };
        let options = jsonschema::options()
            .with_draft(Draft::Draft4)
            .should_validate_formats(false)
            .with_retriever(ModelReferences(Arc::clone(self)));
        match options.build(schema) {
            Ok(validator) => ModelSchema::Schema(Box::new(validator)),
            Err(error) => ModelSchema::Broken(format!("Model {name} is no JSON schema: {error}").into()),
        }
    }
}

impl ModelSchema {
    pub(super) fn check(&self, document: &Value) -> Result<(), Failure> {
        match self {
            Self::Anything => Ok(()),
            Self::Schema(validator) if validator.is_valid(document) => Ok(()),
            Self::Schema(validator) => {
                Err(Failure::BadRequestBody { detail: wording::describe(validator.iter_errors(document)) })
            }
            Self::Broken(reason) => Err(Failure::ApiConfiguration { detail: reason.to_string() }),
        }
    }
}

/// Resolves references between models.
struct ModelReferences(Arc<Models>);

impl Retrieve for ModelReferences {
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn Error + Send + Sync>> {
        let unresolved = || format!("{uri} is no model of this API");
        let (_, name) =
            uri.as_str().strip_prefix(MODEL_URL).and_then(|rest| rest.split_once("/models/")).ok_or_else(unresolved)?;
        match self.0.schemas.get(name) {
            Some(Ok(schema)) => Ok(schema.clone()),
            Some(Err(_)) | None => Err(unresolved().into()),
        }
    }
}
