//! Why an operation fails, in the codes and words of IAM ("Common errors", and the errors of each operation).

use http::StatusCode;
use iam::policy::MalformedPolicy;

use crate::{query::Query, xml::Fault};

/// Why an operation fails; status, code and the client's message follow from the variant. `Display` is for the log.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The request names no operation.
    #[error("request without an action")]
    MissingAction,
    /// The request is longer than anyone needs.
    #[error("request is too large")]
    RequestTooLarge,
    /// There is no such operation, or `LambdaGate` does not have it.
    #[error("no operation {action:?} of version {version:?}")]
    UnknownAction { action: String, version: String },
    /// A required member is absent.
    #[error("{member} is missing")]
    MissingMember { member: &'static str },
    /// A role's or policy's name holds other characters than it may.
    #[error("{member} is no name")]
    InvalidName { member: &'static str },
    /// A member breaks a constraint of the service model.
    #[error("{member} is invalid: {constraint}")]
    Constraint { member: &'static str, value: String, constraint: String },
    /// An ARN that is none.
    #[error("{arn:?} is not an ARN")]
    InvalidArn { arn: String },
    /// A tag key that is given twice.
    #[error("tag keys are given twice")]
    DuplicateTagKeys,
    /// A policy that is none.
    #[error("policy document is malformed")]
    MalformedPolicyDocument(#[source] MalformedPolicy),
    /// There is no such role.
    #[error("no role {name:?}")]
    NoSuchRole { name: String },
    /// The role has no such inline policy.
    #[error("no inline policy {name:?}")]
    NoSuchRolePolicy { name: String },
    /// There is no such managed policy.
    #[error("no managed policy {arn:?}")]
    NoSuchPolicy { arn: String },
    /// The role has no such managed policy.
    #[error("managed policy {arn:?} is not attached")]
    NotAttached { arn: String },
    /// The role exists.
    #[error("role {name:?} exists")]
    RoleExists { name: String },
    /// A role with inline policies is not deleted.
    #[error("role has inline policies")]
    HasInlinePolicies,
    /// A role with attached policies is not deleted.
    #[error("role has attached policies")]
    HasAttachedPolicies,
    /// A quota is used up.
    #[error("quota {quota} of {limit} is exceeded")]
    QuotaExceeded { quota: &'static str, limit: usize },
    /// The inline policies of a role are longer, together, than they may be.
    #[error("inline policies of role {role:?} exceed {limit} characters")]
    PoliciesTooLong { role: String, limit: usize },
    /// The store failed.
    #[error("the store failed")]
    Store(#[from] store::Error),
}

impl Failure {
    pub(crate) fn unknown_action(query: &Query<'_>) -> Self {
        let version = query.version().unwrap_or("NO_VERSION_SPECIFIED").to_owned();
        Self::UnknownAction { action: query.action().to_owned(), version }
    }

    /// The failure as the client reads it.
    pub(crate) fn fault(&self) -> Fault {
        let party = if self.status().is_server_error() { "Receiver" } else { "Sender" };
        Fault { party, code: self.code(), message: self.message() }
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::MissingAction => "MissingAction",
            Self::RequestTooLarge | Self::MissingMember { .. } | Self::InvalidName { .. } | Self::Constraint { .. } => {
                "ValidationError"
            }
            Self::UnknownAction { .. } => "InvalidAction",
            Self::InvalidArn { .. } | Self::DuplicateTagKeys => "InvalidInput",
            Self::MalformedPolicyDocument(_) => "MalformedPolicyDocument",
            Self::NoSuchRole { .. }
            | Self::NoSuchRolePolicy { .. }
            | Self::NoSuchPolicy { .. }
            | Self::NotAttached { .. } => "NoSuchEntity",
            Self::RoleExists { .. } => "EntityAlreadyExists",
            Self::HasInlinePolicies | Self::HasAttachedPolicies => "DeleteConflict",
            Self::QuotaExceeded { .. } | Self::PoliciesTooLong { .. } => "LimitExceeded",
            Self::Store(_) => "ServiceFailure",
        }
    }

    pub(crate) fn status(&self) -> StatusCode {
        match self.code() {
            "NoSuchEntity" => StatusCode::NOT_FOUND,
            "EntityAlreadyExists" | "DeleteConflict" | "LimitExceeded" => StatusCode::CONFLICT,
            "ServiceFailure" => StatusCode::INTERNAL_SERVER_ERROR,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// What the client reads.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::MissingAction => "Missing Action".to_owned(),
            Self::RequestTooLarge => "The request is too large.".to_owned(),
            Self::UnknownAction { action, version } => {
                format!("Could not find operation {action} for version {version}")
            }
            Self::MissingMember { member } => format!(
                "1 validation error detected: Value null at '{}' failed to satisfy constraint: Member must not be null",
                wire_name(member)
            ),
            Self::InvalidName { member } => format!(
                "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
                wire_name(member)
            ),
            Self::Constraint { member, value, constraint } => format!(
                "1 validation error detected: Value '{value}' at '{}' failed to satisfy constraint: {constraint}",
                wire_name(member)
            ),
            Self::InvalidArn { arn } => format!("ARN {arn} is not valid."),
            Self::DuplicateTagKeys => {
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.".to_owned()
            }
            Self::MalformedPolicyDocument(problem) => problem.to_string(),
            Self::NoSuchRole { name } => format!("The role with name {name} cannot be found."),
            Self::NoSuchRolePolicy { name } => format!("The role policy with name {name} cannot be found."),
            Self::NoSuchPolicy { arn } => format!("Policy {arn} does not exist or is not attachable."),
            Self::NotAttached { arn } => format!("Policy {arn} was not found."),
            Self::RoleExists { name } => format!("Role with name {name} already exists."),
            Self::HasInlinePolicies => "Cannot delete entity, must delete policies first.".to_owned(),
            Self::HasAttachedPolicies => "Cannot delete entity, must detach all policies first.".to_owned(),
            Self::QuotaExceeded { quota, limit } => format!("Cannot exceed quota for {quota}: {limit}"),
            Self::PoliciesTooLong { role, limit } => {
                format!("Maximum policy size of {limit} bytes exceeded for role {role}")
            }
            Self::Store(_) => "The request processing has failed because of an unknown error.".to_owned(),
        }
    }
}

/// A member as AWS's validation errors name it: with a small first letter.
fn wire_name(member: &str) -> String {
    let mut characters = member.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
}
