//! Who asks, and whether a policy's principal means them.

use std::borrow::Cow;

use crate::arn::{AccountId, RoleArn, UserArn};
use crate::policy::PrincipalPattern;

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// Nobody known: a request without credentials.
    Anonymous,
    /// An AWS service, by its principal, such as `apigateway.amazonaws.com`.
    Service(Box<str>),
    /// The root of an account.
    AccountRoot(AccountId),
    /// An IAM user.
    User(UserArn),
    /// A session of an assumed role.
    RoleSession {
        /// The role.
        role: RoleArn,
        /// The session's name.
        session_name: Box<str>,
    },
}

/// How a policy's principal means a caller; the greater the stronger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Naming {
    Not,
    /// Through its account, which decides itself.
    ByAccount,
    Direct,
}

impl Caller {
    /// The account that the caller belongs to; services and anonymous callers belong to none.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Anonymous | Self::Service(_) => None,
            Self::AccountRoot(account) => Some(account),
            Self::User(user) => Some(user.account()),
            Self::RoleSession { role, .. } => Some(role.account()),
        }
    }

    /// The caller's ARN as `GetCallerIdentity` and messages print it: for a role that of the session.
    #[must_use]
    pub fn arn(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Anonymous | Self::Service(_) => None,
            Self::AccountRoot(account) => Some(format!("arn:aws:iam::{account}:root").into()),
            Self::User(user) => Some(user.as_str().into()),
            Self::RoleSession { role, session_name } => Some(role.session_arn(session_name).into()),
        }
    }

    pub(super) fn named_by(&self, pattern: &PrincipalPattern) -> Naming {
        let direct = match (pattern, self) {
            (PrincipalPattern::Anyone, _) => true,
            (PrincipalPattern::Account(named), Self::AccountRoot(account)) => named == account,
            (PrincipalPattern::Account(named), _) => {
                return if self.account() == Some(named) { Naming::ByAccount } else { Naming::Not };
            }
            (PrincipalPattern::Role(named), Self::RoleSession { role, .. }) => named == role,
            (PrincipalPattern::RoleSession(named), Self::RoleSession { role, session_name }) => {
                named.as_str() == role.session_arn(session_name)
            }
            (PrincipalPattern::User(named), Self::User(user)) => named == user,
            (PrincipalPattern::Service(named), Self::Service(service)) => named.eq_ignore_ascii_case(service),
            (
                PrincipalPattern::Role(_)
                | PrincipalPattern::RoleSession(_)
                | PrincipalPattern::User(_)
                | PrincipalPattern::Service(_)
                | PrincipalPattern::Foreign,
                _,
            ) => false,
        };
        if direct { Naming::Direct } else { Naming::Not }
    }
}
