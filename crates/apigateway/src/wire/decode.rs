//! JSON bodies into wire structs, refusing a wrong JSON type in the words of AWS's `SerializationException`.
//!
//! The wire structs say what they expect through serde; this deserializer compares it with what came and converts nothing.

use serde::{
    Deserializer,
    de::{
        DeserializeOwned, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

use crate::failure::{Failure, Result};

/// Reads a body; an empty one is an empty object.
pub(crate) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let value = if body.iter().all(u8::is_ascii_whitespace) {
        Value::Object(Map::new())
    } else {
        serde_json::from_slice(body)
            .map_err(|error| Failure::Serialization(format!("Unable to parse the request body as JSON: {error}")))?
    };
    T::deserialize(Member(value)).map_err(|mismatch| Failure::Serialization(mismatch.0))
}

/// A JSON value that stands where the model expects one type.
struct Member(Value);

/// A JSON value of another type than the model says; the text is the client's.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Mismatch(String);

impl serde::de::Error for Mismatch {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

impl Member {
    /// The value is not what the member should be; `wanted` is the Java class that the service decodes into.
    fn is_not(&self, wanted: &str) -> Mismatch {
        let class = match &self.0 {
            Value::Bool(_) => "java.lang.Boolean",
            Value::Number(_) => "com.amazon.coral.value.json.numbers.TruncatingBigNumber",
            Value::String(_) => "java.lang.String",
            Value::Array(_) => return Mismatch("Start of list found where not expected".to_owned()),
            Value::Object(_) => {
                return Mismatch("Start of structure or map found where not expected.".to_owned());
            }
            Value::Null => return Mismatch("Unexpected null".to_owned()),
        };
        Mismatch(format!("class {class} can not be converted to an {wanted}"))
    }

    /// The value as an integer; a decimal number loses its fraction, as the service's decoder does it.
    fn integer(&self) -> Result<i64, Mismatch> {
        let number = self.0.as_i64().or_else(|| {
            #[expect(clippy::cast_possible_truncation, reason = "`as` saturates, and the operation checks the range")]
            self.0.as_f64().map(|number| number as i64)
        });
        number.ok_or_else(|| self.is_not("Integer"))
    }
}

impl IntoDeserializer<'_, Mismatch> for Member {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Member {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.0.deserialize_any(visitor).map_err(|error| Mismatch(error.to_string()))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::String(text) => visitor.visit_string(text),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                Err(self.is_not("String"))
            }
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_string(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.as_bool() {
            Some(flag) => visitor.visit_bool(flag),
            None => Err(self.is_not("Boolean")),
        }
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_i64(self.integer()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => Err(self.is_not("Double")),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.into_iter().map(Member))),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                Err(Mismatch("Expected list or null".to_owned()))
            }
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Object(members) => {
                visitor.visit_map(MapDeserializer::new(members.into_iter().map(|(name, value)| (name, Member(value)))))
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
                Err(Mismatch("Expected structure or map or null".to_owned()))
            }
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        self.deserialize_map(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct enum
        identifier
    }
}
