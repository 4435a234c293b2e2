//! What is said of an entity: by its own part, else by the most specific one that it inherits from.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::location::{Key, Location};

/// The contents of documentation parts by what they are about.
#[derive(Debug, Default)]
pub struct Contents<'a>(HashMap<Key<'a>, &'a Map<String, Value>>);

impl<'a> Contents<'a> {
    /// The contents of these parts; of two about the same the last counts.
    pub fn of(parts: impl IntoIterator<Item = (&'a Location, &'a Map<String, Value>)>) -> Self {
        Self(parts.into_iter().map(|(location, content)| (location.key(), content)).collect())
    }

    /// What the part about exactly this says.
    #[must_use]
    pub fn exact(&self, location: &Location) -> Option<&'a Map<String, Value>> {
        self.0.get(&location.key()).copied()
    }

    /// What is said of an entity, inherited or its own.
    #[must_use]
    pub fn effective(&self, location: &Location) -> Option<&'a Map<String, Value>> {
        if self.0.is_empty() {
            return None;
        }
        self.exact(location).or_else(|| location.inherited().find_map(|key| self.0.get(&key).copied()))
    }
}
