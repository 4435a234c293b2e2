//! `$context.requestOverride` and `$context.responseOverride`: maps that a template writes into, read when it is done.

use indexmap::IndexMap;
use vtl::{Map, MapKind, Value};

use super::TemplateError;
use crate::overrides::{OVERRIDES_MAX, Overrides};

/// The status codes that an override may set; other values of it are ignored.
const STATUS: std::ops::RangeInclusive<i64> = 100..=599;

/// The two maps. They start with what is in force, so that the response template can read what the request template set.
pub(super) struct OverrideMaps {
    request: Value,
    response: Value,
}

impl OverrideMaps {
    pub(super) fn new(overrides: &Overrides) -> Self {
        let mut request = Map::with_kind(MapKind::Opaque);
        request.insert("header", texts(&overrides.request_header));
        request.insert("path", texts(&overrides.request_path));
        request.insert("querystring", texts(&overrides.request_querystring));
        let mut response = Map::with_kind(MapKind::Opaque);
        response.insert("header", texts(&overrides.response_header));
        if let Some(status) = overrides.response_status {
            response.insert("status", Value::from(i64::from(status)));
        }
        Self { request: Value::map(request), response: Value::map(response) }
    }

    pub(super) fn request(&self) -> Value {
        self.request.clone()
    }

    pub(super) fn response(&self) -> Value {
        self.response.clone()
    }

    /// What the maps say now. A status that is none leaves that of `before` in force.
    pub(super) fn read(&self, before: &Overrides) -> Result<Overrides, TemplateError> {
        let status = member(&self.response, "status").and_then(|status| status.as_i64());
        let status = status.filter(|status| STATUS.contains(status)).and_then(|status| u16::try_from(status).ok());
        Ok(Overrides {
            request_header: read_texts(&self.request, "header")?,
            request_querystring: read_texts(&self.request, "querystring")?,
            request_path: read_texts(&self.request, "path")?,
            response_header: read_texts(&self.response, "header")?,
            response_status: status.or(before.response_status),
        })
    }
}

fn texts(texts: &IndexMap<String, String>) -> Value {
    let mut map = Map::with_kind(MapKind::Opaque);
    map.extend(texts.iter().map(|(name, text)| (name.as_str(), Value::from(text.as_str()))));
    Value::map(map)
}

fn member(map: &Value, name: &str) -> Option<Value> {
    if let Value::Map(map) = map { map.borrow().get(name).cloned() } else { None }
}

/// The texts that a map's values print as; `null` sets nothing.
fn read_texts(map: &Value, name: &str) -> Result<IndexMap<String, String>, TemplateError> {
    let Some(Value::Map(map)) = member(map, name) else { return Ok(IndexMap::new()) };
    let map = map.borrow();
    if map.len() > OVERRIDES_MAX {
        return Err(TemplateError::TooManyOverrides);
    }
    let set = map.iter().filter(|(_, value)| !value.is_null());
    set.map(|(name, value)| Ok((name.to_string(), value.to_text()?.to_string()))).collect()
}
