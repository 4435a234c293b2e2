//! Java's `String`.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Scope, format, utf16};
use crate::java_regex;
use crate::value::{Number, Value};
use crate::vm::Stop;

/// Calls a method of a text; `None` when texts do not have it.
pub(super) fn call(
    text: &Rc<str>,
    method: &str,
    arguments: &[Value],
    scope: &mut Scope<'_>,
) -> Result<Option<Value>, Stop> {
    Ok(Some(match (method, arguments) {
        (
            "toString" | "intern" | "trim" | "strip" | "stripLeading" | "stripTrailing" | "toUpperCase" | "toLowerCase",
            [],
        ) => transformed(text, method, scope)?,
        ("length", []) => Value::from(utf16::length(text)),
        ("isEmpty", []) => Value::Bool(text.is_empty()),
        ("isBlank", []) => Value::Bool(text.chars().all(char::is_whitespace)),
        ("hashCode", []) => Value::from(i64::from(utf16::hash_code(text))),
        ("charAt", [Value::Number(at)]) => char_at(text, at, scope)?,
        ("substring", [Value::Number(from)]) => part(text, from, None, scope)?,
        ("substring" | "subSequence", [Value::Number(from), Value::Number(to)]) => part(text, from, Some(to), scope)?,
        ("repeat", [Value::Number(count)]) => repeat(text, count, scope)?,
        ("replaceAll" | "replaceFirst" | "matches" | "split", [Value::String(pattern), rest @ ..]) => {
            return by_pattern(text, method, pattern, rest, scope);
        }
        ("equals", [other]) => Value::Bool(other.as_str() == Some(text)),
        ("equalsIgnoreCase", [other]) => {
            Value::Bool(other.as_str().is_some_and(|other| text.to_lowercase() == other.to_lowercase()))
        }
        ("valueOf" | "copyValueOf", [value]) => {
            let text = scope.text_or_null(value)?;
            scope.text(text)?
        }
        ("format", [Value::String(pattern), values @ ..]) => {
            let text = format::format(pattern, values, scope)?;
            scope.text(text)?
        }
        ("join", [Value::String(between), values @ ..]) => join(between, values, scope)?,
        (_, [other]) => return with_text(text, method, other, scope),
        (_, [Value::String(from), to]) if method == "replace" => {
            let to = scope.text_of(to)?;
            replace(text, from, &to, scope)?
        }
        ("indexOf", [part, Value::Number(from)]) => index_of(text, &scope.text_of(part)?, from),
        ("startsWith", [Value::String(start), Value::Number(from)]) => {
            let after = from.as_i64().and_then(|from| utf16::substring(text, from, None).ok());
            Value::Bool(after.is_some_and(|after| after.starts_with(&**start)))
        }
        _ => return Ok(None),
    }))
}

/// Methods without arguments that give a text.
fn transformed(text: &Rc<str>, method: &str, scope: &mut Scope<'_>) -> Result<Value, Stop> {
    match method {
        // Java's `trim` knows no Unicode: it takes away everything up to the blank.
        "trim" => scope.text(text.trim_matches(|character| character <= ' ')),
        "strip" => scope.text(text.trim()),
        "stripLeading" => scope.text(text.trim_start()),
        "stripTrailing" => scope.text(text.trim_end()),
        "toUpperCase" => scope.text(text.to_uppercase()),
        "toLowerCase" => scope.text(text.to_lowercase()),
        _ => Ok(Value::String(Rc::clone(text))),
    }
}

/// Methods of one more argument, which is taken as text.
fn with_text(text: &Rc<str>, method: &str, other: &Value, scope: &mut Scope<'_>) -> Result<Option<Value>, Stop> {
    // Java would throw on null; a template goes on without a result.
    if other.is_null() {
        return Ok(None);
    }
    let other = scope.text_of(other)?;
    let position =
        |found: Option<usize>| found.map_or(Value::from(-1_i64), |byte| Value::from(utf16::units_before(text, byte)));
    Ok(Some(match method {
        "contains" => Value::Bool(text.contains(&*other)),
        "startsWith" => Value::Bool(text.starts_with(&*other)),
        "endsWith" => Value::Bool(text.ends_with(&*other)),
        "indexOf" => position(text.find(&*other)),
        "lastIndexOf" => position(text.rfind(&*other)),
        "concat" => {
            scope.allow_text(text.len() + other.len())?;
            Value::from([&**text, &*other].concat())
        }
        "compareTo" => Value::from(compare(text, &other)),
        "compareToIgnoreCase" => Value::from(compare(&text.to_lowercase(), &other.to_lowercase())),
        _ => return Ok(None),
    }))
}

