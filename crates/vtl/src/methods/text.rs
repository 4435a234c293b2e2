//! Java's `String`.

use std::cmp::Ordering;
use std::rc::Rc;

use super::{Scope, format, is_int, utf16};
use crate::java_regex;
use crate::value::{Number, Value};
use crate::vm::Stop;

/// Steps that a pattern counts for when it must be compiled: a template may make another one each time.
const COMPILE_STEPS: usize = 5_000;

/// Calls a method of a text; `None` when texts do not have it.
pub(super) fn call(
    text: &Rc<str>,
    method: &str,
    arguments: &[Value],
    scope: &mut Scope<'_>,
) -> Result<Option<Value>, Stop> {
    if !has_positions(method, arguments) {
        return Ok(None);
    }
    Ok(Some(match (method, arguments) {
        (
            "toString" | "intern" | "trim" | "strip" | "stripLeading" | "stripTrailing" | "toUpperCase" | "toLowerCase",
            [],
        ) => transformed(text, method, scope)?,
        ("length", []) => Value::from(utf16::length(text)),
        ("isEmpty", []) => Value::Bool(text.is_empty()),
        ("isBlank", []) => Value::Bool(text.chars().all(char::is_whitespace)),
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
        ("formatted", values) => {
            let text = format::format(text, values, scope)?;
            scope.text(text)?
        }
        ("join", [Value::String(between), values @ ..]) => join(between, values, scope)?,
        ("toCharArray", []) => characters(text, scope)?,
        ("codePointAt", [Value::Number(at)]) => code_point_at(text, at)?,
        ("codePointCount", [Value::Number(from), Value::Number(to)]) => {
            Value::from(utf16::substring(text, from.as_i64().unwrap_or(-1), to.as_i64())?.chars().count())
        }
        ("regionMatches", [at, Value::String(other), from, length]) => {
            Value::Bool(region_matches(text, at, other, from, length, false))
        }
        ("regionMatches", [Value::Bool(folds), at, Value::String(other), from, length]) => {
            Value::Bool(region_matches(text, at, other, from, length, *folds))
        }
        ("indexOf" | "lastIndexOf", [part, from @ ..]) => return Ok(position(text, method, part, from)),
        (_, [other]) => return with_text(text, method, other, scope),
        ("replace", [Value::String(from), Value::String(to)]) => replace(text, from, to, scope)?,
        ("startsWith", [Value::String(start), Value::Number(from)]) => {
            let after = from.as_i64().and_then(|from| utf16::substring(text, from, None).ok());
            Value::Bool(after.is_some_and(|after| after.starts_with(&**start)))
        }
        _ => return Ok(None),
    }))
}

/// Whether the positions and counts are such where the method takes some.
fn has_positions(method: &str, arguments: &[Value]) -> bool {
    let positions = match method {
        "charAt" | "substring" | "subSequence" | "repeat" | "codePointAt" | "codePointCount" => arguments,
        "indexOf" | "lastIndexOf" | "startsWith" | "split" => arguments.get(1..).unwrap_or_default(),
        _ => return true,
    };
    positions.iter().all(is_int)
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
    // These take a text, and nothing else is turned into one. Java would throw on null; a template goes on without a result.
    let Value::String(other) = other else { return Ok(None) };
    Ok(Some(match method {
        "contains" => Value::Bool(text.contains(&**other)),
        "startsWith" => Value::Bool(text.starts_with(&**other)),
        "endsWith" => Value::Bool(text.ends_with(&**other)),
        "contentEquals" => Value::Bool(text == other),
        "concat" => {
            scope.allow_text(text.len() + other.len())?;
            Value::from([&**text, &**other].concat())
        }
        "compareTo" => Value::from(compare(text, other)),
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

/// `indexOf` and `lastIndexOf` of a text or the code of a character, from a position on or the whole text.
fn position(text: &str, method: &str, part: &Value, from: &[Value]) -> Option<Value> {
    let mut encoded = [0; 4];
    let part: &str = match part {
        Value::String(part) => part,
        Value::Number(Number::Integer(code)) => match u32::try_from(*code).ok().and_then(char::from_u32) {
            Some(character) => character.encode_utf8(&mut encoded),
            None => return Some(Value::from(-1_i64)),
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::List(_) | Value::Map(_) | Value::Object(_) => {
            return None;
        }
    };
    let from = match from {
        [] => None,
        [Value::Number(from)] => from.as_i64(),
        _ => return None,
    };
    let found = match (method, from) {
        ("indexOf", from) => {
            let from = usize::try_from(from.unwrap_or(0)).unwrap_or(0).min(utf16::length(text));
            utf16::byte_at(text, from).and_then(|byte| text[byte..].find(part).map(|found| byte + found))
        }
        (_, None) => text.rfind(part),
        // The last one that starts at the position or before it.
        (_, Some(from)) => usize::try_from(from).ok().and_then(|from| {
            let start = utf16::byte_up_to(text, from);
            text[..text.floor_char_boundary(start + part.len())].rfind(part)
        }),
    };
    Some(found.map_or(Value::from(-1_i64), |byte| Value::from(utf16::units_before(text, byte))))
}

/// A list of texts of one character each, where Java has an array of `char`.
fn characters(text: &str, scope: &mut Scope<'_>) -> Result<Value, Stop> {
    scope.spend(text.len())?;
    Ok(Value::list(text.chars().map(|character| Value::from(&*character.encode_utf8(&mut [0; 4]))).collect()))
}

fn code_point_at(text: &str, at: &Number) -> Result<Value, Stop> {
    let rest = utf16::substring(text, at.as_i64().unwrap_or(-1), None)?;
    let code = rest.chars().next().ok_or(Stop::Argument("codePointAt is out of range of the text"))?;
    Ok(Value::from(i64::from(u32::from(code))))
}

/// Whether so many characters of two texts are the same, from a position of each on.
fn region_matches(text: &str, at: &Value, other: &str, from: &Value, length: &Value, folds_case: bool) -> bool {
    let part = |text, from: &Value| {
        let from = from.as_i64()?;
        utf16::substring(text, from, Some(from.checked_add(length.as_i64()?)?)).ok()
    };
    match (part(text, at), part(other, from)) {
        (Some(one), Some(other)) if folds_case => one.to_lowercase() == other.to_lowercase(),
        (Some(one), Some(other)) => one == other,
        _ => false,
    }
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
    if let ("replaceAll", [Value::String(to)]) = (method, rest)
        && is_plain(pattern)
        && !to.contains(['\\', '$'])
    {
        scope.spend(text.len() / 8)?;
        return replace(text, pattern, to, scope).map(Some);
    }
    let pattern = java_regex::cached(pattern, || scope.spend(COMPILE_STEPS))?;
    scope.spend(pattern.steps(text.len()))?;
    Ok(Some(match (method, rest) {
        ("matches", []) => Value::Bool(pattern.is_full_match(text)?),
        ("replaceAll" | "replaceFirst", [Value::String(to)]) => {
            let count_max = if method == "replaceFirst" { 1 } else { usize::MAX };
            scope.text(pattern.replace(text, to, count_max, scope.text_bytes_max)?)?
        }
        ("split", [] | [Value::Number(_)]) => {
            let limit = rest.first().and_then(Value::as_i64).unwrap_or(0);
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
