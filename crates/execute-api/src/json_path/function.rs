//! Functions at the end of a path.

use vtl::{Number, Value};

use super::{
    JsonPathError,
    evaluate::{self, Evaluation},
    filter::{Literal, Operand},
};

type Result<T> = std::result::Result<T, JsonPathError>;

/// What becomes of a path's result.
#[derive(Debug)]
pub(super) struct Function {
    kind: Kind,
    /// Paths and literals that join the path's result.
    arguments: Vec<Operand>,
}

/// Aggregations give doubles, as in Java.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Length,
    Keys,
    Min,
    Max,
    Avg,
    Stddev,
    Sum,
    Concat,
    Append,
    First,
    Last,
    Index(i64),
}

impl Function {
    /// The function of a name, unless it does not take these arguments.
    pub(super) fn named(name: &str, arguments: Vec<Operand>) -> Option<Self> {
        let kind = match (name, arguments.as_slice()) {
            ("length" | "size", [] | [Operand::Path(_)]) => Kind::Length,
            ("keys", []) => Kind::Keys,
            ("min", _) => Kind::Min,
            ("max", _) => Kind::Max,
            ("avg", _) => Kind::Avg,
            ("stddev", _) => Kind::Stddev,
            ("sum", _) => Kind::Sum,
            ("concat", _) => Kind::Concat,
            ("append", _) => Kind::Append,
            ("first", []) => Kind::First,
            ("last", []) => Kind::Last,
            ("index", [Operand::Literal(Literal::Number { integer: Some(position), .. })]) => Kind::Index(*position),
            _ => return None,
        };
        Some(Self { kind, arguments })
    }

    /// The function's result for what its path found; nothing for a value that it is not made for. Paths among the arguments
    /// start where the function's own path did.
    pub(super) fn apply(
        &self,
        value: &Value,
        evaluation: &mut Evaluation<'_>,
        current: &Value,
    ) -> Result<Option<Value>> {
        Ok(match self.kind {
            Kind::Length => {
                let [argument] = self.arguments.as_slice() else { return Ok(length(value)) };
                argument.value(evaluation, current)?.as_ref().and_then(length)
            }
            Kind::Keys => {
                let Value::Map(map) = value else { return Ok(None) };
                Some(Value::list(map.borrow().keys().map(|key| Value::from(std::rc::Rc::clone(key))).collect()))
            }
            Kind::Min | Kind::Max | Kind::Avg | Kind::Stddev | Kind::Sum => {
                let mut numbers = if let Value::List(list) = value { numbers(&list.borrow()) } else { Vec::new() };
                for argument in self.values(evaluation, current)? {
                    numbers.extend(self::numbers(&items(argument)));
                }
                aggregate(self.kind, &numbers)
            }
            Kind::Concat => Some(self.concat(value, evaluation, current)?),
            Kind::Append => {
                // The document stays as it is; Jayway changes it.
                let Value::List(list) = value else { return Ok(Some(value.clone())) };
                let mut items = list.borrow().to_vec();
                evaluation.visit_all(items.len())?;
                items.extend(self.values(evaluation, current)?);
                Some(Value::json_list(items))
            }
            Kind::First => item(value, 0),
            Kind::Last => item(value, -1),
            Kind::Index(position) => item(value, position),
        })
    }

    /// The values of the arguments; a path that finds nothing is passed over.
    fn values(&self, evaluation: &mut Evaluation<'_>, current: &Value) -> Result<Vec<Value>> {
        let mut values = Vec::with_capacity(self.arguments.len());
        for argument in &self.arguments {
            values.extend(argument.value(evaluation, current)?);
        }
        Ok(values)
    }

    /// The strings of a list, then those of the arguments, which are turned into strings where they are none.
    fn concat(&self, value: &Value, evaluation: &mut Evaluation<'_>, current: &Value) -> Result<Value> {
        let mut text = String::new();
        if let Value::List(list) = value {
            for item in list.borrow().iter() {
                if let Some(item) = item.as_str() {
                    evaluation.visit_text(item.len())?;
                    text.push_str(item);
                }
            }
        }
        for argument in self.values(evaluation, current)? {
            for item in items(argument).iter().filter(|item| !item.is_null()) {
                let item = item.to_text()?;
                evaluation.visit_text(item.len())?;
                text.push_str(&item);
            }
        }
        Ok(Value::from(text))
    }
}

/// A list's items, or the value alone.
fn items(value: Value) -> Vec<Value> {
    if let Value::List(list) = &value {
        return list.borrow().to_vec();
    }
    vec![value]
}

fn length(value: &Value) -> Option<Value> {
    match value {
        Value::List(list) => Some(Value::from(list.borrow().len())),
        Value::Map(map) => Some(Value::from(map.borrow().len())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => None,
    }
}

/// The numbers among values; what is none is passed over.
fn numbers(values: &[Value]) -> Vec<f64> {
    let number = |item: &Value| if let Value::Number(number) = item { Some(Number::to_f64(number)) } else { None };
    values.iter().filter_map(number).collect()
}

/// An aggregation of numbers; without any there is no result.
fn aggregate(kind: Kind, numbers: &[f64]) -> Option<Value> {
    if numbers.is_empty() {
        return None;
    }
    let aggregated = match kind {
        Kind::Min => numbers.iter().copied().fold(f64::INFINITY, f64::min),
        Kind::Max => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Kind::Sum => numbers.iter().sum(),
        Kind::Avg => average(numbers),
        Kind::Stddev => {
            let mean = average(numbers);
            let squares: Vec<f64> = numbers.iter().map(|number| (number - mean) * (number - mean)).collect();
            average(&squares).sqrt()
        }
        Kind::Length | Kind::Keys | Kind::Concat | Kind::Append | Kind::First | Kind::Last | Kind::Index(_) => {
            return None;
        }
    };
    Some(Value::from(aggregated))
}

#[expect(clippy::cast_precision_loss, reason = "no list holds 2^53 numbers")]
fn average(numbers: &[f64]) -> f64 {
    numbers.iter().sum::<f64>() / numbers.len() as f64
}

fn item(value: &Value, position: i64) -> Option<Value> {
    let Value::List(list) = value else { return None };
    let list = list.borrow();
    evaluate::at(&list, position).cloned()
}
