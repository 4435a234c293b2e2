//! Numbers: Java's integers of any size, doubles, and numbers of a JSON document that print as they were received.

use std::cmp::Ordering;
use std::fmt;
use std::rc::Rc;

use num_bigint::{BigInt, Sign};

/// Digits of a document's integer that is calculated with as one; parsing takes time quadratic in them.
const BIG_DIGITS_MAX: usize = 1000;

/// A number.
#[derive(Clone)]
pub enum Number {
    /// Java's `Integer` and `Long`.
    Integer(i64),
    /// An integer beyond 64 bits; always outside the range of [`Number::Integer`].
    Big(Rc<BigInt>),
    /// A double.
    Double(f64),
    /// A number of a JSON document whose text says more than its value (`1.0`, `1E5`, `-0`), or an integer of more than
    /// a thousand digits. A double to arithmetic.
    Source(Rc<str>),
}

impl Number {
    /// The number that a JSON number literal stands for; the text must be one.
    #[must_use]
    pub fn from_json(literal: &str) -> Self {
        if literal != "-0" && literal.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-') {
            if let Ok(integer) = literal.parse() {
                return Self::Integer(integer);
            }
            if let (true, Ok(integer)) = (literal.len() <= BIG_DIGITS_MAX, literal.parse()) {
                return Self::Big(Rc::new(integer));
            }
        }
        Self::Source(literal.into())
    }

    /// An integer of any size.
    #[must_use]
    pub fn from_big(integer: BigInt) -> Self {
        match i64::try_from(&integer) {
            Ok(small) => Self::Integer(small),
            Err(_) => Self::Big(Rc::new(integer)),
        }
    }

    /// The integer, when it is one and fits.
    #[must_use]
    pub fn as_i64(&self) -> Option<i64> {
        if let Self::Integer(integer) = self { Some(*integer) } else { None }
    }

    /// The integer of any size, when it is one.
    pub(crate) fn to_big(&self) -> Option<BigInt> {
        match self {
            Self::Integer(integer) => Some(BigInt::from(*integer)),
            Self::Big(integer) => Some((**integer).clone()),
            Self::Double(_) | Self::Source(_) => None,
        }
    }

    /// The order of two numbers; `None` when one is not a number at all (`NaN`).
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => Some(a.cmp(b)),
            (Self::Big(a), Self::Big(b)) => Some(a.cmp(b)),
            // A double could not tell the first big integer from the last that is none.
            (Self::Big(big), Self::Integer(_)) => Some(big.sign().cmp(&Sign::NoSign)),
            (Self::Integer(_), Self::Big(big)) => Some(Sign::NoSign.cmp(&big.sign())),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }

    /// The nearest double.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "Java's widening of long to double loses the same digits")]
    pub fn to_f64(&self) -> f64 {
        match self {
            Self::Integer(integer) => *integer as f64,
            Self::Big(integer) => integer.to_string().parse().unwrap_or(f64::NAN),
            Self::Double(double) => *double,
            Self::Source(text) => text.parse().unwrap_or(f64::NAN),
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Integer(integer) => write!(f, "{integer}"),
            Self::Big(integer) => write!(f, "{integer}"),
            Self::Double(double) => write_double(*double, f),
            Self::Source(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Java's `Double.toString`: at least one digit after the point, an exponent outside of 10⁻³ … 10⁷.
fn write_double(double: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if double.is_nan() {
        return f.write_str("NaN");
    }
    if double.is_infinite() {
        return f.write_str(if double < 0.0 { "-Infinity" } else { "Infinity" });
    }
    if double == 0.0 {
        return f.write_str(if double.is_sign_negative() { "-0.0" } else { "0.0" });
    }
    let (digits, exponent) = shortest_digits(double.abs());
    if double < 0.0 {
        f.write_str("-")?;
    }
    match exponent {
        -3..=-1 => {
            f.write_str("0.")?;
            for _ in 1..-exponent {
                f.write_str("0")?;
            }
            f.write_str(&digits)
        }
        0..=6 => {
            let whole = usize::try_from(exponent).unwrap_or(0) + 1;
            let (before, after) = digits.split_at(whole.min(digits.len()));
            let zeros = "0".repeat(whole - before.len());
            write!(f, "{before}{zeros}.{}", if after.is_empty() { "0" } else { after })
        }
        _ => {
            let (before, after) = digits.split_at(1);
            write!(f, "{before}.{}E{exponent}", if after.is_empty() { "0" } else { after })
        }
    }
}

/// The shortest digits that read back as this positive number, and the power of ten of the first of them.
pub(crate) fn shortest_digits(double: f64) -> (String, i32) {
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(double);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = [whole, fraction].concat();
    let leading_zeros = all.len() - all.trim_start_matches('0').len();
    let power = i32::try_from(whole.len()).unwrap_or(0) - 1 - i32::try_from(leading_zeros).unwrap_or(0) + exponent;
    (all.trim_matches('0').to_owned(), power)
}
