//! What an authorizer's function returned, read strictly: what is no verdict authorizes nobody.

use iam::policy::{Policy, PolicyKind};
use indexmap::IndexMap;
use serde_json::{Map, Value};

use super::AuthorizerFailure;

/// The longest resource that a policy of an authorizer may name, in characters ("Quotas for configuring and running a REST API").
pub const RESOURCE_CHARS_MAX: usize = 512;

/// Who calls, and what the caller may do.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Who calls.
    pub principal_id: String,
    /// What the caller may do.
    pub policy: Policy,
    /// The policy as the function wrote it.
    pub policy_document: String,
    /// What the function has to say to mappings and backends, as texts.
    pub context: IndexMap<String, String>,
    /// The API key of the caller's usage plan.
    pub usage_identifier_key: Option<String>,
}

impl Verdict {
    /// Reads a function's result.
    pub(super) fn read(payload: &[u8]) -> Result<Self, AuthorizerFailure> {
        let document: Value = serde_json::from_slice(payload).map_err(|error| invalid(format_args!("{error}")))?;
        let Value::Object(mut members) = document else {
            return Err(invalid(format_args!("an object was expected")));
        };
        let principal_id = members.shift_remove("principalId").as_ref().and_then(scalar);
        let policy_document = members.shift_remove("policyDocument");
        let context = members.shift_remove("context");
        let usage_identifier_key = members.shift_remove("usageIdentifierKey").as_ref().and_then(scalar);
        if let Some(unknown) = members.keys().next() {
            return Err(invalid(format_args!("Unrecognized field {unknown:?} , not marked as ignorable")));
        }
        let principal_id = principal_id.ok_or_else(|| AuthorizerFailure::configuration("Missing principalId"))?;
        let Some(Value::Object(policy_document)) = policy_document else {
            return Err(AuthorizerFailure::configuration("Missing policyDocument"));
        };
        check_resources(&policy_document)?;
        let policy_document = Value::Object(policy_document).to_string();
        let policy = Policy::parse(&policy_document, PolicyKind::Identity)
            .map_err(|error| AuthorizerFailure::configuration(format!("Invalid policy document: {error}")))?;
        Ok(Self { principal_id, policy, policy_document, context: context_of(context)?, usage_identifier_key })
    }
}

fn invalid(problem: std::fmt::Arguments<'_>) -> AuthorizerFailure {
    AuthorizerFailure::configuration(format!("Invalid JSON in response: {problem}"))
}

/// A text, number or flag as text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The members of a context as texts; one that holds anything but texts, numbers and flags makes the whole answer invalid.
fn context_of(context: Option<Value>) -> Result<IndexMap<String, String>, AuthorizerFailure> {
    let members = match context {
        None | Some(Value::Null) => return Ok(IndexMap::new()),
        Some(Value::Object(members)) => members,
        Some(_) => return Err(AuthorizerFailure::configuration("Invalid context: an object was expected")),
    };
    let texts = members.into_iter().map(|(name, value)| match scalar(&value) {
        Some(text) => Ok((name, text)),
        None => {
            Err(AuthorizerFailure::configuration(format!("Invalid context: {name} is no string, number or boolean")))
        }
    });
    texts.collect()
}

fn check_resources(policy: &Map<String, Value>) -> Result<(), AuthorizerFailure> {
    let statements = match policy.get("Statement") {
        Some(Value::Array(statements)) => statements.as_slice(),
        Some(statement) => std::slice::from_ref(statement),
        None => &[],
    };
    let elements = statements.iter().flat_map(|statement| [statement.get("Resource"), statement.get("NotResource")]);
    let is_too_long =
        |resource: &Value| resource.as_str().is_some_and(|text| text.chars().count() > RESOURCE_CHARS_MAX);
    let has_too_long = |element: &Value| match element.as_array() {
        Some(resources) => resources.iter().any(is_too_long),
        None => is_too_long(element),
    };
    if elements.flatten().any(has_too_long) {
        let message = format!("Invalid policy document: a resource has more than {RESOURCE_CHARS_MAX} characters");
        return Err(AuthorizerFailure::configuration(message));
    }
    Ok(())
}
