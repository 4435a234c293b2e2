//! Resource policies as texts: `execute-api:/…` written out when stored, quotes escaped when shown.
//!
//! Evaluating a policy is the data plane's business. Developer Guide, "API Gateway resource policy examples".

use definition::{Scope, id::RestApiId};
use serde_json::Value;

use crate::failure::{Failure, Result};

/// Characters of a policy as it is stored: the quota "Resource policy size".
const POLICY_CHARS_MAX: usize = 8192;

/// The short form of this API's methods in a policy.
const SHORT_PREFIX: &str = "execute-api:/";

/// The policy as it is stored: compact, with this API's short resources written out as ARNs.
pub(crate) fn normalize(text: &str, scope: &Scope, api: &RestApiId) -> Result<String> {
    let refusal = || {
        Failure::bad_request(
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
        )
    };
    let mut policy: Value = serde_json::from_str(text).map_err(|_| refusal())?;
    let members = policy.as_object_mut().ok_or_else(refusal)?;
    let prefix = prefix(scope, api);
    match members.get_mut("Statement") {
        Some(Value::Array(statements)) => statements.iter_mut().for_each(|statement| expand(statement, &prefix)),
        Some(statement @ Value::Object(_)) => expand(statement, &prefix),
        _ => return Err(refusal()),
    }
    let text = policy.to_string();
    if text.chars().count() > POLICY_CHARS_MAX {
        return Err(Failure::bad_request(format!("Policy exceeds the limit of {POLICY_CHARS_MAX} characters")));
    }
    Ok(text)
}

/// The policy with this API's ARNs in their short form, ready to become another API's.
pub(super) fn shorten(policy: &str, scope: &Scope, api: &RestApiId) -> String {
    policy.replace(&prefix(scope, api), SHORT_PREFIX)
}

/// What the ARNs of an API's methods begin with.
fn prefix(scope: &Scope, api: &RestApiId) -> String {
    format!("arn:aws:execute-api:{}:{}:{api}/", scope.region, scope.account)
}

/// The policy as AWS shows it: inside its JSON string, the quotes are escaped once more.
pub(super) fn escape(policy: &str) -> String {
    policy.replace('\\', "\\\\").replace('"', "\\\"")
}

fn expand(statement: &mut Value, prefix: &str) {
    for member in ["Resource", "NotResource"] {
        match statement.get_mut(member) {
            Some(Value::Array(resources)) => resources.iter_mut().for_each(|resource| expand_one(resource, prefix)),
            Some(resource) => expand_one(resource, prefix),
            None => {}
        }
    }
}

fn expand_one(resource: &mut Value, prefix: &str) {
    if let Some(rest) = resource.as_str().and_then(|text| text.strip_prefix(SHORT_PREFIX)) {
        *resource = Value::String(format!("{prefix}{rest}"));
    }
}
