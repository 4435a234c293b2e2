//! Whether a condition holds for a request.
//! AWS pages: "IAM JSON policy elements: Condition operators", "Multivalued context keys".

use super::Request;
use crate::policy::{
    Comparison, Condition, Operand, Quantifier, Relation, VariableSource, parse_address, parse_bool, parse_date,
    parse_number,
};

/// A key without values is an absent key. Absent, a positive comparison fails and a negated one holds, `…IfExists` and
/// `ForAllValues:` hold, and `ForAnyValue:` fails, negated or not. A value of another type than the operator's equals
/// nothing.
pub(super) fn holds(condition: &Condition, request: &Request<'_>) -> bool {
    let found = request.values(&condition.key);
    let values = found.as_slice();
    let (negated, operands) = match &condition.comparison {
        Comparison::Absent(absent) => return *absent == values.is_empty(),
        Comparison::Value { negated, operands } => (*negated, operands),
    };
    if values.is_empty() && condition.if_exists {
        return true;
    }
    let equals = |value: &str| matches(operands, value, request);
    match condition.quantifier {
        Quantifier::Single => values.iter().any(|value| equals(value)) != negated,
        Quantifier::Any => values.iter().any(|value| equals(value) != negated),
        Quantifier::All => values.iter().all(|value| equals(value) != negated),
    }
}

fn matches(operands: &Operand, value: &str, variables: &dyn VariableSource) -> bool {
    match operands {
        Operand::Text(templates) => templates.iter().any(|template| template.matches(value, variables)),
        Operand::Arn(templates) => templates.iter().any(|template| template.matches(value, variables)),
        Operand::Number(relation, numbers) => {
            parse_number(value).is_some_and(|value| numbers.iter().any(|operand| stands(*relation, &value, operand)))
        }
        Operand::Date(relation, dates) => {
            parse_date(value).is_some_and(|value| dates.iter().any(|operand| stands(*relation, &value, operand)))
        }
        Operand::Bool(wanted) => parse_bool(value).is_some_and(|value| wanted.contains(&value)),
        Operand::Network(networks) => {
            parse_address(value).is_some_and(|address| networks.iter().any(|network| network.contains(address)))
        }
    }
}

fn stands<T: PartialOrd>(relation: Relation, value: &T, operand: &T) -> bool {
    match relation {
        Relation::Equal => value == operand,
        Relation::Less => value < operand,
        Relation::LessOrEqual => value <= operand,
        Relation::Greater => value > operand,
        Relation::GreaterOrEqual => value >= operand,
    }
}
