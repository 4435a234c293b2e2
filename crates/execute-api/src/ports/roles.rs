//! The port by which integrations act as the roles of their `credentials`.

use std::time::SystemTime;

pub use aws_credential_types::Credentials;

use super::PortFuture;

/// Where the roles of integrations live: who may take one on, what it then may do, and what its calls are signed with.
pub trait Roles: Send + Sync + 'static {
    /// Takes on a role for one call of an AWS service, if its trust policy lets `apigateway.amazonaws.com` do so and its own
    /// policies allow all that the call does.
    fn assume(&self, call: RoleCall) -> PortFuture<'_, Result<RoleSession, RoleRefusal>>;
}

/// A call that is to be made as a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleCall {
    /// The role's ARN.
    pub role_arn: String,
    /// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{resource path}`.
    pub source_arn: String,
    /// The account that owns the API.
    pub source_account: String,
    /// What the call does. Empty when that cannot be told: then the service alone decides.
    pub permissions: Vec<Permission>,
    /// Whose service it calls.
    pub destination: Destination,
}

/// One thing that a call does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The action, as `sqs:SendMessage`.
    pub action: String,
    /// The ARN of what it is done to; absent when that cannot be told.
    pub resource: Option<String>,
}

/// Whose service a call goes to, which decides whose credentials it can be signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// AWS itself: only credentials that AWS gave out are of use.
    Aws,
    /// An endpoint that the operator named.
    Configured,
    /// This process.
    Own,
}

/// A role taken on.
#[derive(Debug, Clone)]
pub struct RoleSession {
    /// What the call is signed with.
    pub credentials: Credentials,
    /// The time that the signature bears.
    pub now: SystemTime,
}

/// Why a call is not made as a role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleRefusal {
    /// There is no such role, or it does not trust API Gateway.
    #[error("API Gateway does not have permission to assume the provided role {arn}")]
    Trust {
        /// The role's ARN.
        arn: String,
    },
    /// The role's policies do not allow what the call does.
    #[error("{message}")]
    Policy {
        /// The words in which AWS says so.
        message: String,
    },
    /// There are no credentials with which this destination could be called.
    #[error("{advice}")]
    NoCredentials {
        /// What to configure.
        advice: String,
    },
    /// It cannot be told now.
    #[error("the role cannot be looked up: {detail}")]
    Unavailable {
        /// Why.
        detail: String,
    },
}
