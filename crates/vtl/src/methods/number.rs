//! Java's numbers.

use super::Scope;
use crate::value::{Number, Value};
use crate::vm::Stop;

const NOT_A_NUMBER: Stop = Stop::Argument("the text is not a number");

/// Calls a method of a number; `None` when numbers do not have it.
pub(super) fn call(
    number: &Number,
    method: &str,
    arguments: &[Value],
    scope: &mut Scope<'_>,
) -> Result<Option<Value>, Stop> {
    Ok(Some(match (method, arguments) {
        ("intValue", []) => Value::from(i64::from(int_value(number))),
        ("longValue", []) => Value::from(number.as_i64().unwrap_or_else(|| truncated(number.to_f64()))),
        ("doubleValue" | "floatValue", []) => Value::from(number.to_f64()),
        ("compareTo", [Value::Number(other)]) => {
            number.compare(other).map_or(Value::Null, |order| Value::from(order as i64))
        }
        // Java's static methods, reached through any number.
        ("parseInt" | "parseLong", [value]) => {
            let text = scope.text_of(value)?;
            scope.spend(text.len() / 16)?;
            text.parse::<i64>().map(Value::from).map_err(|_| NOT_A_NUMBER)?
        }
        ("parseDouble" | "parseFloat", [value]) => {
            scope.text_of(value)?.trim().parse::<f64>().map(Value::from).map_err(|_| NOT_A_NUMBER)?
        }
        ("valueOf", [value]) => valued(&scope.text_of(value)?)?,
        ("max" | "min", [Value::Number(a), Value::Number(b)]) => {
            let first = a.compare(b).is_some_and(|order| if method == "max" { order.is_ge() } else { order.is_le() });
            Value::Number(if first { a.clone() } else { b.clone() })
        }
        ("isNaN", []) => Value::Bool(number.to_f64().is_nan()),
        ("isInfinite", []) => Value::Bool(number.to_f64().is_infinite()),
        _ => return Ok(None),
    }))
}

/// An integer's lowest 32 bits; a double's whole part, as near as 32 bits come to it.
#[expect(clippy::cast_possible_truncation, reason = "Java's narrowing of integers drops the same bits")]
fn int_value(number: &Number) -> i32 {
    match number.as_i64() {
        Some(integer) => integer as i32,
        None => number.to_f64() as i32,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "Java's narrowing of doubles stops at the same ends")]
fn truncated(double: f64) -> i64 {
    double as i64
}

fn valued(text: &str) -> Result<Value, Stop> {
    match text.parse::<i64>() {
        Ok(integer) => Ok(Value::from(integer)),
        Err(_) => text.trim().parse::<f64>().map(Value::from).map_err(|_| NOT_A_NUMBER),
    }
}
