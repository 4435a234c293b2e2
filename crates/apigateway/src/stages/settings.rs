//! Values of a stage's settings, and why one is refused.

use definition::id::DeploymentId;
use indexmap::IndexMap;

use crate::failure::{Failure, Result};

/// The longest time for which responses are cached, in seconds.
const CACHE_TTL_SECONDS_MAX: u32 = 3600;

/// Stage variables of one stage: the quota "Stage variables per stage".
const VARIABLES_MAX: usize = 100;
/// Characters of a stage variable's name: the quota "Length of the key in a stage variable".
const VARIABLE_NAME_CHARS_MAX: usize = 64;
/// Characters of a stage variable's value: the quota "Length of the value in a stage variable".
const VARIABLE_VALUE_CHARS_MAX: usize = 512;

/// The refusal of a deployment that is not there.
pub(super) fn unknown_deployment() -> Failure {
    Failure::bad_request("Deployment id does not exist")
}

/// A deployment's id.
pub(super) fn deployment_id(text: &str) -> Result<DeploymentId> {
    text.parse().map_err(|_| unknown_deployment())
}

/// Refuses stage variables with names or values that AWS does not take.
pub(super) fn check_variables(variables: Option<&IndexMap<String, String>>) -> Result<()> {
    let is_name = |name: &str| {
        (1..=VARIABLE_NAME_CHARS_MAX).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let is_value = |value: &str| {
        value.len() <= VARIABLE_VALUE_CHARS_MAX
            && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~:/?#&=, @%+".contains(&b))
    };
    if variables.is_some_and(|variables| variables.len() > VARIABLES_MAX) {
        return Err(validation_result(&format!("A stage has at most {VARIABLES_MAX} stage variables")));
    }
    for (name, value) in variables.into_iter().flatten() {
        if !is_name(name) {
            return Err(validation_result(&format!("Invalid stage variable name: {name}")));
        }
        if !is_value(value) {
            return Err(validation_result(&format!("Invalid stage variable value: {value}")));
        }
    }
    Ok(())
}

/// A level of execution logs.
pub(super) fn logging_level(text: &str) -> Result<Option<String>> {
    match text {
        "OFF" | "ERROR" | "INFO" => Ok(Some(text.to_owned())),
        _ => Err(Failure::bad_request("Invalid logging level specified. Must be one of: [OFF, ERROR, INFO]")),
    }
}

/// A time to cache, in seconds.
pub(super) fn cache_ttl(text: &str) -> Result<u32> {
    text.parse().ok().filter(|seconds| *seconds <= CACHE_TTL_SECONDS_MAX).ok_or_else(|| {
        Failure::bad_request(format!("Invalid cache TTL, must be between 0 and {CACHE_TTL_SECONDS_MAX} seconds"))
    })
}

/// What an unauthorized request to invalidate the cache gets.
pub(super) fn invalidation_strategy(text: &str) -> Result<String> {
    match text {
        "FAIL_WITH_403" | "SUCCEED_WITH_RESPONSE_HEADER" | "SUCCEED_WITHOUT_RESPONSE_HEADER" => Ok(text.to_owned()),
        _ => Err(Failure::bad_request(
            "Invalid unauthorized cache control header strategy specified. Must be one of: [FAIL_WITH_403, \
             SUCCEED_WITH_RESPONSE_HEADER, SUCCEED_WITHOUT_RESPONSE_HEADER]",
        )),
    }
}

/// A number of a throttle, or of a canary; `what` names it to the client.
pub(super) fn number<T: std::str::FromStr>(text: &str, what: &str) -> Result<T> {
    text.parse().map_err(|_| Failure::bad_request(format!("Invalid {what} specified: {text}")))
}

fn validation_result(error: &str) -> Failure {
    Failure::bad_request(format!("Validation Result: warnings : [], errors : [{error}]"))
}
