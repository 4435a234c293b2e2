//! The gateway response types as they are when nobody touched them. Developer Guide, "Gateway response types for API Gateway".

/// The template of every type.
pub(super) const DEFAULT_TEMPLATE: &str = "{\"message\":$context.error.messageString}";

/// A type, untouched.
pub(super) struct BuiltIn {
    /// The wire name.
    pub(super) name: &'static str,
    /// The status code; the defaults of the two families have none of their own.
    pub(super) status_code: Option<&'static str>,
}

impl BuiltIn {
    /// The type whose settings this one inherits.
    pub(super) fn family(&self) -> Option<&'static str> {
        Some(if self.status_code?.starts_with('4') { "DEFAULT_4XX" } else { "DEFAULT_5XX" })
    }
}

/// The type of this name.
pub(super) fn find(name: &str) -> Option<&'static BuiltIn> {
    TYPES.iter().find(|built_in| built_in.name == name)
}

const fn built_in(name: &'static str, status_code: &'static str) -> BuiltIn {
    BuiltIn { name, status_code: Some(status_code) }
}

/// All types, by their names.
pub(super) static TYPES: [BuiltIn; 21] = [
    built_in("ACCESS_DENIED", "403"),
    built_in("API_CONFIGURATION_ERROR", "500"),
    built_in("AUTHORIZER_CONFIGURATION_ERROR", "500"),
    built_in("AUTHORIZER_FAILURE", "500"),
    built_in("BAD_REQUEST_BODY", "400"),
    built_in("BAD_REQUEST_PARAMETERS", "400"),
    BuiltIn { name: "DEFAULT_4XX", status_code: None },
    BuiltIn { name: "DEFAULT_5XX", status_code: None },
    built_in("EXPIRED_TOKEN", "403"),
    built_in("INTEGRATION_FAILURE", "504"),
    built_in("INTEGRATION_TIMEOUT", "504"),
    built_in("INVALID_API_KEY", "403"),
    built_in("INVALID_SIGNATURE", "403"),
    built_in("MISSING_AUTHENTICATION_TOKEN", "403"),
    built_in("QUOTA_EXCEEDED", "429"),
    built_in("REQUEST_TOO_LARGE", "413"),
    built_in("RESOURCE_NOT_FOUND", "404"),
    built_in("THROTTLED", "429"),
    built_in("UNAUTHORIZED", "401"),
    built_in("UNSUPPORTED_MEDIA_TYPE", "415"),
    built_in("WAF_FILTERED", "403"),
];

/// The names in the order of AWS's error text.
pub(super) const MODEL_ORDER: [&str; 21] = [
    "REQUEST_TOO_LARGE",
    "RESOURCE_NOT_FOUND",
    "AUTHORIZER_CONFIGURATION_ERROR",
    "MISSING_AUTHENTICATION_TOKEN",
    "BAD_REQUEST_BODY",
    "INVALID_SIGNATURE",
    "INVALID_API_KEY",
    "BAD_REQUEST_PARAMETERS",
    "AUTHORIZER_FAILURE",
    "UNAUTHORIZED",
    "INTEGRATION_TIMEOUT",
    "ACCESS_DENIED",
    "DEFAULT_4XX",
    "DEFAULT_5XX",
    "WAF_FILTERED",
    "QUOTA_EXCEEDED",
    "THROTTLED",
    "API_CONFIGURATION_ERROR",
    "UNSUPPORTED_MEDIA_TYPE",
    "INTEGRATION_FAILURE",
    "EXPIRED_TOKEN",
];
