//! Lists.

use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::rc::Rc;

use super::Value;
use super::nesting;

/// A list that several values may refer to.
pub type SharedList = Rc<RefCell<List>>;

/// How a list prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// `[a, b]`: what a template makes.
    Java,
    /// `["a",{"b":1}]`: what a JSON document holds.
    Json,
    /// Nothing: what `iterator()` gives, of which `next()` takes the first.
    Iterator,
}

/// The items of a list; it dereferences to a `Vec`.
#[derive(Debug)]
pub struct List {
    kind: ListKind,
    items: Vec<Value>,
}

impl List {
    /// A list of a kind.
    #[must_use]
    pub fn new(kind: ListKind, items: Vec<Value>) -> Self {
        Self { kind, items }
    }

    /// How it prints.
    #[must_use]
    pub fn kind(&self) -> ListKind {
        self.kind
    }
}

impl Deref for List {
    type Target = Vec<Value>;

    fn deref(&self) -> &Vec<Value> {
        &self.items
    }
}

impl DerefMut for List {
    fn deref_mut(&mut self) -> &mut Vec<Value> {
        &mut self.items
    }
}

impl Drop for List {
    fn drop(&mut self) {
        if self.items.iter().any(nesting::is_container) {
            nesting::dismantle(std::mem::take(&mut self.items));
        }
    }
}
