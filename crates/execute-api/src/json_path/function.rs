//! Functions at the end of a path.

use vtl::{Number, Value};

/// What becomes of a path's result. Aggregations take the numbers of a list and give doubles, as in Java.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Function {
    Length,
    Keys,
    Min,
    Max,
    Avg,
    Stddev,
    Sum,
    First,
    Last,
    Index(i64),
}

impl Function {
    /// The function of a name; only `index` takes an argument, and must.
    pub(super) fn named(name: &str, argument: Option<i64>) -> Option<Self> {
        Some(match (name, argument) {
            ("length" | "size", None) => Self::Length,
            ("keys", None) => Self::Keys,
            ("min", None) => Self::Min,
            ("max", None) => Self::Max,
            ("avg", None) => Self::Avg,
            ("stddev", None) => Self::Stddev,
            ("sum", None) => Self::Sum,
            ("first", None) => Self::First,
            ("last", None) => Self::Last,
            ("index", Some(position)) => Self::Index(position),
            _ => return None,
        })
    }

    /// The function's result; nothing for a value that it is not made for.
    pub(super) fn apply(self, value: &Value) -> Option<Value> {
        match self {
            Self::Length => match value {
                Value::List(list) => Some(Value::from(list.borrow().len())),
                Value::Map(map) => Some(Value::from(map.borrow().len())),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
            },
            Self::Keys => {
                let Value::Map(map) = value else { return None };
                Some(Value::list(map.borrow().keys().map(|key| Value::from(std::rc::Rc::clone(key))).collect()))
            }
            Self::Min => aggregate(value, |numbers| numbers.iter().copied().fold(f64::INFINITY, f64::min)),
            Self::Max => aggregate(value, |numbers| numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)),
            Self::Sum => aggregate(value, |numbers| numbers.iter().sum()),
            Self::Avg => aggregate(value, average),
            Self::Stddev => aggregate(value, |numbers| {
                let mean = average(numbers);
                let squares: Vec<f64> = numbers.iter().map(|number| (number - mean) * (number - mean)).collect();
                average(&squares).sqrt()
            }),
            Self::First => item(value, 0),
            Self::Last => item(value, -1),
            Self::Index(position) => item(value, position),
        }
    }
}

/// An aggregation of a list's numbers; what is no number is passed over, and without any there is no result.
fn aggregate(value: &Value, aggregation: impl Fn(&[f64]) -> f64) -> Option<Value> {
    let Value::List(list) = value else { return None };
    let number = |item: &Value| if let Value::Number(number) = item { Some(Number::to_f64(number)) } else { None };
    let numbers: Vec<f64> = list.borrow().iter().filter_map(number).collect();
    (!numbers.is_empty()).then(|| Value::from(aggregation(&numbers)))
}

#[expect(clippy::cast_precision_loss, reason = "no list holds 2^53 numbers")]
fn average(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn item(value: &Value, position: i64) -> Option<Value> {
    let Value::List(list) = value else { return None };
    let list = list.borrow();
    super::evaluate::at(&list, position).cloned()
}
