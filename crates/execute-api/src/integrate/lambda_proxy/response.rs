//! What a proxy function may answer, and what the client gets of it.
//!
//! Developer Guide, "Output format of a Lambda function for proxy integration". The function shapes status, headers and body;
//! anything that is not of this form is a 502.

use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Failure,
    request::Headers,
    respond::remap::{self, ResponsePath},
};

/// Headers that a function may set.
const HEADERS_MAX: usize = 1000;
/// Characters of a member's name that the operator is told.
const NAME_CHARS_MAX: usize = 100;

/// A function's answer, read and checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ProxyResponse {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Whether the function says that its body is base64 of the bytes meant.
    pub(crate) is_base64: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire<'a> {
    #[serde(default)]
    status_code: Value,
    #[serde(default)]
    headers: Option<IndexMap<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<IndexMap<String, Value>>,
    #[serde(default, borrow)]
    body: Option<Cow<'a, str>>,
    #[serde(default)]
    is_base64_encoded: Value,
}

impl ProxyResponse {
    /// Reads a function's answer.
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, Failure> {
        // A list would fill the members by position, which is no response.
        if payload.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(malformed("the answer is not a JSON object"));
        }
        let wire: Wire<'_> = serde_json::from_slice(payload).map_err(|error| unreadable(&error))?;
        Ok(Self {
            status: status(&wire.status_code)?,
            headers: joined_headers(wire.headers.unwrap_or_default(), wire.multi_value_headers.unwrap_or_default())?,
            body: wire.body.map(|body| Bytes::from(body.into_owned())).unwrap_or_default(),
            is_base64: flag(&wire.is_base64_encoded)?,
        })
    }

    /// The bytes that the client gets: decoded if the function marked them and `decode` says that the client takes binary.
    pub(crate) fn into_body(self, decode: bool) -> Result<Bytes, Failure> {
        if !(self.is_base64 && decode) {
            return Ok(self.body);
        }
        let decoded =
            STANDARD.decode(&self.body).map_err(|_| Failure::configuration("Unable to base64 decode the body."))?;
        Ok(decoded.into())
    }

    /// The headers for the client, those that the gateway keeps for itself remapped or dropped.
    pub(crate) fn client_headers(&self) -> Headers {
        let mut headers = Headers::default();
        for (name, value) in &self.headers {
            if let Some(name) = remap::client_name(ResponsePath::LambdaProxy, name) {
                headers.append(&name, value);
            }
        }
        headers
    }
}

pub(crate) fn malformed(detail: &str) -> Failure {
    Failure::MalformedProxyResponse { detail: detail.to_owned() }
}

/// What is wrong with an answer, without the values that the parser would quote: they may be secrets, and long.
pub(crate) fn unreadable(error: &serde_json::Error) -> Failure {
    let text = error.to_string();
    let unknown = text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    match unknown {
        Some((name, _)) => malformed(&format!("unknown member {name:.NAME_CHARS_MAX$}")),
        None => malformed(&format!("line {}, column {} is not of a response's form", error.line(), error.column())),
    }
}

/// An integer or an integer's text; 200 when there is none.
pub(crate) fn status(value: &Value) -> Result<u16, Failure> {
    let number = match value {
        Value::Null => Some(200),
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let status = number.and_then(|number| u16::try_from(number).ok()).filter(|status| (200..=599).contains(status));
    status.ok_or_else(|| malformed("statusCode is no integer from 200 to 599"))
}

fn flag(value: &Value) -> Result<bool, Failure> {
    match value {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(true),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(false),
        Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            Err(malformed("isBase64Encoded is neither true nor false"))
        }
    }
}

/// Both maps as one list. A name in both has the multi values first, under the multi-value map's spelling; a single value that
/// is among them is not repeated.
pub(crate) fn joined_headers(
    single: IndexMap<String, Value>,
    multi: IndexMap<String, Value>,
) -> Result<Vec<(String, String)>, Failure> {
    let mut groups = Groups::with_capacity(single.len() + multi.len());
    for (name, values) in multi {
        let values = match values {
            Value::Array(values) => values,
            Value::Null => Vec::new(),
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                return Err(malformed(&format!("multiValueHeaders.{name:.NAME_CHARS_MAX$} is not a list")));
            }
        };
        let texts = values.into_iter().filter_map(|value| header_text(&name, value).transpose());
        let texts: Vec<String> = texts.collect::<Result<_, _>>()?;
        group(&mut groups, name).extend(texts);
    }
    for (name, value) in single {
        if let Some(text) = header_text(&name, value)? {
            let values = group(&mut groups, name);
            if !values.contains(&text) {
                values.push(text);
            }
        }
    }
    let fields = groups.into_values();
    let fields: Vec<(String, String)> =
        fields.flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value))).collect();
    if fields.len() > HEADERS_MAX {
        return Err(malformed(&format!("more than {HEADERS_MAX} headers")));
    }
    Ok(fields)
}

/// Spelling and values by name in lower case.
type Groups = IndexMap<String, (String, Vec<String>)>;

fn group(groups: &mut Groups, name: String) -> &mut Vec<String> {
    &mut groups.entry(name.to_ascii_lowercase()).or_insert((name, Vec::new())).1
}

fn header_text(name: &str, value: Value) -> Result<Option<String>, Failure> {
    match value {
        Value::Null => Ok(None),
        Value::Bool(flag) => Ok(Some(flag.to_string())),
        Value::Number(number) => Ok(Some(number.to_string())),
        Value::String(text) => Ok(Some(text)),
        Value::Array(_) | Value::Object(_) => {
            Err(malformed(&format!("header {name:.NAME_CHARS_MAX$} is neither text, number nor boolean")))
        }
    }
}

#[cfg(test)]
mod tests;
