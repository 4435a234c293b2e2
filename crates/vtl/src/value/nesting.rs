//! Lists and maps inside one another: taking them apart without recursion, and keeping them free of cycles.
//!
//! A template can nest lists as deep as its fuel lasts; the compiler's own drop would recurse as deep and overflow the
//! stack. A cycle would never be freed and never finish printing, so none is let in.

use std::rc::Rc;

use super::{Value, Work};

/// Whether a value can hold others.
pub(super) fn is_container(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Map(_))
}

/// Drops values without recursion: a container nobody else holds hands its content over first.
pub(super) fn dismantle(values: Vec<Value>) {
    let mut pending = values;
    while let Some(value) = pending.pop() {
        match value {
            Value::List(list) => {
                if let Ok(list) = Rc::try_unwrap(list) {
                    pending.append(&mut list.into_inner());
                }
            }
            Value::Map(map) => {
                if let Ok(map) = Rc::try_unwrap(map) {
                    pending.append(&mut map.into_inner().take_values());
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {}
        }
    }
}

/// Whether `container` is `value` or is somewhere inside it. `None` when the work allowed is spent.
pub(crate) fn reaches(value: &Value, container: &Value, work: &mut Work) -> Option<bool> {
    if !is_container(value) {
        return Some(false);
    }
    let mut pending = vec![value.clone()];
    while let Some(value) = pending.pop() {
        work.spend(1)?;
        if same_container(&value, container) {
            return Some(true);
        }
        match value {
            Value::List(list) => pending.extend(list.borrow().iter().filter(|item| is_container(item)).cloned()),
            Value::Map(map) => pending.extend(map.borrow().values().filter(|item| is_container(item)).cloned()),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {}
        }
    }
    Some(false)
}

fn same_container(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => Rc::ptr_eq(a, b),
        (Value::Map(a), Value::Map(b)) => Rc::ptr_eq(a, b),
        _ => false,
    }
}
