//! Identifiers: one type per kind of thing, so that a stage's name cannot stand where an API's id belongs.
//!
//! Formats: "control plane, identifier formats" of the specification. A text in another format is, on the wire, the name of
//! something that does not exist; each operation words that in its own way.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A text that is not an identifier of the kind asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {kind}")]
pub struct InvalidId {
    /// What was asked for, such as `REST API id`.
    pub kind: &'static str,
    /// The offending text.
    pub text: Box<str>,
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || byte.is_ascii_lowercase()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "Box<str>", into = "Box<str>")]
        pub struct $name(Box<str>);

        impl $name {
            /// The identifier's text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid: fn(&str) -> bool = $valid;
                if !valid(text) {
                    return Err(InvalidId { kind: $kind, text: text.into() });
                }
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<Box<str>> for $name {
            type Error = InvalidId;

            fn try_from(text: Box<str>) -> Result<Self, InvalidId> {
                text.parse()
            }
        }

        impl From<$name> for Box<str> {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

/// Whether `text` is 1 to `max` bytes of `[0-9a-z]`.
fn is_lower_alphanumeric(text: &str, max: usize) -> bool {
    !text.is_empty() && text.len() <= max && text.bytes().all(is_id_byte)
}

id!(
    /// The id of a REST API: ten of `[0-9a-z]`, fit to be a DNS label.
    RestApiId, "REST API id", |text| text.len() == 10 && text.bytes().all(is_id_byte)
);
id!(
    /// The id of a resource: ten of `[0-9a-z]` for a root, six for the others.
    ResourceId, "resource id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of a deployment: six of `[0-9a-z]`.
    DeploymentId, "deployment id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of an authorizer: six of `[0-9a-z]`.
    AuthorizerId, "authorizer id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of a model: six of `[0-9a-z]`. Operations address models by name; the id is only shown.
    ModelId, "model id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of a request validator: six of `[0-9a-z]`.
    RequestValidatorId, "request validator id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of an API key: ten of `[0-9a-z]`. It is no secret; the key's value is.
    ApiKeyId, "API key id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of a usage plan: six of `[0-9a-z]`.
    UsagePlanId, "usage plan id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of a VPC link: six of `[0-9a-z]`.
    VpcLinkId, "VPC link id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of a client certificate: six of `[0-9a-z]`.
    ClientCertificateId, "client certificate id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// The id of a documentation part: six of `[0-9a-z]`.
    DocumentationPartId, "documentation part id", |text| is_lower_alphanumeric(text, 10)
);
id!(
    /// A stage's name: 1 to 128 of `[A-Za-z0-9_-]`, case-sensitive.
    StageName, "stage name", |text| {
        (1..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    }
);
id!(
    /// A model's name: one or more ASCII letters and digits.
    ModelName, "model name", |text| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
);

/// A three-digit status code as the control plane names it, `[1-5]\d\d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StatusCode(u16);

impl StatusCode {
    /// The code as a number, 100 to 599.
    #[must_use]
    pub fn get(self) -> u16 {
        self.0
    }
}

impl FromStr for StatusCode {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let code: Option<u16> =
            if text.len() == 3 && text.bytes().all(|b| b.is_ascii_digit()) { text.parse().ok() } else { None };
        match code {
            Some(code @ 100..=599) => Ok(Self(code)),
            _ => Err(InvalidId { kind: "status code", text: text.into() }),
        }
    }
}

impl TryFrom<String> for StatusCode {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<StatusCode> for String {
    fn from(code: StatusCode) -> Self {
        code.0.to_string()
    }
}

impl fmt::Display for StatusCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_accept_their_format_and_nothing_else() {
        assert!("a1b2c3d4e5".parse::<RestApiId>().is_ok());
        for text in ["", "short", "A1B2C3D4E5", "a1b2c3d4e5f", "a1b2-c3d4e"] {
            assert!(text.parse::<RestApiId>().is_err(), "{text}");
        }
        assert!("prod_1-x".parse::<StageName>().is_ok());
        assert!("a/b".parse::<StageName>().is_err());
    }

    #[test]
    fn status_codes_are_three_digits_from_100_to_599() {
        assert_eq!("404".parse::<StatusCode>().map(StatusCode::get), Ok(404));
        for text in ["", "20", "099", "600", "+20", "2000"] {
            assert!(text.parse::<StatusCode>().is_err(), "{text}");
        }
    }
}
