//! The texts in which AWS says that members of a request break the constraints of the service model.

use std::fmt::Display;

use crate::failure::{Failure, Result};

/// All that is wrong with a request, in the order found.
#[derive(Debug, Default)]
pub(crate) struct Violations(Vec<String>);

impl Violations {
    /// A required member is absent.
    pub(crate) fn missing(&mut self, member: &str) {
        self.0.push(format!("Value null at '{member}' failed to satisfy constraint: Member must not be null"));
    }

    /// A value breaks the constraint with this text.
    pub(crate) fn add(&mut self, member: &str, value: impl Display, constraint: impl Display) {
        self.0.push(format!("Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"));
    }

    /// A text of more than `max` characters.
    pub(crate) fn length(&mut self, member: &str, value: &str, max: usize) {
        if value.chars().count() > max {
            self.add(member, value, format_args!("Member must have length less than or equal to {max}"));
        }
    }

    /// A text that does not match this pattern; the caller has tried.
    pub(crate) fn pattern(&mut self, member: &str, value: &str, pattern: &str) {
        self.add(member, value, format_args!("Member must satisfy regular expression pattern: {pattern}"));
    }

    /// A number outside of its range.
    pub(crate) fn range(&mut self, member: &str, value: Option<i64>, min: u32, max: u32) {
        let Some(value) = value else { return };
        if value < i64::from(min) {
            self.add(member, value, format_args!("Member must have value greater than or equal to {min}"));
        } else if value > i64::from(max) {
            self.add(member, value, format_args!("Member must have value less than or equal to {max}"));
        }
    }

    /// A text that is none of these.
    pub(crate) fn choice(&mut self, member: &str, value: Option<&str>, choices: &[&str]) {
        if let Some(value) = value.filter(|value| !choices.contains(value)) {
            self.add(member, value, format_args!("Member must satisfy enum value set: [{}]", choices.join(", ")));
        }
    }

    /// All violations in one text, if there are any.
    pub(crate) fn text(&self) -> Option<String> {
        let count = self.0.len();
        let noun = if count == 1 { "error" } else { "errors" };
        (count > 0).then(|| format!("{count} validation {noun} detected: {}", self.0.join("; ")))
    }

    /// Refuses the request if anything was found.
    pub(crate) fn check(&self) -> Result<()> {
        self.text().map_or(Ok(()), |text| Err(Failure::Validation(text)))
    }
}
