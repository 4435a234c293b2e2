//! Whom a statement of a resource or trust policy is about.
//! AWS page: "AWS JSON policy elements: Principal".

use super::wire;
use crate::arn::{AccountId, Arn, RoleArn, UserArn};

/// `Principal` or `NotPrincipal`.
#[derive(Debug, Clone)]
pub(crate) enum PrincipalElement {
    OneOf(Box<[PrincipalPattern]>),
    NoneOf(Box<[PrincipalPattern]>),
}

/// One principal as a policy names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PrincipalPattern {
    /// `"*"` or `{"AWS": "*"}`: everyone, with or without credentials.
    Anyone,
    /// An account id or the ARN of the account's root: the account, which then decides for its own.
    Account(AccountId),
    Role(RoleArn),
    User(UserArn),
    /// `arn:aws:sts::{account}:assumed-role/{role}/{session}`.
    RoleSession(Arn),
    Service(Box<str>),
    /// An identity provider or a canonical user id. No caller of this project is one, so nobody matches.
    Foreign,
}

/// Why a principal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPrincipal {
    /// A text that is not `*` stands where an object by type is needed.
    #[error("{text:?} is not \"*\" or an object")]
    Text {
        /// The text.
        text: Box<str>,
    },
    /// The type is not `AWS`, `Service`, `Federated` or `CanonicalUser`.
    #[error("{kind:?} is not a type of principal")]
    Kind {
        /// The type that was read.
        kind: Box<str>,
    },
    /// No principal is named.
    #[error("names no principal")]
    Empty,
    /// An `AWS` principal is not an account, role, user or role session, or holds a wildcard.
    #[error("{text:?} is not an account, role, user or role session")]
    Aws {
        /// The text.
        text: Box<str>,
    },
    /// A `Service` principal is not a domain name.
    #[error("{text:?} is not a service principal")]
    Service {
        /// The text.
        text: Box<str>,
    },
}

impl PrincipalPattern {
    pub(super) fn parse_all(wire: wire::Principal) -> Result<Box<[Self]>, InvalidPrincipal> {
        let by_type = match wire {
            wire::Principal::Text(text) if text == "*" => return Ok([Self::Anyone].into()),
            wire::Principal::Text(text) => return Err(InvalidPrincipal::Text { text: text.into() }),
            wire::Principal::ByType(by_type) => by_type.0,
        };
        let mut patterns = Vec::new();
        for (kind, texts) in by_type {
            for text in texts.into_vec() {
                patterns.push(match kind.as_str() {
                    "AWS" => Self::parse_aws(&text)?,
                    "Service" => Self::parse_service(&text)?,
                    "Federated" | "CanonicalUser" => Self::Foreign,
                    _ => return Err(InvalidPrincipal::Kind { kind: kind.into() }),
                });
            }
        }
        if patterns.is_empty() {
            return Err(InvalidPrincipal::Empty);
        }
        Ok(patterns.into())
    }

    fn parse_aws(text: &str) -> Result<Self, InvalidPrincipal> {
        if text == "*" {
            return Ok(Self::Anyone);
        }
        if let Ok(account) = text.parse() {
            return Ok(Self::Account(account));
        }
        let invalid = || InvalidPrincipal::Aws { text: text.into() };
        let arn: Arn = text.parse().map_err(|_| invalid())?;
        let (kind, _) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
        match (arn.service(), kind) {
            ("iam", "root") if arn.resource() == "root" => {
                arn.account().parse().map(Self::Account).map_err(|_| invalid())
            }
            ("iam", "role") => RoleArn::try_from(arn).map(Self::Role).map_err(|_| invalid()),
            ("iam", "user") => UserArn::try_from(arn).map(Self::User).map_err(|_| invalid()),
            ("sts", "assumed-role") if !text.contains(['*', '?']) => Ok(Self::RoleSession(arn)),
            _ => Err(invalid()),
        }
    }

    fn parse_service(text: &str) -> Result<Self, InvalidPrincipal> {
        let is_label = |label: &str| {
            !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        if !text.contains('.') || !text.split('.').all(is_label) {
            return Err(InvalidPrincipal::Service { text: text.into() });
        }
        Ok(Self::Service(text.to_ascii_lowercase().into()))
    }
}
