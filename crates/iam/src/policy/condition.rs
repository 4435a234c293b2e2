//! The `Condition` element: operators, keys and the values compiled for comparison.
//! AWS pages: "IAM JSON policy elements: Condition operators", "Multivalued context keys".

use std::net::IpAddr;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::Version;
use super::template::{ArnTemplate, Template, Wildcards};
use super::wire::{OneOrMany, Pairs, Scalar};
use crate::pattern::Case;

/// The longest condition key, in bytes.
const KEY_BYTES_MAX: usize = 512;

/// One key of one operator. All conditions of a statement must hold.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) key: Box<str>,
    pub(crate) quantifier: Quantifier,
    /// Whether the condition holds when the request lacks the key.
    pub(crate) if_exists: bool,
    pub(crate) comparison: Comparison,
}

/// How the values of a key with several are joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quantifier {
    /// No prefix, for keys with one value.
    Single,
    /// `ForAnyValue:`
    Any,
    /// `ForAllValues:`
    All,
}

/// What is compared, and in which sense.
#[derive(Debug, Clone)]
pub(crate) enum Comparison {
    /// `Null`: whether the key is to be absent.
    Absent(bool),
    /// The value stands in a relation to one of the operands, or with `negated` to none of them.
    Value { negated: bool, operands: Operand },
}

/// The compiled values of a condition.
#[derive(Debug, Clone)]
pub(crate) enum Operand {
    Text(Box<[Template]>),
    Arn(Box<[ArnTemplate]>),
    Number(Relation, Box<[f64]>),
    Date(Relation, Box<[Timestamp]>),
    Bool(Box<[bool]>),
    Network(Box<[Network]>),
}

/// How a request's number or date stands to a policy's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A range of addresses in CIDR notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// What is wrong with a condition. Each text begins with the place inside the `Condition` element.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCondition {
    /// The operator is none of those that exist.
    #[error(".{operator}: not a condition operator")]
    Operator {
        /// The operator that was read.
        operator: Box<str>,
    },
    /// The key is empty, too long, or not of the form `service:key`.
    #[error(".{operator}: {key:?} is not a condition key")]
    Key {
        /// The operator.
        operator: Box<str>,
        /// The key that was read.
        key: Box<str>,
    },
    /// A key appears twice below one operator, perhaps in different case.
    #[error(".{operator}.{key}: the key is repeated")]
    RepeatedKey {
        /// The operator.
        operator: Box<str>,
        /// The key.
        key: Box<str>,
    },
    /// The list of values is empty.
    #[error(".{operator}.{key}: the list of values is empty")]
    NoValue {
        /// The operator.
        operator: Box<str>,
        /// The key.
        key: Box<str>,
    },
    /// A value cannot be read as the operator needs it.
    #[error(".{operator}.{key}: {value:?} is not {wanted}")]
    Value {
        /// The operator.
        operator: Box<str>,
        /// The key.
        key: Box<str>,
        /// The value that was read.
        value: Box<str>,
        /// What was wanted, with its article.
        wanted: &'static str,
    },
}

/// An operator's name without its prefix and suffix, and what it means.
#[derive(Debug, Clone, Copy)]
struct Operator {
    kind: OperatorKind,
    negated: bool,
}

#[derive(Debug, Clone, Copy)]
enum OperatorKind {
    Text(Wildcards, Case),
    Arn,
    Number(Relation),
    Date(Relation),
    Bool,
    Network,
    Null,
}

impl Condition {
    pub(super) fn parse_all(
        wire: Option<Pairs<Pairs<OneOrMany<Scalar>>>>,
        version: Version,
    ) -> Result<Box<[Self]>, InvalidCondition> {
        let mut conditions = Vec::new();
        for (name, keys) in wire.map(|wire| wire.0).unwrap_or_default() {
            let (quantifier, operator, if_exists) = parse_operator(&name)?;
            let first_of_operator = conditions.len();
            for (key, values) in keys.0 {
                let condition = Self {
                    comparison: compile(&name, operator, &key, values, version)?,
                    key: parse_key(&name, key)?,
                    quantifier,
                    if_exists,
                };
                let earlier: &[Self] = &conditions[first_of_operator..];
                if earlier.iter().any(|earlier| earlier.key.eq_ignore_ascii_case(&condition.key)) {
                    return Err(InvalidCondition::RepeatedKey { operator: name.into(), key: condition.key });
                }
                conditions.push(condition);
            }
        }
        Ok(conditions.into())
    }
}

