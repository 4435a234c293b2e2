//! Why a control-plane call is refused, and how AWS says so.
//!
//! The status and the `x-amzn-ErrorType` of an answer follow from the variant; its `message` is the text that AWS puts there.
//! What went wrong inside is for the log alone. API Reference, "Common errors" and the exceptions of each operation.

use std::borrow::Cow;

use http::StatusCode;

/// The outcome of an operation.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// Why a call is refused.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The body is not JSON, or a member has another JSON type than its model says.
    #[error("{0}")]
    Serialization(String),
    /// Members break the constraints of the service model; the text lists all of them.
    #[error("{0}")]
    Validation(String),
    /// The call makes no sense as it stands.
    #[error("{0}")]
    BadRequest(Cow<'static, str>),
    /// The caller may not do this.
    #[error("{0}")]
    AccessDenied(Cow<'static, str>),
    /// What the call names is not there.
    #[error("{0}")]
    NotFound(Cow<'static, str>),
    /// What is there stands against the call.
    #[error("{0}")]
    Conflict(Cow<'static, str>),
    /// Someone or something has as many things of a kind as it may have.
    #[error("Maximum number of {things} for this {owner} has been reached")]
    LimitExceeded {
        /// What there are too many of.
        things: &'static str,
        /// Whose they are, such as `account`.
        owner: &'static str,
    },
    /// No operation has this method and path.
    #[error("Missing Authentication Token")]
    UnknownRoute,
    /// The store could not do what it was asked.
    #[error("the store failed")]
    Store(#[from] store::Error),
    /// Work beside the store, such as the reading of a document, ended before it was done.
    #[error("work was cut short")]
    CutShort(#[from] tokio::task::JoinError),
    /// The system gave no random bytes for a secret.
    #[error("the system has no random bytes")]
    Randomness(#[from] aws_lc_rs::error::Unspecified),
    /// A package of ours could not be written.
    #[error("a package could not be written")]
    Package(#[from] zip::result::ZipError),
    /// A key or its certificate could not be made.
    #[error("a certificate could not be made")]
    Certificate(#[from] rcgen::Error),
    /// A value of ours could not be written as JSON.
    #[error("an answer could not be written")]
    Answer(#[from] serde_json::Error),
}

impl Failure {
    /// A [`Failure::BadRequest`] with this text.
    pub(crate) fn bad_request(message: impl Into<Cow<'static, str>>) -> Self {
        Self::BadRequest(message.into())
    }

    /// A [`Failure::NotFound`] with this text.
    pub(crate) fn not_found(message: impl Into<Cow<'static, str>>) -> Self {
        Self::NotFound(message.into())
    }

    /// A [`Failure::Conflict`] with this text.
    pub(crate) fn conflict(message: impl Into<Cow<'static, str>>) -> Self {
        Self::Conflict(message.into())
    }

    /// The refusal of one more, such as `domain names`, to an owner, such as `account`.
    pub(crate) fn limit_exceeded(things: &'static str, owner: &'static str) -> Self {
        Self::LimitExceeded { things, owner }
    }

    /// The refusal of a call that met another one, and would succeed if it were made again.
    pub(crate) fn concurrent_modification() -> Self {
        Self::conflict("Unable to complete operation due to concurrent modification. Please try again later.")
    }

    /// The answer's status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Serialization(_) | Self::Validation(_) | Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::AccessDenied(_) | Self::UnknownRoute => StatusCode::FORBIDDEN,
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::LimitExceeded { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Store(_)
            | Self::CutShort(_)
            | Self::Randomness(_)
            | Self::Package(_)
            | Self::Certificate(_)
            | Self::Answer(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The exception's name, by which clients tell errors apart.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Serialization(_) => "SerializationException",
            Self::Validation(_) => "ValidationException",
            Self::BadRequest(_) => "BadRequestException",
            Self::AccessDenied(_) => "AccessDeniedException",
            Self::NotFound(_) => "NotFoundException",
            Self::Conflict(_) => "ConflictException",
            Self::UnknownRoute => "MissingAuthenticationTokenException",
            Self::LimitExceeded { .. } => "LimitExceededException",
            Self::Store(_)
            | Self::CutShort(_)
            | Self::Randomness(_)
            | Self::Package(_)
            | Self::Certificate(_)
            | Self::Answer(_) => "InternalFailure",
        }
    }

    /// The text that the client reads; what failed inside stays inside.
    #[must_use]
    pub fn message(&self) -> String {
        match self {
            Self::Store(_)
            | Self::CutShort(_)
            | Self::Randomness(_)
            | Self::Package(_)
            | Self::Certificate(_)
            | Self::Answer(_) => "Internal failure".to_owned(),
            Self::Serialization(_)
            | Self::Validation(_)
            | Self::BadRequest(_)
            | Self::AccessDenied(_)
            | Self::NotFound(_)
            | Self::Conflict(_)
            | Self::LimitExceeded { .. }
            | Self::UnknownRoute => self.to_string(),
        }
    }
}
