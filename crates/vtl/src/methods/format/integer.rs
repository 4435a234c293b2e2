//! `%d`, `%o`, `%x`.

use num_bigint::Sign;

use super::directive::{Directive, grouped};
use super::{BAD_FORMAT, Scope};
use crate::value::Number;
use crate::vm::Stop;

/// An integer by its directive.
pub(super) fn converted(directive: &Directive, number: &Number, scope: &mut Scope<'_>) -> Result<String, Stop> {
    match (number, directive.conversion) {
        (Number::Integer(integer), 'd') => {
            let digits = integer.unsigned_abs().to_string();
            Ok(signed(directive, *integer < 0, &digits))
        }
        (Number::Integer(integer), conversion) => {
            // Java's `Integer` and `Long` show their bits, which have no sign.
            if directive.has_signs() {
                return Err(BAD_FORMAT);
            }
            let digits = bits(*integer, conversion);
            let prefix = prefix(directive);
            Ok(directive.signed(false, &format!("{prefix}{digits}")))
        }
        (Number::Big(integer), conversion) => {
            let words = integer.bits() / 64 + 1;
            scope.work.spend(words.saturating_mul(words)).ok_or(Stop::OutOfFuel)?;
            let radix = match conversion {
                'd' => 10,
                'o' => 8,
                _ => 16,
            };
            let digits = format!("{}{}", prefix(directive), integer.magnitude().to_str_radix(radix));
            Ok(signed(directive, integer.sign() == Sign::Minus, &digits))
        }
        (Number::Double(_) | Number::Source(_), _) => Err(BAD_FORMAT),
    }
}

fn signed(directive: &Directive, is_negative: bool, digits: &str) -> String {
    if directive.grouped {
        return directive.signed(is_negative, &grouped(digits));
    }
    directive.signed(is_negative, digits)
}

fn prefix(directive: &Directive) -> &'static str {
    match (directive.alternate, directive.conversion) {
        (true, 'x') => "0x",
        (true, 'o') => "0",
        _ => "",
    }
}

/// The 32 bits of what fits into Java's `Integer`, else 64.
fn bits(integer: i64, conversion: char) -> String {
    match (i32::try_from(integer), conversion) {
        (Ok(small), 'o') => format!("{small:o}"),
        (Ok(small), _) => format!("{small:x}"),
        (Err(_), 'o') => format!("{integer:o}"),
        (Err(_), _) => format!("{integer:x}"),
    }
}
