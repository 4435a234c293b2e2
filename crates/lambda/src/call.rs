//! One call of the Lambda API, taken apart.

use bytes::Bytes;
use definition::{Caller, Scope};
use http::HeaderMap;
use jiff::Timestamp;
use serde::de::DeserializeOwned;

use crate::failure::{Failure, Result};
use crate::names::{NameRule, Target};
use crate::violations::Violations;

/// What an operation is given.
#[derive(Debug, Clone)]
pub(crate) struct Call {
    pub(crate) caller: Caller,
    /// The labels of the path, decoded.
    pub(crate) labels: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) now: Timestamp,
}

impl Call {
    /// The account and region that the call speaks of.
    pub(crate) fn scope(&self) -> &Scope {
        &self.caller.scope
    }

    /// A label of the path, from 0.
    pub(crate) fn label(&self, index: usize) -> &str {
        self.labels.get(index).map_or("", String::as_str)
    }

    /// A parameter of the query, where it is given.
    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The function that the path and the query name.
    pub(crate) fn target(&self, rule: NameRule) -> Result<Target> {
        Target::parse(self.label(0), self.query("Qualifier"), self.scope(), rule)
    }

    /// The body as the operation's input; an empty body has no member.
    pub(crate) fn input<T: DeserializeOwned>(&self) -> Result<T> {
        let text = if self.body.is_empty() { &b"{}"[..] } else { &self.body };
        serde_json::from_slice(text).map_err(|error| Failure::Serialization(error.to_string()))
    }

    /// `MaxItems`, 1 to 10,000, as the size of a page that has room for `page_max`.
    pub(crate) fn page_size(&self, page_max: usize) -> Result<usize> {
        const ITEMS_MAX: u32 = 10_000;
        let Some(text) = self.query("MaxItems") else { return Ok(page_max) };
        let Ok(items) = text.parse::<i64>() else {
            return Err(Failure::Serialization(format!("'{text}' can not be converted to an Integer")));
        };
        let mut violations = Violations::default();
        violations.range("maxItems", Some(items), 1, ITEMS_MAX);
        violations.check()?;
        Ok(usize::try_from(items).unwrap_or(page_max).min(page_max))
    }
}
