//! The named values that a template can refer to.

use std::borrow::Cow;

use crate::value::Value;

/// The variables that a rendering starts with.
///
/// A rendering reads it and keeps its own variables: what `#set($name = …)` does stays inside the template, while
/// changes to a shared list, map or [`Object`](crate::Object) are seen by everyone who holds it.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// A handful of names, so a list searched in order beats a hash map.
    variables: Vec<(Cow<'static, str>, Value)>,
}

impl Context {
    /// A context without variables.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Names a value; a second value for a name replaces the first.
    pub fn insert(&mut self, name: impl Into<Cow<'static, str>>, value: Value) {
        let name = name.into();
        match self.variables.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.variables.push((name, value)),
        }
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value)
    }
}
