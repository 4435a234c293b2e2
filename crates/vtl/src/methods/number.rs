//! Java's numbers. An integer is an `Integer` as far as that reaches, else a `Long`, else a `BigInteger`.

use std::cmp::Ordering;

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
        ("shortValue", []) => Value::from(i64::from(low_bits::<2>(number).map_or(0, i16::from_le_bytes))),
        ("byteValue", []) => Value::from(i64::from(low_bits::<1>(number).map_or(0, i8::from_le_bytes))),
        ("longValue", []) => Value::from(long_value(number)),
        ("doubleValue" | "floatValue", []) => Value::from(number.to_f64()),
        ("compareTo", [Value::Number(other)]) | ("compare", [Value::Number(_), Value::Number(other)]) => {
            let one = if let [Value::Number(one), _] = arguments { one } else { number };
            one.compare(other).map_or(Value::Null, |order| Value::from(order as i64))
        }
        ("isNaN", [] | [Value::Number(_)]) => Value::Bool(subject(number, arguments).to_f64().is_nan()),
        ("isInfinite", [] | [Value::Number(_)]) => Value::Bool(subject(number, arguments).to_f64().is_infinite()),
        ("toString", [Value::Number(other)]) => scope.text(other.to_string())?,
        ("max" | "min" | "sum", [Value::Number(a), Value::Number(b)]) => of_two(method, a, b),
        _ => return of_class(number, method, arguments, scope),
    }))
}

/// The static methods of a number's class, reached through it.
fn of_class(number: &Number, method: &str, arguments: &[Value], scope: &mut Scope<'_>) -> Result<Option<Value>, Stop> {
    if let (Number::Double(_) | Number::Source(_), "valueOf" | "parseDouble" | "parseFloat", [value]) =
        (number, method, arguments)
    {
        return Ok(Some(Value::from(double(&scope.text_of(value)?)?)));
    }
    Ok(Some(match (method, arguments) {
        ("parseDouble" | "parseFloat", [value]) => Value::from(double(&scope.text_of(value)?)?),
        ("parseInt" | "parseLong" | "valueOf", [value]) => {
            let text = scope.text_of(value)?;
            scope.spend(text.len() / 16)?;
            Value::from(text.parse::<i64>().map_err(|_| NOT_A_NUMBER)?)
        }
        ("parseInt" | "parseLong" | "valueOf", [Value::String(text), Value::Number(Number::Integer(radix))]) => {
            let radix = u32::try_from(*radix).ok().filter(|radix| (2..=36).contains(radix)).ok_or(NOT_A_NUMBER)?;
            Value::from(i64::from_str_radix(text, radix).map_err(|_| NOT_A_NUMBER)?)
        }
        ("toHexString" | "toBinaryString" | "toOctalString" | "bitCount", [Value::Number(Number::Integer(of))]) => {
            bits(method, *of)
        }
        ("signum", [Value::Number(Number::Integer(of))]) => Value::from(of.signum()),
        ("abs", [Value::Number(Number::Integer(of))]) => Value::from(of.wrapping_abs()),
        ("toString", [Value::Number(Number::Integer(of)), Value::Number(Number::Integer(radix))]) => {
            let radix = u32::try_from(*radix).ok().filter(|radix| (2..=36).contains(radix)).unwrap_or(10);
            Value::from(num_bigint::BigInt::from(*of).to_str_radix(radix))
        }
        _ => return Ok(None),
    }))
}

/// The number that a method is about: its argument, or the one it was called on.
fn subject<'n>(number: &'n Number, arguments: &'n [Value]) -> &'n Number {
    if let [Value::Number(other)] = arguments { other } else { number }
}

fn of_two(method: &str, a: &Number, b: &Number) -> Value {
    match (method, a, b) {
        ("sum", Number::Integer(a), Number::Integer(b)) => Value::from(a.wrapping_add(*b)),
        ("sum", _, _) => Value::from(a.to_f64() + b.to_f64()),
        _ => {
            let wanted = if method == "max" { Ordering::Less } else { Ordering::Greater };
            Value::Number(if a.compare(b) == Some(wanted) { b.clone() } else { a.clone() })
        }
    }
}

/// The bits of what fits into Java's `Integer` are 32, else 64.
fn bits(method: &str, of: i64) -> Value {
    match (method, i32::try_from(of)) {
        ("toHexString", Ok(of)) => Value::from(format!("{of:x}")),
        ("toHexString", Err(_)) => Value::from(format!("{of:x}")),
        ("toBinaryString", Ok(of)) => Value::from(format!("{of:b}")),
        ("toBinaryString", Err(_)) => Value::from(format!("{of:b}")),
        ("toOctalString", Ok(of)) => Value::from(format!("{of:o}")),
        ("toOctalString", Err(_)) => Value::from(format!("{of:o}")),
        (_, Ok(of)) => Value::from(i64::from(of.count_ones())),
        (_, Err(_)) => Value::from(i64::from(of.count_ones())),
    }
}

/// An integer's lowest 32 bits; a double's whole part, as near as 32 bits come to it.
#[expect(clippy::cast_possible_truncation, reason = "Java's narrowing of integers drops the same bits")]
pub(crate) fn int_value(number: &Number) -> i32 {
    match number {
        Number::Integer(integer) => *integer as i32,
        Number::Big(_) => low_bits::<4>(number).map_or(0, i32::from_le_bytes),
        Number::Double(_) | Number::Source(_) => number.to_f64() as i32,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "Java's narrowing of doubles stops at the same ends")]
fn long_value(number: &Number) -> i64 {
    match number {
        Number::Integer(integer) => *integer,
        Number::Big(_) => low_bits::<8>(number).map_or(0, i64::from_le_bytes),
        Number::Double(_) | Number::Source(_) => number.to_f64() as i64,
    }
}

/// The lowest bytes of a number's whole part, in two's complement.
fn low_bits<const BYTES: usize>(number: &Number) -> Option<[u8; BYTES]> {
    let mut bytes = match number {
        Number::Big(integer) => integer.to_signed_bytes_le(),
        Number::Integer(integer) => integer.to_le_bytes().to_vec(),
        // Java narrows a double to an `int` first.
        Number::Double(_) | Number::Source(_) => int_value(number).to_le_bytes().to_vec(),
    };
    let fill = if bytes.last().is_some_and(|byte| byte & 0x80 != 0) { 0xff } else { 0 };
    bytes.resize(bytes.len().max(BYTES), fill);
    bytes[..BYTES].try_into().ok()
}

fn double(text: &str) -> Result<f64, Stop> {
    text.trim().parse().map_err(|_| NOT_A_NUMBER)
}
