//! Comparisons of a value, as conditions on JSON and on fields have them.

use regex::Regex;

use super::{InvalidPattern, scanner::Scanner};

/// A comparison with a value that the pattern names.
#[derive(Debug)]
pub(super) enum Condition {
    /// `=` or `!=`.
    Equality {
        /// The value.
        operand: Operand,
        /// Whether it shall be equal.
        wanted: Wanted,
    },
    /// `<`, `<=`, `>` or `>=` a number.
    Order {
        /// The operator.
        operator: Operator,
        /// The number.
        number: f64,
    },
}

/// Which outcome of a comparison counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// Equality.
    Equal,
    /// Difference.
    Different,
}

/// How two numbers stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What a value is compared with.
#[derive(Debug)]
pub(super) enum Operand {
    /// A text in which `*` stands for any characters; when it was written as a number, numbers of that size are equal too.
    Text { pieces: Vec<String>, number: Option<f64> },
    /// A regular expression.
    Regex(Regex),
}

impl Condition {
    /// Whether a text fulfils the condition.
    pub(super) fn admits_text(&self, text: &str) -> bool {
        match self {
            Self::Equality { operand, wanted } => {
                let is_equal = match operand {
                    Operand::Regex(regex) => regex.is_match(text),
                    Operand::Text { pieces, number } => {
                        match_pieces(pieces, text)
                            || number.is_some_and(|number| text.parse().is_ok_and(|value: f64| same(value, number)))
                    }
                };
                is_equal == (*wanted == Wanted::Equal)
            }
            Self::Order { .. } => text.parse().is_ok_and(|value| self.admits_number(value)),
        }
    }

    /// Whether a number fulfils the condition.
    pub(super) fn admits_number(&self, value: f64) -> bool {
        match self {
            Self::Equality { operand: Operand::Text { number: Some(number), .. }, wanted } => {
                same(value, *number) == (*wanted == Wanted::Equal)
            }
            Self::Equality { .. } => self.admits_text(&value.to_string()),
            Self::Order { operator, number } => match operator {
                Operator::Less => value < *number,
                Operator::LessOrEqual => value <= *number,
                Operator::Greater => value > *number,
                Operator::GreaterOrEqual => value >= *number,
            },
        }
    }
}

/// Two doubles that were written as decimal numbers are the same when they are read as the same.
fn same(a: f64, b: f64) -> bool {
    a.partial_cmp(&b).is_some_and(std::cmp::Ordering::is_eq)
}

/// Whether a text begins with the first piece, ends with the last, and has the others between them in their order.
fn match_pieces(pieces: &[String], text: &str) -> bool {
    let [first, between @ .., last] = pieces else {
        return pieces.first().is_some_and(|whole| whole == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()).and_then(|rest| rest.strip_suffix(last.as_str())) else {
        return false;
    };
    for piece in between {
        let Some((_, behind)) = rest.split_once(piece.as_str()) else { return false };
        rest = behind;
    }
    true
}

/// A comparison with its operator; `ends_value` says which character ends a value without quotes.
pub(super) fn parse(scanner: &mut Scanner<'_>, ends_value: impl Fn(char) -> bool) -> Result<Condition, InvalidPattern> {
    let order = [
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ];
    for (token, operator) in order {
        if scanner.take(token) {
            scanner.skip_blanks();
            let number = scanner.take_while(|character| !ends_value(character)).parse::<f64>();
            let number = number.ok().filter(|number| number.is_finite());
            return Ok(Condition::Order { operator, number: number.ok_or_else(|| scanner.expected("a number"))? });
        }
    }
    let wanted = if scanner.take("!=") {
        Wanted::Different
    } else {
        scanner.expect("=")?;
        Wanted::Equal
    };
    scanner.skip_blanks();
    Ok(Condition::Equality { operand: operand(scanner, ends_value)?, wanted })
}

fn operand(scanner: &mut Scanner<'_>, ends_value: impl Fn(char) -> bool) -> Result<Operand, InvalidPattern> {
    if scanner.take("%") {
        return Ok(Operand::Regex(scanner.regex()?));
    }
    if scanner.take("\"") {
        let text = scanner.quoted()?;
        return Ok(Operand::Text { pieces: pieces_of(&text), number: None });
    }
    let text = scanner.take_while(|character| !ends_value(character));
    if text.is_empty() {
        return Err(scanner.expected("a value"));
    }
    let is_number = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    let number = text.parse().ok().filter(|number: &f64| is_number && number.is_finite());
    Ok(Operand::Text { pieces: pieces_of(text), number })
}

fn pieces_of(text: &str) -> Vec<String> {
    text.split('*').map(str::to_owned).collect()
}
