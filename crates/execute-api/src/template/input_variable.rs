//! `$input`: the payload as text, as JSON and by JSONPath, and the request's parameters.

use std::{
    cell::{Cell, OnceCell},
    rc::Rc,
    sync::Arc,
};

use vtl::{HostError, Map, Object, Value, json};

use super::{
    Phase, TemplateInput,
    mentions::{ParameterNames, WrittenPaths},
};
use crate::json_path::JsonPath;

/// What an empty request payload reads as.
const EMPTY_DOCUMENT: &str = "{}";
/// Nodes that a regular expression counts for in a path that a template computes: it is compiled each time.
const PATTERN_NODES: usize = 5_000;
/// What `$input.json` gives where there is nothing.
const NOTHING_AS_JSON: &str = "\"\"";

/// `$input`.
pub(super) struct InputObject {
    body: Rc<str>,
    /// The payload's JSON, once somebody asks; `None` inside when it is none.
    document: OnceCell<Option<Value>>,
    parameters: Parameters,
    paths: Arc<WrittenPaths>,
    /// Nodes of the document that paths have visited so far: a template may look a thousand times.
    visited: Cell<usize>,
}

enum Parameters {
    /// The values of the only names that the template asks for.
    These(Vec<(Box<str>, Value)>),
    /// `path`, `querystring` and `header`, each a map.
    All(Value),
}

impl InputObject {
    pub(super) fn new(input: &TemplateInput<'_>, names: &ParameterNames, paths: Arc<WrittenPaths>) -> Self {
        let body = match input.phase {
            Phase::Request if input.body.is_empty() => EMPTY_DOCUMENT,
            Phase::Request | Phase::Response => input.body,
        };
        let parameters = match names {
            ParameterNames::These(names) => {
                Parameters::These(names.iter().map(|name| (name.clone(), parameter(input, name))).collect())
            }
            ParameterNames::Any => Parameters::All(all_parameters(input)),
        };
        Self { body: body.into(), document: OnceCell::new(), parameters, paths, visited: Cell::new(0) }
    }

    /// What a path finds in the payload; nothing when the payload is not JSON.
    fn find(&self, path: &str) -> Result<Option<Value>, HostError> {
        let Some(document) = self.document.get_or_init(|| json::parse(&self.body).ok()) else { return Ok(None) };
        let mut visited = self.visited.get();
        let found = if let Some(path) = self.paths.get(path) {
            path.find_counting(document, &mut visited)
        } else {
            visited = visited.saturating_add(path.matches("=~").count() * PATTERN_NODES);
            JsonPath::compile(path).and_then(|path| path.find_counting(document, &mut visited))
        };
        self.visited.set(visited);
        found.map_err(|error| HostError::new(error.to_string()))
    }

    fn json(&self, path: &str) -> Result<Value, HostError> {
        let Some(found) = self.find(path)? else { return Ok(Value::from(NOTHING_AS_JSON)) };
        Ok(Value::from(json::to_text(&found)?))
    }

    /// A parameter by name: of the path, else of the query, else a header; `""` when there is none.
    fn parameter(&self, name: &str) -> Value {
        let found = match &self.parameters {
            Parameters::These(values) => {
                values.iter().find(|(known, _)| **known == *name).map(|(_, value)| value.clone())
            }
            Parameters::All(Value::Map(locations)) => {
                let locations = locations.borrow();
                locations.values().find_map(|location| {
                    let Value::Map(values) = location else { return None };
                    values.borrow().get(name).cloned()
                })
            }
            Parameters::All(_) => None,
        };
        found.unwrap_or_else(|| Value::from(""))
    }
}

impl Object for InputObject {
    fn property(&self, name: &str) -> Value {
        match name {
            "body" => Value::from(Rc::clone(&self.body)),
            _ => Value::Null,
        }
    }

    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        match (method, arguments) {
            ("json", []) => self.json("$"),
            ("json", [path]) => self.json(&path.to_text()?),
            ("path", []) => Ok(self.find("$")?.unwrap_or_default()),
            ("path", [path]) => Ok(self.find(&path.to_text()?)?.unwrap_or_default()),
            ("params", []) => Ok(match &self.parameters {
                Parameters::All(locations) => locations.clone(),
                Parameters::These(_) => Value::Null,
            }),
            ("params", [name]) => Ok(self.parameter(&name.to_text()?)),
            _ => Ok(Value::Null),
        }
    }
}

fn parameter(input: &TemplateInput<'_>, name: &str) -> Value {
    let exchange = &input.exchange;
    if let Some(value) = exchange.path.get(name).or_else(|| exchange.query.get(name)) {
        return Value::from(value);
    }
    exchange.headers.get_exact(name).map_or_else(|| Value::from(""), |value| Value::from(&*value))
}

/// All parameters, of each the last value.
fn all_parameters(input: &TemplateInput<'_>) -> Value {
    let exchange = &input.exchange;
    let path: Map = exchange.path.0.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
    let query: Map =
        exchange.query.0.iter().map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
    let header: Map = exchange.headers.iter().map(|header| (header.name(), Value::from(&*header.value()))).collect();
    let locations = [("path", path), ("querystring", query), ("header", header)];
    Value::map(locations.into_iter().map(|(location, values)| (location, Value::map(values))).collect())
}
