//! `$foreach` as a value: a loop that a template keeps in a variable, or passes on.

use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

use super::iterate::Loop;
use crate::HostError;
use crate::program::LoopProperty;
use crate::value::{Object, Value};

/// Where a loop is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Turn {
    pub(super) index: usize,
    pub(super) has_next: bool,
}

impl Turn {
    /// What `$foreach` answers of it; the loop itself is no property of a turn.
    pub(super) fn property(self, property: LoopProperty) -> Value {
        match property {
            LoopProperty::Count => Value::from(self.index + 1),
            LoopProperty::Index => Value::from(self.index),
            LoopProperty::HasNext => Value::Bool(self.has_next),
            LoopProperty::First => Value::Bool(self.index == 0),
            LoopProperty::Last => Value::Bool(!self.has_next),
            LoopProperty::Itself => Value::Null,
        }
    }
}

/// A loop as a value. When the loop is over it stays as it was last.
pub(super) struct Foreach {
    turn: Cell<Turn>,
    parent: Option<Rc<Foreach>>,
}

impl Foreach {
    /// The loop goes on.
    pub(super) fn takes(&self, turn: Turn) {
        self.turn.set(turn);
    }

    fn topmost(&self) -> Self {
        let mut topmost = self;
        while let Some(parent) = &topmost.parent {
            topmost = parent;
        }
        Self { turn: topmost.turn.clone(), parent: None }
    }

    fn find(&self, name: &str) -> Value {
        match name {
            "parent" | "getParent" => self.parent.clone().map_or(Value::Null, |parent| Value::Object(parent)),
            "topmost" | "getTopmost" => Value::object(self.topmost()),
            _ => LoopProperty::named(name).map_or(Value::Null, |property| self.turn.get().property(property)),
        }
    }
}

impl Object for Foreach {
    fn property(&self, name: &str) -> Value {
        self.find(name)
    }

    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        Ok(if arguments.is_empty() { self.find(method) } else { Value::Null })
    }

    /// To Java it is a map, in which nobody has put anything.
    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        out.write_str("{}")
    }
}

/// The innermost of these loops as a value, those around it as its parents.
pub(super) fn itself(loops: &mut [Loop]) -> Value {
    let mut innermost = None;
    for running in loops {
        let turn = Cell::new(running.turn());
        let parent = innermost.take();
        innermost = Some(Rc::clone(running.itself.get_or_insert_with(|| Rc::new(Foreach { turn, parent }))));
    }
    innermost.map_or(Value::Null, |foreach| Value::Object(foreach))
}
