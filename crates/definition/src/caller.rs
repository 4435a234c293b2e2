//! Whose account and region a call speaks of, and who makes it.

use serde::{Deserialize, Serialize};

/// The account and region that own a record: nothing is shared between two scopes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Scope {
    /// The twelve digits of the owning account.
    pub account: String,
    /// The region as the client names it, such as `us-east-1`. Any name is accepted; each is a world of its own.
    pub region: String,
}

/// Who makes a control-plane call, as the listener established it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account and region that the call speaks of.
    pub scope: Scope,
    /// The access key id of the signature, when the call was signed.
    pub access_key: Option<String>,
    /// The caller's ARN, such as `arn:aws:iam::000000000000:root`.
    pub user_arn: String,
    /// The caller's unique id (`AIDA…`, `AROA…:session`, or the account's digits for its root).
    pub user_id: String,
}
