//! Values as compact JSON text.

use std::fmt::Write;

use crate::value::{BoundedText, List, Map, Number, PrintError, TEXT_BYTES_MAX, VALUE_DEPTH_MAX, Value};

/// The compact JSON text of a value. A host's object is the string that it prints as; a number without a JSON spelling
/// (`NaN`) is `null`.
///
/// # Errors
/// The value nests deeper than [`VALUE_DEPTH_MAX`], or its text is longer than
/// [`TEXT_BYTES_MAX`](crate::TEXT_BYTES_MAX).
pub fn to_text(value: &Value) -> Result<String, PrintError> {
    let mut text = BoundedText::new(TEXT_BYTES_MAX);
    write(value, &mut text)?;
    Ok(text.into_text())
}

/// Writes the compact JSON text of a value, as [`to_text`] does.
///
/// # Errors
/// The value nests deeper than [`VALUE_DEPTH_MAX`], or `out` is full.
pub fn write(value: &Value, out: &mut impl Write) -> Result<(), PrintError> {
    write_nested(value, out, 0)
}

fn write_nested(value: &Value, out: &mut impl Write, depth: usize) -> Result<(), PrintError> {
    match value {
        Value::Null => Ok(out.write_str("null")?),
        Value::Bool(truth) => Ok(out.write_str(if *truth { "true" } else { "false" })?),
        Value::Number(number) => write_number(number, out),
        Value::String(text) => write_string(text, out),
        Value::List(list) => write_list(&list.borrow(), out, depth),
        Value::Map(map) => write_map(&map.borrow(), out, depth),
        Value::Object(object) => {
            let mut text = String::new();
            object.print(&mut text)?;
            write_string(&text, out)
        }
    }
}

fn write_number(number: &Number, out: &mut impl Write) -> Result<(), PrintError> {
    match number {
        Number::Integer(integer) => Ok(out.write_str(itoa::Buffer::new().format(*integer))?),
        Number::Double(double) if !double.is_finite() => Ok(out.write_str("null")?),
        Number::Big(_) | Number::Double(_) | Number::Source(_) => Ok(write!(out, "{number}")?),
    }
}

/// A list that is itself `depth` containers deep.
pub(crate) fn write_list(list: &List, out: &mut impl Write, depth: usize) -> Result<(), PrintError> {
    if depth >= VALUE_DEPTH_MAX {
        return Err(PrintError::TooDeep);
    }
    out.write_char('[')?;
    for (index, item) in list.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write_nested(item, out, depth + 1)?;
    }
    Ok(out.write_char(']')?)
}

fn write_map(map: &Map, out: &mut impl Write, depth: usize) -> Result<(), PrintError> {
    if depth >= VALUE_DEPTH_MAX {
        return Err(PrintError::TooDeep);
    }
    out.write_char('{')?;
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 {
            out.write_char(',')?;
        }
        write_string(key, out)?;
        out.write_char(':')?;
        write_nested(value, out, depth + 1)?;
    }
    Ok(out.write_char('}')?)
}

/// Writes a JSON string literal: quotes, backslashes and control characters are escaped, all else is as it is.
///
/// # Errors
/// `out` is full.
pub fn write_string(text: &str, out: &mut impl Write) -> Result<(), PrintError> {
    out.write_char('"')?;
    let mut written = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.write_str(&text[written..index])?;
        written = index + 1;
        match byte {
            b'"' => out.write_str("\\\"")?,
            b'\\' => out.write_str("\\\\")?,
            b'\n' => out.write_str("\\n")?,
            b'\r' => out.write_str("\\r")?,
            b'\t' => out.write_str("\\t")?,
            0x08 => out.write_str("\\b")?,
            0x0c => out.write_str("\\f")?,
            _ => write!(out, "\\u{byte:04X}")?,
        }
    }
    out.write_str(&text[written..])?;
    Ok(out.write_char('"')?)
}
