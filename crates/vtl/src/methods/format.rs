//! Java's `String.format`, as far as templates need it: `%s %d %x %X %o %f %e %c %b %n %%` with width, precision and the
//! flags `-`, `0`, `+` and `,`. Anything else is refused.

use std::fmt::Write;

use super::Scope;
use crate::value::{Number, Value};
use crate::vm::Stop;

/// Characters of one formatted argument that a template may ask for.
const WIDTH_MAX: usize = 1000;

const BAD_FORMAT: Stop = Stop::Argument("format cannot be used with these arguments");

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is one of Java's flags, and any of them may be set")]
struct Directive {
    left: bool,
    zeros: bool,
    plus: bool,
    grouped: bool,
    width: usize,
    precision: Option<usize>,
}

/// Formats values by a pattern.
pub(super) fn format(pattern: &str, values: &[Value], scope: &mut Scope<'_>) -> Result<String, Stop> {
    let mut text = String::new();
    let mut values = values.iter();
    let mut rest = pattern;
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let (directive, conversion, after) = directive(&rest[at + 1..])?;
        rest = after;
        match conversion {
            'n' => text.push('\n'),
            '%' => text.push('%'),
            _ => {
                let value = values.next().ok_or(Stop::Argument("format has too few arguments"))?;
                pad(&converted(&directive, conversion, value, scope)?, &directive, &mut text);
            }
        }
        if text.len() > scope.text_bytes_max {
            return Err(Stop::OutputTooLong);
        }
    }
    text.push_str(rest);
    Ok(text)
}

/// What follows a percent sign: flags, width, precision, and the letter; and the text after it.
fn directive(text: &str) -> Result<(Directive, char, &str), Stop> {
    let mut directive = Directive::default();
    let mut rest = text;
    while let Some(flag) = rest.chars().next().filter(|c| "-0+,".contains(*c)) {
        match flag {
            '-' => directive.left = true,
            '0' => directive.zeros = true,
            '+' => directive.plus = true,
            _ => directive.grouped = true,
        }
        rest = &rest[1..];
    }
    directive.width = take_number(&mut rest)?.unwrap_or(0);
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        directive.precision = Some(take_number(&mut rest)?.ok_or(BAD_FORMAT)?);
    }
    let conversion = rest.chars().next().ok_or(BAD_FORMAT)?;
    Ok((directive, conversion, &rest[conversion.len_utf8()..]))
}

fn take_number(rest: &mut &str) -> Result<Option<usize>, Stop> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return Ok(None);
    }
    let number = rest[..length].parse().ok().filter(|&number: &usize| number <= WIDTH_MAX);
    *rest = &rest[length..];
    number.map(Some).ok_or(BAD_FORMAT)
}

fn converted(directive: &Directive, conversion: char, value: &Value, scope: &mut Scope<'_>) -> Result<String, Stop> {
    let text = match (conversion, value) {
        ('s' | 'S', _) => {
            let text = scope.text_or_null(value)?;
            let text: String = text.chars().take(directive.precision.unwrap_or(usize::MAX)).collect();
            return Ok(if conversion == 'S' { text.to_uppercase() } else { text });
        }
        ('b', _) => return Ok(value.is_true().to_string()),
        ('c', Value::String(text)) if text.chars().count() == 1 => return Ok(text.to_string()),
        (_, Value::Null) => return Ok("null".to_owned()),
        ('d', Value::Number(Number::Integer(_) | Number::Big(_))) => scope.text_of(value)?.to_string(),
        ('x', Value::Number(Number::Integer(integer))) => return Ok(format!("{integer:x}")),
        ('X', Value::Number(Number::Integer(integer))) => return Ok(format!("{integer:X}")),
        ('o', Value::Number(Number::Integer(integer))) => return Ok(format!("{integer:o}")),
        ('f', Value::Number(number @ (Number::Double(_) | Number::Source(_)))) => {
            format!("{:.*}", directive.precision.unwrap_or(6), number.to_f64())
        }
        ('e', Value::Number(number @ (Number::Double(_) | Number::Source(_)))) => {
            java_exponent(&format!("{:.*e}", directive.precision.unwrap_or(6), number.to_f64()))
        }
        _ => return Err(BAD_FORMAT),
    };
    let text = if directive.grouped { grouped(&text) } else { text };
    Ok(if directive.plus && !text.starts_with('-') { format!("+{text}") } else { text })
}

/// Java writes two digits of exponent at least, and its sign.
fn java_exponent(text: &str) -> String {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}e{sign}{digits:0>2}")
}

/// A comma before each three digits of the whole part.
fn grouped(text: &str) -> String {
    let (whole, fraction) = text.find('.').map_or((text, ""), |point| text.split_at(point));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut grouped = sign.to_owned();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}

fn pad(text: &str, directive: &Directive, out: &mut String) {
    let missing = directive.width.saturating_sub(text.chars().count());
    if directive.left {
        let _ = write!(out, "{text}{:missing$}", "");
    } else if directive.zeros {
        let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
        let _ = write!(out, "{sign}{:0<missing$}{digits}", "");
    } else {
        let _ = write!(out, "{:missing$}{text}", "");
    }
}
