//! Operators: arithmetic, comparison, equality.

use std::cmp::Ordering;

use num_bigint::BigInt;

use super::{Stop, text_of};
use crate::ast::{Arithmetic, Operator};
use crate::value::{self, Number, Value, Work};

/// The result of an operator; null where Velocity has none.
pub(super) fn operate(
    operator: Operator,
    left: &Value,
    right: &Value,
    work: &mut Work,
    text_bytes_max: usize,
) -> Result<Value, Stop> {
    Ok(match operator {
        Operator::Equal => Value::Bool(equals(left, right, work)?),
        Operator::NotEqual => Value::Bool(!equals(left, right, work)?),
        Operator::Less => compare(left, right, Ordering::is_lt),
        Operator::Greater => compare(left, right, Ordering::is_gt),
        Operator::LessOrEqual => compare(left, right, Ordering::is_le),
        Operator::GreaterOrEqual => compare(left, right, Ordering::is_ge),
        Operator::And => Value::Bool(left.is_true() && right.is_true()),
        Operator::Or => Value::Bool(left.is_true() || right.is_true()),
        Operator::Arithmetic(operator) => match (left, right) {
            (Value::Number(left), Value::Number(right)) => calculate(operator, left, right, work)?,
            _ if operator == Arithmetic::Add => concatenate(left, right, work, text_bytes_max)?,
            _ => Value::Null,
        },
    })
}

/// Velocity's `==`: values of different kinds are equal when they print the same. A missing value equals `""`.
fn equals(left: &Value, right: &Value, work: &mut Work) -> Result<bool, Stop> {
    match (left, right) {
        (Value::Null, Value::String(text)) | (Value::String(text), Value::Null) => return Ok(text.is_empty()),
        (Value::Null, _) | (_, Value::Null) => return Ok(left.is_null() && right.is_null()),
        // Among numbers the kind does not matter, though it does among those inside of lists and maps.
        (Value::Number(left), Value::Number(right)) => return Ok(left.compare(right).is_some_and(Ordering::is_eq)),
        _ => {}
    }
    if std::mem::discriminant(left) == std::mem::discriminant(right) {
        return value::equal(left, right, work).ok_or(Stop::OutOfFuel);
    }
    let (left, right) = (text_of(left, work)?, text_of(right, work)?);
    work.spend((left.len() + right.len()) as u64 / 16).ok_or(Stop::OutOfFuel)?;
    Ok(left == right)
}

/// An order among numbers; nothing else has one.
fn compare(left: &Value, right: &Value, holds: impl Fn(Ordering) -> bool) -> Value {
    let (Value::Number(left), Value::Number(right)) = (left, right) else { return Value::Bool(false) };
    Value::Bool(left.compare(right).is_some_and(holds))
}

/// `+` of which one side is text.
fn concatenate(left: &Value, right: &Value, work: &mut Work, text_bytes_max: usize) -> Result<Value, Stop> {
    if left.as_str().is_none() && right.as_str().is_none() {
        return Ok(Value::Null);
    }
    let (left, right) = (text_of(left, work)?, text_of(right, work)?);
    let length = left.len() + right.len();
    work.spend(length as u64 / 16).ok_or(Stop::OutOfFuel)?;
    if length > text_bytes_max {
        return Err(Stop::OutputTooLong);
    }
    Ok(Value::from([left, right].concat()))
}

/// Java's arithmetic: integers stay integers and grow as needed, a double makes the result one.
fn calculate(operator: Arithmetic, left: &Number, right: &Number, work: &mut Work) -> Result<Value, Stop> {
    if let (Number::Integer(left), Number::Integer(right)) = (left, right)
        && let Some(small) = calculate_small(operator, *left, *right)
    {
        return Ok(Value::from(small));
    }
    match (left.to_big(), right.to_big()) {
        (Some(left), Some(right)) => calculate_big(operator, &left, &right, work),
        _ => Ok(calculate_double(operator, left.to_f64(), right.to_f64())),
    }
}

/// The result when it fits and there is one.
fn calculate_small(operator: Arithmetic, left: i64, right: i64) -> Option<i64> {
    match operator {
        Arithmetic::Add => left.checked_add(right),
        Arithmetic::Subtract => left.checked_sub(right),
        Arithmetic::Multiply => left.checked_mul(right),
        Arithmetic::Divide => left.checked_div(right),
        Arithmetic::Remainder => left.checked_rem(right),
    }
}

fn calculate_big(operator: Arithmetic, left: &BigInt, right: &BigInt, work: &mut Work) -> Result<Value, Stop> {
    // Multiplying, dividing and printing take time quadratic in the length.
    let words = left.bits() / 64 + right.bits() / 64 + 1;
    work.spend(words.saturating_mul(words)).ok_or(Stop::OutOfFuel)?;
    let is_division = matches!(operator, Arithmetic::Divide | Arithmetic::Remainder);
    if is_division && *right == BigInt::ZERO {
        return Ok(Value::Null);
    }
    Ok(Value::Number(Number::from_big(match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
    })))
}

fn calculate_double(operator: Arithmetic, left: f64, right: f64) -> Value {
    let is_division = matches!(operator, Arithmetic::Divide | Arithmetic::Remainder);
    if is_division && right == 0.0 {
        return Value::Null;
    }
    Value::from(match operator {
        Arithmetic::Add => left + right,
        Arithmetic::Subtract => left - right,
        Arithmetic::Multiply => left * right,
        Arithmetic::Divide => left / right,
        Arithmetic::Remainder => left % right,
    })
}
