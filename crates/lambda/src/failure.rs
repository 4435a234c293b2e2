//! Why an operation is refused, and how each reason looks on the wire.
//!
//! AWS: Lambda API reference, "Common errors", and the errors of each operation.

use http::StatusCode;
use serde_json::{Value, json};

use crate::code::PackageError;
use crate::runner::InvokeError;

/// The outcome of an operation.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why an operation is refused. `Display` is the client's text as far as the client may know.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// Members break the constraints of the service model.
    #[error("{0}")]
    Validation(String),
    /// The body is not JSON, or a member has another type than the service model says.
    #[error("{0}")]
    Serialization(String),
    /// A value makes no sense for the function.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// The function, policy or statement does not exist.
    #[error("{0}")]
    NotFound(String),
    /// Something is in the way.
    #[error("{0}")]
    Conflict(String),
    /// `RevisionId` is not the latest one; the operation that tells it.
    #[error(
        "The Revision Id provided does not match the latest Revision Id. Call the {0} API to retrieve the latest \
         Revision Id"
    )]
    Precondition(&'static str),
    /// The function belongs to another account.
    #[error("the function belongs to another account")]
    AccessDenied,
    /// A request or package is larger than its limit.
    #[error("{0}")]
    EntityTooLarge(String),
    /// An event is larger than its limit.
    #[error("{bytes} byte payload is too large for the {kind} invocation type (limit {limit} bytes)")]
    EventTooLarge {
        /// Its size.
        bytes: usize,
        /// The invocation type.
        kind: &'static str,
        /// The limit.
        limit: usize,
    },
    /// An event is not JSON.
    #[error("{0}")]
    InvalidRequestContent(String),
    /// The resource policy would be larger than its limit.
    #[error("The final policy size ({bytes}) is bigger than the limit ({limit}).")]
    PolicyLengthExceeded {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// No worker is free, or the queue is full.
    #[error("Rate Exceeded.")]
    TooManyRequests {
        /// Lambda's reason.
        reason: &'static str,
    },
    /// There is no such operation.
    #[error("no operation has this method and path")]
    UnknownOperation,
    /// AWS does this and LambdaGate does not.
    #[error("{0} is not available in LambdaGate; COMPATIBILITY.md lists what is")]
    NotImplemented(String),
    /// The package cannot be unpacked, for a reason of this host and not of the package.
    #[error("the package of the function cannot be used")]
    Package(#[source] PackageError),
    /// The runner is ending.
    #[error("the function runner is shutting down")]
    ShuttingDown,
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] store::Error),
    /// A stored function cannot be run.
    #[error("the stored function cannot be used: {0}")]
    Unusable(String),
}

/// Which spelling of `message` a refusal uses, and what stands beside it.
enum Shape {
    /// `{"message":…}`.
    Bare,
    /// `{"Type":"User","message":…}`.
    Typed,
    /// `{"Type":"User","Message":…}`.
    Capital,
    /// `{"message":null}`.
    Null,
    /// `{"Message":null}`.
    CapitalNull,
    /// `{"Reason":…,"Type":"User","message":…}`.
    Reason(&'static str),
    /// `{"Type":"Service","message":…}`: the cause is for the log only.
    Internal,
}

impl Failure {
    /// The status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.kind().0
    }

    /// The value of `x-amzn-ErrorType`.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        self.kind().1
    }

    /// The body of the answer.
    pub(crate) fn document(&self) -> Value {
        let message = self.to_string();
        match self.kind().2 {
            Shape::Bare => json!({ "message": message }),
            Shape::Typed => json!({ "Type": "User", "message": message }),
            Shape::Capital => json!({ "Type": "User", "Message": message }),
            Shape::Null => json!({ "message": null }),
            Shape::CapitalNull => json!({ "Message": null }),
            Shape::Reason(reason) => json!({ "Reason": reason, "Type": "User", "message": message }),
            Shape::Internal => {
                json!({ "Type": "Service", "message": "An error occurred and the request cannot be processed." })
            }
        }
    }

    fn kind(&self) -> (StatusCode, &'static str, Shape) {
        match self {
            Self::Validation(_) => (StatusCode::BAD_REQUEST, "ValidationException", Shape::Bare),
            Self::Serialization(_) => (StatusCode::BAD_REQUEST, "SerializationException", Shape::Bare),
            Self::InvalidParameterValue(_) => (StatusCode::BAD_REQUEST, "InvalidParameterValueException", Shape::Typed),
            Self::NotFound(_) => (StatusCode::NOT_FOUND, "ResourceNotFoundException", Shape::Capital),
            Self::Conflict(_) => (StatusCode::CONFLICT, "ResourceConflictException", Shape::Typed),
            Self::Precondition(_) => (StatusCode::PRECONDITION_FAILED, "PreconditionFailedException", Shape::Typed),
            Self::AccessDenied => (StatusCode::FORBIDDEN, "AccessDeniedException", Shape::CapitalNull),
            Self::EntityTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", Shape::Typed),
            Self::EventTooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "RequestTooLargeException", Shape::Typed),
            Self::InvalidRequestContent(_) => (StatusCode::BAD_REQUEST, "InvalidRequestContentException", Shape::Typed),
            Self::PolicyLengthExceeded { .. } => {
                (StatusCode::BAD_REQUEST, "PolicyLengthExceededException", Shape::Typed)
            }
            Self::TooManyRequests { reason } => {
                (StatusCode::TOO_MANY_REQUESTS, "TooManyRequestsException", Shape::Reason(reason))
            }
            Self::UnknownOperation => (StatusCode::NOT_FOUND, "UnknownOperationException", Shape::Null),
            Self::NotImplemented(_) => (StatusCode::NOT_IMPLEMENTED, "NotImplementedException", Shape::Bare),
            Self::Package(_) | Self::ShuttingDown | Self::Store(_) | Self::Unusable(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "ServiceException", Shape::Internal)
            }
        }
    }

    /// A stored function whose text no parser takes; only damage to the store makes one.
    pub(crate) fn unusable(cause: &impl ToString) -> Self {
        Self::Unusable(cause.to_string())
    }
}

impl From<InvokeError> for Failure {
    fn from(error: InvokeError) -> Self {
        match error {
            InvokeError::Throttled { reason } => Self::TooManyRequests { reason: reason.as_str() },
            InvokeError::ShuttingDown => Self::ShuttingDown,
        }
    }
}

impl From<PackageError> for Failure {
    fn from(error: PackageError) -> Self {
        match error {
            PackageError::Empty
            | PackageError::Corrupt
            | PackageError::Unzipped
            | PackageError::Refused { .. }
            | PackageError::Folder { .. } => Self::InvalidParameterValue(error.to_string()),
            PackageError::Zipped { .. } => Self::EntityTooLarge(error.to_string()),
            PackageError::Host { .. } => Self::Package(error),
        }
    }
}
