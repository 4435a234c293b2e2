//! Why an operation on logs fails, in the codes and words of the service ("Common errors", and the errors of each operation).

use http::StatusCode;

use super::filter_pattern::InvalidPattern;

/// Why an operation fails; status, code and the client's message follow from the variant. `Display` is for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// There is no such operation, or `LambdaGate` does not have it.
    #[error("no operation {operation:?}")]
    UnknownOperation { operation: String },
    /// The input is not JSON, or a member has another type than the service model says.
    #[error("input cannot be read")]
    Malformed(#[source] serde_json::Error),
    /// The request is longer than any that could be answered.
    #[error("request is too large")]
    RequestTooLarge,
    /// A required member is absent.
    #[error("{member} is missing")]
    Missing { member: &'static str },
    /// A member breaks a constraint of the service model.
    #[error("{member} is invalid: {constraint}")]
    Constraint { member: &'static str, value: String, constraint: String },
    /// A rule of the operation is broken, in the words that the client reads.
    #[error("{0}")]
    InvalidParameter(&'static str),
    /// A member that would change what happens, and that is not supported.
    #[error("{member} is not supported")]
    Unsupported { member: &'static str },
    /// The batch's events are too large together.
    #[error("batch of {bytes} bytes exceeds {limit}")]
    BatchTooLarge { bytes: usize, limit: usize },
    /// An event is too large.
    #[error("event of {bytes} bytes exceeds {limit}")]
    EventTooLarge { bytes: usize, limit: usize },
    /// The filter pattern is none, or says what is not supported.
    #[error("filter pattern is invalid")]
    InvalidPattern(#[source] InvalidPattern),
    /// The group exists.
    #[error("log group exists")]
    GroupExists,
    /// The stream exists.
    #[error("log stream exists")]
    StreamExists,
    /// There is no such group.
    #[error("no such log group")]
    NoSuchGroup,
    /// There is no such stream.
    #[error("no such log stream")]
    NoSuchStream,
    /// A resource would have more tags than it may.
    #[error("more than {limit} tags")]
    TooManyTags { limit: usize },
    /// The store failed.
    #[error("the store failed")]
    Store(#[source] store::Error),
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

impl Failure {
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::UnknownOperation { .. } => "UnknownOperationException",
            Self::Malformed(_) | Self::RequestTooLarge => "SerializationException",
            Self::Missing { .. }
            | Self::Constraint { .. }
            | Self::InvalidParameter(_)
            | Self::Unsupported { .. }
            | Self::BatchTooLarge { .. }
            | Self::EventTooLarge { .. }
            | Self::InvalidPattern(_) => "InvalidParameterException",
            Self::GroupExists | Self::StreamExists => "ResourceAlreadyExistsException",
            Self::NoSuchGroup | Self::NoSuchStream => "ResourceNotFoundException",
            Self::TooManyTags { .. } => "TooManyTagsException",
            Self::Store(_) => "ServiceUnavailableException",
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        if matches!(self, Self::Store(_)) { StatusCode::INTERNAL_SERVER_ERROR } else { StatusCode::BAD_REQUEST }
    }

    /// What the client reads.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::UnknownOperation { operation } => {
                format!("LambdaGate has no operation {operation:?} of CloudWatch Logs")
            }
            Self::Malformed(error) => format!("The request cannot be read: {error}"),
            Self::RequestTooLarge => "The request is too large.".to_owned(),
            Self::Missing { member } => format!(
                "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ),
            Self::Constraint { member, value, constraint } => {
                format!(
                    "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
                )
            }
            Self::InvalidParameter(message) => (*message).to_owned(),
            Self::Unsupported { member } => format!("LambdaGate does not support {member}."),
            Self::BatchTooLarge { bytes, limit } => format!("Upload too large: {bytes} bytes exceeds limit of {limit}"),
            Self::EventTooLarge { bytes, limit } => {
                format!("Log event too large: {bytes} bytes exceeds limit of {limit}")
            }
            Self::InvalidPattern(problem) => format!("Invalid filter pattern: {problem}"),
            Self::GroupExists => "The specified log group already exists".to_owned(),
            Self::StreamExists => "The specified log stream already exists".to_owned(),
            Self::NoSuchGroup => "The specified log group does not exist.".to_owned(),
            Self::NoSuchStream => "The specified log stream does not exist.".to_owned(),
            Self::TooManyTags { limit } => format!("A resource can have no more than {limit} tags."),
            Self::Store(_) => "The service cannot complete the request.".to_owned(),
        }
    }
}
