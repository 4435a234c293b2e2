//! Functions ("FunctionConfiguration" of the Lambda API reference).
//!
//! A [`Function`] is the unpublished version `$LATEST` with everything that belongs to the function itself: its tags and
//! its resource policy. Numbers outside AWS's quotas cannot be held; what an operation answers to one who sends them is
//! the business of the crate that speaks the wire.

mod permission;
mod setting;
mod version;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::time::EpochMillis;

pub use permission::{PermissionStatement, Principal};
pub use setting::{
    Architecture, Environment, EphemeralStorage, LogFormat, LoggingConfig, MEMORY_MB_DEFAULT, MEMORY_MB_MAX,
    MEMORY_MB_MIN, MemoryMb, OutOfRange, STORAGE_MB_DEFAULT, STORAGE_MB_MAX, STORAGE_MB_MIN, StorageMb,
    TIMEOUT_SECONDS_DEFAULT, TIMEOUT_SECONDS_MAX, TIMEOUT_SECONDS_MIN, TimeoutSeconds, TracingConfig, TracingMode,
};
pub use version::{Alias, PublishedVersion};

/// The longest name of a function, in bytes.
pub const FUNCTION_NAME_BYTES_MAX: usize = 64;
/// The longest handler, in bytes.
pub const HANDLER_BYTES_MAX: usize = 128;
/// The longest description, in characters.
pub const DESCRIPTION_CHARS_MAX: usize = 256;
/// The most bytes that a function's environment variables take as compact JSON.
pub const ENVIRONMENT_BYTES_MAX: usize = 4096;
/// The most tags of a function.
pub const TAGS_MAX: usize = 50;
/// The largest resource policy, in bytes.
pub const POLICY_BYTES_MAX: usize = 20 * 1024;

/// A function: the code and configuration of `$LATEST`, its tags and its resource policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Function {
    /// The name, unique within account and region: 1 to 64 of `[A-Za-z0-9-_]`.
    pub function_name: String,
    /// The execution role's ARN. Nothing of it is looked up.
    pub role: String,
    /// The runtime's identifier, such as `nodejs20.x`.
    pub runtime: String,
    /// The handler, such as `index.handler`.
    pub handler: String,
    /// A free text.
    #[serde(default)]
    pub description: String,
    /// The package's bytes.
    pub code_size: u64,
    /// Base64 of the SHA-256 of the package, which is its name in the store.
    pub code_sha256: String,
    /// Time of one invocation.
    pub timeout: TimeoutSeconds,
    /// Memory limit.
    pub memory_size: MemoryMb,
    /// Room in `/tmp`.
    pub ephemeral_storage: EphemeralStorage,
    /// Environment variables; `None` when they were never set, which is shown otherwise than an empty set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<Environment>,
    /// Whether calls are traced. Recorded only.
    pub tracing_config: TracingConfig,
    /// The instruction set that the code is made for.
    pub architecture: Architecture,
    /// The shape of its log.
    pub logging_config: LoggingConfig,
    /// When code or configuration changed last.
    pub last_modified: EpochMillis,
    /// A UUID that changes with every change, for optimistic locking.
    pub revision_id: String,
    /// A UUID that changes only with what a running worker sees: code and configuration. Never on the wire.
    pub execution_id: String,
    /// The number of the version that was published last; 0 before the first.
    #[serde(default)]
    pub last_version: u64,
    /// The statements of the resource policy, in the order in which they were added.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub permissions: Vec<PermissionStatement>,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}

impl Function {
    /// The resource policy as a document, or `None` when it has no statement.
    #[must_use]
    pub fn policy_document(&self) -> Option<String> {
        policy_document(&self.permissions)
    }
}

/// The resource policy of these statements as a document, or `None` when there is no statement.
#[must_use]
pub fn policy_document(permissions: &[PermissionStatement]) -> Option<String> {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Document<'a> {
        version: &'static str,
        id: &'static str,
        statement: &'a [PermissionStatement],
    }
    if permissions.is_empty() {
        return None;
    }
    let document = Document { version: "2012-10-17", id: "default", statement: permissions };
    // Maps with text keys and texts: nothing in it can fail to be written.
    serde_json::to_string(&document).ok()
}

#[cfg(test)]
mod tests;
