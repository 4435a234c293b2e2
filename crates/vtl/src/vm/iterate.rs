//! Loops and ranges.

use std::rc::Rc;

use super::foreach::{self, Foreach, Turn};
use super::{Flow, Machine, Slot, Stop};
use crate::methods::int_value;
use crate::program::{LoopProperty, OUTERMOST_LOOP};
use crate::value::{ListKind, SharedList, SharedMap, Value, Work};

/// What a loop runs over. Lists and maps are not copied: a loop sees what its body sets.
enum Items {
    List(SharedList),
    /// What `iterator()` gave, of which each turn takes the first.
    Iterator(SharedList),
    /// The values of a map.
    Map(SharedMap),
    /// What a host's object listed.
    Listed(Vec<Value>),
}

impl Items {
    /// The item of a turn.
    fn take(&self, index: usize) -> Option<Value> {
        match self {
            Self::List(list) => list.borrow().get(index).cloned(),
            Self::Iterator(list) if list.borrow().is_empty() => None,
            Self::Iterator(list) => Some(list.borrow_mut().remove(0)),
            Self::Map(map) => map.borrow().entry_at(index).map(|(_, value)| value.clone()),
            Self::Listed(items) => items.get(index).cloned(),
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::List(list) | Self::Iterator(list) => list.borrow().len(),
            Self::Map(map) => map.borrow().len(),
            Self::Listed(items) => items.len(),
        }
    }
}

/// A running `#foreach`.
pub(super) struct Loop {
    items: Items,
    /// The items that there were at first.
    len: usize,
    index: usize,
    variable: u32,
    /// What the loop's variable held before.
    before: Slot,
    /// The loop as a value, once a template has asked for it.
    pub(super) itself: Option<Rc<Foreach>>,
}

impl Loop {
    pub(super) fn turn(&self) -> Turn {
        let len = self.items.len();
        let has_next = if let Items::Iterator(_) = self.items { len > 0 } else { self.index + 1 < len };
        Turn { index: self.index, has_next }
    }

    /// The item of the next turn. Java's lists and maps notice that they were changed, unless the last item has been taken.
    fn next(&self, work: &mut Work) -> Result<Option<Value>, Stop> {
        let next = self.index + 1;
        let is_over = match &self.items {
            Items::List(list) => next == list.borrow().len(),
            Items::Map(_) => next >= self.len,
            Items::Iterator(list) => {
                // The first item goes, and all others move.
                work.spend(list.borrow().len() as u64 / 64).ok_or(Stop::OutOfFuel)?;
                return Ok(self.items.take(next));
            }
            Items::Listed(_) => return Ok(self.items.take(next)),
        };
        if is_over {
            return Ok(None);
        }
        if self.items.len() != self.len {
            return Err(Stop::Argument("a list or map was changed while a #foreach ran over it"));
        }
        Ok(self.items.take(next))
    }
}

impl Machine<'_> {
    pub(super) fn start_loop(&mut self, variable: u32, exit: u32) -> Result<Flow, Stop> {
        let items = match self.pop() {
            Value::List(list) if list.borrow().kind() == ListKind::Iterator => Items::Iterator(list),
            Value::List(list) => Items::List(list),
            Value::Map(map) => Items::Map(map),
            Value::Object(object) => Items::Listed(object.items().unwrap_or_default()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return Ok(Flow::To(exit)),
        };
        let len = items.len();
        let Some(first) = items.take(0) else { return Ok(Flow::To(exit)) };
        if self.limits.foreach_turns_max == 0 {
            return Err(Stop::TooManyTurns);
        }
        let before = self.held(variable);
        self.store(variable, Slot::Value(first));
        self.loops.push(Loop { items, len, index: 0, variable, before, itself: None });
        Ok(Flow::Next)
    }

    pub(super) fn next_turn(&mut self, body: u32) -> Result<Flow, Stop> {
        let Some(running) = self.loops.last_mut() else { return Ok(Flow::Next) };
        let Some(item) = running.next(&mut self.work)? else {
            self.end_loop();
            return Ok(Flow::Next);
        };
        running.index += 1;
        if running.index >= self.limits.foreach_turns_max {
            return Err(Stop::TooManyTurns);
        }
        if let Some(itself) = &running.itself {
            itself.takes(running.turn());
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

    pub(super) fn loop_property(&mut self, property: LoopProperty, parents: u32) -> Value {
        let innermost = self.loops.len().checked_sub(1);
        let at = if parents == OUTERMOST_LOOP {
            innermost.map(|_| 0)
        } else {
            innermost.and_then(|innermost| innermost.checked_sub(parents as usize))
        };
        let Some(at) = at else { return Value::Null };
        match property {
            LoopProperty::Itself => foreach::itself(&mut self.loops[..=at]),
            LoopProperty::Count
            | LoopProperty::Index
            | LoopProperty::HasNext
            | LoopProperty::First
            | LoopProperty::Last => self.loops[at].turn().property(property),
        }
    }
}

/// The integers from one to another, up or down, each end narrowed to Java's `int`. Null when an end is no number.
pub(super) fn range(first: &Value, last: &Value, work: &mut Work) -> Result<Value, Stop> {
    let (Value::Number(first), Value::Number(last)) = (first, last) else { return Ok(Value::Null) };
    let (first, last) = (i64::from(int_value(first)), i64::from(int_value(last)));
    work.spend(first.abs_diff(last)).ok_or(Stop::OutOfFuel)?;
    let items = if first <= last {
        (first..=last).map(Value::from).collect()
    } else {
        (last..=first).rev().map(Value::from).collect()
    };
    Ok(Value::list(items))
}
