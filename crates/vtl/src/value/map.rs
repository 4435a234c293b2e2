//! Maps that keep the order in which their keys came.

use std::cell::RefCell;
use std::rc::Rc;

use indexmap::IndexMap;

use super::Value;
use super::nesting;

/// A map that several values may refer to.
pub type SharedMap = Rc<RefCell<Map>>;

/// How a map prints, and what its `put` answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapKind {
    /// Prints as `{key=value}`; `put` answers the value that was there before.
    #[default]
    Java,
    /// An entry of `entrySet()`: has a `key` and a `value` and prints as `key=value`.
    Entry,
    /// A host's map that prints as nothing and whose `put` answers nothing, such as API Gateway's override maps.
    Opaque,
}

/// Up to this many entries are searched in order, which beats hashing.
const SEARCHED_ENTRIES_MAX: usize = 8;

/// A map from text to values, in the order of insertion.
///
/// Differs from Java: a key is its text, so `$map.get(1)` and `$map.get("1")` are the same entry.
#[derive(Debug, Default)]
pub struct Map {
    kind: MapKind,
    entries: Entries,
}

#[derive(Debug)]
enum Entries {
    Few(Vec<(Rc<str>, Value)>),
    Many(IndexMap<Rc<str>, Value>),
}

impl Default for Entries {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Map {
    /// An empty map of [`MapKind::Java`].
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty map of a kind.
    #[must_use]
    pub fn with_kind(kind: MapKind) -> Self {
        Self { kind, entries: Entries::default() }
    }

    /// How it prints.
    #[must_use]
    pub fn kind(&self) -> MapKind {
        self.kind
    }

    /// The number of entries.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.entries {
            Entries::Few(entries) => entries.len(),
            Entries::Many(entries) => entries.len(),
        }
    }

    /// Whether it has no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        match &self.entries {
            Entries::Few(entries) => entries.iter().find(|(known, _)| **known == *key).map(|(_, value)| value),
            Entries::Many(entries) => entries.get(key),
        }
    }

    /// The entry at a position in the order of insertion.
    #[must_use]
    pub fn entry_at(&self, index: usize) -> Option<(&Rc<str>, &Value)> {
        match &self.entries {
            Entries::Few(entries) => entries.get(index).map(|(key, value)| (key, value)),
            Entries::Many(entries) => entries.get_index(index),
        }
    }

    /// Whether there is an entry of that key, its value may be null.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Sets a key, which keeps its place when it is known, and returns the value before.
    pub fn insert(&mut self, key: impl Into<Rc<str>>, value: Value) -> Option<Value> {
        let key = key.into();
        match &mut self.entries {
            Entries::Few(entries) => {
                if let Some((_, known)) = entries.iter_mut().find(|(known, _)| *known == key) {
                    return Some(std::mem::replace(known, value));
                }
                entries.push((key, value));
                if entries.len() > SEARCHED_ENTRIES_MAX {
                    self.entries = Entries::Many(std::mem::take(entries).into_iter().collect());
                }
                None
            }
            Entries::Many(entries) => entries.insert(key, value),
        }
    }

    /// Removes a key, the others keep their order, and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Value> {
        match &mut self.entries {
            Entries::Few(entries) => {
                let index = entries.iter().position(|(known, _)| **known == *key)?;
                Some(entries.remove(index).1)
            }
            Entries::Many(entries) => entries.shift_remove(key),
        }
    }

    /// Removes every entry.
    pub fn clear(&mut self) {
        nesting::dismantle(self.take_values());
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&Rc<str>, &Value)> {
        (0..self.len()).filter_map(|index| self.entry_at(index))
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &Rc<str>> {
        self.iter().map(|(key, _)| key)
    }

    /// The values in order of their keys.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.iter().map(|(_, value)| value)
    }

    pub(super) fn take_values(&mut self) -> Vec<Value> {
        match std::mem::take(&mut self.entries) {
            Entries::Few(entries) => entries.into_iter().map(|(_, value)| value).collect(),
            Entries::Many(entries) => entries.into_values().collect(),
        }
    }
}

impl<K: Into<Rc<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<T: IntoIterator<Item = (K, Value)>>(entries: T) -> Self {
        let mut map = Self::new();
        map.extend(entries);
        map
    }
}

impl<K: Into<Rc<str>>> Extend<(K, Value)> for Map {
    fn extend<T: IntoIterator<Item = (K, Value)>>(&mut self, entries: T) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        if self.values().any(nesting::is_container) {
            nesting::dismantle(self.take_values());
        }
    }
}
