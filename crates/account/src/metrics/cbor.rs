//! Documents in CBOR (RFC 8949), as the protocol RPC v2 CBOR of Smithy has them: times are tag 1.

use ciborium::Value;

use definition::time::EpochMillis;

use super::document::{Document, time_of_seconds};

/// How deep values may be nested; inputs of the service need six levels.
const DEPTH_MAX: usize = 32;
/// The tag of a number of seconds since 1970.
const EPOCH_TAG: u64 = 1;

/// Why bytes are no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCbor {
    /// They are not CBOR, or nested too deeply.
    #[error("it is not valid CBOR")]
    Syntax,
    /// There is more than one value.
    #[error("something follows the CBOR value")]
    Surplus,
    /// A map has a key that is not a text.
    #[error("a key is not a text")]
    Key,
    /// A time is none, or cannot be held.
    #[error("a timestamp is out of range")]
    Time,
    /// A value is of a type that no input of the service has.
    #[error("a value is of a type that has no place here")]
    Type,
}

/// Reads one value that fills the body.
pub fn decode(body: &[u8]) -> Result<Document, InvalidCbor> {
    let mut rest = body;
    let value: Value =
        ciborium::de::from_reader_with_recursion_limit(&mut rest, DEPTH_MAX).map_err(|_| InvalidCbor::Syntax)?;
    if !rest.is_empty() {
        return Err(InvalidCbor::Surplus);
    }
    read(value)
}

fn read(value: Value) -> Result<Document, InvalidCbor> {
    if let Some(number) = number(&value) {
        return Ok(Document::Number(number));
    }
    Ok(match value {
        Value::Null => Document::Null,
        Value::Bool(flag) => Document::Bool(flag),
        Value::Text(text) => Document::Text(text),
        Value::Tag(EPOCH_TAG, seconds) => {
            let time = number(&seconds).and_then(time_of_seconds);
            Document::Time(time.ok_or(InvalidCbor::Time)?)
        }
        Value::Array(items) => Document::List(items.into_iter().map(read).collect::<Result<_, _>>()?),
        Value::Map(members) => {
            let member =
                |(name, value): (Value, Value)| Ok((name.into_text().map_err(|_| InvalidCbor::Key)?, read(value)?));
            Document::Structure(members.into_iter().map(member).collect::<Result<_, _>>()?)
        }
        Value::Integer(_) | Value::Float(_) | Value::Bytes(_) | Value::Tag(..) | _ => return Err(InvalidCbor::Type),
    })
}

fn number(value: &Value) -> Option<f64> {
    if let Value::Integer(number) = value {
        // Beyond 2^53 a double is the nearest there is, which is all that a measurement can be.
        #[expect(clippy::cast_precision_loss, reason = "every number of the service is a double")]
        return Some(i128::from(*number) as f64);
    }
    value.as_float()
}

/// Writes a value.
pub(super) fn encode(document: &Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail, and no value here is one that CBOR could not hold.
    let _ = ciborium::into_writer(&write(document), &mut bytes);
    bytes
}

fn write(document: &Document) -> Value {
    let members = |members: &[(String, Document)]| {
        Value::Map(members.iter().map(|(name, value)| (Value::Text(name.clone()), write(value))).collect())
    };
    match document {
        Document::Null => Value::Null,
        Document::Bool(flag) => Value::Bool(*flag),
        Document::Number(number) => Value::Float(*number),
        Document::Text(text) => Value::Text(text.clone()),
        Document::Time(time) => Value::Tag(EPOCH_TAG, Box::new(Value::Float(seconds(*time)))),
        Document::List(items) => Value::Array(items.iter().map(write).collect()),
        Document::Structure(entries) | Document::Map(entries) => members(entries),
    }
}

/// Seconds since 1970.
pub(super) fn seconds(time: EpochMillis) -> f64 {
    time.timestamp().as_duration().as_secs_f64()
}

#[cfg(test)]
mod tests;
