//! Payloads as text or bytes, and which template a payload meets.
//!
//! Pure rules over a payload and the headers that describe it: what counts as binary ([`BinaryMediaTypes`]), the conversions on
//! the way in and out ([`convert_request`], [`convert_response`]), the choice of a mapping template ([`TemplateSet`]) and the
//! document of a mock integration ([`mock_status`]). Developer Guide, "Content type conversions in API Gateway", "Method request
//! behavior for payloads without mapping templates for REST APIs in API Gateway".

mod mock_document;
mod template_set;

use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose},
};
use bytes::Bytes;
use definition::integration::ContentHandling;

use crate::Failure;

pub use mock_document::mock_status;
pub use template_set::TemplateSet;

/// The content type of a payload that names none.
pub const DEFAULT_MEDIA_TYPE: &str = "application/json";

/// Standard base64; padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How an API's `binaryMediaTypes` class a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadKind {
    /// Text in UTF-8.
    Text,
    /// Bytes.
    Binary,
}

impl PayloadKind {
    /// Whether a conversion makes other bytes of a request payload of this kind.
    #[must_use]
    pub fn is_changed_by(self, handling: Option<ContentHandling>) -> bool {
        match (self, handling) {
            (Self::Text, Some(ContentHandling::ConvertToBinary))
            | (Self::Binary, Some(ContentHandling::ConvertToText)) => true,
            (Self::Text, None | Some(ContentHandling::ConvertToText))
            | (Self::Binary, None | Some(ContentHandling::ConvertToBinary)) => false,
        }
    }
}

/// A payload after conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Payload {
    /// Text, which templates and mappings can read.
    Text(String),
    /// Bytes, which nothing may read.
    Binary(Bytes),
}

impl Payload {
    /// The text, unless the payload is binary.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Binary(_) => None,
        }
    }

    /// The bytes to send.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        match self {
            Self::Text(text) => text.into(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// The media types whose payloads are binary: `image/png`, `image/*`, `*/*`.
#[derive(Debug, Clone, Default)]
pub struct BinaryMediaTypes {
    patterns: Vec<Box<str>>,
}

impl BinaryMediaTypes {
    /// Takes an API's `binaryMediaTypes`.
    #[must_use]
    pub fn new(media_types: &[String]) -> Self {
        Self {
            patterns: media_types.iter().map(|media_type| essence(media_type).to_ascii_lowercase().into()).collect(),
        }
    }

    /// The kind of a payload with this `Content-Type`; parameters do not count, and only `*/*` covers a missing header.
    #[must_use]
    pub fn kind_of(&self, content_type: Option<&str>) -> PayloadKind {
        if self.patterns.is_empty() {
            return PayloadKind::Text;
        }
        let media_type = essence(content_type.unwrap_or_default());
        let binary = self.patterns.iter().any(|pattern| match pattern.strip_suffix("/*") {
            Some("*") => true,
            Some(family) => media_type.split_once('/').is_some_and(|(name, _)| name.eq_ignore_ascii_case(family)),
            None => media_type.eq_ignore_ascii_case(pattern),
        });
        if binary { PayloadKind::Binary } else { PayloadKind::Text }
    }

    /// The kind of payload that a client with this `Accept` wants: its first media type decides.
    #[must_use]
    pub fn kind_accepted(&self, accept: Option<&str>) -> PayloadKind {
        self.kind_of(accept.map(first_media_type))
    }
}

/// The media type of a `Content-Type`, without parameters and blanks.
#[must_use]
pub fn essence(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

/// The first media type of an `Accept`, without parameters and blanks.
#[must_use]
pub fn first_media_type(accept: &str) -> &str {
    essence(accept.split(',').next().unwrap_or_default())
}

/// A request payload of a kind, converted as the integration's `contentHandling` says.
///
/// # Errors
/// [`Failure::ApiConfiguration`] when text that must become binary is not base64.
pub fn convert_request(body: Bytes, kind: PayloadKind, handling: Option<ContentHandling>) -> Result<Payload, Failure> {
    match (kind, handling) {
        (PayloadKind::Text, None | Some(ContentHandling::ConvertToText)) => Ok(text(body)),
        (PayloadKind::Text, Some(ContentHandling::ConvertToBinary)) => decode(&body, "request"),
        (PayloadKind::Binary, None | Some(ContentHandling::ConvertToBinary)) => Ok(Payload::Binary(body)),
        (PayloadKind::Binary, Some(ContentHandling::ConvertToText)) => Ok(encode(&body)),
    }
}

/// A response payload of a kind, converted as the client's `Accept` and the integration response's `contentHandling` say.
///
/// # Errors
/// [`Failure::ApiConfiguration`] when text that must become binary is not base64.
pub fn convert_response(
    body: Bytes,
    kind: PayloadKind,
    accepted: PayloadKind,
    handling: Option<ContentHandling>,
) -> Result<Payload, Failure> {
    match (kind, accepted, handling) {
        (PayloadKind::Text, _, Some(ContentHandling::ConvertToText)) | (PayloadKind::Text, PayloadKind::Text, None) => {
            Ok(text(body))
        }
        (PayloadKind::Text, _, Some(ContentHandling::ConvertToBinary))
        | (PayloadKind::Text, PayloadKind::Binary, None) => decode(&body, "response"),
        (PayloadKind::Binary, _, Some(ContentHandling::ConvertToText))
        | (PayloadKind::Binary, PayloadKind::Text, None) => Ok(encode(&body)),
        (PayloadKind::Binary, _, Some(ContentHandling::ConvertToBinary))
        | (PayloadKind::Binary, PayloadKind::Binary, None) => Ok(Payload::Binary(body)),
    }
}

/// Bytes as UTF-8; what is not becomes U+FFFD.
fn text(body: Bytes) -> Payload {
    let text =
        String::from_utf8(body.into()).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Payload::Text(text)
}

fn encode(body: &[u8]) -> Payload {
    Payload::Text(general_purpose::STANDARD.encode(body))
}

fn decode(body: &[u8], phase: &str) -> Result<Payload, Failure> {
    let bytes = BASE64.decode(body.trim_ascii()).map_err(|_| Failure::ApiConfiguration {
        detail: format!("Unable to transform {phase}: the payload is not base64"),
    })?;
    Ok(Payload::Binary(bytes.into()))
}

#[cfg(test)]
mod tests;
