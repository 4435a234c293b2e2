//! Values that a host brings along.

use std::borrow::Cow;
use std::fmt;

use super::{PrintError, Value};

/// A host's value with properties and methods of its own, such as `$input` and `$util` of API Gateway.
///
/// Names that an object does not know are no errors: they give [`Value::Null`], which prints as nothing. Every method has
/// that default, so an object implements what it has. An object that must change when a template assigns to it keeps its
/// state in a `Cell` or `RefCell`; one that is merely a map is better served by [`Value::Map`].
pub trait Object {
    /// `$object.name`, and `$object['name']` with the printed index as name.
    fn property(&self, name: &str) -> Value {
        let _ = name;
        Value::Null
    }

    /// `#set($object.name = value)` and `#set($object['name'] = value)`; whether the object took it is its own affair.
    fn set_property(&self, name: &str, value: Value) {
        let _ = (name, value);
    }

    /// `$object.method(arguments)`.
    ///
    /// # Errors
    /// A call that must end the rendering, for instance an expression that the host cannot parse.
    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        let _ = (method, arguments);
        Ok(Value::Null)
    }

    /// Writes what `$object` prints; by default nothing.
    ///
    /// # Errors
    /// What `out` reports.
    fn print(&self, out: &mut dyn fmt::Write) -> fmt::Result {
        let _ = out;
        Ok(())
    }

    /// What `#if($object)` makes of it.
    fn is_true(&self) -> bool {
        true
    }

    /// What `#foreach($item in $object)` runs over; `None` when it cannot.
    fn items(&self) -> Option<Vec<Value>> {
        None
    }
}

/// Why a host's object refuses a call; ends the rendering with [`ErrorKind::Host`](crate::ErrorKind::Host).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct HostError {
    detail: Cow<'static, str>,
}

impl HostError {
    /// A reason in words, lower case and without a full stop.
    pub fn new(detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into() }
    }
}

impl From<PrintError> for HostError {
    fn from(error: PrintError) -> Self {
        Self::new(error.to_string())
    }
}
