//! Constraints of the service model: all violations of a call are collected and refused together, as `ValidationException`.

use std::fmt::Display;

use crate::failure::{Failure, Result};

/// The rule of a member that must be there.
const NOT_NULL: &str = "Member must not be null";

/// The violations found so far in one call.
pub(crate) struct Violations {
    /// The input's name as the service words it, such as `putIntegrationInput`.
    input: String,
    /// Violations of body members, which are named first.
    body: Vec<String>,
    /// Violations of path and query members.
    uri: Vec<String>,
}

impl Violations {
    /// None yet, of a call of the operation of this name (`PutIntegration`).
    pub(crate) fn of(operation: &str) -> Self {
        let mut chars = operation.chars();
        let first = chars.next().map(|first| first.to_ascii_lowercase());
        let input = first.into_iter().chain(chars).chain("Input".chars()).collect();
        Self { input, body: Vec::new(), uri: Vec::new() }
    }

    /// The body member at `place` has a `value` that breaks `rule`.
    pub(crate) fn member(&mut self, place: &str, value: impl Display, rule: &str) {
        let violation = format!("Value '{value}' at '{}.{place}' failed to satisfy constraint: {rule}", self.input);
        self.body.push(violation);
    }

    /// The member at `place` must be there.
    pub(crate) fn required<T>(&mut self, place: &str, value: Option<&T>) {
        if value.is_none() {
            let violation = format!("Value null at '{}.{place}' failed to satisfy constraint: {NOT_NULL}", self.input);
            self.body.push(violation);
        }
    }

    /// The member at `place`, when it is there, must be one of a choice's texts.
    pub(crate) fn choice(&mut self, place: &str, value: Option<&str>, choices: &[&str]) {
        if let Some(value) = value.filter(|value| !choices.contains(value)) {
            let rule = format!("Member must satisfy enum value set: [{}]", choices.join(", "));
            self.member(place, value, &rule);
        }
    }

    /// The path or query member `name` has a `value` that breaks `rule`.
    pub(crate) fn uri(&mut self, name: &str, value: impl Display, rule: &str) {
        self.uri.push(format!("Value '{value}' at '{name}' failed to satisfy constraint: {rule}"));
    }

    /// The path or query member `name` must be there.
    pub(crate) fn required_uri<T>(&mut self, name: &str, value: Option<&T>)
    where
        T: ?Sized,
    {
        if value.is_none() {
            self.uri.push(format!("Value null at '{name}' failed to satisfy constraint: {NOT_NULL}"));
        }
    }

    /// Refuses the call if anything was found.
    pub(crate) fn finish(self) -> Result<()> {
        let found = self.body.len() + self.uri.len();
        if found == 0 {
            return Ok(());
        }
        let errors = if found == 1 { "error" } else { "errors" };
        let violations: Vec<String> = self.body.into_iter().chain(self.uri).collect();
        Err(Failure::Validation(format!("{found} validation {errors} detected: {}", violations.join("; "))))
    }
}
