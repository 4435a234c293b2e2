//! Roles and their policies ("Role", "RoleDetail" of the IAM API reference).

mod managed_policy;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{caller::Scope, time::EpochSeconds};

pub use managed_policy::managed_policy;

/// The region under which roles are kept: IAM knows no regions.
pub const REGION: &str = "aws-global";

/// A role of an account: who may take it on, and what it then may do.
///
/// Policies are kept as the texts that the user sent, which is what IAM gives back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Role {
    /// The name, unique within the account; names that differ only in case are the same name.
    pub role_name: String,
    /// The path, `/` or `/…/`.
    pub path: String,
    /// The unique id, `AROA…`; a role that is deleted and made again gets another.
    pub role_id: String,
    /// `arn:aws:iam::{account}:role{path}{name}`.
    pub arn: String,
    /// When it was made.
    pub create_date: EpochSeconds,
    /// The trust policy.
    pub assume_role_policy_document: String,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The longest session of the role in seconds, 3,600 to 43,200.
    pub max_session_duration: u32,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// Inline policies by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub inline_policies: IndexMap<String, String>,
    /// ARNs of the managed policies attached, in the order of attachment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attached_policies: Vec<String>,
}

impl Role {
    /// Where an account's roles are kept.
    #[must_use]
    pub fn scope(account: &str) -> Scope {
        Scope { account: account.to_owned(), region: REGION.to_owned() }
    }

    /// The id under which the role of this name is kept: the same for names that differ only in case, so that only one of
    /// them can exist. Whoever looks a role up compares the found role's own name or ARN.
    #[must_use]
    pub fn record_id(role_name: &str) -> String {
        role_name.to_ascii_lowercase()
    }

    /// All identity policies of the role: the inline ones, then the attached managed ones, in the order of attachment.
    ///
    /// Differs from AWS: a managed policy whose document LambdaGate does not have grants (and denies) nothing.
    pub fn identity_policies(&self) -> impl Iterator<Item = &str> {
        let attached = self.attached_policies.iter().filter_map(|arn| managed_policy(arn));
        self.inline_policies.values().map(String::as_str).chain(attached)
    }
}

#[cfg(test)]
mod tests;
