//! A JSON value as YAML, in the manner of AWS's exports: block style, every text in double quotes.

use serde_json::{Map, Value};

/// How deep a member lies, in blanks per level.
const INDENT: usize = 2;

/// Writes a document.
#[must_use]
pub fn write(document: &Value) -> String {
    let mut text = "---\n".to_owned();
    match Block::of(document) {
        Some(Block::Members(members)) => write_members(&mut text, members, 0),
        Some(Block::Items(items)) => write_items(&mut text, items, 0),
        None => write_flow(&mut text, document),
    }
    text
}

/// A value that has lines of its own.
enum Block<'v> {
    Members(&'v Map<String, Value>),
    Items(&'v [Value]),
}

impl<'v> Block<'v> {
    fn of(value: &'v Value) -> Option<Self> {
        match value {
            Value::Object(members) if !members.is_empty() => Some(Self::Members(members)),
            Value::Array(items) if !items.is_empty() => Some(Self::Items(items)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => {
                None
            }
        }
    }
}

fn write_members(text: &mut String, members: &Map<String, Value>, indent: usize) {
    for (number, (name, value)) in members.iter().enumerate() {
        // The first member of an item stands beside its dash.
        if number > 0 || text.ends_with('\n') {
            write_indent(text, indent);
        }
        if is_plain(name) {
            text.push_str(name);
        } else {
            write_text(text, name);
        }
        text.push(':');
        match Block::of(value) {
            Some(Block::Members(members)) => {
                text.push('\n');
                write_members(text, members, indent + INDENT);
            }
            Some(Block::Items(items)) => {
                text.push('\n');
                write_items(text, items, indent);
            }
            None => {
                text.push(' ');
                write_flow(text, value);
            }
        }
    }
}

fn write_items(text: &mut String, items: &[Value], indent: usize) {
    for item in items {
        write_indent(text, indent);
        text.push('-');
        match Block::of(item) {
            Some(Block::Members(members)) => {
                text.push(' ');
                write_members(text, members, indent + INDENT);
            }
            Some(Block::Items(inner)) => {
                text.push('\n');
                write_items(text, inner, indent + INDENT);
            }
            None => {
                text.push(' ');
                write_flow(text, item);
            }
        }
    }
}

fn write_indent(text: &mut String, indent: usize) {
    text.extend(std::iter::repeat_n(' ', indent));
}

/// Whether a name needs no quotes: it is no number, no flag and no null in any version of YAML, and ends nothing.
fn is_plain(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"/_-.{}+$".contains(&byte);
    let begins = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic() || first == b'/');
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    begins && name.bytes().all(is_word) && !reserved.iter().any(|word| word.eq_ignore_ascii_case(name))
}

/// A value that ends its line.
fn write_flow(text: &mut String, value: &Value) {
    match value.as_str() {
        Some(string) => write_text(text, string),
        None => text.push_str(&value.to_string()),
    }
    text.push('\n');
}

/// A text in double quotes, with the escapes that JSON and YAML share.
fn write_text(text: &mut String, string: &str) {
    for sign in Value::from(string).to_string().chars() {
        match sign {
            '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                text.extend(format!("\\u{:04x}", u32::from(sign)).chars());
            }
            other => text.push(other),
        }
    }
}
