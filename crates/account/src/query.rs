//! Requests of the AWS query protocol: flat parameters in a form, with lists spelled `Tags.member.1.Key`.

use std::{borrow::Cow, collections::HashMap, ops::RangeInclusive};

use bytes::Bytes;
use http::{Method, Request};

use crate::{account::REQUEST_BYTES_MAX, failure::Failure};

/// The parameters of a request. Of a parameter that is given twice, the last counts.
#[derive(Debug)]
pub(crate) struct Query<'r> {
    action: Cow<'r, str>,
    parameters: HashMap<Cow<'r, str>, Cow<'r, str>>,
}

impl<'r> Query<'r> {
    /// Reads the parameters: from the query string, and of a POST from the body, too.
    pub(crate) fn read(request: &'r Request<Bytes>) -> Result<Self, Failure> {
        let query = request.uri().query().unwrap_or_default().as_bytes();
        let form: &[u8] = if request.method() == Method::POST { request.body() } else { &[] };
        if query.len().max(form.len()) > REQUEST_BYTES_MAX {
            return Err(Failure::RequestTooLarge);
        }
        let mut parameters: HashMap<_, _> = form_urlencoded::parse(query).chain(form_urlencoded::parse(form)).collect();
        let action = parameters.remove("Action").ok_or(Failure::MissingAction)?;
        Ok(Self { action, parameters })
    }

    /// The operation's name.
    pub(crate) fn action(&self) -> &str {
        &self.action
    }

    /// The API version that the client speaks.
    pub(crate) fn version(&self) -> Option<&str> {
        self.get("Version")
    }

    /// A parameter's value.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(Cow::as_ref)
    }

    /// The value of a parameter that must be there.
    pub(crate) fn required(&self, name: &'static str) -> Result<&str, Failure> {
        self.get(name).ok_or(Failure::MissingMember { member: name })
    }

    /// The name of a role or policy: at most `length_max` of `[A-Za-z0-9_+=,.@-]`.
    pub(crate) fn entity_name(&self, member: &'static str, length_max: usize) -> Result<&str, Failure> {
        let name = self.required(member)?;
        check_length(member, name, 1..=length_max)?;
        let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte);
        if !name.bytes().all(is_name_byte) {
            return Err(Failure::InvalidName { member });
        }
        Ok(name)
    }

    /// A number within `range`.
    pub(crate) fn number(&self, member: &'static str, range: RangeInclusive<u32>) -> Result<Option<u32>, Failure> {
        let Some(text) = self.get(member) else { return Ok(None) };
        let constraint = match text.parse::<u32>() {
            Ok(number) if range.contains(&number) => return Ok(Some(number)),
            Ok(number) if number > *range.end() => {
                format!("Member must have value less than or equal to {}", range.end())
            }
            Ok(_) => format!("Member must have value greater than or equal to {}", range.start()),
            Err(_) => "Member must be an integer".to_owned(),
        };
        Err(Failure::Constraint { member, value: text.to_owned(), constraint })
    }

    /// The texts of a list of texts.
    pub(crate) fn list(&self, member: &str) -> Vec<&str> {
        (1..).map_while(|number| self.get(&format!("{member}.member.{number}"))).collect()
    }

    /// The keys and values of a list of tags.
    pub(crate) fn tags(&self) -> Vec<(&str, &str)> {
        let pair = |number: usize| {
            let key = self.get(&format!("Tags.member.{number}.Key"))?;
            Some((key, self.get(&format!("Tags.member.{number}.Value")).unwrap_or_default()))
        };
        (1..).map_while(pair).collect()
    }
}

/// Refuses a text whose number of characters is outside `range`.
pub(crate) fn check_length(member: &'static str, text: &str, range: RangeInclusive<usize>) -> Result<(), Failure> {
    let length = text.chars().count();
    if range.contains(&length) {
        return Ok(());
    }
    let constraint = if length > *range.end() {
        format!("Member must have length less than or equal to {}", range.end())
    } else {
        format!("Member must have length greater than or equal to {}", range.start())
    };
    Err(Failure::Constraint { member, value: text.to_owned(), constraint })
}

/// Refuses a text with a character that `allowed` does not hold; `pattern` is AWS's way of saying what is allowed.
pub(crate) fn check_characters(
    member: &'static str,
    text: &str,
    pattern: &str,
    allowed: impl Fn(char) -> bool,
) -> Result<(), Failure> {
    if text.chars().all(allowed) {
        return Ok(());
    }
    let constraint = format!("Member must satisfy regular expression pattern: {pattern}");
    Err(Failure::Constraint { member, value: text.to_owned(), constraint })
}
