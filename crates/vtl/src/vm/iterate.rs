//! Loops and ranges.

use super::{Flow, Machine, Slot, Stop};
use crate::program::{LoopProperty, OUTERMOST_LOOP};
use crate::value::{SharedList, SharedMap, Value, Work};

/// What a loop runs over. Lists and maps are not copied: a loop sees what its body adds.
enum Items {
    List(SharedList),
    /// The values of a map.
    Map(SharedMap),
    /// What a host's object listed.
    Listed(Vec<Value>),
}

impl Items {
    fn get(&self, index: usize) -> Option<Value> {
        match self {
            Self::List(list) => list.borrow().get(index).cloned(),
            Self::Map(map) => map.borrow().entry_at(index).map(|(_, value)| value.clone()),
            Self::Listed(items) => items.get(index).cloned(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::List(list) => list.borrow().len(),
            Self::Map(map) => map.borrow().len(),
            Self::Listed(items) => items.len(),
        }
    }
}

/// A running `#foreach`.
pub(super) struct Loop {
    items: Items,
    index: usize,
    variable: u32,
    /// What the loop's variable held before.
    before: Slot,
}

impl Machine<'_> {
    pub(super) fn start_loop(&mut self, variable: u32, exit: u32) -> Result<Flow, Stop> {
        let items = match self.pop() {
            Value::List(list) => Items::List(list),
            Value::Map(map) => Items::Map(map),
            Value::Object(object) => Items::Listed(object.items().unwrap_or_default()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Ok(Flow::To(exit)),
        };
        let Some(first) = items.get(0) else { return Ok(Flow::To(exit)) };
        if self.limits.foreach_turns_max == 0 {
            return Err(Stop::TooManyTurns);
        }
        let before = self.held(variable);
        self.store(variable, Slot::Value(first));
        self.loops.push(Loop { items, index: 0, variable, before });
        Ok(Flow::Next)
    }

    pub(super) fn next_turn(&mut self, body: u32) -> Result<Flow, Stop> {
        let Some(running) = self.loops.last_mut() else { return Ok(Flow::Next) };
        let Some(item) = running.items.get(running.index + 1) else {
            self.end_loop();
            return Ok(Flow::Next);
        };
        running.index += 1;
        if running.index >= self.limits.foreach_turns_max {
            return Err(Stop::TooManyTurns);
        }
        let variable = running.variable;
        self.store(variable, Slot::Value(item));
        Ok(Flow::To(body))
    }

    /// Ends the innermost loop; its variable is again what it was.
    pub(super) fn end_loop(&mut self) {
        if let Some(ended) = self.loops.pop() {
            self.restore(ended.variable, ended.before);
        }
    }

    pub(super) fn loop_property(&self, property: LoopProperty, parents: u32) -> Value {
        let running = match parents {
            OUTERMOST_LOOP => self.loops.first(),
            _ => self.loops.iter().rev().nth(parents as usize),
        };
        let Some(running) = running else { return Value::Null };
        let has_next = running.index + 1 < running.items.len();
        match property {
            LoopProperty::Count => Value::from(running.index + 1),
            LoopProperty::Index => Value::from(running.index),
            LoopProperty::HasNext => Value::Bool(has_next),
            LoopProperty::First => Value::Bool(running.index == 0),
            LoopProperty::Last => Value::Bool(!has_next),
        }
    }
}

/// The integers from one to another, up or down. Null when an end is no integer.
pub(super) fn range(first: &Value, last: &Value, work: &mut Work) -> Result<Value, Stop> {
    let (Some(first), Some(last)) = (first.as_i64(), last.as_i64()) else { return Ok(Value::Null) };
    work.spend(first.abs_diff(last)).ok_or(Stop::OutOfFuel)?;
    let items = if first <= last {
        (first..=last).map(Value::from).collect()
    } else {
        (last..=first).rev().map(Value::from).collect()
    };
    Ok(Value::list(items))
}
