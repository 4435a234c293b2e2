//! Sample calls for the methods of a project's API.

use std::collections::HashMap;

use definition::{
    ApiSnapshot,
    method::{HttpMethod, Method},
    resource::Segment,
};
use serde_json::{Map, Value, json};

/// Schemas are followed so deep for a sample body.
const SCHEMA_DEPTH_MAX: usize = 8;

/// What sample calls are made of: the API, and the examples in its document.
pub(crate) struct Samples<'a> {
    snapshot: &'a ApiSnapshot,
    /// Examples of parameters by name.
    parameters: HashMap<String, Value>,
    /// Examples of members of bodies by name.
    members: HashMap<String, Value>,
}

impl<'a> Samples<'a> {
    /// Samples for an API, with the examples of the document that it came from.
    pub(crate) fn of(snapshot: &'a ApiSnapshot, document: Option<&[u8]>) -> Self {
        let document: Option<Value> = document
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(|text| serde_saphyr::from_str(text).ok());
        let mut samples = Self { snapshot, parameters: HashMap::new(), members: HashMap::new() };
        if let Some(document) = &document {
            samples.collect_examples(document, 0);
        }
        samples
    }

    /// One `curl` per method, in the order of the document.
    pub(crate) fn curls(&self, base: &str) -> Vec<String> {
        self.snapshot.methods.iter().filter_map(|method| self.curl(base, method)).collect()
    }

    fn curl(&self, base: &str, method: &Method) -> Option<String> {
        let resource = self.snapshot.resources.iter().find(|resource| resource.id == method.resource_id)?;
        let segments =
            resource.path.split('/').filter(|part| !part.is_empty()).map(|part| match Segment::parse(part) {
                Some(Segment::Parameter(name) | Segment::Greedy(name)) => format!("/{}", self.value(name)),
                Some(Segment::Static(_)) | None => format!("/{part}"),
            });
        let path: String = segments.collect();
        let required = |location: &str| -> Vec<(String, String)> {
            let prefix = format!("method.request.{location}.");
            let declared = method.request_parameters.iter().flatten().filter(|(_, required)| **required);
            declared
                .filter_map(|(key, _)| key.strip_prefix(&prefix))
                .map(|name| (name.to_owned(), self.value(name)))
                .collect()
        };
        let query: Vec<String> =
            required("querystring").iter().map(|(name, value)| format!("{name}={value}")).collect();
        let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
        let verb = match method.http_method {
            HttpMethod::Get | HttpMethod::Any => String::new(),
            HttpMethod::Head => " --head".to_owned(),
            other @ (HttpMethod::Put
            | HttpMethod::Post
            | HttpMethod::Delete
            | HttpMethod::Patch
            | HttpMethod::Options) => {
                format!(" -X {other}")
            }
        };
        let headers: Vec<String> =
            required("header").iter().map(|(name, value)| format!(" -H '{name}: {value}'")).collect();
        let body = self.body(method).map_or_else(String::new, |body| {
            format!(" -H 'Content-Type: application/json' -d '{}'", body.to_string().replace('\'', "'\\''"))
        });
        Some(format!(
            "curl{verb}{}{body} '{base}{}{query}'",
            headers.concat(),
            if path.is_empty() { "/" } else { &path }
        ))
    }

    fn value(&self, name: &str) -> String {
        let value = match self.parameters.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(example) => example.to_string(),
            None => name.to_owned(),
        };
        percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string()
    }

    fn body(&self, method: &Method) -> Option<Value> {
        let model = method.request_models.as_ref()?.get("application/json")?;
        self.model_sample(model, 0)
    }

    fn model_sample(&self, name: &str, depth: usize) -> Option<Value> {
        let model = self.snapshot.models.iter().find(|model| model.name.as_str() == name)?;
        let schema: Value = serde_json::from_str(model.schema.as_deref()?).ok()?;
        self.schema_sample(&schema, depth)
    }

    fn schema_sample(&self, schema: &Value, depth: usize) -> Option<Value> {
        if depth > SCHEMA_DEPTH_MAX {
            return None;
        }
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return self.model_sample(reference.rsplit('/').next()?, depth + 1);
        }
        if let Some(choice) = schema.pointer("/enum/0").or_else(|| schema.get("default")) {
            return Some(choice.clone());
        }
        match schema.get("type").and_then(Value::as_str).unwrap_or("object") {
            "number" | "integer" => Some(schema.get("minimum").cloned().unwrap_or_else(|| json!(1))),
            "boolean" => Some(json!(true)),
            "array" => {
                let item = schema.get("items").and_then(|items| self.schema_sample(items, depth + 1));
                Some(Value::Array(item.into_iter().collect()))
            }
            "string" => Some(json!("text")),
            _ => {
                let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
                let sampled: Map<String, Value> = members
                    .filter_map(|(name, member)| {
                        let example = self.members.get(name).cloned();
                        Some((name.clone(), example.or_else(|| self.schema_sample(member, depth + 1))?))
                    })
                    .collect();
                Some(Value::Object(sampled))
            }
        }
    }

    /// Finds the examples of all parameters and of all members of schemas, wherever the document declares them.
    fn collect_examples(&mut self, value: &Value, depth: usize) {
        /// No document nests its parameters deeper.
        const DEPTH_MAX: usize = 32;
        /// Where the examples of a parameter stand, in both dialects.
        const PLACES: [&str; 7] =
            ["/example", "/x-example", "/schema/example", "/schema/default", "/schema/enum/0", "/default", "/enum/0"];
        if depth > DEPTH_MAX {
            return;
        }
        match value {
            Value::Object(members) => {
                if let (Some(Value::String(name)), Some(Value::String(_))) = (members.get("name"), members.get("in"))
                    && let Some(example) = PLACES.iter().find_map(|place| value.pointer(place))
                {
                    self.parameters.entry(name.clone()).or_insert_with(|| example.clone());
                }
                for (name, schema) in members.get("properties").and_then(Value::as_object).into_iter().flatten() {
                    if let Some(example) = schema.get("example") {
                        self.members.entry(name.clone()).or_insert_with(|| example.clone());
                    }
                }
                members.values().for_each(|member| self.collect_examples(member, depth + 1));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect_examples(item, depth + 1)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
