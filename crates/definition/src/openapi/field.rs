//! Members of a document read as what they should be. What is there and is something else is a problem, never nothing: a flag
//! that is misspelt, or the `Fn::Sub` that a deploy tool left where a text belongs, must not switch a check off.

use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::Problem;

/// How much of a wrong value a message shows, in characters.
const SHOWN_CHARS_MAX: usize = 80;

/// A value's text: strings as they are, numbers and booleans as JSON writes them.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The member of this name; one that is null is as good as none.
pub(super) fn member<'v>(declared: &'v Value, key: &str) -> Option<&'v Value> {
    declared.get(key).filter(|value| !value.is_null())
}

/// The text of a member.
pub(super) fn text_at(declared: &Value, key: &str) -> Result<Option<String>, Problem> {
    let Some(value) = member(declared, key) else { return Ok(None) };
    text(value).map(Some).ok_or_else(|| wrong(key, "a string", value))
}

/// The texts of a member that is a list.
pub(super) fn texts_at(declared: &Value, key: &str) -> Result<Vec<String>, Problem> {
    let Some(value) = member(declared, key) else { return Ok(Vec::new()) };
    let items = value.as_array().ok_or_else(|| wrong(key, "a list of strings", value))?;
    items.iter().map(|item| text(item).ok_or_else(|| wrong(key, "a list of strings", item))).collect()
}

/// A member that is a flag, as a boolean or as its text.
pub(super) fn flag_at(declared: &Value, key: &str) -> Result<Option<bool>, Problem> {
    let Some(value) = member(declared, key) else { return Ok(None) };
    match text(value).map(|text| text.to_ascii_lowercase()).as_deref() {
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        _ => Err(wrong(key, "true or false", value)),
    }
}

/// The entries of a member that is an object.
pub(super) fn object_at<'v>(declared: &'v Value, key: &str) -> Result<Option<&'v Map<String, Value>>, Problem> {
    let Some(value) = member(declared, key) else { return Ok(None) };
    value.as_object().map(Some).ok_or_else(|| wrong(key, "an object", value))
}

/// The texts of a member that is an object.
pub(super) fn text_map_at(declared: &Value, key: &str) -> Result<Option<IndexMap<String, String>>, Problem> {
    let Some(entries) = object_at(declared, key)? else { return Ok(None) };
    let texts = entries.iter().map(|(name, value)| {
        let text = text(value).ok_or_else(|| wrong(&format!("{key}.{name}"), "a string", value))?;
        Ok((name.clone(), text))
    });
    texts.collect::<Result<_, _>>().map(Some)
}

/// The items of a member that is a list.
pub(super) fn list_at<'v>(declared: &'v Value, key: &str) -> Result<&'v [Value], Problem> {
    let Some(value) = member(declared, key) else { return Ok(&[]) };
    value.as_array().map(Vec::as_slice).ok_or_else(|| wrong(key, "a list", value))
}

/// The problem of a member that is not what it should be.
pub(super) fn wrong(key: &str, expected: &'static str, value: &Value) -> Problem {
    let mut found = value.to_string();
    if let Some((end, _)) = found.char_indices().nth(SHOWN_CHARS_MAX) {
        found.truncate(end);
        found.push('…');
    }
    Problem::wrong_type(key, expected, found, value)
}
