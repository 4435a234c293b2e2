//! Java's `List`.

use std::cell::RefCell;
use std::rc::Rc;

use super::{Scope, is_int};
use crate::value::{List, ListKind, SharedList, Value};
use crate::vm::{Stop, refuse_cycle};

const OUT_OF_RANGE: Stop = Stop::Argument("index is out of range of the list");

/// Calls a method of a list; `None` when lists do not have it.
pub(super) fn call(
    list: &SharedList,
    method: &str,
    arguments: &[Value],
    scope: &mut Scope<'_>,
) -> Result<Option<Value>, Stop> {
    if !has_positions(method, arguments) {
        return Ok(None);
    }
    Ok(Some(match (method, arguments) {
        ("size", []) => Value::from(list.borrow().len()),
        ("isEmpty", []) => Value::Bool(list.borrow().is_empty()),
        ("get", [index]) => list.borrow().get(position(index)?).cloned().ok_or(OUT_OF_RANGE)?,
        ("contains", [item]) => Value::Bool(index_of(list, item, scope)?.is_some()),
        ("indexOf", [item]) => index_of(list, item, scope)?.map_or(Value::from(-1_i64), Value::from),
        ("lastIndexOf", [item]) => last_index_of(list, item, scope)?.map_or(Value::from(-1_i64), Value::from),
        ("containsAll", [Value::List(items)]) => {
            let items = items.borrow().to_vec();
            for item in &items {
                if index_of(list, item, scope)?.is_none() {
                    return Ok(Some(Value::Bool(false)));
                }
            }
            Value::Bool(true)
        }
        ("subList", [from, to]) => {
            let list = list.borrow();
            let part = list.get(position(from)?..position(to)?).ok_or(OUT_OF_RANGE)?;
            scope.spend(part.len())?;
            Value::list(part.to_vec())
        }
        ("toArray", []) => Value::List(list.clone()),
        ("iterator" | "listIterator", []) => {
            let items = list.borrow().to_vec();
            scope.spend(items.len())?;
            Value::List(Rc::new(RefCell::new(List::new(ListKind::Iterator, items))))
        }
        ("hasNext", []) if is_iterator(list) => Value::Bool(!list.borrow().is_empty()),
        ("next", []) if is_iterator(list) => {
            scope.spend(list.borrow().len() / 64)?;
            if list.borrow().is_empty() {
                return Err(Stop::Argument("the iterator has no next item"));
            }
            list.borrow_mut().remove(0)
        }
        ("add" | "addAll" | "set" | "remove" | "removeAll" | "retainAll" | "clear", _) => {
            return change(list, method, arguments, scope);
        }
        _ => return Ok(None),
    }))
}

/// Whether the positions are such where the method takes some.
fn has_positions(method: &str, arguments: &[Value]) -> bool {
    match (method, arguments) {
        ("get", [at]) | ("set" | "add" | "addAll", [at, _]) => is_int(at),
        ("subList", [from, to]) => is_int(from) && is_int(to),
        _ => true,
    }
}

fn is_iterator(list: &SharedList) -> bool {
    list.borrow().kind() == ListKind::Iterator
}

/// The methods that change the list.
fn change(list: &SharedList, method: &str, arguments: &[Value], scope: &mut Scope<'_>) -> Result<Option<Value>, Stop> {
    // Insertions and removals move what stands behind them.
    scope.spend(list.borrow().len() / 64)?;
    let container = Value::List(list.clone());
    Ok(Some(match (method, arguments) {
        ("add", [item]) => {
            refuse_cycle(&container, item, scope.work)?;
            list.borrow_mut().push(item.clone());
            Value::Bool(true)
        }
        ("add", [index, item]) => {
            refuse_cycle(&container, item, scope.work)?;
            let index = position(index)?;
            if index > list.borrow().len() {
                return Err(OUT_OF_RANGE);
            }
            list.borrow_mut().insert(index, item.clone());
            Value::Null
        }
        ("addAll", [Value::List(items)]) => {
            let items = items.borrow().to_vec();
            let end = list.borrow().len();
            insert_all(list, end, &items, scope)?
        }
        ("addAll", [index, Value::List(items)]) => {
            let items = items.borrow().to_vec();
            insert_all(list, position(index)?, &items, scope)?
        }
        ("set", [index, item]) => {
            refuse_cycle(&container, item, scope.work)?;
            let index = position(index)?;
            let mut list = list.borrow_mut();
            std::mem::replace(list.get_mut(index).ok_or(OUT_OF_RANGE)?, item.clone())
        }
        // An integer removes by position, as Java's choice among the two methods makes it.
        ("remove", [index]) if is_int(index) => {
            let index = position(index)?;
            if index >= list.borrow().len() {
                return Err(OUT_OF_RANGE);
            }
            list.borrow_mut().remove(index)
        }
        ("remove", [item]) => {
            let found = index_of(list, item, scope)?;
            if let Some(index) = found {
                list.borrow_mut().remove(index);
            }
            Value::Bool(found.is_some())
        }
        ("removeAll" | "retainAll", [Value::List(items)]) => {
            let stays = method == "retainAll";
            let before = list.borrow().to_vec();
            let mut kept = Vec::new();
            for item in &before {
                if index_of(items, item, scope)?.is_some() == stays {
                    kept.push(item.clone());
                }
            }
            let is_changed = kept.len() < before.len();
            // The items are dropped once the list is no longer borrowed.
            let dropped = std::mem::replace(&mut **list.borrow_mut(), kept);
            drop(dropped);
            Value::Bool(is_changed)
        }
        ("clear", []) => {
            // The items are dropped once the list is no longer borrowed.
            let items = std::mem::take(&mut **list.borrow_mut());
            drop(items);
            Value::Null
        }
        _ => return Ok(None),
    }))
}

fn insert_all(list: &SharedList, at: usize, items: &[Value], scope: &mut Scope<'_>) -> Result<Value, Stop> {
    scope.spend(items.len())?;
    let container = Value::List(list.clone());
    for item in items {
        refuse_cycle(&container, item, scope.work)?;
    }
    let mut list = list.borrow_mut();
    if at > list.len() {
        return Err(OUT_OF_RANGE);
    }
    list.splice(at..at, items.iter().cloned());
    Ok(Value::Bool(!items.is_empty()))
}

fn position(index: &Value) -> Result<usize, Stop> {
    index.as_i64().and_then(|index| usize::try_from(index).ok()).ok_or(OUT_OF_RANGE)
}

fn index_of(list: &SharedList, wanted: &Value, scope: &mut Scope<'_>) -> Result<Option<usize>, Stop> {
    for (index, item) in list.borrow().iter().enumerate() {
        if scope.equal(item, wanted)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn last_index_of(list: &SharedList, wanted: &Value, scope: &mut Scope<'_>) -> Result<Option<usize>, Stop> {
    for (index, item) in list.borrow().iter().enumerate().rev() {
        if scope.equal(item, wanted)? {
            return Ok(Some(index));
        }
    }
    Ok(None)
}
