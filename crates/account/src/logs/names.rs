//! Names, numbers and ARNs of requests, checked as the service model says.

use std::ops::RangeInclusive;

use definition::Scope;

use super::failure::Failure;

/// The longest name of a group or stream, in characters.
const NAME_LENGTH_MAX: usize = 512;
/// The longest ARN or name by which a group is given.
const IDENTIFIER_LENGTH_MAX: usize = 2048;
/// What an ARN of a group holds between its partition and the group's name.
const ARN_SERVICE: &str = ":logs:";

/// A value that must be there.
pub(super) fn required<T>(member: &'static str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or(Failure::Missing { member })
}

/// The name of a group, or a prefix of one.
pub(super) fn group_name(member: &'static str, name: String) -> Result<String, Failure> {
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || ".-_/#".contains(character);
    check_text(member, &name, 1..=NAME_LENGTH_MAX, r"[\.\-_/#A-Za-z0-9]+", is_allowed)?;
    Ok(name)
}

/// The name of a stream, or a prefix of one.
pub(super) fn stream_name(member: &'static str, name: String) -> Result<String, Failure> {
    check_text(member, &name, 1..=NAME_LENGTH_MAX, "[^:*]*", |character| !":*".contains(character))?;
    Ok(name)
}

/// The group that a request names, by name or by identifier.
pub(super) fn group_reference(
    scope: &Scope,
    name: Option<String>,
    identifier: Option<String>,
) -> Result<String, Failure> {
    match (name, identifier) {
        (Some(_), Some(_)) => {
            Err(Failure::InvalidParameter("Specify either logGroupName or logGroupIdentifier, but not both."))
        }
        (Some(name), None) => group_name("logGroupName", name),
        (None, Some(identifier)) => group_of_identifier(scope, identifier),
        (None, None) => Err(Failure::InvalidParameter("Specify either logGroupName or logGroupIdentifier.")),
    }
}

/// The group of an identifier: a name, or an ARN without `:*`.
pub(super) fn group_of_identifier(scope: &Scope, identifier: String) -> Result<String, Failure> {
    let is_allowed = |character: char| character.is_alphanumeric() || "_#+=/:,.@-".contains(character);
    let range = 1..=IDENTIFIER_LENGTH_MAX;
    check_text("logGroupIdentifier", &identifier, range, r"[\w#+=/:,.@-]*", is_allowed)?;
    if identifier.contains(ARN_SERVICE) {
        return group_of_arn(scope, &identifier);
    }
    group_name("logGroupIdentifier", identifier)
}

/// The group of an ARN of this account and region; any other names none that is here.
pub(super) fn group_of_arn(scope: &Scope, arn: &str) -> Result<String, Failure> {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let [_, _, "logs", region, account, "log-group", name] = parts[..] else { return Err(Failure::NoSuchGroup) };
    if region != scope.region || account != scope.account {
        return Err(Failure::NoSuchGroup);
    }
    group_name("logGroupIdentifier", name.strip_suffix(":*").unwrap_or(name).to_owned())
}

/// The ARN of a group, without the `:*` that stands for its streams.
pub(super) fn group_arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:logs:{}:{}:log-group:{name}", scope.region, scope.account)
}

/// A limit on items; when none is given, the most that may be asked for.
pub(super) fn limit(value: Option<i64>, max: usize) -> Result<usize, Failure> {
    let Some(value) = value else { return Ok(max) };
    let constraint = match usize::try_from(value) {
        Ok(value) if (1..=max).contains(&value) => return Ok(value),
        Ok(value) if value > max => format!("Member must have value less than or equal to {max}"),
        Ok(_) | Err(_) => "Member must have value greater than or equal to 1".to_owned(),
    };
    Err(Failure::Constraint { member: "limit", value: value.to_string(), constraint })
}

/// Refuses a text of a wrong length or with a character that may not be there.
pub(super) fn check_text(
    member: &'static str,
    text: &str,
    range: RangeInclusive<usize>,
    pattern: &str,
    is_allowed: impl Fn(char) -> bool,
) -> Result<(), Failure> {
    let length = text.chars().count();
    let constraint = if length > *range.end() {
        format!("Member must have length less than or equal to {}", range.end())
    } else if length < *range.start() {
        format!("Member must have length greater than or equal to {}", range.start())
    } else if !text.chars().all(is_allowed) {
        format!("Member must satisfy regular expression pattern: {pattern}")
    } else {
        return Ok(());
    };
    Err(Failure::Constraint { member, value: text.to_owned(), constraint })
}
