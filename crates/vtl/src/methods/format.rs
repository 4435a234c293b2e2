//! Java's `String.format`: `%[index$][flags][width][.precision]conversion` with the conversions `b h s c d o x e f g a n %`
//! and their upper-case forms. Dates (`%t`) are refused: templates have none.

mod directive;
mod decimal;
mod integer;

use super::{Scope, hash};
use crate::value::{Number, Value};
use crate::vm::Stop;

use directive::{Directive, Index};

const BAD_FORMAT: Stop = Stop::Argument("format cannot be used with these arguments");
const TOO_FEW_ARGUMENTS: Stop = Stop::Argument("format has too few arguments");

/// Formats values by a pattern.
pub(super) fn format(pattern: &str, values: &[Value], scope: &mut Scope<'_>) -> Result<String, Stop> {
    let mut text = String::new();
    let mut rest = pattern;
    // The next argument that a directive without an index takes, and the one that the last directive took.
    let (mut next, mut last) = (0, None);
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        let (directive, after) = directive::parse(&rest[at + 1..])?;
        rest = after;
        match directive.conversion {
            'n' => text.push('\n'),
            '%' => directive.pad("%", &mut text),
            _ => {
                let index = match directive.index {
                    Index::Next => {
                        next += 1;
                        next - 1
                    }
                    Index::Last => last.ok_or(TOO_FEW_ARGUMENTS)?,
                    Index::Number(number) => number - 1,
                };
                last = Some(index);
                let value = values.get(index).ok_or(TOO_FEW_ARGUMENTS)?;
                let converted = converted(&directive, value, scope)?;
                if directive.upper_case {
                    directive.pad(&converted.to_uppercase(), &mut text);
                } else {
                    directive.pad(&converted, &mut text);
                }
            }
        }
        if text.len() > scope.text_bytes_max {
            return Err(Stop::OutputTooLong);
        }
    }
    text.push_str(rest);
    Ok(text)
}

fn converted(directive: &Directive, value: &Value, scope: &mut Scope<'_>) -> Result<String, Stop> {
    let text = match (directive.conversion, value) {
        ('s', _) => scope.text_or_null(value)?.to_string(),
        ('b', Value::Null) => "false".to_owned(),
        ('b', Value::Bool(truth)) => truth.to_string(),
        ('b', _) => "true".to_owned(),
        (_, Value::Null) => "null".to_owned(),
        ('h', _) => format!("{:x}", hash::code(value, scope)?),
        ('c', Value::String(text)) if text.chars().count() == 1 => text.to_string(),
        ('c', Value::Number(Number::Integer(code))) => {
            let character = u32::try_from(*code).ok().and_then(char::from_u32).ok_or(BAD_FORMAT)?;
            character.to_string()
        }
        ('d' | 'o' | 'x', Value::Number(number)) => return integer::converted(directive, number, scope),
        ('e' | 'f' | 'g' | 'a', Value::Number(number @ (Number::Double(_) | Number::Source(_)))) => {
            return decimal::converted(directive, number.to_f64());
        }
        _ => return Err(BAD_FORMAT),
    };
    // Of text, the precision is the longest that is shown.
    let shown = match (directive.conversion, directive.precision) {
        ('s' | 'b' | 'h', Some(length)) => text.chars().take(length).collect(),
        _ => text,
    };
    Ok(shown)
}
