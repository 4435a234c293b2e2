//! `$util`: the functions that a template has for escaping, encoding and parsing text.

use vtl::{HostError, Object, Value, json};

use super::codec;

/// `$util`.
pub(super) struct UtilObject;

impl Object for UtilObject {
    fn call(&self, method: &str, arguments: &[Value]) -> Result<Value, HostError> {
        let [argument] = arguments else { return Ok(Value::Null) };
        let text = argument.to_text()?;
        match (method, argument) {
            ("escapeJavaScript", Value::Null) => Ok(Value::from("null")),
            ("escapeJavaScript", _) if text.is_empty() => Ok(Value::from("{}")),
            ("escapeJavaScript", _) => Ok(Value::from(codec::escape_java_script(&text))),
            (_, Value::Null) => Ok(Value::Null),
            ("parseJson", _) => {
                json::parse(&text).map_err(|error| HostError::new(format!("the text is not JSON: {error}")))
            }
            ("urlEncode", _) => Ok(Value::from(codec::url_encode(&text))),
            ("urlDecode", _) => {
                codec::url_decode(&text).map(Value::from).ok_or_else(|| HostError::new("the text is not URL-encoded"))
            }
            ("base64Encode", _) => Ok(Value::from(codec::base64_encode(&text))),
            ("base64Decode", _) => Ok(Value::from(codec::base64_decode(&text))),
            _ => Ok(Value::Null),
        }
    }
}