fn char_at(text: &str, at: &Number, scope: &mut Scope<'_>) -> Result<Value, Stop> {
    let at = at.as_i64().unwrap_or(-1);
    let rest = utf16::substring(text, at, None).unwrap_or_default();
    match rest.chars().next() {
        Some(character) => scope.text(character.encode_utf8(&mut [0; 4]) as &str),
        None => Err(Stop::Argument("charAt is out of range of the text")),
    }
}

fn part(text: &str, from: &Number, to: Option<&Number>, scope: &mut Scope<'_>) -> Result<Value, Stop> {
    let to = to.map(|to| to.as_i64().unwrap_or(-1));
    scope.text(utf16::substring(text, from.as_i64().unwrap_or(-1), to)?)
}

fn repeat(text: &str, count: &Number, scope: &mut Scope<'_>) -> Result<Value, Stop> {
    let count = count.as_i64().and_then(|count| usize::try_from(count).ok());
    let Some(count) = count else { return Err(Stop::Argument("repeat needs a count")) };
    scope.allow_text(text.len().saturating_mul(count))?;
    Ok(Value::from(text.repeat(count)))
}

fn index_of(text: &str, part: &str, from: &Number) -> Value {
    let from = from.as_i64().map_or(0, |from| usize::try_from(from).unwrap_or(0));
    let found = utf16::byte_at(text, from).and_then(|byte| text[byte..].find(part).map(|found| byte + found));
    found.map_or(Value::from(-1_i64), |byte| Value::from(utf16::units_before(text, byte)))
}

/// The longest that a text can get when each of its characters may become `replacement`, checked before it is made.
fn allow_replacement(text: &str, from: &str, to: &str, scope: &mut Scope<'_>) -> Result<(), Stop> {
    let worst = text.len() / from.len().max(1) + 1;
    if text.len().saturating_add(worst.saturating_mul(to.len())) <= scope.text_bytes_max {
        return Ok(());
    }
    let count = text.matches(from).count();
    scope.allow_text((text.len() - count * from.len()).saturating_add(count.saturating_mul(to.len())))
}

fn replace(text: &str, from: &str, to: &str, scope: &mut Scope<'_>) -> Result<Value, Stop> {
    allow_replacement(text, from, to, scope)?;
    scope.text(text.replace(from, to))
}

/// Whether a pattern matches only itself.
fn is_plain(pattern: &str) -> bool {
    !pattern.is_empty() && !pattern.contains(['\\', '^', '$', '.', '|', '?', '*', '+', '(', ')', '[', '{', '}', ']'])
}

fn by_pattern(
    text: &Rc<str>,
    method: &str,
    pattern: &Rc<str>,
    rest: &[Value],
    scope: &mut Scope<'_>,
) -> Result<Option<Value>, Stop> {
    scope.spend(text.len() / 8)?;
    Ok(Some(match (method, rest) {
        ("matches", []) => Value::Bool(java_regex::cached(pattern)?.is_full_match(text)?),
        ("replaceAll", [to]) => {
            let to = scope.text_of(to)?;
            if is_plain(pattern) && !to.contains(['\\', '$']) {
                return replace(text, pattern, &to, scope).map(Some);
            }
            let replaced = java_regex::cached(pattern)?.replace(text, &to, usize::MAX, scope.text_bytes_max)?;
            scope.text(replaced)?
        }
        ("replaceFirst", [to]) => {
            let to = scope.text_of(to)?;
            let replaced = java_regex::cached(pattern)?.replace(text, &to, 1, scope.text_bytes_max)?;
            scope.text(replaced)?
        }
        ("split", [] | [Value::Number(_)]) => {
            let limit = rest.first().and_then(Value::as_i64).unwrap_or(0);
            let pattern = java_regex::cached(pattern)?;
            let parts = pattern.split(text, limit)?;
            scope.spend(parts.len() + text.len() / 16)?;
            Value::list(parts.into_iter().map(Value::from).collect())
        }
        _ => return Ok(None),
    }))
}

fn join(between: &str, values: &[Value], scope: &mut Scope<'_>) -> Result<Value, Stop> {
    let listed = match values {
        [Value::List(list)] => list.borrow().to_vec(),
        _ => values.to_vec(),
    };
    let mut joined = String::new();
    for (index, value) in listed.iter().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(&scope.text_or_null(value)?);
        if joined.len() > scope.text_bytes_max {
            return Err(Stop::OutputTooLong);
        }
    }
    scope.text(joined)
}

/// Java's `compareTo`: the difference of the first units that differ, else of the lengths.
fn compare(a: &str, b: &str) -> i64 {
    let mut units = a.encode_utf16().zip(b.encode_utf16());
    match units.find(|(a, b)| a.cmp(b) != Ordering::Equal) {
        Some((a, b)) => i64::from(a) - i64::from(b),
        None => i64::try_from(utf16::length(a)).unwrap_or(0) - i64::try_from(utf16::length(b)).unwrap_or(0),
    }
}
