//! `$context`: the request's facts and the overrides.

use std::rc::Rc;

use vtl::{HostError, Map, MapKind, Object, Value};

use super::{mentions::ContextNames, override_maps::OverrideMaps};
use crate::context::{ContextVariable, RequestContext};

/// `$context`. It and its parts print as nothing, and a template cannot change them but for the overrides.
pub(super) struct ContextObject {
    /// In the order of `keySet()`; dotted names are maps inside of maps.
    members: Map,
}

impl ContextObject {
    pub(super) fn new(context: &RequestContext<'_>, names: &ContextNames, overrides: &OverrideMaps) -> Self {
        let mut members = Map::with_kind(MapKind::Opaque);
        match names {
            ContextNames::These(variables) => {
                for variable in variables {
                    insert(&mut members, variable, context);
                }
                members.insert("requestOverride", overrides.request());
                members.insert("responseOverride", overrides.response());
            }
            ContextNames::Any => {
                for variable in ContextVariable::all() {
                    // Where the real ones stand among the keys.
                    match variable.name() {
                        "stage" => members.insert("requestOverride", overrides.request()),
                        "apiId" => members.insert("responseOverride", overrides.response()),
                        _ => None,
                    };
                    insert(&mut members, variable, context);
                }
            }
        }
        Self { members }
    }
}

/// Puts a variable's value where its name says.
fn insert(members: &mut Map, variable: &ContextVariable, context: &RequestContext<'_>) {
    let Some(text) = variable.read(context) else { return };
    let value = match variable.name() {
        "requestTimeEpoch" => Value::from(context.request_time.0),
        _ => Value::from(&*text),
    };
    insert_at(members, variable.name(), value);
}

fn insert_at(members: &mut Map, path: &str, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        members.insert(path, value);
        return;
    };
    if !members.contains_key(first) {
        members.insert(first, Value::map(Map::with_kind(MapKind::Opaque)));
    }
    if let Some(Value::Map(inner)) = members.get(first) {
        insert_at(&mut Rc::clone(inner).borrow_mut(), rest, value);
    }
}

impl Object for ContextObject {
    fn property(&self, name: &str) -> Value {
        match (name, self.members.get(name)) {
            (_, Some(value)) => value.clone(),
            // Without an authorizer it is a map all the same, though not among the keys.
            ("authorizer", None) => Value::map(Map::with_kind(MapKind::Opaque)),
            (_, None) => Value::Null,
        }
    }

    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        match (method, arguments) {
            ("get", [name]) => Ok(self.property(&name.to_text()?)),
            ("containsKey", [name]) => Ok(Value::from(self.members.contains_key(&name.to_text()?))),
            ("keySet", []) => Ok(Value::list(self.members.keys().map(|name| Value::from(Rc::clone(name))).collect())),
            ("size", []) => Ok(Value::from(self.members.len())),
            ("isEmpty", []) => Ok(Value::from(false)),
            _ => Ok(Value::Null),
        }
    }
}
