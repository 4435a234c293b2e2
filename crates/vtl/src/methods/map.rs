//! Java's `Map`, and the entries of its `entrySet()`.

use super::Scope;
use crate::value::{Map, MapKind, SharedMap, Value};
use crate::vm::{Stop, refuse_cycle};

/// Calls a method of a map; `None` when maps do not have it.
pub(super) fn call(
    map: &SharedMap,
    method: &str,
    arguments: &[Value],
    scope: &mut Scope<'_>,
) -> Result<Option<Value>, Stop> {
    let kind = map.borrow().kind();
    if kind == MapKind::Entry {
        return Ok(of_entry(map, method, arguments));
    }
    Ok(Some(match (method, arguments) {
        ("get", [key]) => map.borrow().get(&scope.text_of(key)?).cloned().unwrap_or_default(),
        ("getOrDefault", [key, default]) => map.borrow().get(&scope.text_of(key)?).unwrap_or(default).clone(),
        ("containsKey", [key]) => Value::Bool(map.borrow().contains_key(&scope.text_of(key)?)),
        ("containsValue", [wanted]) => {
            let values: Vec<Value> = map.borrow().values().cloned().collect();
            for value in &values {
                if scope.equal(value, wanted)? {
                    return Ok(Some(Value::Bool(true)));
                }
            }
            Value::Bool(false)
        }
        ("size", []) => Value::from(map.borrow().len()),
        ("isEmpty", []) => Value::Bool(map.borrow().is_empty()),
        ("keySet" | "values" | "entrySet", []) => {
            scope.spend(map.borrow().len())?;
            listed(&map.borrow(), method)
        }
        ("put" | "putIfAbsent", [key, value]) => {
            let key = scope.text_of(key)?;
            let known = map.borrow().get(&key).cloned();
            if method == "put" || known.as_ref().is_none_or(Value::is_null) {
                refuse_cycle(&Value::Map(map.clone()), value, scope.work)?;
                map.borrow_mut().insert(key, value.clone());
            }
            answer(kind, known)
        }
        ("putAll", [Value::Map(entries)]) => {
            let entries: Vec<_> = entries.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect();
            scope.spend(entries.len())?;
            for (key, value) in entries {
                refuse_cycle(&Value::Map(map.clone()), &value, scope.work)?;
                map.borrow_mut().insert(key, value);
            }
            Value::Null
        }
        ("remove", [key]) => {
            scope.spend(map.borrow().len() / 64)?;
            // The key may be this very map: it prints before the map is borrowed to change.
            let key = scope.text_of(key)?;
            let removed = map.borrow_mut().remove(&key);
            answer(kind, removed)
        }
        ("clear", []) => {
            map.borrow_mut().clear();
            Value::Null
        }
        _ => return Ok(None),
    }))
}

/// What a change answers: the value before, unless the map keeps quiet.
fn answer(kind: MapKind, before: Option<Value>) -> Value {
    if kind == MapKind::Opaque { Value::Null } else { before.unwrap_or_default() }
}

/// A map's keys, values or entries; a copy, where Java has a view.
fn listed(map: &Map, method: &str) -> Value {
    Value::list(match method {
        "keySet" => map.keys().map(|key| Value::String(key.clone())).collect(),
        "values" => map.values().cloned().collect(),
        _ => {
            let entry = |(key, value): (&std::rc::Rc<str>, &Value)| {
                let mut entry = Map::with_kind(MapKind::Entry);
                entry.insert("key", Value::String(key.clone()));
                entry.insert("value", value.clone());
                Value::map(entry)
            };
            map.iter().map(entry).collect()
        }
    })
}

fn of_entry(entry: &SharedMap, method: &str, arguments: &[Value]) -> Option<Value> {
    match (method, arguments) {
        ("getKey", []) => entry.borrow().get("key").cloned(),
        ("getValue", []) => entry.borrow().get("value").cloned(),
        _ => None,
    }
}
