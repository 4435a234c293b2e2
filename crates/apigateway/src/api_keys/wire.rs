//! `CreateApiKey` on the wire, and what texts of a key must be.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::failure::{Failure, Result};

/// The longest name, in characters.
const NAME_CHARS_MAX: usize = 1024;
/// The longest description, in characters.
const DESCRIPTION_CHARS_MAX: usize = 125_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateApiKeyInput {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) enabled: Option<bool>,
    pub(super) value: Option<String>,
    pub(super) stage_keys: Option<Vec<StageKey>>,
    pub(super) customer_id: Option<String>,
    pub(super) tags: Option<IndexMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StageKey {
    pub(super) rest_api_id: Option<String>,
    pub(super) stage_name: Option<String>,
}

/// A name; an empty one is none.
pub(super) fn name(text: Option<String>) -> Result<Option<String>> {
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > NAME_CHARS_MAX) {
        let message = format!("Invalid API Key name, can be at most {NAME_CHARS_MAX} characters.");
        return Err(Failure::bad_request(message));
    }
    Ok(text)
}

/// A description; an empty one is none.
pub(super) fn description(text: Option<String>) -> Result<Option<String>> {
    let text = text.filter(|text| !text.is_empty());
    if text.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION_CHARS_MAX) {
        return Err(Failure::bad_request("Invalid API Key description specified."));
    }
    Ok(text)
}
