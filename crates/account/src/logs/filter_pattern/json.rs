//! Conditions on JSON messages ("Using filter patterns to match terms in JSON log events").

use serde_json::Value;

use super::{
    InvalidPattern,
    condition::{self, Condition},
    scanner::Scanner,
};

/// Parentheses within parentheses.
const DEPTH_MAX: usize = 32;

/// What a document must fulfil.
#[derive(Debug)]
pub(super) enum Expression {
    All(Vec<Expression>),
    Any(Vec<Expression>),
    Test { selector: Vec<Step>, test: Test },
}

/// A step from a value into it.
#[derive(Debug)]
pub(super) enum Step {
    Property(String),
    Element(usize),
    /// Any element of an array, or any value of an object.
    Any,
}

/// What is asked of a selected value.
#[derive(Debug)]
pub(super) enum Test {
    Compare(Condition),
    Is(Value),
    NotExists,
    Exists,
}

impl Expression {
    pub(super) fn matches(&self, document: &Value) -> bool {
        match self {
            Self::All(parts) => parts.iter().all(|part| part.matches(document)),
            Self::Any(parts) => parts.iter().any(|part| part.matches(document)),
            Self::Test { selector, test } => match test {
                Test::NotExists => !select(document, selector, &|_| true),
                Test::Exists => select(document, selector, &|_| true),
                Test::Is(wanted) => select(document, selector, &|value| value == wanted),
                Test::Compare(condition) => select(document, selector, &|value| admits(condition, value)),
            },
        }
    }
}

fn admits(condition: &Condition, value: &Value) -> bool {
    match value {
        Value::String(text) => condition.admits_text(text),
        Value::Number(number) => number.as_f64().is_some_and(|number| condition.admits_number(number)),
        Value::Bool(flag) => condition.admits_text(if *flag { "true" } else { "false" }),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether one of the selected values is accepted.
fn select(value: &Value, selector: &[Step], accept: &dyn Fn(&Value) -> bool) -> bool {
    let Some((step, rest)) = selector.split_first() else { return accept(value) };
    match step {
        Step::Property(name) => value.get(name).is_some_and(|inner| select(inner, rest, accept)),
        Step::Element(index) => value.get(index).is_some_and(|inner| select(inner, rest, accept)),
        Step::Any => match value {
            Value::Array(items) => items.iter().any(|inner| select(inner, rest, accept)),
            Value::Object(members) => members.values().any(|inner| select(inner, rest, accept)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
        },
    }
}

/// A whole pattern, braces included.
pub(super) fn parse(text: &str) -> Result<Expression, InvalidPattern> {
    let mut scanner = Scanner::new(text);
    scanner.expect("{")?;
    let expression = any(&mut scanner, DEPTH_MAX)?;
    scanner.skip_blanks();
    scanner.expect("}")?;
    if scanner.peek().is_some() {
        return Err(scanner.expected("the end"));
    }
    Ok(expression)
}

/// Alternatives; `&&` binds closer than `||`.
fn any(scanner: &mut Scanner<'_>, depth: usize) -> Result<Expression, InvalidPattern> {
    let mut parts = vec![all(scanner, depth)?];
    loop {
        scanner.skip_blanks();
        if !scanner.take("||") {
            break;
        }
        parts.push(all(scanner, depth)?);
    }
    Ok(Expression::Any(parts))
}

fn all(scanner: &mut Scanner<'_>, depth: usize) -> Result<Expression, InvalidPattern> {
    let mut parts = vec![single(scanner, depth)?];
    loop {
        scanner.skip_blanks();
        if !scanner.take("&&") {
            break;
        }
        parts.push(single(scanner, depth)?);
    }
    Ok(Expression::All(parts))
}

fn single(scanner: &mut Scanner<'_>, depth: usize) -> Result<Expression, InvalidPattern> {
    scanner.skip_blanks();
    if scanner.take("(") {
        let depth = depth.checked_sub(1).ok_or(InvalidPattern::TooDeep)?;
        let inner = any(scanner, depth)?;
        scanner.skip_blanks();
        scanner.expect(")")?;
        return Ok(inner);
    }
    let selector = selector(scanner)?;
    scanner.skip_blanks();
    let test = if scanner.take_word("NOT") {
        scanner.skip_blanks();
        if !scanner.take_word("EXISTS") {
            return Err(scanner.expected("EXISTS"));
        }
        Test::NotExists
    } else if scanner.take_word("EXISTS") {
        Test::Exists
    } else if scanner.take_word("IS") {
        scanner.skip_blanks();
        Test::Is(constant(scanner)?)
    } else {
        Test::Compare(condition::parse(scanner, |character| character.is_whitespace() || ")}&|".contains(character))?)
    };
    Ok(Expression::Test { selector, test })
}

fn constant(scanner: &mut Scanner<'_>) -> Result<Value, InvalidPattern> {
    for (word, value) in [("TRUE", Value::Bool(true)), ("FALSE", Value::Bool(false)), ("NULL", Value::Null)] {
        if scanner.take_word(word) {
            return Ok(value);
        }
    }
    Err(scanner.expected("TRUE, FALSE or NULL"))
}

/// `$.a.b[0].*['c d']`.
fn selector(scanner: &mut Scanner<'_>) -> Result<Vec<Step>, InvalidPattern> {
    scanner.expect("$")?;
    let mut steps = Vec::new();
    loop {
        if scanner.rest().starts_with("..") {
            return Err(InvalidPattern::Unsupported { what: "a selector with .." });
        }
        if scanner.take(".") {
            if scanner.take("*") {
                steps.push(Step::Any);
                continue;
            }
            if scanner.peek() == Some('[') {
                continue;
            }
            let name = scanner.take_while(|character| character.is_alphanumeric() || "_-@:".contains(character));
            if name.is_empty() {
                return Err(scanner.expected("the name of a property"));
            }
            steps.push(Step::Property(name.to_owned()));
        } else if scanner.take("[") {
            steps.push(bracket(scanner)?);
            scanner.expect("]")?;
        } else if steps.is_empty() {
            return Err(scanner.expected("a property"));
        } else {
            return Ok(steps);
        }
    }
}

fn bracket(scanner: &mut Scanner<'_>) -> Result<Step, InvalidPattern> {
    if scanner.take("*") {
        return Ok(Step::Any);
    }
    if scanner.take("\"") {
        return Ok(Step::Property(scanner.quoted()?));
    }
    if scanner.take("'") {
        let name = scanner.take_while(|character| character != '\'').to_owned();
        scanner.expect("'")?;
        return Ok(Step::Property(name));
    }
    let digits = scanner.take_while(|character| character.is_ascii_digit());
    digits.parse().map(Step::Element).map_err(|_| scanner.expected("the number of an element"))
}
