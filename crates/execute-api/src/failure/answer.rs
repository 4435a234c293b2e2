//! What a failure's client reads, and what its execution log says.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Failure, GatewayResponseType};
use crate::ports::FunctionRefusal;

/// How the built-in body of a gateway error is spaced: clients compare lengths, and AWS has two spellings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyForm {
    /// `{"message":"…"}`, of failures before the method's execution starts.
    BeforeExecution,
    /// `{"message": "…"}`, of failures while it runs.
    InExecution,
}

/// How the log words an integration URI that names no backend.
pub(crate) const INVALID_ENDPOINT: &str = "Invalid endpoint address";

impl Failure {
    /// The failure of a client whose `Authorization` header is meant for something else, on a path that no method fits.
    #[must_use]
    pub fn incomplete_signature(authorization: &str) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, authorization.as_bytes());
        Self::IncompleteSignature { hashed: STANDARD.encode(digest) }
    }

    /// The failure of an API that is set up in a way that cannot work.
    #[must_use]
    pub fn configuration(detail: impl Into<String>) -> Self {
        Self::ApiConfiguration { detail: detail.into() }
    }

    /// The failure of an integration whose URI names no backend that can be called.
    pub(crate) fn invalid_endpoint() -> Self {
        Self::configuration(INVALID_ENDPOINT)
    }

    /// The gateway response whose settings shape the answer to this failure. AWS stores settings of `REQUEST_TOO_LARGE` and never
    /// applies any to it, not even those of its family.
    #[must_use]
    pub fn customised_as(&self) -> Option<GatewayResponseType> {
        self.response_type().filter(|response_type| *response_type != GatewayResponseType::RequestTooLarge)
    }

    /// The gateway response that this failure is; `None` for those that are none.
    #[must_use]
    pub fn response_type(&self) -> Option<GatewayResponseType> {
        match self {
            Self::Forbidden | Self::TargetTooLong { .. } | Self::HeadTooLarge { .. } | Self::BadQuery => None,
            Self::MissingAuthenticationToken | Self::IncompleteSignature { .. } => {
                Some(GatewayResponseType::MissingAuthenticationToken)
            }
            Self::Throttled => Some(GatewayResponseType::Throttled),
            Self::CacheInvalidationRefused => Some(GatewayResponseType::AccessDenied),
            Self::RequestTooLarge { .. } => Some(GatewayResponseType::RequestTooLarge),
            Self::BadRequestParameters { .. } => Some(GatewayResponseType::BadRequestParameters),
            Self::BadRequestBody { .. } | Self::InvalidJson | Self::BodyUnreadable => {
                Some(GatewayResponseType::BadRequestBody)
            }
            Self::UnsupportedMediaType => Some(GatewayResponseType::UnsupportedMediaType),
            Self::ApiConfiguration { .. } | Self::Unsupported { .. } => {
                Some(GatewayResponseType::ApiConfigurationError)
            }
            Self::FunctionRefused(_) | Self::IntegrationFailure { .. } => Some(GatewayResponseType::IntegrationFailure),
            Self::IntegrationTimeout { .. } => Some(GatewayResponseType::IntegrationTimeout),
            Self::FunctionFailed { .. } | Self::MalformedProxyResponse { .. } | Self::ResponseTooLarge { .. } => {
                Some(GatewayResponseType::Default5xx)
            }
        }
    }

    /// The built-in status code.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Forbidden
            | Self::MissingAuthenticationToken
            | Self::IncompleteSignature { .. }
            | Self::CacheInvalidationRefused => 403,
            Self::RequestTooLarge { .. } => 413,
            Self::TargetTooLong { .. } => 414,
            Self::Throttled => 429,
            Self::HeadTooLarge { .. } => 431,
            Self::BadQuery
            | Self::BadRequestParameters { .. }
            | Self::BadRequestBody { .. }
            | Self::InvalidJson
            | Self::BodyUnreadable => 400,
            Self::UnsupportedMediaType => 415,
            Self::ApiConfiguration { .. }
            | Self::Unsupported { .. }
            | Self::FunctionRefused(_)
            | Self::ResponseTooLarge { .. } => 500,
            Self::FunctionFailed { .. } | Self::MalformedProxyResponse { .. } => 502,
            Self::IntegrationFailure { .. } | Self::IntegrationTimeout { .. } => 504,
        }
    }

    /// The built-in `x-amzn-ErrorType`.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Forbidden => "ForbiddenException",
            Self::MissingAuthenticationToken => "MissingAuthenticationTokenException",
            Self::IncompleteSignature { .. } => "IncompleteSignatureException",
            Self::RequestTooLarge { .. } => "RequestTooLargeException",
            Self::Throttled => "TooManyRequestsException",
            Self::CacheInvalidationRefused => "AccessDeniedException",
            Self::TargetTooLong { .. }
            | Self::HeadTooLarge { .. }
            | Self::BadQuery
            | Self::BadRequestParameters { .. }
            | Self::BadRequestBody { .. }
            | Self::InvalidJson
            | Self::BodyUnreadable
            | Self::UnsupportedMediaType => "BadRequestException",
            Self::ApiConfiguration { .. }
            | Self::Unsupported { .. }
            | Self::FunctionRefused(_)
            | Self::FunctionFailed { .. }
            | Self::MalformedProxyResponse { .. }
            | Self::IntegrationFailure { .. }
            | Self::IntegrationTimeout { .. }
            | Self::ResponseTooLarge { .. } => "InternalServerErrorException",
        }
    }

    /// What the client is told: `$context.error.message`.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Forbidden => "Forbidden".to_owned(),
            Self::MissingAuthenticationToken => "Missing Authentication Token".to_owned(),
            Self::IncompleteSignature { hashed } => format!(
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
                 Base64): '{hashed}'."
            ),
            Self::RequestTooLarge { .. } => "Request Too Long".to_owned(),
            Self::TargetTooLong { .. } => "Request URI too long".to_owned(),
            Self::HeadTooLarge { .. } => "Request Header Fields Too Large".to_owned(),
            Self::BadQuery => "Bad Request".to_owned(),
            Self::Throttled => "Too Many Requests".to_owned(),
            Self::CacheInvalidationRefused => "Unauthorized".to_owned(),
            Self::BadRequestParameters { missing } => {
                format!("Missing required request parameters: [{}]", missing.join(", "))
            }
            Self::BadRequestBody { .. } | Self::BodyUnreadable => "Invalid request body".to_owned(),
            Self::InvalidJson => "Invalid JSON in request body".to_owned(),
            Self::UnsupportedMediaType => "Unsupported Media Type".to_owned(),
            Self::IntegrationFailure { .. } => "Network error communicating with endpoint".to_owned(),
            Self::IntegrationTimeout { .. } => "Endpoint request timed out".to_owned(),
            Self::ApiConfiguration { .. }
            | Self::Unsupported { .. }
            | Self::FunctionRefused(_)
            | Self::FunctionFailed { .. }
            | Self::MalformedProxyResponse { .. }
            | Self::ResponseTooLarge { .. } => "Internal server error".to_owned(),
        }
    }

    /// How the built-in body is spaced.
    #[must_use]
    pub fn body_form(&self) -> BodyForm {
        match self {
            Self::Forbidden
            | Self::TargetTooLong { .. }
            | Self::HeadTooLarge { .. }
            | Self::BadQuery
            | Self::MissingAuthenticationToken
            | Self::IncompleteSignature { .. }
            | Self::Throttled
            | Self::RequestTooLarge { .. }
            | Self::BodyUnreadable => BodyForm::BeforeExecution,
            Self::BadRequestParameters { .. }
            | Self::BadRequestBody { .. }
            | Self::InvalidJson
            | Self::UnsupportedMediaType
            | Self::CacheInvalidationRefused
            | Self::ApiConfiguration { .. }
            | Self::Unsupported { .. }
            | Self::FunctionRefused(_)
            | Self::FunctionFailed { .. }
            | Self::MalformedProxyResponse { .. }
            | Self::IntegrationFailure { .. }
            | Self::IntegrationTimeout { .. }
            | Self::ResponseTooLarge { .. } => BodyForm::InExecution,
        }
    }

    /// `$context.error.validationErrorString`, of a body that does not satisfy its model.
    #[must_use]
    pub fn validation_error(&self) -> Option<&str> {
        if let Self::BadRequestBody { detail } = self { Some(detail) } else { None }
    }

    /// What the operator's log says: like the error's own text, without what a function said, which may hold data.
    #[must_use]
    pub fn reason(&self) -> String {
        if let Self::FunctionFailed { request_id, .. } = self {
            return format!("Lambda execution failed, Lambda request id {request_id}");
        }
        self.to_string()
    }

    /// The line that the execution log gets.
    #[must_use]
    pub fn log_line(&self) -> String {
        match self {
            Self::ApiConfiguration { detail } => configuration_line(detail),
            Self::Unsupported { .. } => configuration_line(&self.to_string()),
            Self::FunctionRefused(refusal) => refusal_line(refusal),
            Self::FunctionFailed { message, request_id } => format!(
                "Lambda execution failed with status 200 due to customer function error: {message}. Lambda request id: \
                 {request_id}"
            ),
            Self::MalformedProxyResponse { .. } => configuration_line("Malformed Lambda proxy response"),
            Self::IntegrationFailure { .. } => {
                "Execution failed due to a network error communicating with endpoint".to_owned()
            }
            Self::IntegrationTimeout { .. } => "Execution failed due to a timeout error".to_owned(),
            Self::ResponseTooLarge { .. } => configuration_line("Integration response exceeds the payload limit"),
            Self::BadRequestBody { detail } => {
                format!("Request body does not match model schema for content type: {detail}")
            }
            Self::BadRequestParameters { .. }
            | Self::InvalidJson
            | Self::UnsupportedMediaType
            | Self::CacheInvalidationRefused => {
                format!("Execution failed: {}", self.message())
            }
            Self::Forbidden
            | Self::TargetTooLong { .. }
            | Self::HeadTooLarge { .. }
            | Self::BadQuery
            | Self::MissingAuthenticationToken
            | Self::IncompleteSignature { .. }
            | Self::Throttled
            | Self::RequestTooLarge { .. }
            | Self::BodyUnreadable => self.message(),
        }
    }
}

