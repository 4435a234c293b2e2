//! The ways in which Lambda's API names a function: bare, partial and full ARN, each with or without a qualifier.
//!
//! AWS: Lambda API reference, the `FunctionName` and `Qualifier` members.

use definition::Scope;
use definition::function::FUNCTION_NAME_BYTES_MAX;
use iam::arn::FunctionArn;

use crate::failure::{Failure, Result};
use crate::violations::Violations;

/// The only version that exists until one is published.
pub(crate) const LATEST: &str = "$LATEST";

const READ_NAME_BYTES_MAX: usize = 256;
const CHANGE_NAME_BYTES_MAX: usize = 140;
const READ_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
const CHANGE_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?";

/// Which of the two patterns for names an operation has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameRule {
    /// Operations that only look, and Invoke.
    Read,
    /// Operations that change.
    Change,
}

/// A function as a call names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The bare name.
    pub(crate) name: String,
    /// The ARN without a qualifier.
    pub(crate) arn: String,
    /// The version or alias, from the name or from the query.
    pub(crate) qualifier: Option<String>,
}

impl Target {
    /// Reads the name `text` (decoded) and the `Qualifier` of the query.
    pub(crate) fn parse(text: &str, qualifier: Option<&str>, scope: &Scope, rule: NameRule) -> Result<Self> {
        let (bytes_max, pattern) = match rule {
            NameRule::Read => (READ_NAME_BYTES_MAX, READ_PATTERN),
            NameRule::Change => (CHANGE_NAME_BYTES_MAX, CHANGE_PATTERN),
        };
        let parts = Parts::split(text, rule);
        let mut violations = Violations::default();
        violations.length("functionName", text, bytes_max);
        if parts.is_none() {
            violations.pattern("functionName", text, pattern);
        }
        if let Some(qualifier) = qualifier.filter(|qualifier| !is_qualifier(qualifier)) {
            violations.pattern("qualifier", qualifier, r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+");
        }
        violations.check()?;
        let Some(parts) = parts else { return Err(Failure::AccessDenied) };
        if let Some(region) = parts.region.filter(|region| *region != scope.region) {
            return Err(Failure::NotFound(format!(
                "Functions from '{region}' are not reachable in this region ('{}')",
                scope.region
            )));
        }
        if parts.account.is_some_and(|account| account != scope.account) {
            return Err(Failure::AccessDenied);
        }
        if let (Some(inner), Some(outer)) = (parts.qualifier, qualifier)
            && inner != outer
        {
            let text = "The derived qualifier from the function name does not match the specified qualifier.";
            return Err(Failure::InvalidParameterValue(text.to_owned()));
        }
        Ok(Self {
            name: parts.name.to_owned(),
            arn: function_arn(scope, parts.name),
            qualifier: parts.qualifier.or(qualifier).map(str::to_owned),
        })
    }

    /// The ARN as it was asked for: qualified exactly when the call was.
    pub(crate) fn asked_arn(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn),
            None => self.arn.clone(),
        }
    }

    /// That the function, or the version asked for, does not exist.
    pub(crate) fn not_found(&self) -> Failure {
        Failure::NotFound(format!("Function not found: {}", self.asked_arn()))
    }

    /// Refuses every qualifier but `$LATEST`: no other version exists.
    pub(crate) fn require_latest(&self) -> Result<()> {
        if self.qualifier.as_deref().is_some_and(|qualifier| qualifier != LATEST) {
            return Err(self.not_found());
        }
        Ok(())
    }

    /// Refuses a name that no new function can have.
    pub(crate) fn require_creatable(&self) -> Result<()> {
        if self.name.len() > FUNCTION_NAME_BYTES_MAX {
            let mut violations = Violations::default();
            violations.length("functionName", &self.name, FUNCTION_NAME_BYTES_MAX);
            return Err(Failure::InvalidParameterValue(violations.text().unwrap_or_default()));
        }
        Ok(())
    }
}

/// The ARN of a function without a qualifier.
pub(crate) fn function_arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:lambda:{}:{}:function:{name}", scope.region, scope.account)
}

/// The account and region that own a function.
pub(crate) fn scope_of(arn: &FunctionArn) -> Scope {
    Scope { account: arn.account().to_string(), region: arn.region().to_string() }
}

/// What a name consists of.
struct Parts<'a> {
    region: Option<&'a str>,
    account: Option<&'a str>,
    name: &'a str,
    qualifier: Option<&'a str>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str, rule: NameRule) -> Option<Self> {
        let mut tokens: &[&str] = &text.split(':').collect::<Vec<_>>();
        if let ["arn", partition, "lambda", rest @ ..] = tokens {
            if !partition.is_empty() && !partition.starts_with("aws") {
                return None;
            }
            tokens = rest;
        }
        // A part is only taken for what it looks like while something is left to be the name.
        let mut take = |is_it: fn(&str) -> bool| match tokens {
            [first, rest @ ..] if !rest.is_empty() && is_it(first) => {
                tokens = rest;
                Some(*first)
            }
            _ => None,
        };
        let region = take(is_region);
        let account = take(|text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()));
        take(|text| text == "function");
        let (name, qualifier) = match tokens {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            _ => return None,
        };
        let is_name_byte = |byte: u8| {
            byte.is_ascii_alphanumeric() || b"-_".contains(&byte) || (byte == b'.' && rule == NameRule::Read)
        };
        let name_valid = !name.is_empty() && name.bytes().all(is_name_byte);
        let qualifier_valid = qualifier.is_none_or(is_qualifier);
        (name_valid && qualifier_valid).then_some(Self { region, account, name, qualifier })
    }
}

fn is_qualifier(text: &str) -> bool {
    let is_alias_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    matches!(text, LATEST | "$LATEST.PUBLISHED") || ((1..=128).contains(&text.len()) && text.bytes().all(is_alias_byte))
}

/// `us-east-1`, `us-gov-west-1`, …: letters, hyphens and a final digit.
fn is_region(text: &str) -> bool {
    let Some((area, digit)) = text.rsplit_once('-') else { return false };
    let is_area_byte = |byte: u8| byte.is_ascii_lowercase() || byte == b'-';
    area.contains('-')
        && area.bytes().all(is_area_byte)
        && digit.len() == 1
        && digit.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests;
