//! When two values are equal, and what comparing them costs.

use std::rc::Rc;

use super::{Number, VALUE_DEPTH_MAX, Value};

/// An allowance of steps; lists that share their items can take exponentially long to walk.
#[derive(Debug)]
pub(crate) struct Work(u64);

impl Work {
    /// So many steps.
    pub(crate) fn new(steps: u64) -> Self {
        Self(steps)
    }

    /// Takes steps; `None` when too few are left.
    pub(crate) fn spend(&mut self, steps: u64) -> Option<()> {
        let left = self.0.checked_sub(steps);
        self.0 = left.unwrap_or(0);
        left.map(|_| ())
    }
}

/// Java's `equals`: an integer is no double, lists and maps compare by content.
/// `None` when the work allowed is spent or the values nest too deep.
pub(crate) fn equal(a: &Value, b: &Value, work: &mut Work) -> Option<bool> {
    equal_nested(a, b, work, 0)
}

fn equal_nested(a: &Value, b: &Value, work: &mut Work, depth: usize) -> Option<bool> {
    work.spend(1)?;
    if depth > VALUE_DEPTH_MAX {
        return None;
    }
    match (a, b) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        (Value::Number(a), Value::Number(b)) => Some(equal_numbers(a, b)),
        (Value::String(a), Value::String(b)) => {
            work.spend(a.len() as u64 / 64)?;
            Some(a == b)
        }
        (Value::List(a), Value::List(b)) => {
            if Rc::ptr_eq(a, b) {
                return Some(true);
            }
            let (a, b) = (a.borrow(), b.borrow());
            if a.len() != b.len() {
                return Some(false);
            }
            for (a, b) in a.iter().zip(b.iter()) {
                if !equal_nested(a, b, work, depth + 1)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        (Value::Map(a), Value::Map(b)) => {
            if Rc::ptr_eq(a, b) {
                return Some(true);
            }
            let (a, b) = (a.borrow(), b.borrow());
            if a.len() != b.len() {
                return Some(false);
            }
            for (key, a) in a.iter() {
                let Some(b) = b.get(key) else { return Some(false) };
                if !equal_nested(a, b, work, depth + 1)? {
                    return Some(false);
                }
            }
            Some(true)
        }
        (Value::Object(a), Value::Object(b)) => Some(Rc::ptr_eq(a, b)),
        _ => Some(false),
    }
}

fn equal_numbers(a: &Number, b: &Number) -> bool {
    let is_decimal = |number: &Number| matches!(number, Number::Double(_) | Number::Source(_));
    is_decimal(a) == is_decimal(b) && a.compare(b).is_some_and(std::cmp::Ordering::is_eq)
}
