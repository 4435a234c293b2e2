//! One statement of a function's resource policy ("AddPermission" of the Lambda API reference).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// Who may do what with the function, under which conditions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct PermissionStatement {
    /// The statement's id, unique within the policy.
    pub sid: String,
    /// `Allow`: AddPermission knows nothing else.
    pub effect: String,
    /// To whom it is granted.
    pub principal: Principal,
    /// What is granted, such as `lambda:InvokeFunction`.
    pub action: String,
    /// The function's ARN.
    pub resource: String,
    /// Conditions: operator → key → value.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub condition: IndexMap<String, IndexMap<String, String>>,
}

/// To whom a statement grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Principal {
    /// An AWS service, such as `apigateway.amazonaws.com`.
    Service {
        /// The service's name.
        #[serde(rename = "Service")]
        service: String,
    },
    /// An account, user or role, by ARN.
    Aws {
        /// The ARN.
        #[serde(rename = "AWS")]
        aws: String,
    },
    /// Everyone: `*`.
    Everyone(String),
}
