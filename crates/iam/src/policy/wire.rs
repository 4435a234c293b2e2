//! The JSON shapes of a policy document. Unknown and repeated keys are errors here; meaning is checked later.

use std::collections::HashSet;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Document<'a> {
    #[serde(default, deserialize_with = "not_null")]
    pub(super) version: Option<String>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) id: Option<String>,
    #[serde(borrow)]
    statement: &'a RawValue,
}

impl<'a> Document<'a> {
    /// The statements, each still as text, so that an error in one can name its position.
    pub(super) fn statements(&self) -> Result<Vec<&'a RawValue>, serde_json::Error> {
        if self.statement.get().starts_with('[') {
            return serde_json::from_str(self.statement.get());
        }
        Ok(vec![self.statement])
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "PascalCase")]
pub(super) struct Statement {
    #[serde(default, deserialize_with = "not_null")]
    pub(super) sid: Option<String>,
    pub(super) effect: String,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) principal: Option<Principal>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) not_principal: Option<Principal>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) action: Option<OneOrMany<String>>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) not_action: Option<OneOrMany<String>>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) resource: Option<OneOrMany<String>>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) not_resource: Option<OneOrMany<String>>,
    #[serde(default, deserialize_with = "not_null")]
    pub(super) condition: Option<Pairs<Pairs<OneOrMany<Scalar>>>>,
}

/// An element that is there has a value. Were `null` read as absence, `"Condition": null` would make a condition vanish.
fn not_null<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// `"*"`, or lists of principals by their type.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a principal is a string, or an object of strings and arrays of strings by unique type")]
pub(super) enum Principal {
    Text(String),
    ByType(Pairs<OneOrMany<String>>),
}

/// A value, or an array of values.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a single value or an array of values")]
pub(super) enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    pub(super) fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values,
        }
    }
}

/// A condition's value, which may be written as text, number or boolean and is text in the end.
#[derive(Deserialize)]
#[serde(untagged, expecting = "expected a string, a number or a boolean")]
pub(super) enum Scalar {
    Text(String),
    Number(serde_json::Number),
    Bool(bool),
}

impl fmt::Display for Scalar {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => formatter.write_str(text),
            Self::Number(number) => number.fmt(formatter),
            Self::Bool(value) => value.fmt(formatter),
        }
    }
}

/// An object, in order and with its keys as they were; a repeated key is an error.
pub(super) struct Pairs<T>(pub(super) Vec<(String, T)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Pairs<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for PairsVisitor<T> {
            type Value = Pairs<T>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<T>, A::Error> {
                let mut pairs = Vec::new();
                let mut seen = HashSet::new();
                while let Some(key) = map.next_key::<String>()? {
                    if !seen.insert(key.clone()) {
                        return Err(serde::de::Error::custom(format_args!("duplicate key `{key}`")));
                    }
                    pairs.push((key, map.next_value()?));
                }
                Ok(Pairs(pairs))
            }
        }

        deserializer.deserialize_map(PairsVisitor(PhantomData))
    }
}
