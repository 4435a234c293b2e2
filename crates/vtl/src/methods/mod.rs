//! Methods of Java's classes, by the names and with the results that templates know.
//!
//! A method that a class does not have gives null, as does a call on null. `getClass()` and what leads from it is not there
//! at all: a template reaches no class.

mod text;
mod utf16;
mod format;
mod list;
mod map;
mod number;
mod boolean;
mod hash;

use std::rc::Rc;

use crate::value::{self, Object, Value, Work};
use crate::vm::{Stop, text_of};

pub(crate) use number::int_value;

/// What a method may use.
pub(crate) struct Scope<'s> {
    pub(crate) work: &'s mut Work,
    /// Bytes of a text that it makes.
    pub(crate) text_bytes_max: usize,
}

impl Scope<'_> {
    /// Accounts for items or steps.
    fn spend(&mut self, steps: usize) -> Result<(), Stop> {
        self.work.spend(steps as u64).ok_or(Stop::OutOfFuel)
    }

    /// Accounts for a text that is about to be made.
    fn allow_text(&mut self, bytes: usize) -> Result<(), Stop> {
        if bytes > self.text_bytes_max {
            return Err(Stop::OutputTooLong);
        }
        self.spend(bytes / 16)
    }

    /// A text that was made.
    fn text(&mut self, text: impl Into<Rc<str>>) -> Result<Value, Stop> {
        let text = text.into();
        self.allow_text(text.len())?;
        Ok(Value::String(text))
    }

    /// The text of a value.
    fn text_of(&mut self, value: &Value) -> Result<Rc<str>, Stop> {
        text_of(value, self.work)
    }

    /// The text of a value as Java joins it to others.
    fn text_or_null(&mut self, value: &Value) -> Result<Rc<str>, Stop> {
        if value.is_null() { Ok("null".into()) } else { self.text_of(value) }
    }

    fn equal(&mut self, a: &Value, b: &Value) -> Result<bool, Stop> {
        value::equal(a, b, self.work).ok_or(Stop::OutOfFuel)
    }
}

/// Whether a value is Java's `int`: a method that wants one is not found for anything else.
fn is_int(value: &Value) -> bool {
    value.as_i64().is_some_and(|integer| i32::try_from(integer).is_ok())
}

/// Calls a method.
pub(crate) fn call(object: &Value, method: &str, arguments: &[Value], scope: &mut Scope<'_>) -> Result<Value, Stop> {
    // Every method reads its texts once at least.
    let texts = std::iter::once(object).chain(arguments).filter_map(Value::as_str);
    scope.spend(texts.map(|text| text.len() / 64).sum())?;
    let known = match object {
        Value::Null => return Ok(Value::Null),
        Value::Object(object) => return of_host(&**object, method, arguments, scope),
        Value::String(text) => text::call(text, method, arguments, scope)?,
        Value::List(list) => list::call(list, method, arguments, scope)?,
        Value::Map(map) => map::call(map, method, arguments, scope)?,
        Value::Number(number) => number::call(number, method, arguments, scope)?,
        Value::Bool(truth) => boolean::call(*truth, method, arguments),
    };
    match known {
        Some(result) => Ok(result),
        None => of_any_object(object, method, arguments, scope),
    }
}

/// A call of a host's object. What it costs the host is not known here: it is taken to parse its arguments and to make its
/// result anew.
fn of_host(object: &dyn Object, method: &str, arguments: &[Value], scope: &mut Scope<'_>) -> Result<Value, Stop> {
    let texts = arguments.iter().filter_map(Value::as_str);
    scope.spend(texts.map(|text| text.len() / 16).sum())?;
    let result = object.call(method, arguments)?;
    scope.spend(result.as_str().map_or(0, |text| text.len() / 16))?;
    Ok(result)
}

/// The methods of Java's `Object`.
fn of_any_object(object: &Value, method: &str, arguments: &[Value], scope: &mut Scope<'_>) -> Result<Value, Stop> {
    match (method, arguments) {
        ("toString", []) => {
            let text = scope.text_of(object)?;
            scope.text(text)
        }
        ("equals", [other]) => Ok(Value::Bool(scope.equal(object, other)?)),
        ("hashCode", []) => Ok(Value::from(i64::from(hash::code(object, scope)?))),
        _ => Ok(Value::Null),
    }
}
