//! What stands behind a method ("Integration", "IntegrationResponse" of the API reference).

use std::{collections::BTreeMap, fmt, str::FromStr};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{id::StatusCode, method::UnknownChoice};

/// The shortest time that an integration may be given, in milliseconds.
pub const TIMEOUT_MS_MIN: u32 = 50;
/// The longest time that an integration may be given, and what it is given when nothing is said, in milliseconds.
pub const TIMEOUT_MS_MAX: u32 = 29_000;
/// The longest time that an integration may be given whose response is streamed, in milliseconds.
pub const STREAM_TIMEOUT_MS_MAX: u32 = 900_000;

/// The refusal of [`ResponseTransferMode::Stream`] for a type whose responses pass through mappings.
pub const STREAM_NEEDS_PROXY: &str =
    "Response transfer mode STREAM is only supported for integrations of type HTTP_PROXY and AWS_PROXY";

/// A method's backend and the way there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Integration {
    /// The kind of backend.
    #[serde(rename = "type")]
    pub integration_type: IntegrationType,
    /// The HTTP method towards the backend; absent for `MOCK`. `ANY` passes the client's on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http_method: Option<String>,
    /// The backend's URL or ARN; absent for `MOCK`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The role that the gateway takes on, or `arn:aws:iam::*:user/*` for the caller's own credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<String>,
    /// `INTERNET` (default) or `VPC_LINK`; shown for HTTP types only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_type: Option<String>,
    /// The VPC link's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// Mappings `integration.request.{header|querystring|path}.NAME` ← expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_parameters: Option<IndexMap<String, String>>,
    /// Mapping templates by content type; a template that was sent as null stays null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_templates: Option<IndexMap<String, Option<String>>>,
    /// What happens to bodies of a content type without a template.
    pub passthrough_behavior: PassthroughBehavior,
    /// Conversion of the request payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_handling: Option<ContentHandling>,
    /// How long the backend may take, [`TIMEOUT_MS_MIN`] to [`Integration::timeout_ms_max`] milliseconds.
    pub timeout_in_millis: u32,
    /// The response cache's namespace; the resource id unless set.
    pub cache_namespace: String,
    /// Parameters whose values are part of the cache key.
    pub cache_key_parameters: Vec<String>,
    /// TLS towards an HTTP backend.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_config: Option<TlsConfig>,
    /// How the client gets the backend's response, when that was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_transfer_mode: Option<ResponseTransferMode>,
    /// The load balancer or service behind a VPC link, when one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration_target: Option<String>,
    /// What becomes of the backend's answers, by the status code that the client gets.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub integration_responses: BTreeMap<StatusCode, IntegrationResponse>,
}

impl Integration {
    /// The longest time that the backend may be given, in milliseconds.
    #[must_use]
    pub fn timeout_ms_max(&self) -> u32 {
        timeout_ms_max(self.response_transfer_mode)
    }
}

/// The longest time that a backend may be given whose response is transferred so, in milliseconds.
#[must_use]
pub fn timeout_ms_max(mode: Option<ResponseTransferMode>) -> u32 {
    match mode {
        Some(ResponseTransferMode::Stream) => STREAM_TIMEOUT_MS_MAX,
        Some(ResponseTransferMode::Buffered) | None => TIMEOUT_MS_MAX,
    }
}

/// What becomes of one kind of answer of the backend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IntegrationResponse {
    /// The status code that the client gets.
    pub status_code: StatusCode,
    /// The Java regular expression that picks this response; absent or empty makes it the default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selection_pattern: Option<String>,
    /// Mappings `method.response.header.NAME` ← expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_parameters: Option<IndexMap<String, String>>,
    /// Mapping templates by content type; a template that was sent as null stays null.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_templates: Option<IndexMap<String, Option<String>>>,
    /// Conversion of the response payload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_handling: Option<ContentHandling>,
}

/// TLS towards an HTTP backend.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TlsConfig {
    /// Whether the backend's certificate is taken without verification.
    pub insecure_skip_verification: bool,
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, $what:literal, { $($(#[$variant_doc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// The wire name.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl FromStr for $name {
            type Err = UnknownChoice;

            fn from_str(text: &str) -> Result<Self, UnknownChoice> {
                match text {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(UnknownChoice::new($what, text)),
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

choice!(
    /// The kind of backend.
    IntegrationType, "integration type", {
        /// A URL, with mappings both ways.
        Http = "HTTP",
        /// None: the gateway answers.
        Mock = "MOCK",
        /// A function that gets the whole request as an event and shapes the whole response.
        AwsProxy = "AWS_PROXY",
        /// A URL that gets the request and gives the response as they are.
        HttpProxy = "HTTP_PROXY",
        /// An AWS service action, a function's invocation among them, with mappings both ways.
        Aws = "AWS",
    }
);
impl IntegrationType {
    /// Whether request and response pass without mappings.
    #[must_use]
    pub fn is_proxy(self) -> bool {
        match self {
            Self::AwsProxy | Self::HttpProxy => true,
            Self::Http | Self::Mock | Self::Aws => false,
        }
    }
}

choice!(
    /// What happens to a request body whose content type has no mapping template.
    PassthroughBehavior, "passthrough behavior", {
        /// It passes as it is.
        WhenNoMatch = "WHEN_NO_MATCH",
        /// It passes only if there is no template at all; otherwise 415.
        WhenNoTemplates = "WHEN_NO_TEMPLATES",
        /// 415.
        Never = "NEVER",
    }
);
choice!(
    /// Conversion of a payload between text and binary.
    ContentHandling, "content handling", {
        /// Base64 text becomes the bytes that it stands for.
        ConvertToBinary = "CONVERT_TO_BINARY",
        /// Bytes become base64 text.
        ConvertToText = "CONVERT_TO_TEXT",
    }
);
choice!(
    /// How the client gets the backend's response.
    ResponseTransferMode, "response transfer mode", {
        /// Once all of it is there; the default.
        Buffered = "BUFFERED",
        /// As it comes; for the proxy types.
        Stream = "STREAM",
    }
);
