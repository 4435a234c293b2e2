//! API keys ("ApiKey" of the API reference): who a client is to usage plans.

use std::{fmt, str::FromStr};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    id::{ApiKeyId, UsagePlanId},
    time::EpochSeconds,
};

/// An API key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKey {
    /// The id, by which operations name the key.
    pub id: ApiKeyId,
    /// What a client sends; unique in an account and region.
    pub value: ApiKeyValue,
    /// The name, when one was given; names need not be unique.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A customer of the user's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<String>,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether clients may use it.
    pub enabled: bool,
    /// When it was created.
    pub created_date: EpochSeconds,
    /// When it last changed.
    pub last_updated_date: EpochSeconds,
    /// Stages as `{restApiId}/{stageName}`, from the time before usage plans; they give access to nothing.
    #[serde(default)]
    pub stage_keys: Vec<String>,
    /// Labels, which AWS takes and never shows; not part of its wire form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}

/// What a client proves itself with: 20 to 128 visible ASCII characters. A secret, which `Debug` does not show.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Box<str>", into = "Box<str>")]
pub struct ApiKeyValue(Box<str>);

/// Why a text cannot be the value of an API key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidApiKeyValue {
    /// It could be guessed.
    #[error("an API key has at least {} characters", ApiKeyValue::CHARS_MIN)]
    TooShort,
    /// It exceeds AWS's limit.
    #[error("an API key has at most {} characters", ApiKeyValue::CHARS_MAX)]
    TooLong,
    /// No header can carry it as it is.
    #[error("an API key consists of visible ASCII characters")]
    NotVisibleAscii,
}

impl ApiKeyValue {
    /// The shortest value, in characters.
    pub const CHARS_MIN: usize = 20;
    /// The longest value, in characters.
    pub const CHARS_MAX: usize = 128;

    /// The secret.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ApiKeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKeyValue(…)")
    }
}

impl FromStr for ApiKeyValue {
    type Err = InvalidApiKeyValue;

    fn from_str(text: &str) -> Result<Self, InvalidApiKeyValue> {
        let chars = text.chars().count();
        if chars < Self::CHARS_MIN {
            return Err(InvalidApiKeyValue::TooShort);
        }
        if chars > Self::CHARS_MAX {
            return Err(InvalidApiKeyValue::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(InvalidApiKeyValue::NotVisibleAscii);
        }
        Ok(Self(text.into()))
    }
}

impl TryFrom<Box<str>> for ApiKeyValue {
    type Error = InvalidApiKeyValue;

    fn try_from(text: Box<str>) -> Result<Self, InvalidApiKeyValue> {
        text.parse()
    }
}

impl From<ApiKeyValue> for Box<str> {
    fn from(value: ApiKeyValue) -> Self {
        value.0
    }
}

/// Whose an API key's value is. It is kept under the value's digest, so that no id is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyValueOwner {
    /// The key with the value.
    pub api_key_id: ApiKeyId,
}

/// That a key is in a usage plan, seen from the key; [`UsagePlanKey`](crate::usage_plan::UsagePlanKey) is the same seen from
/// the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiKeyUsagePlan {
    /// The plan.
    pub usage_plan_id: UsagePlanId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_what_a_header_can_carry_and_nobody_guesses() {
        for (text, expected) in [
            ("a".repeat(19), Err(InvalidApiKeyValue::TooShort)),
            ("a".repeat(20), Ok(())),
            ("-_.~/+=!".repeat(16), Ok(())),
            ("a".repeat(129), Err(InvalidApiKeyValue::TooLong)),
            ("é".repeat(20), Err(InvalidApiKeyValue::NotVisibleAscii)),
            (" ".repeat(20), Err(InvalidApiKeyValue::NotVisibleAscii)),
            (format!("{}\n", "a".repeat(20)), Err(InvalidApiKeyValue::NotVisibleAscii)),
        ] {
            assert_eq!(text.parse::<ApiKeyValue>().map(|_| ()), expected, "{text:?}");
        }
    }

    #[test]
    fn a_value_shows_itself_only_when_asked() {
        let value: ApiKeyValue = "hushhushhushhushhushhush".parse().unwrap();
        assert!(!format!("{value:?}").contains("hush"));
        assert_eq!(serde_json::to_value(&value).unwrap(), value.as_str());
    }
}