impl GatewayResponseType {
    /// All of them.
    pub const ALL: [Self; 21] = [
        Self::AccessDenied,
        Self::ApiConfigurationError,
        Self::AuthorizerConfigurationError,
        Self::AuthorizerFailure,
        Self::BadRequestBody,
        Self::BadRequestParameters,
        Self::Default4xx,
        Self::Default5xx,
        Self::ExpiredToken,
        Self::IntegrationFailure,
        Self::IntegrationTimeout,
        Self::InvalidApiKey,
        Self::InvalidSignature,
        Self::MissingAuthenticationToken,
        Self::QuotaExceeded,
        Self::RequestTooLarge,
        Self::ResourceNotFound,
        Self::Throttled,
        Self::Unauthorized,
        Self::UnsupportedMediaType,
        Self::WafFiltered,
    ];

    /// The wire name, such as `BAD_REQUEST_BODY`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AccessDenied => "ACCESS_DENIED",
            Self::ApiConfigurationError => "API_CONFIGURATION_ERROR",
            Self::AuthorizerConfigurationError => "AUTHORIZER_CONFIGURATION_ERROR",
            Self::AuthorizerFailure => "AUTHORIZER_FAILURE",
            Self::BadRequestBody => "BAD_REQUEST_BODY",
            Self::BadRequestParameters => "BAD_REQUEST_PARAMETERS",
            Self::Default4xx => "DEFAULT_4XX",
            Self::Default5xx => "DEFAULT_5XX",
            Self::ExpiredToken => "EXPIRED_TOKEN",
            Self::IntegrationFailure => "INTEGRATION_FAILURE",
            Self::IntegrationTimeout => "INTEGRATION_TIMEOUT",
            Self::InvalidApiKey => "INVALID_API_KEY",
            Self::InvalidSignature => "INVALID_SIGNATURE",
            Self::MissingAuthenticationToken => "MISSING_AUTHENTICATION_TOKEN",
            Self::QuotaExceeded => "QUOTA_EXCEEDED",
            Self::RequestTooLarge => "REQUEST_TOO_LARGE",
            Self::ResourceNotFound => "RESOURCE_NOT_FOUND",
            Self::Throttled => "THROTTLED",
            Self::Unauthorized => "UNAUTHORIZED",
            Self::UnsupportedMediaType => "UNSUPPORTED_MEDIA_TYPE",
            Self::WafFiltered => "WAF_FILTERED",
        }
    }

    /// The type whose settings are taken when a type has none of its own.
    #[must_use]
    pub fn family(self) -> Self {
        match self {
            Self::ApiConfigurationError
            | Self::AuthorizerConfigurationError
            | Self::AuthorizerFailure
            | Self::IntegrationFailure
            | Self::IntegrationTimeout
            | Self::Default5xx => Self::Default5xx,
            Self::AccessDenied
            | Self::BadRequestBody
            | Self::BadRequestParameters
            | Self::Default4xx
            | Self::ExpiredToken
            | Self::InvalidApiKey
            | Self::InvalidSignature
            | Self::MissingAuthenticationToken
            | Self::QuotaExceeded
            | Self::RequestTooLarge
            | Self::ResourceNotFound
            | Self::Throttled
            | Self::Unauthorized
            | Self::UnsupportedMediaType
            | Self::WafFiltered => Self::Default4xx,
        }
    }
}

fn configuration_line(detail: &str) -> String {
    format!("Execution failed due to configuration error: {detail}")
}

fn refusal_line(refusal: &FunctionRefusal) -> String {
    match refusal {
        FunctionRefusal::Permission { .. } => configuration_line("Invalid permissions on Lambda function"),
        FunctionRefusal::Role { .. } => configuration_line(&refusal.to_string()),
        FunctionRefusal::NotFound { .. }
        | FunctionRefusal::Throttled { .. }
        | FunctionRefusal::Payload { .. }
        | FunctionRefusal::Unavailable { .. } => configuration_line(&format!("Lambda invocation failed: {refusal}")),
    }
}
