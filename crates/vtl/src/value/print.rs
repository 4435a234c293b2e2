//! How values print: text plain, lists and maps in Java's form, lists of JSON documents as JSON text.

use std::fmt::{self, Write};

use super::{List, ListKind, Map, MapKind, Number, VALUE_DEPTH_MAX, Value};
use crate::json;

/// Why a value cannot be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PrintError {
    /// It nests deeper than [`VALUE_DEPTH_MAX`].
    #[error("lists and maps nest deeper than {VALUE_DEPTH_MAX}")]
    TooDeep,
    /// The text is longer than its destination takes.
    #[error("text is longer than allowed")]
    TooLong,
}

impl From<fmt::Error> for PrintError {
    /// A destination refuses text for one reason only: it is full.
    fn from(_: fmt::Error) -> Self {
        Self::TooLong
    }
}

/// A text that takes no more than so many bytes.
pub(crate) struct BoundedText {
    text: String,
    bytes_max: usize,
}

impl BoundedText {
    /// An empty text.
    pub(crate) fn new(bytes_max: usize) -> Self {
        Self { text: String::new(), bytes_max }
    }

    /// What was written.
    pub(crate) fn into_text(self) -> String {
        self.text
    }
}

impl Write for BoundedText {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if text.len() > self.bytes_max - self.text.len() {
            return Err(fmt::Error);
        }
        self.text.push_str(text);
        Ok(())
    }
}

/// Writes the text of a value.
pub(crate) fn print(value: &Value, out: &mut impl Write) -> Result<(), PrintError> {
    print_nested(value, out, 0)
}

fn print_nested(value: &Value, out: &mut impl Write, depth: usize) -> Result<(), PrintError> {
    match value {
        Value::Null => Ok(()),
        Value::Bool(truth) => Ok(out.write_str(if *truth { "true" } else { "false" })?),
        Value::Number(number) => Ok(print_number(number, out)?),
        Value::String(text) => Ok(out.write_str(text)?),
        Value::List(list) => print_list(&list.borrow(), out, depth),
        Value::Map(map) => print_map(&map.borrow(), out, depth),
        Value::Object(object) => Ok(object.print(out)?),
    }
}

fn print_number(number: &Number, out: &mut impl Write) -> fmt::Result {
    match number {
        Number::Integer(integer) => out.write_str(itoa::Buffer::new().format(*integer)),
        Number::Big(_) | Number::Double(_) | Number::Source(_) => write!(out, "{number}"),
    }
}

fn print_list(list: &List, out: &mut impl Write, depth: usize) -> Result<(), PrintError> {
    if depth >= VALUE_DEPTH_MAX {
        return Err(PrintError::TooDeep);
    }
    match list.kind() {
        ListKind::Json => json::write_list(list, out, depth),
        ListKind::Iterator => Ok(()),
        ListKind::Java => {
            out.write_char('[')?;
            for (index, item) in list.iter().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                print_member(item, out, depth)?;
            }
            Ok(out.write_char(']')?)
        }
    }
}

fn print_map(map: &Map, out: &mut impl Write, depth: usize) -> Result<(), PrintError> {
    if depth >= VALUE_DEPTH_MAX {
        return Err(PrintError::TooDeep);
    }
    match map.kind() {
        MapKind::Opaque => Ok(()),
        MapKind::Entry => {
            for (index, value) in map.values().enumerate() {
                if index > 0 {
                    out.write_char('=')?;
                }
                print_member(value, out, depth)?;
            }
            Ok(())
        }
        MapKind::Java => {
            out.write_char('{')?;
            for (index, (key, value)) in map.iter().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                out.write_str(key)?;
                out.write_char('=')?;
                print_member(value, out, depth)?;
            }
            Ok(out.write_char('}')?)
        }
    }
}

/// Inside a list or map, Java spells `null` out.
fn print_member(value: &Value, out: &mut impl Write, depth: usize) -> Result<(), PrintError> {
    if value.is_null() { Ok(out.write_str("null")?) } else { print_nested(value, out, depth + 1) }
}
