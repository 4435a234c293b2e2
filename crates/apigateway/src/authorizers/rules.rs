//! What an authorizer of each type must have.

use definition::authorizer::Authorizer;
use iam::arn::IntegrationUri;

use crate::failure::{Failure, Result};

/// The types, in the order of the service model.
pub(super) const TYPES: [&str; 4] = ["TOKEN", "REQUEST", "COGNITO_USER_POOLS", JWT];
/// The type whose tokens the gateway checks itself.
pub(super) const JWT: &str = "JWT";
/// How long an answer is remembered when nothing is said, in seconds.
pub(super) const TTL_SECONDS_DEFAULT: u32 = 300;
/// How long an answer can be remembered, in seconds.
const TTL_SECONDS_MAX: u32 = 3600;

/// A time to remember answers, in seconds.
pub(super) fn ttl(seconds: i64) -> Result<u32> {
    u32::try_from(seconds).ok().filter(|seconds| *seconds <= TTL_SECONDS_MAX).ok_or_else(|| {
        let message = format!("Authorizer result TTL must be between 0 and {TTL_SECONDS_MAX} seconds");
        Failure::bad_request(message)
    })
}

/// The label of an authorizer for which none was given.
pub(super) fn auth_type(authorizer_type: &str) -> Option<String> {
    match authorizer_type {
        "TOKEN" | "REQUEST" => Some("custom".to_owned()),
        "COGNITO_USER_POOLS" => Some("cognito_user_pools".to_owned()),
        _ => None,
    }
}

/// Refuses what is no invocation of a function.
fn check_uri(text: &str) -> Result<()> {
    if text.is_empty() {
        let message = "Authorizer URI is required for authorizers of type TOKEN and REQUEST";
        return Err(Failure::bad_request(message));
    }
    let parsed: Option<IntegrationUri> = text.parse().ok();
    if parsed.is_none_or(|uri| uri.lambda().is_none()) {
        return Err(Failure::bad_request(format!(
            "Invalid Authorizer URI: {text}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda \
             function invocation."
        )));
    }
    Ok(())
}

/// Refuses an authorizer that lacks what its type needs.
pub(crate) fn check(authorizer: &Authorizer) -> Result<()> {
    let has_source = authorizer.identity_source.as_deref().is_some_and(|source| !source.trim().is_empty());
    let caches = authorizer.authorizer_result_ttl_in_seconds.is_some_and(|ttl| ttl > 0);
    if authorizer.name.trim().is_empty() {
        return Err(Failure::bad_request("Authorizer name must be non-empty"));
    }
    match authorizer.authorizer_type.as_str() {
        "TOKEN" | "REQUEST" => {
            check_uri(authorizer.authorizer_uri.as_deref().unwrap_or_default())?;
            if !has_source && (authorizer.authorizer_type == "TOKEN" || caches) {
                let message =
                    "Identity source is required for authorizers of type TOKEN, and of type REQUEST with caching";
                return Err(Failure::bad_request(message));
            }
            Ok(())
        }
        "COGNITO_USER_POOLS" if authorizer.provider_arns.is_empty() => {
            Err(Failure::bad_request("Provider ARNs are required for authorizers of type COGNITO_USER_POOLS"))
        }
        "COGNITO_USER_POOLS" if !has_source => {
            Err(Failure::bad_request("Identity source is required for authorizers of type COGNITO_USER_POOLS"))
        }
        "COGNITO_USER_POOLS" => Ok(()),
        // A JWT authorizer without its issuers would be stored as something else than was asked for.
        JWT => Err(Failure::bad_request("Authorizers of type JWT are not available in this version of LambdaGate")),
        other => Err(Failure::bad_request(format!("Invalid authorizer type specified: {other}"))),
    }
}
