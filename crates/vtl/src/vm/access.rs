//! Steps along a reference: properties and indexes, read and assigned.

use super::{Stop, text_of};
use crate::value::{self, Value, Work};

/// `$object.name`. What has no such property gives null.
pub(super) fn property(object: &Value, name: &str) -> Value {
    match object {
        Value::Map(map) => map.borrow().get(name).cloned().unwrap_or_default(),
        Value::Object(object) => object.property(name),
        Value::List(list) if name == "empty" => Value::Bool(list.borrow().is_empty()),
        Value::String(text) if name == "empty" => Value::Bool(text.is_empty()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => Value::Null,
    }
}

/// `$object[index]`. What is not there gives null.
pub(super) fn index(object: &Value, index: &Value, work: &mut Work) -> Result<Value, Stop> {
    Ok(match object {
        Value::List(list) => {
            let list = list.borrow();
            position(index, list.len()).and_then(|at| list.get(at).cloned()).unwrap_or_default()
        }
        Value::Map(map) => map.borrow().get(&text_of(index, work)?).cloned().unwrap_or_default(),
        Value::Object(object) => object.property(&text_of(index, work)?),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Value::Null,
    })
}

/// The place in a list; a negative index counts from the end.
fn position(index: &Value, len: usize) -> Option<usize> {
    let index = index.as_i64()?;
    if index < 0 {
        len.checked_sub(usize::try_from(index.unsigned_abs()).ok()?)
    } else {
        usize::try_from(index).ok().filter(|&index| index < len)
    }
}

/// `#set($object.name = value)`; has no effect on what has no properties to set.
pub(super) fn store_property(object: &Value, name: &str, value: Value, work: &mut Work) -> Result<(), Stop> {
    match object {
        Value::Map(map) => {
            refuse_cycle(object, &value, work)?;
            map.borrow_mut().insert(name, value);
        }
        Value::Object(object) => object.set_property(name, value),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::List(_) => {}
    }
    Ok(())
}

/// `#set($object[index] = value)`.
pub(super) fn store_index(object: &Value, index: &Value, value: Value, work: &mut Work) -> Result<(), Stop> {
    match object {
        Value::List(list) => {
            refuse_cycle(object, &value, work)?;
            let mut list = list.borrow_mut();
            let len = list.len();
            if let Some(item) = position(index, len).and_then(|at| list.get_mut(at)) {
                *item = value;
            }
            Ok(())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Map(_) | Value::Object(_) => {
            store_property(object, &text_of(index, work)?, value, work)
        }
    }
}

/// Stops when a container would come to hold itself.
pub(crate) fn refuse_cycle(container: &Value, value: &Value, work: &mut Work) -> Result<(), Stop> {
    match value::reaches(value, container, work) {
        None => Err(Stop::OutOfFuel),
        Some(true) => Err(Stop::Cycle),
        Some(false) => Ok(()),
    }
}
