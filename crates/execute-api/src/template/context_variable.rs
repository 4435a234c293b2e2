//! `$context`: the request's facts and the overrides.

use vtl::{HostError, Map, MapKind, Object, Value};

use super::override_maps::OverrideMaps;
use crate::context::{ContextVariable, RequestContext};

/// What the names of `$context.identity`'s members start with in the table of variables.
const IDENTITY_PREFIX: &str = "identity.";

/// `$context`. It and its parts print as nothing.
pub(super) struct ContextObject {
    /// In the order of `keySet()`.
    members: Vec<(&'static str, Value)>,
}

impl ContextObject {
    pub(super) fn new(context: &RequestContext<'_>, overrides: &OverrideMaps) -> Self {
        let mut members = Vec::with_capacity(ContextVariable::all().len());
        let mut identity = Map::with_kind(MapKind::Opaque);
        let mut identity_at = None;
        for variable in ContextVariable::all() {
            if let Some(name) = variable.name().strip_prefix(IDENTITY_PREFIX) {
                identity_at.get_or_insert(members.len());
                if let Some(text) = variable.read(context) {
                    identity.insert(name, Value::from(&*text));
                }
                continue;
            }
            match variable.name() {
                "stage" => members.push(("requestOverride", overrides.request())),
                "apiId" => members.push(("responseOverride", overrides.response())),
                _ => {}
            }
            let value = match variable.name() {
                "requestTimeEpoch" => Some(Value::from(context.request_time.0)),
                _ => variable.read(context).map(|text| Value::from(&*text)),
            };
            members.extend(value.map(|value| (variable.name(), value)));
        }
        members.insert(identity_at.unwrap_or(members.len()), ("identity", Value::map(identity)));
        Self { members }
    }

    fn member(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

impl Object for ContextObject {
    fn property(&self, name: &str) -> Value {
        match (name, self.member(name)) {
            (_, Some(value)) => value.clone(),
            // Without an authorizer it is a map all the same, though not among the keys.
            ("authorizer", None) => Value::map(Map::with_kind(MapKind::Opaque)),
            (_, None) => Value::Null,
        }
    }

    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        match (method, arguments) {
            ("get", [name]) => Ok(self.property(&name.to_text()?)),
            ("containsKey", [name]) => Ok(Value::from(self.member(&name.to_text()?).is_some())),
            ("keySet", []) => Ok(Value::list(self.members.iter().map(|(name, _)| Value::from(*name)).collect())),
            ("size", []) => Ok(Value::from(self.members.len())),
            ("isEmpty", []) => Ok(Value::from(false)),
            _ => Ok(Value::Null),
        }
    }
}
