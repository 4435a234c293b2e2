//! Models as the schemas of a document.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Exporter, put_said};
use crate::{
    documentation::{Location, PartType},
    model::Model,
    openapi::models::MODEL_URL_BASE,
};

/// What documentation may add to a schema.
const SCHEMA_MEMBERS: [&str; 3] = ["title", "description", "externalDocs"];

impl Exporter<'_> {
    /// The models by their names.
    pub(super) fn schemas(&self) -> Map<String, Value> {
        let schemas: BTreeMap<&str, Value> =
            self.snapshot.models.iter().map(|model| (model.name.as_str(), self.schema(model))).collect();
        schemas.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
    }

    fn schema(&self, model: &Model) -> Value {
        let text = model.schema.as_deref().unwrap_or_default();
        let mut schema: Map<String, Value> = serde_json::from_str(text).unwrap_or_default();
        // Draft 4 is what every model is in, and no member of a schema in OpenAPI.
        schema.shift_remove("$schema");
        if let Some(description) = &model.description {
            schema.entry("description").or_insert_with(|| json!(description));
        }
        let mut schema = self.rewritten(model, Value::Object(schema));
        if let Value::Object(members) = &mut schema {
            let said = self.contents.effective(&Location::of(PartType::Model).named(model.name.as_str()));
            put_said(members, said, &SCHEMA_MEMBERS);
        }
        schema
    }

    /// A schema whose references lead where the document keeps their targets.
    fn rewritten(&self, model: &Model, schema: Value) -> Value {
        match schema {
            Value::Object(members) => Value::Object(
                members
                    .into_iter()
                    .map(|(name, value)| {
                        let reference = value.as_str().filter(|_| name == "$ref");
                        let value = match reference {
                            Some(reference) => Value::String(self.reference(model, reference)),
                            None => self.rewritten(model, value),
                        };
                        (name, value)
                    })
                    .collect(),
            ),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.rewritten(model, item)).collect()),
            other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
        }
    }

    fn reference(&self, model: &Model, reference: &str) -> String {
        let prefix = self.options.version.schema_prefix();
        if let Some(within) = reference.strip_prefix('#') {
            return format!("{prefix}{}{within}", model.name);
        }
        let api = self.snapshot.rest_api.id.as_str();
        let name = reference.strip_prefix(MODEL_URL_BASE).and_then(|rest| rest.strip_prefix(api));
        match name.and_then(|rest| rest.strip_prefix("/models/")).filter(|name| self.models.contains(name)) {
            Some(name) => format!("{prefix}{name}"),
            None => reference.to_owned(),
        }
    }

    /// A reference to a model where a body is documented; none to one that is not there.
    pub(super) fn schema_reference(&self, model: &str) -> Option<Value> {
        let reference = format!("{}{model}", self.options.version.schema_prefix());
        self.models.contains(model).then(|| json!({ "$ref": reference }))
    }
}
