//! IAM policy documents: from JSON text to compiled statements.
//!
//! [`Policy::parse`] reads a document, checks it against the grammar of its [`PolicyKind`] and compiles every pattern,
//! number, date and network in it, so that evaluation parses nothing. What a statement means for a request is the
//! business of [`crate::evaluate`]; the quotas on documents of one service are checked by that service.
//! AWS pages: "Grammar of the IAM JSON policy language", "IAM JSON policy elements reference".

use std::str::FromStr;

mod condition;
mod principal;
mod statement;
mod template;
mod wire;
#[cfg(test)]
mod tests;

pub use condition::InvalidCondition;
pub use principal::InvalidPrincipal;
pub use statement::{Effect, InvalidStatement};

pub(crate) use condition::{Comparison, Condition, Operand, Quantifier, Relation};
pub(crate) use condition::{parse_address, parse_bool, parse_date, parse_number};
pub(crate) use principal::{PrincipalElement, PrincipalPattern};
pub(crate) use statement::{ActionElement, ResourceElement, Statement};
pub(crate) use template::{Template, VariableSource};

/// The longest policy document of any service, in bytes: the quota of IAM's `policyDocument` members.
pub const POLICY_BYTES_MAX: usize = 131_072;

/// The most statements of one document. AWS has no such number; documents that fit AWS's smaller quotas stay far below.
pub const STATEMENTS_MAX: usize = 2_000;

/// What a policy is attached to, which decides the elements that its statements must and must not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyKind {
    /// To a role or user, or returned by an authorizer: no principal, a resource.
    Identity,
    /// To a function, an API or another resource: a principal and a resource.
    Resource,
    /// To a role, to say who may assume it: a principal and no resource.
    Trust,
}

/// The language version of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also where none is given: `${…}` is ordinary text.
    V2008,
    /// `2012-10-17`: `${…}` names a policy variable.
    V2012,
}

/// A compiled policy document.
#[derive(Debug, Clone)]
pub struct Policy {
    version: Version,
    id: Option<Box<str>>,
    pub(crate) statements: Box<[Statement]>,
}

/// Why a text is not a policy document; services answer `MalformedPolicyDocument`.
///
/// The text is meant for the document's author and complete in itself, place and cause in one line, so that the causes
/// are written into it instead of being chained.
#[derive(Debug, thiserror::Error)]
pub enum MalformedPolicy {
    /// The document is longer than [`POLICY_BYTES_MAX`].
    #[error("a policy document has at most {POLICY_BYTES_MAX} bytes, this one has {bytes}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The document is not JSON, lacks `Statement`, or has an unknown or repeated key beside it.
    #[error("syntax errors in policy: {0}")]
    Document(serde_json::Error),
    /// `Version` is neither of the two that exist.
    #[error("Version: {text:?} is not 2012-10-17 or 2008-10-17")]
    Version {
        /// The text that was read.
        text: Box<str>,
    },
    /// `Statement` is empty.
    #[error("Statement: a policy needs at least one statement")]
    NoStatement,
    /// `Statement` has more than [`STATEMENTS_MAX`] elements.
    #[error("Statement: a policy has at most {STATEMENTS_MAX} statements, this one has {count}")]
    TooManyStatements {
        /// Their number.
        count: usize,
    },
    /// Two statements have the same `Sid`.
    #[error("Statement[{index}].Sid: {sid:?} is already the id of an earlier statement")]
    RepeatedSid {
        /// The position of the second one, from 0.
        index: usize,
        /// The id that both have.
        sid: Box<str>,
    },
    /// A statement is wrong.
    #[error("Statement[{index}]{problem}")]
    Statement {
        /// Its position, from 0.
        index: usize,
        /// What is wrong with it.
        problem: InvalidStatement,
    },
}

impl Policy {
    /// Reads and compiles a document.
    pub fn parse(text: &str, kind: PolicyKind) -> Result<Self, MalformedPolicy> {
        if text.len() > POLICY_BYTES_MAX {
            return Err(MalformedPolicy::TooLong { bytes: text.len() });
        }
        let document: wire::Document<'_> = serde_json::from_str(text).map_err(MalformedPolicy::Document)?;
        let version = document.version.as_deref().map_or(Ok(Version::V2008), Version::from_str)?;
        let wire_statements = document.statements().map_err(MalformedPolicy::Document)?;
        if wire_statements.is_empty() {
            return Err(MalformedPolicy::NoStatement);
        }
        if wire_statements.len() > STATEMENTS_MAX {
            return Err(MalformedPolicy::TooManyStatements { count: wire_statements.len() });
        }
        let mut statements: Vec<Statement> = Vec::with_capacity(wire_statements.len());
        for (index, statement) in wire_statements.iter().enumerate() {
            let statement = Statement::parse(statement.get(), kind, version)
                .map_err(|problem| MalformedPolicy::Statement { index, problem })?;
            if let Some(sid) = &statement.sid
                && statements.iter().any(|earlier| earlier.sid.as_ref() == Some(sid))
            {
                return Err(MalformedPolicy::RepeatedSid { index, sid: sid.clone() });
            }
            statements.push(statement);
        }
        Ok(Self { version, id: document.id.map(Into::into), statements: statements.into() })
    }

    /// The language version that the document is written in.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// The document's `Id`.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// How many statements the document has; never 0.
    #[must_use]
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }
}

impl FromStr for Version {
    type Err = MalformedPolicy;

    fn from_str(text: &str) -> Result<Self, MalformedPolicy> {
        match text {
            "2008-10-17" => Ok(Self::V2008),
            "2012-10-17" => Ok(Self::V2012),
            _ => Err(MalformedPolicy::Version { text: text.into() }),
        }
    }
}
