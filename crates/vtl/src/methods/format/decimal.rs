//! `%e`, `%f`, `%g`, `%a`. Java rounds the shortest digits that stand for a double, half up; `1.005` to two places is `1.01`.

use super::BAD_FORMAT;
use super::directive::{Directive, grouped};
use crate::value::shortest_digits;
use crate::vm::Stop;

/// Digits behind the point, or of all of `%g`, where the directive does not say.
const PRECISION: usize = 6;

/// A double by its directive.
pub(super) fn converted(directive: &Directive, double: f64) -> Result<String, Stop> {
    let is_negative = double.is_sign_negative();
    if double.is_nan() {
        return Ok("NaN".to_owned());
    }
    if double.is_infinite() {
        return Ok(match (is_negative, directive.has_signs()) {
            (true, _) => "-Infinity".to_owned(),
            (false, _) => "Infinity".to_owned(),
        });
    }
    let number = Decimal::of(double.abs());
    let precision = directive.precision.unwrap_or(PRECISION);
    let digits = match directive.conversion {
        'e' => number.scientific(precision),
        'f' => number.fixed(precision),
        'g' => number.general(precision.max(1)),
        'a' => hexadecimal(double.abs()),
        _ => return Err(BAD_FORMAT),
    };
    let digits = if directive.alternate && precision == 0 { format!("{digits}.") } else { digits };
    let digits = if directive.grouped { grouped(&digits) } else { digits };
    Ok(directive.signed(is_negative, &digits))
}

/// A positive decimal number: digits with the point behind the first, and a power of ten. Zero has no digits.
struct Decimal {
    digits: Vec<u8>,
    exponent: i32,
}

impl Decimal {
    fn of(double: f64) -> Self {
        if double == 0.0 {
            return Self { digits: Vec::new(), exponent: 0 };
        }
        let (digits, exponent) = shortest_digits(double);
        Self { digits: digits.bytes().map(|digit| digit - b'0').collect(), exponent }
    }

    /// The number with so many digits at most, rounded half up.
    fn rounded(&self, count: i32) -> Self {
        let Ok(count) = usize::try_from(count) else { return Self { digits: Vec::new(), exponent: 0 } };
        let mut digits = self.digits.clone();
        let rounds_up = digits.get(count).is_some_and(|digit| *digit >= 5);
        digits.truncate(count);
        let mut exponent = self.exponent;
        if rounds_up {
            if let Some(at) = digits.iter().rposition(|digit| *digit < 9) {
                digits.truncate(at + 1);
                digits[at] += 1;
            } else {
                digits = vec![1];
                exponent += 1;
            }
        }
        Self { digits, exponent }
    }

    fn digit(&self, at: i32) -> char {
        let digit = usize::try_from(at).ok().and_then(|at| self.digits.get(at)).copied().unwrap_or(0);
        char::from(b'0' + digit)
    }

    /// So many places behind the point.
    fn fixed(&self, places: usize) -> String {
        let places = i32::try_from(places).unwrap_or(i32::MAX);
        let number = self.rounded(self.exponent.saturating_add(1).saturating_add(places));
        let exponent = if number.digits.is_empty() { 0 } else { number.exponent };
        let mut text: String = (exponent.min(0)..=exponent).filter(|at| *at >= 0).map(|at| number.digit(at)).collect();
        if exponent < 0 {
            text.push('0');
        }
        if places > 0 {
            text.push('.');
            text.extend((1..=places).map(|place| number.digit(exponent + place)));
        }
        text
    }

    /// One digit before the point, so many places behind it.
    fn scientific(&self, places: usize) -> String {
        let places = i32::try_from(places).unwrap_or(i32::MAX);
        let number = self.rounded(places.saturating_add(1));
        let mut text = String::from(number.digit(0));
        if places > 0 {
            text.push('.');
            text.extend((1..=places).map(|place| number.digit(place)));
        }
        let sign = if number.exponent < 0 { '-' } else { '+' };
        format!("{text}e{sign}{:02}", number.exponent.unsigned_abs())
    }

    /// So many digits in all, in whichever form suits the size.
    fn general(&self, digits: usize) -> String {
        let count = i32::try_from(digits).unwrap_or(i32::MAX);
        let number = self.rounded(count);
        if number.digits.is_empty() {
            return number.fixed(digits - 1);
        }
        if number.exponent < -4 || number.exponent >= count {
            return number.scientific(digits - 1);
        }
        number.fixed(usize::try_from(count - 1 - number.exponent).unwrap_or(0))
    }
}

/// Java's `Double.toHexString` of a positive number.
fn hexadecimal(double: f64) -> String {
    const FRACTION_BITS: u32 = 52;
    let bits = double.to_bits();
    let fraction = bits & ((1 << FRACTION_BITS) - 1);
    let exponent = i64::try_from(bits >> FRACTION_BITS).unwrap_or(0);
    let digits = format!("{fraction:013x}");
    let digits = digits.trim_end_matches('0');
    let digits = if digits.is_empty() { "0" } else { digits };
    match (exponent, fraction) {
        (0, 0) => "0x0.0p0".to_owned(),
        (0, _) => format!("0x0.{digits}p-1022"),
        _ => format!("0x1.{digits}p{}", exponent - 1023),
    }
}
