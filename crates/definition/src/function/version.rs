//! Published versions of functions, and names for them ("PublishVersion", "CreateAlias" of the Lambda API reference).

use serde::{Deserialize, Serialize};

use super::{Function, PermissionStatement};

/// A published version: code and configuration of `$LATEST` as they were then. Nothing but its resource policy changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PublishedVersion {
    /// From 1; a number is never given again.
    pub version: u64,
    /// The function as it was, without tags; its resource policy is the version's own.
    pub function: Function,
}

/// A name for a version that can be moved to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Alias {
    /// The name, unique within the function.
    pub name: String,
    /// `$LATEST` or a number.
    pub function_version: String,
    /// A free text.
    #[serde(default)]
    pub description: String,
    /// A UUID that changes with every change, for optimistic locking.
    pub revision_id: String,
    /// The statements of the alias's own resource policy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionStatement>,
}
