//! What is wrong with a body, as `$context.error.validationErrorString` words it.
//!
//! AWS validates with a Java library whose messages clients have come to read; ours say the same of the keywords that schemas
//! usually have.
//!
//! Differs from AWS: the order of several messages is ours.

use jsonschema::{
    JsonType, ValidationError,
    error::{TypeKind, ValidationErrorKind},
};
use serde_json::Value;

/// Messages beyond this many are left out.
const MESSAGES_MAX: usize = 50;

/// The messages of all errors: `[first, second]`.
pub(super) fn describe<'e>(errors: impl Iterator<Item = ValidationError<'e>>) -> String {
    let mut messages: Vec<String> = Vec::new();
    let mut missing = MissingProperties::default();
    for error in errors {
        if let ValidationErrorKind::Required { property } = error.kind() {
            let place = (error.instance_path().to_string(), error.schema_path().to_string());
            if missing.place != place {
                messages.extend(std::mem::take(&mut missing).message());
                missing.place = place;
            }
            missing.names.push(property.clone());
        } else {
            messages.extend(std::mem::take(&mut missing).message());
            messages.push(message(&error));
        }
        if messages.len() >= MESSAGES_MAX {
            break;
        }
    }
    messages.extend(missing.message());
    format!("[{}]", messages.join(", "))
}

/// Missing properties of one object, which share a message.
#[derive(Default)]
struct MissingProperties {
    /// The object in the body, the keyword in the schema.
    place: (String, String),
    names: Vec<Value>,
}

impl MissingProperties {
    fn message(self) -> Option<String> {
        (!self.names.is_empty())
            .then(|| format!("object has missing required properties ({})", Value::Array(self.names)))
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "keywords that are rare in draft 4, or not part of it, share a text"
)]
fn message(error: &ValidationError<'_>) -> String {
    let instance: &Value = error.instance();
    match error.kind() {
        ValidationErrorKind::Type { kind } => {
            format!(
                "instance type ({}) does not match any allowed primitive type (allowed: {})",
                type_name(instance),
                allowed(kind)
            )
        }
        ValidationErrorKind::Enum { options } => {
            format!("instance value ({instance}) not found in enum (possible values: {options})")
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let unexpected: Value = unexpected.iter().map(String::as_str).collect();
            format!("object instance has properties which are not allowed by the schema: {unexpected}")
        }
        ValidationErrorKind::Minimum { limit } => {
            format!("numeric instance is lower than the required minimum (minimum: {limit}, found: {instance})")
        }
        ValidationErrorKind::Maximum { limit } => {
            format!("numeric instance is greater than the required maximum (maximum: {limit}, found: {instance})")
        }
        ValidationErrorKind::ExclusiveMinimum { limit } => {
            format!("numeric instance is not strictly greater than the required minimum {limit}")
        }
        ValidationErrorKind::ExclusiveMaximum { limit } => {
            format!("numeric instance is not strictly lower than the required maximum {limit}")
        }
        ValidationErrorKind::MultipleOf { multiple_of } => {
            format!("remainder of division is not zero ({instance} / {multiple_of})")
        }
        ValidationErrorKind::Pattern { pattern } => {
            format!("ECMA 262 regex \"{pattern}\" does not match input string {instance}")
        }
        ValidationErrorKind::UniqueItems => "array must not contain duplicate elements".to_owned(),
        ValidationErrorKind::AnyOf { context } => {
            format!("instance failed to match at least one required schema among {}", context.len())
        }
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::OneOfMultipleValid { context } => {
            let matched = context.iter().filter(|errors| errors.is_empty()).count();
            format!("instance failed to match exactly one schema (matched {matched} out of {})", context.len())
        }
        ValidationErrorKind::Not { .. } => "instance matched a schema which it should not have".to_owned(),
        other => size_message(other, instance)
            .unwrap_or_else(|| format!("instance does not satisfy the keyword \"{}\"", other.keyword())),
    }
}

/// The message of a keyword that bounds the size of a text, list or object.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other keywords are about something else")]
fn size_message(kind: &ValidationErrorKind, instance: &Value) -> Option<String> {
    let length = match instance {
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        Value::String(text) => text.chars().count(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    Some(match kind {
        ValidationErrorKind::MinLength { limit } => {
            format!("string {instance} is too short (length: {length}, required minimum: {limit})")
        }
        ValidationErrorKind::MaxLength { limit } => {
            format!("string {instance} is too long (length: {length}, maximum allowed: {limit})")
        }
        ValidationErrorKind::MinItems { limit } => {
            format!("array is too short: must have at least {limit} elements but instance has {length} elements")
        }
        ValidationErrorKind::MaxItems { limit } => {
            format!("array is too long: must have at most {limit} elements but instance has {length} elements")
        }
        ValidationErrorKind::MinProperties { limit } => {
            format!("object has too few properties (found {length} but schema requires at least {limit})")
        }
        ValidationErrorKind::MaxProperties { limit } => {
            format!("object has too many properties (found {length} but schema requires at most {limit})")
        }
        _ => return None,
    })
}

fn type_name(instance: &Value) -> &'static str {
    match instance {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The types of a schema as a list; where a number may stand, an integer may.
fn allowed(kind: &TypeKind) -> Value {
    let mut types: Vec<JsonType> = match kind {
        TypeKind::Single(json_type) => vec![*json_type],
        TypeKind::Multiple(types) => types.iter().collect(),
    };
    if types.contains(&JsonType::Number) && !types.contains(&JsonType::Integer) {
        types.push(JsonType::Integer);
    }
    let mut names: Vec<&str> = types.iter().map(|json_type| json_type.as_str()).collect();
    names.sort_unstable();
    names.into_iter().collect()
}
