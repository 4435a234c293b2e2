//! Conditions on nodes: `[?(@.price < 10 && @.kind in ['a','b'])]`.

use std::{cmp::Ordering, collections::HashMap};

use vtl::{Map, Number, Value, java_regex::Pattern};

use super::{JsonPath, JsonPathError, evaluate::Evaluation};

type Result<T> = std::result::Result<T, JsonPathError>;

/// A condition.
#[derive(Debug)]
pub(super) enum Filter {
    Any(Vec<Filter>),
    All(Vec<Filter>),
    Not(Box<Filter>),
    /// The path names something.
    Exists(JsonPath),
    Compare {
        left: Operand,
        operator: Operator,
        right: Operand,
    },
    /// The whole text matches.
    Matches {
        operand: Operand,
        pattern: Box<Pattern>,
    },
}

/// One side of a comparison.
#[derive(Debug)]
pub(super) enum Operand {
    Path(JsonPath),
    Literal(Literal),
}

/// A value that stands in the expression.
#[derive(Debug)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Number { text: Box<str>, integer: Option<i64>, double: f64 },
    Text(Box<str>),
    List(Vec<Literal>),
    Map(Vec<(Box<str>, Literal)>),
}

impl Literal {
    /// The value that it stands for.
    fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Number { text, .. } => Value::Number(Number::from_json(text)),
            Self::Text(text) => Value::from(&**text),
            Self::List(items) => Value::json_list(items.iter().map(Self::value).collect()),
            Self::Map(members) => {
                Value::map(members.iter().map(|(name, value)| (&**name, value.value())).collect::<Map>())
            }
        }
    }
}

/// How two operands are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    /// Equal and of one type.
    SameAs,
    NotSameAs,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    SubsetOf,
    AnyOf,
    NoneOf,
    AllOf,
    Contains,
    Size,
    Empty,
}

impl Operator {
    /// The operator of a word, in any letter case.
    pub(super) fn named(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "==" => Self::Equal,
            "!=" => Self::NotEqual,
            "===" => Self::SameAs,
            "!==" => Self::NotSameAs,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            "in" => Self::In,
            "nin" => Self::NotIn,
            "subsetof" => Self::SubsetOf,
            "anyof" => Self::AnyOf,
            "noneof" => Self::NoneOf,
            "all" => Self::AllOf,
            "contains" => Self::Contains,
            "size" => Self::Size,
            "empty" => Self::Empty,
            _ => return None,
        })
    }
}

impl Filter {
    /// One of these at least.
    pub(super) fn any(mut filters: Vec<Filter>) -> Self {
        if filters.len() == 1 { filters.remove(0) } else { Self::Any(filters) }
    }

    /// All of these.
    pub(super) fn all(mut filters: Vec<Filter>) -> Self {
        if filters.len() == 1 { filters.remove(0) } else { Self::All(filters) }
    }

