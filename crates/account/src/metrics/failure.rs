//! Why an operation on metrics fails, in the codes and words of the service ("Common errors", and those of each operation).

use http::StatusCode;

use super::cbor::InvalidCbor;

/// Why an operation fails; status, codes and the client's message follow from the variant. `Display` is for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is no such operation, or `LambdaGate` does not have it.
    #[error("no operation {operation:?}")]
    UnknownOperation { operation: String },
    /// The input cannot be read in the protocol of the request.
    #[error("input cannot be read: {0}")]
    Malformed(&'static str),
    /// The input is no CBOR that is understood.
    #[error("input cannot be read")]
    MalformedCbor(#[source] InvalidCbor),
    /// The request is longer than it may be.
    #[error("request is too large")]
    RequestTooLarge,
    /// A required parameter is absent.
    #[error("{parameter} is missing")]
    Missing { parameter: String },
    /// A parameter's value is not allowed.
    #[error("{parameter} {rule}")]
    InvalidValue { parameter: String, rule: String },
    /// Parameters contradict each other, in the words that the client reads.
    #[error("{0}")]
    Combination(String),
    /// A value that would change what happens, and that is not supported.
    #[error("{what} is not supported")]
    Unsupported { what: String },
    /// The token is not one that was given out.
    #[error("next token is invalid")]
    InvalidNextToken,
    /// There are as many metrics as there may be.
    #[error("limit of {limit} metrics is reached")]
    TooManyMetrics { limit: usize },
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] store::Error),
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        if let store::Error::TooLarge { what: "metrics", limit, .. } = error {
            return Self::TooManyMetrics { limit };
        }
        Self::Store(error)
    }
}

impl Failure {
    /// The error's name in the service model, as CBOR and JSON have it.
    pub(crate) fn shape(&self) -> &'static str {
        match self {
            Self::UnknownOperation { .. } => "UnknownOperationException",
            Self::Malformed(_) | Self::MalformedCbor(_) => "SerializationException",
            Self::RequestTooLarge => "RequestEntityTooLargeException",
            Self::Missing { .. } => "MissingRequiredParameterException",
            Self::InvalidValue { .. } | Self::Unsupported { .. } => "InvalidParameterValueException",
            Self::Combination(_) => "InvalidParameterCombinationException",
            Self::InvalidNextToken => "InvalidNextToken",
            Self::TooManyMetrics { .. } => "LimitExceededException",
            Self::Store(_) => "InternalServiceFault",
        }
    }

    /// The error's code in answers to forms, which clients of every protocol know it by.
    pub(crate) fn query_code(&self) -> &'static str {
        match self {
            Self::UnknownOperation { .. } => "InvalidAction",
            Self::Malformed(_) | Self::MalformedCbor(_) => "MalformedInput",
            Self::RequestTooLarge => "RequestEntityTooLarge",
            Self::Missing { .. } => "MissingParameter",
            Self::InvalidValue { .. } | Self::Unsupported { .. } => "InvalidParameterValue",
            Self::Combination(_) => "InvalidParameterCombination",
            Self::InvalidNextToken => "InvalidNextToken",
            Self::TooManyMetrics { .. } => "LimitExceeded",
            Self::Store(_) => "InternalServiceError",
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnknownOperation { .. }
            | Self::Malformed(_)
            | Self::MalformedCbor(_)
            | Self::Missing { .. }
            | Self::InvalidValue { .. }
            | Self::Combination(_)
            | Self::Unsupported { .. }
            | Self::InvalidNextToken
            | Self::TooManyMetrics { .. } => StatusCode::BAD_REQUEST,
        }
    }

    /// What the client reads.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::UnknownOperation { operation } => format!("LambdaGate has no operation {operation:?} of CloudWatch"),
            Self::Malformed(problem) => format!("The request cannot be read: {problem}"),
            Self::MalformedCbor(problem) => format!("The request cannot be read: {problem}"),
            Self::RequestTooLarge => "The request is too large.".to_owned(),
            Self::Missing { parameter } => format!("The parameter {parameter} is required."),
            Self::InvalidValue { parameter, rule } => format!("The parameter {parameter} {rule}"),
            Self::Combination(rule) => rule.clone(),
            Self::Unsupported { what } => format!("LambdaGate does not support {what}."),
            Self::InvalidNextToken => "The NextToken is invalid.".to_owned(),
            Self::TooManyMetrics { limit } => format!("LambdaGate keeps no more than {limit} metrics."),
            Self::Store(_) => "The request processing has failed because of an unknown error.".to_owned(),
        }
    }
}
