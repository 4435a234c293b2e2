//! Java's `Boolean`.

use crate::value::Value;

/// Calls a method of a truth value; `None` when they do not have it.
pub(super) fn call(truth: bool, method: &str, arguments: &[Value]) -> Option<Value> {
    let parsed = |text: &str| Value::Bool(text.eq_ignore_ascii_case("true"));
    Some(match (method, arguments) {
        ("booleanValue", []) => Value::Bool(truth),
        ("compareTo", [Value::Bool(other)]) => Value::from(truth.cmp(other) as i64),
        ("compare", [Value::Bool(one), Value::Bool(other)]) => Value::from(one.cmp(other) as i64),
        ("parseBoolean" | "valueOf", [Value::String(text)]) => parsed(text),
        ("parseBoolean", [Value::Null]) => Value::Bool(false),
        ("valueOf", [Value::Bool(other)]) => Value::Bool(*other),
        ("toString", [Value::Bool(other)]) => Value::from(if *other { "true" } else { "false" }),
        ("logicalAnd", [Value::Bool(one), Value::Bool(other)]) => Value::Bool(*one && *other),
        ("logicalOr", [Value::Bool(one), Value::Bool(other)]) => Value::Bool(*one || *other),
        ("logicalXor", [Value::Bool(one), Value::Bool(other)]) => Value::Bool(one != other),
        _ => return None,
    })
}