    /// Whether a node satisfies the condition.
    pub(super) fn accepts(&self, evaluation: &mut Evaluation<'_>, node: &Value) -> Result<bool> {
        match self {
            Self::Any(filters) => {
                for filter in filters {
                    if filter.accepts(evaluation, node)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::All(filters) => {
                for filter in filters {
                    if !filter.accepts(evaluation, node)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Self::Not(filter) => Ok(!filter.accepts(evaluation, node)?),
            Self::Exists(path) => Ok(evaluation.find_operand(path, node)?.is_some()),
            Self::Compare { left, operator, right } => {
                let (left, right) = (left.resolve(evaluation, node)?, right.resolve(evaluation, node)?);
                // Two lists are compared item by item, each with each.
                if let (Some(left), Some(right)) = (items(&left), items(&right)) {
                    evaluation.visit_all(left.len().saturating_mul(right.len()))?;
                }
                Ok(compare(&left, *operator, &right))
            }
            Self::Matches { operand, pattern } => Ok(match operand.resolve(evaluation, node)? {
                Resolved::Text(text) | Resolved::Number { text, .. } => pattern.is_full_match(&text)?,
                Resolved::Bool(truth) => pattern.is_full_match(if truth { "true" } else { "false" })?,
                // Jayway matches nothing at all as if it were an empty text.
                Resolved::Missing | Resolved::Null | Resolved::List(_) | Resolved::Map(_) => {
                    pattern.is_full_match("")?
                }
            }),
        }
    }
}

impl Operand {
    /// Its value, seen from a node; nothing when a path finds nothing.
    pub(super) fn value(&self, evaluation: &mut Evaluation<'_>, node: &Value) -> Result<Option<Value>> {
        match self {
            Self::Path(path) => evaluation.find_operand(path, node),
            Self::Literal(literal) => Ok(Some(literal.value())),
        }
    }

    fn resolve(&self, evaluation: &mut Evaluation<'_>, node: &Value) -> Result<Resolved> {
        match self {
            Self::Path(path) => match evaluation.find_operand(path, node)? {
                Some(value) => Resolved::of(&value, evaluation),
                None => Ok(Resolved::Missing),
            },
            Self::Literal(literal) => Ok(Resolved::from(literal)),
        }
    }
}

/// An operand's value.
enum Resolved {
    Missing,
    Null,
    Bool(bool),
    Number {
        text: Box<str>,
        integer: Option<i64>,
        double: f64,
    },
    Text(Box<str>),
    List(Vec<Resolved>),
    /// A map, by its members.
    Map(Vec<(Box<str>, Resolved)>),
}

impl Resolved {
    /// A copy of a value; each node of it counts as visited.
    fn of(value: &Value, evaluation: &mut Evaluation<'_>) -> Result<Self> {
        evaluation.visit()?;
        Ok(match value {
            Value::Null | Value::Object(_) => Self::Null,
            Value::Bool(truth) => Self::Bool(*truth),
            Value::Number(number) => Self::Number {
                text: number.to_string().into(),
                integer: number.as_i64(),
                double: Number::to_f64(number),
            },
            Value::String(text) => Self::Text((**text).into()),
            Value::List(list) => {
                let items: Result<_> = list.borrow().iter().map(|item| Self::of(item, evaluation)).collect();
                Self::List(items?)
            }
            Value::Map(map) => {
                let map = map.borrow();
                let members: Result<_> =
                    map.iter().map(|(name, value)| Ok(((**name).into(), Self::of(value, evaluation)?))).collect();
                Self::Map(members?)
            }
        })
    }
}

impl From<&Literal> for Resolved {
    fn from(literal: &Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Bool(truth) => Self::Bool(*truth),
            Literal::Number { text, integer, double } => {
                Self::Number { text: text.clone(), integer: *integer, double: *double }
            }
            Literal::Text(text) => Self::Text(text.clone()),
            Literal::List(items) => Self::List(items.iter().map(Self::from).collect()),
            Literal::Map(members) => {
                Self::Map(members.iter().map(|(name, value)| (name.clone(), Self::from(value))).collect())
            }
        }
    }
}

fn compare(left: &Resolved, operator: Operator, right: &Resolved) -> bool {
    match operator {
        Operator::Equal => equal(left, right),
        Operator::NotEqual => !equal(left, right),
        Operator::SameAs => same_type(left, right) && equal(left, right),
        Operator::NotSameAs => !(same_type(left, right) && equal(left, right)),
        Operator::Less => ordering(left, right).is_some_and(Ordering::is_lt),
        Operator::LessOrEqual => ordering(left, right).is_some_and(Ordering::is_le),
        Operator::Greater => ordering(left, right).is_some_and(Ordering::is_gt),
        Operator::GreaterOrEqual => ordering(left, right).is_some_and(Ordering::is_ge),
        Operator::In => items(right).is_some_and(|items| holds(items, left)),
        Operator::NotIn => !items(right).is_some_and(|items| holds(items, left)),
        Operator::SubsetOf => both(left, right, |left, right| left.iter().all(|item| holds(right, item))),
        Operator::AllOf => both(left, right, |left, right| right.iter().all(|item| holds(left, item))),
        Operator::AnyOf => both(left, right, |left, right| left.iter().any(|item| holds(right, item))),
        Operator::NoneOf => both(left, right, |left, right| !left.iter().any(|item| holds(right, item))),
        Operator::Contains => match (left, right) {
            (Resolved::Text(text), Resolved::Text(part)) => text.contains(&**part),
            (Resolved::List(items), part) => holds(items, part),
            _ => false,
        },
        Operator::Size => has_size(left, right),
        Operator::Empty => is_empty(left, right),
    }
}

fn has_size(operand: &Resolved, size: &Resolved) -> bool {
    let Resolved::Number { integer: Some(size), .. } = size else { return false };
    // To Jayway a map has no size, though it may be empty.
    let length = if let Resolved::Map(_) = operand { None } else { length(operand) };
    length.is_some_and(|length| usize::try_from(*size) == Ok(length))
}

fn is_empty(operand: &Resolved, empty: &Resolved) -> bool {
    let Resolved::Bool(empty) = empty else { return false };
    length(operand).is_some_and(|length| (length == 0) == *empty)
}

fn items(operand: &Resolved) -> Option<&[Resolved]> {
    if let Resolved::List(items) = operand { Some(items) } else { None }
}

fn both(left: &Resolved, right: &Resolved, test: impl Fn(&[Resolved], &[Resolved]) -> bool) -> bool {
    match (items(left), items(right)) {
        (Some(left), Some(right)) => test(left, right),
        _ => false,
    }
}

fn holds(items: &[Resolved], sought: &Resolved) -> bool {
    items.iter().any(|item| equal(sought, item))
}

fn length(operand: &Resolved) -> Option<usize> {
    match operand {
        Resolved::Text(text) => Some(text.encode_utf16().count()),
        Resolved::List(items) => Some(items.len()),
        Resolved::Map(members) => Some(members.len()),
        Resolved::Missing | Resolved::Null | Resolved::Bool(_) | Resolved::Number { .. } => None,
    }
}

fn same_type(left: &Resolved, right: &Resolved) -> bool {
    std::mem::discriminant(left) == std::mem::discriminant(right)
}

/// Jayway's equality: a text and a number are equal when the one reads like the other, as the left one sees it.
fn equal(left: &Resolved, right: &Resolved) -> bool {
    match (left, right) {
        (Resolved::Missing, Resolved::Missing) | (Resolved::Null, Resolved::Null) => true,
        (Resolved::Bool(left), Resolved::Bool(right)) => left == right,
        (Resolved::Number { .. }, Resolved::Number { .. }) => ordering(left, right) == Some(Ordering::Equal),
        (Resolved::Text(left), Resolved::Text(right)) => left == right,
        (Resolved::Text(left), Resolved::Number { text, .. }) => left == text,
        (Resolved::Number { double, .. }, Resolved::Text(text)) => {
            text.parse::<f64>().is_ok_and(|other| other.total_cmp(double).is_eq())
        }
        (Resolved::List(left), Resolved::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (Resolved::Map(left), Resolved::Map(right)) => {
            let right: HashMap<&str, &Resolved> = right.iter().map(|(name, value)| (&**name, value)).collect();
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(&**name).is_some_and(|other| same(value, other)))
        }
        _ => false,
    }
}

/// Java's equality, which holds inside of lists and maps: a text is no number there, and an integer no double.
fn same(left: &Resolved, right: &Resolved) -> bool {
    let is_integer = |operand: &Resolved| matches!(operand, Resolved::Number { integer: Some(_), .. });
    same_type(left, right) && is_integer(left) == is_integer(right) && equal(left, right)
}

/// The order of two numbers or two texts.
fn ordering(left: &Resolved, right: &Resolved) -> Option<Ordering> {
    match (left, right) {
        (Resolved::Number { integer: Some(left), .. }, Resolved::Number { integer: Some(right), .. }) => {
            Some(left.cmp(right))
        }
        (Resolved::Number { double: left, .. }, Resolved::Number { double: right, .. }) => left.partial_cmp(right),
        (Resolved::Text(left), Resolved::Text(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
