//! Java's `hashCode`.

use num_bigint::Sign;

use super::{Scope, utf16};
use crate::value::{Number, VALUE_DEPTH_MAX, Value};
use crate::vm::Stop;

/// The hash of a value, each part of it paid for. A host's object has none that Java would know: it gives 0.
pub(super) fn code(value: &Value, scope: &mut Scope<'_>) -> Result<i32, Stop> {
    nested(value, scope, 0)
}

fn nested(value: &Value, scope: &mut Scope<'_>, depth: usize) -> Result<i32, Stop> {
    scope.spend(1)?;
    if depth > VALUE_DEPTH_MAX {
        return Err(Stop::ValueTooDeep);
    }
    Ok(match value {
        Value::Null | Value::Object(_) => 0,
        Value::Bool(true) => 1231,
        Value::Bool(false) => 1237,
        Value::Number(number) => of_number(number),
        Value::String(text) => of_text(text, scope)?,
        Value::List(list) => {
            let list = list.borrow();
            list.iter().try_fold(1_i32, |hash, item| {
                Ok::<_, Stop>(hash.wrapping_mul(31).wrapping_add(nested(item, scope, depth + 1)?))
            })?
        }
        Value::Map(map) => {
            let map = map.borrow();
            map.iter().try_fold(0_i32, |hash, (key, value)| {
                Ok::<_, Stop>(hash.wrapping_add(of_text(key, scope)? ^ nested(value, scope, depth + 1)?))
            })?
        }
    })
}

fn of_text(text: &str, scope: &mut Scope<'_>) -> Result<i32, Stop> {
    scope.spend(text.len() / 16)?;
    Ok(utf16::hash_code(text))
}

fn of_number(number: &Number) -> i32 {
    match number {
        Number::Integer(integer) => i32::try_from(*integer).unwrap_or_else(|_| folded(integer.cast_unsigned())),
        Number::Big(integer) => {
            let words = integer.magnitude().to_u32_digits();
            let hash =
                words.iter().rev().fold(0_i32, |hash, word| hash.wrapping_mul(31).wrapping_add(word.cast_signed()));
            if integer.sign() == Sign::Minus { hash.wrapping_neg() } else { hash }
        }
        Number::Double(_) | Number::Source(_) => folded(number.to_f64().to_bits()),
    }
}

/// The two halves of 64 bits, one over the other.
#[expect(clippy::cast_possible_truncation, reason = "the upper half is folded in first")]
fn folded(bits: u64) -> i32 {
    ((bits ^ (bits >> 32)) as u32).cast_signed()
}
