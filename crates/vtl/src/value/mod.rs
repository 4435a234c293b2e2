//! What a template computes with: Java's values as API Gateway's mapping templates see them.
//!
//! A [`Value`] belongs to one thread and one rendering; cloning it copies a reference. Lists and maps are shared and
//! mutable, as in Java: a change through one name is seen through every other.

mod number;
mod list;
mod map;
mod object;
mod print;
mod equality;
mod nesting;

use std::cell::RefCell;
use std::rc::Rc;

pub use list::{List, ListKind, SharedList};
pub use map::{Map, MapKind, SharedMap};
pub use number::Number;
pub use object::{HostError, Object};
pub use print::PrintError;

pub(crate) use equality::{Work, equal};
pub(crate) use nesting::reaches;
pub(crate) use number::shortest_digits;
pub(crate) use print::{BoundedText, print};

/// How deep lists and maps may nest and still be printed or compared.
pub const VALUE_DEPTH_MAX: usize = 600;

/// Bytes of the text that a list, map or object is turned into.
pub const TEXT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// A value.
#[derive(Clone, Default)]
pub enum Value {
    /// Java's `null`: what is missing. Prints as nothing.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer of any size, or a double.
    Number(Number),
    /// A text.
    String(Rc<str>),
    /// A list, shared.
    List(SharedList),
    /// A map that keeps the order of its keys, shared.
    Map(SharedMap),
    /// A value of the host's own.
    Object(Rc<dyn Object>),
}

impl Value {
    /// A list of the kind that templates make: prints as `[a, b]`.
    #[must_use]
    pub fn list(items: Vec<Value>) -> Self {
        Self::List(Rc::new(RefCell::new(List::new(ListKind::Java, items))))
    }

    /// A list that came from a JSON document: prints as compact JSON text.
    #[must_use]
    pub fn json_list(items: Vec<Value>) -> Self {
        Self::List(Rc::new(RefCell::new(List::new(ListKind::Json, items))))
    }

    /// A map that prints as `{key=value, key=value}`.
    #[must_use]
    pub fn map(map: Map) -> Self {
        Self::Map(Rc::new(RefCell::new(map)))
    }

    /// A host's object.
    #[must_use]
    pub fn object(object: impl Object + 'static) -> Self {
        Self::Object(Rc::new(object))
    }

    /// Whether this is [`Value::Null`].
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The text, when this is a [`Value::String`].
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The integer, when this is a number without a fraction that fits. Text is not a number, even when it is digits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Number(number) = self { number.as_i64() } else { None }
    }

    /// What `#if` makes of it: `null` and `false` are false, and so is an object that says so; all else is true, also `""`
    /// and `0`.
    #[must_use]
    pub fn is_true(&self) -> bool {
        match self {
            Self::Null => false,
            Self::Bool(truth) => *truth,
            Self::Object(object) => object.is_true(),
            Self::Number(_) | Self::String(_) | Self::List(_) | Self::Map(_) => true,
        }
    }

    /// The text that it prints as. A string is not copied.
    ///
    /// # Errors
    /// It nests deeper than [`VALUE_DEPTH_MAX`], or prints as more than [`TEXT_BYTES_MAX`] bytes, which a small list that
    /// holds the same list many times easily does.
    pub fn to_text(&self) -> Result<Rc<str>, PrintError> {
        self.to_text_within(TEXT_BYTES_MAX)
    }

    /// The text that it prints as, unless that is longer than so many bytes.
    pub(crate) fn to_text_within(&self, bytes_max: usize) -> Result<Rc<str>, PrintError> {
        if let Self::String(text) = self {
            return Ok(Rc::clone(text));
        }
        let mut text = BoundedText::new(bytes_max);
        print(self, &mut text)?;
        Ok(text.into_text().into())
    }
}

impl std::fmt::Debug for Value {
    /// The text that it prints as, strings in quotes.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::String(text) => write!(f, "{text:?}"),
            Self::Bool(_) | Self::Number(_) | Self::List(_) | Self::Map(_) | Self::Object(_) => match self.to_text() {
                Ok(text) => f.write_str(&text),
                Err(error) => write!(f, "<{error}>"),
            },
        }
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Value {
    fn from(integer: i64) -> Self {
        Self::Number(Number::Integer(integer))
    }
}

impl From<usize> for Value {
    /// A count or position; none that a template can make is beyond 64 bits.
    fn from(count: usize) -> Self {
        Self::Number(Number::Integer(i64::try_from(count).unwrap_or(i64::MAX)))
    }
}

impl From<f64> for Value {
    fn from(double: f64) -> Self {
        Self::Number(Number::Double(double))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text.into())
    }
}

impl From<Rc<str>> for Value {
    fn from(text: Rc<str>) -> Self {
        Self::String(text)
    }
}

impl From<Map> for Value {
    fn from(map: Map) -> Self {
        Self::map(map)
    }
}

impl From<Number> for Value {
    fn from(number: Number) -> Self {
        Self::Number(number)
    }
}

/// `None` is `null`.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

#[cfg(test)]
mod tests;