impl Network {
    pub(crate) fn contains(self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(network), IpAddr::V4(address)) => {
                let shift = 32 - u32::from(self.prefix_bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(network), IpAddr::V6(address)) => {
                let shift = 128 - u32::from(self.prefix_bits);
                network.to_bits().checked_shr(shift) == address.to_bits().checked_shr(shift)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().ok()?;
        let bits_max = if address.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match prefix {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok()?,
            Some(_) => return None,
            None => bits_max,
        };
        (prefix_bits <= bits_max).then_some(Self { address, prefix_bits })
    }
}

fn parse_operator(name: &str) -> Result<(Quantifier, Operator, bool), InvalidCondition> {
    let unknown = || InvalidCondition::Operator { operator: name.into() };
    let (quantifier, bare) = match name.split_once(':') {
        Some(("ForAnyValue", bare)) => (Quantifier::Any, bare),
        Some(("ForAllValues", bare)) => (Quantifier::All, bare),
        Some(_) => return Err(unknown()),
        None => (Quantifier::Single, name),
    };
    let (bare, if_exists) = match bare.strip_suffix("IfExists") {
        Some(bare) => (bare, true),
        None => (bare, false),
    };
    let operator = Operator::named(bare).ok_or_else(unknown)?;
    // `Null` already speaks of the key's presence, so neither a prefix nor a suffix would say anything more.
    if matches!(operator.kind, OperatorKind::Null) && (if_exists || quantifier != Quantifier::Single) {
        return Err(unknown());
    }
    Ok((quantifier, operator, if_exists))
}

impl Operator {
    fn named(name: &str) -> Option<Self> {
        use OperatorKind::{Arn, Bool, Date, Network, Null, Number, Text};
        use Relation::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual};
        let (kind, negated) = match name {
            "StringEquals" => (Text(Wildcards::Literal, Case::Sensitive), false),
            "StringNotEquals" => (Text(Wildcards::Literal, Case::Sensitive), true),
            "StringEqualsIgnoreCase" => (Text(Wildcards::Literal, Case::Insensitive), false),
            "StringNotEqualsIgnoreCase" => (Text(Wildcards::Literal, Case::Insensitive), true),
            "StringLike" => (Text(Wildcards::Active, Case::Sensitive), false),
            "StringNotLike" => (Text(Wildcards::Active, Case::Sensitive), true),
            "ArnEquals" | "ArnLike" => (Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (Arn, true),
            "NumericEquals" => (Number(Equal), false),
            "NumericNotEquals" => (Number(Equal), true),
            "NumericLessThan" => (Number(Less), false),
            "NumericLessThanEquals" => (Number(LessOrEqual), false),
            "NumericGreaterThan" => (Number(Greater), false),
            "NumericGreaterThanEquals" => (Number(GreaterOrEqual), false),
            "DateEquals" => (Date(Equal), false),
            "DateNotEquals" => (Date(Equal), true),
            "DateLessThan" => (Date(Less), false),
            "DateLessThanEquals" => (Date(LessOrEqual), false),
            "DateGreaterThan" => (Date(Greater), false),
            "DateGreaterThanEquals" => (Date(GreaterOrEqual), false),
            "Bool" => (Bool, false),
            "IpAddress" => (Network, false),
            "NotIpAddress" => (Network, true),
            "Null" => (Null, false),
            _ => return None,
        };
        Some(Self { kind, negated })
    }
}

fn parse_key(operator: &str, key: String) -> Result<Box<str>, InvalidCondition> {
    let has_namespace = key.split_once(':').is_some_and(|(service, name)| !service.is_empty() && !name.is_empty());
    if !has_namespace || key.len() > KEY_BYTES_MAX {
        return Err(InvalidCondition::Key { operator: operator.into(), key: key.into() });
    }
    Ok(key.into())
}

fn compile(
    name: &str,
    operator: Operator,
    key: &str,
    values: OneOrMany<Scalar>,
    version: Version,
) -> Result<Comparison, InvalidCondition> {
    let texts: Vec<String> = values.into_vec().iter().map(Scalar::to_string).collect();
    if texts.is_empty() {
        return Err(InvalidCondition::NoValue { operator: name.into(), key: key.into() });
    }
    let place = Place { operator: name, key };
    let operands = match operator.kind {
        OperatorKind::Text(wildcards, case) => {
            Operand::Text(place.read_all(&texts, "valid text", |text| Template::parse(text, wildcards, case, version))?)
        }
        OperatorKind::Arn => Operand::Arn(place.read_all(&texts, "an ARN", |text| ArnTemplate::parse(text, version))?),
        OperatorKind::Number(relation) => Operand::Number(relation, place.read_all(&texts, "a number", parse_number)?),
        OperatorKind::Date(relation) => Operand::Date(relation, place.read_all(&texts, "a date", parse_date)?),
        OperatorKind::Bool => Operand::Bool(place.read_all(&texts, "true or false", parse_bool)?),
        OperatorKind::Network => {
            Operand::Network(place.read_all(&texts, "an IP address or a CIDR block", Network::parse)?)
        }
        OperatorKind::Null => {
            let absent = place.read_all(&texts, "true or false", parse_bool)?;
            return match *absent {
                [absent] => Ok(Comparison::Absent(absent)),
                _ => Err(place.invalid(&texts.join(", "), "one value")),
            };
        }
    };
    Ok(Comparison::Value { negated: operator.negated, operands })
}

/// Where in a `Condition` element a value stands.
struct Place<'a> {
    operator: &'a str,
    key: &'a str,
}

impl Place<'_> {
    fn read_all<T>(
        &self,
        texts: &[String],
        wanted: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Box<[T]>, InvalidCondition> {
        texts.iter().map(|text| read(text).ok_or_else(|| self.invalid(text, wanted))).collect()
    }

    fn invalid(&self, value: &str, wanted: &'static str) -> InvalidCondition {
        InvalidCondition::Value { operator: self.operator.into(), key: self.key.into(), value: value.into(), wanted }
    }
}

/// A finite decimal number.
pub(crate) fn parse_number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// `true` or `false` in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    match text {
        _ if text.eq_ignore_ascii_case("true") => Some(true),
        _ if text.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// An ISO 8601 date or time, where a date alone is its midnight in UTC, or seconds since 1970.
pub(crate) fn parse_date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(moment);
    }
    // A date of exactly ten characters: anything longer that is no timestamp lacks its offset.
    let date: Date = (text.len() == "2013-06-30".len()).then(|| text.parse().ok()).flatten()?;
    Some(date.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// An address of a request.
pub(crate) fn parse_address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}
