//! Why a request ends without a method response.
//!
//! What the client reads follows from [`Failure::response_type`], [`Failure::status`] and [`Failure::message`]; what the operator
//! reads is [`Failure::log_line`]. The two are never the same text. Developer Guide, "Gateway response types for API Gateway".

mod answer;

pub use answer::BodyForm;
pub(crate) use answer::INVALID_ENDPOINT;

/// A kind of gateway response, which a user may customise ("GatewayResponse" of the API reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each variant is the response type of its name")]
pub enum GatewayResponseType {
    AccessDenied,
    ApiConfigurationError,
    AuthorizerConfigurationError,
    AuthorizerFailure,
    BadRequestBody,
    BadRequestParameters,
    Default4xx,
    Default5xx,
    ExpiredToken,
    IntegrationFailure,
    IntegrationTimeout,
    InvalidApiKey,
    InvalidSignature,
    MissingAuthenticationToken,
    QuotaExceeded,
    RequestTooLarge,
    ResourceNotFound,
    Throttled,
    Unauthorized,
    UnsupportedMediaType,
    WafFiltered,
}

/// Why a request ends without a method response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// No such API or stage, or the host is one that the API does not want to be called by.
    #[error("no such API or stage")]
    Forbidden,
    /// The request target is longer than the gateway takes.
    #[error("the request target exceeds {limit} bytes")]
    TargetTooLong {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Request line and header values together are longer than the gateway takes.
    #[error("the request line and header values exceed {limit} bytes")]
    HeadTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The query holds characters that must be percent-encoded there.
    #[error("the query holds a character that must be percent-encoded")]
    BadQuery,
    /// No resource or no method fits: the answer is the one that AWS gives, odd as it is.
    #[error("no method fits the request")]
    MissingAuthenticationToken,
    /// The client's `Authorization` header is not a signature, on a path that no method fits.
    #[error("the Authorization header is no signature")]
    IncompleteSignature {
        /// The header's value, as the message quotes it (hashed).
        hashed: String,
    },
    /// A limit of requests per second is spent: the method's on its stage, or the account's.
    #[error("a limit of requests per second is spent")]
    Throttled,
    /// The client asked for a fresh response in place of the cached one and may not, which its stage wants refused.
    #[error("the client may not invalidate the cache")]
    CacheInvalidationRefused,
    /// The body is larger than the gateway takes.
    #[error("the body exceeds {limit} bytes")]
    RequestTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The client broke its connection off, did not send its body in time, or the framing of its body is wrong.
    #[error("the request body could not be read")]
    BodyUnreadable,
    /// The request does not carry what its method requires.
    #[error("missing required request parameters: {missing:?}")]
    BadRequestParameters {
        /// The names, in the order in which they are reported.
        missing: Vec<String>,
    },
    /// The body does not satisfy its model.
    #[error("invalid request body: {detail}")]
    BadRequestBody {
        /// `$context.error.validationErrorString`.
        detail: String,
    },
    /// A mapping reads the body's JSON, and the body is not JSON.
    #[error("invalid JSON in request body")]
    InvalidJson,
    /// The content type has no template and may not pass, or the content coding is unknown.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// The API is set up in a way that cannot work.
    #[error("configuration error: {detail}")]
    ApiConfiguration {
        /// The reason, as the execution log words it after `Execution failed due to configuration error: `.
        detail: String,
    },
    /// The method demands a check that this version cannot make, so the request is refused unchecked.
    #[error("{feature} is not supported yet: the request is refused because it cannot be checked")]
    Unsupported {
        /// What is not supported, such as `authorizationType CUSTOM`.
        feature: String,
    },
    /// The function refused to be called.
    #[error(transparent)]
    FunctionRefused(#[from] crate::ports::FunctionRefusal),
    /// A proxy function failed.
    #[error("Lambda execution failed: {message}")]
    FunctionFailed {
        /// The function's error message.
        message: String,
        /// The invocation's request id.
        request_id: String,
    },
    /// A proxy function answered something that is no response.
    #[error("malformed Lambda proxy response: {detail}")]
    MalformedProxyResponse {
        /// What is wrong, for the operator.
        detail: String,
    },
    /// The backend could not be reached.
    #[error("network error communicating with endpoint: {detail}")]
    IntegrationFailure {
        /// What happened, for the operator.
        detail: String,
    },
    /// The backend took too long.
    #[error("the endpoint did not answer within {timeout_ms} ms")]
    IntegrationTimeout {
        /// The integration's time, in milliseconds.
        timeout_ms: u32,
    },
    /// The backend's answer is larger than the gateway passes on.
    #[error("the response exceeds {limit} bytes")]
    ResponseTooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
}
