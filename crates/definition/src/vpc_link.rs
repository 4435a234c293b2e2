//! VPC links: ways into private networks ("VpcLink" of the API reference).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::id::VpcLinkId;

/// A VPC link. It is ready as soon as it is kept, so its record holds no status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VpcLink {
    /// The id, which integrations name.
    pub id: VpcLinkId,
    /// The name, never empty.
    pub name: String,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The network load balancer's ARN; AWS's wire has a list and allows one member.
    pub target_arns: Vec<String>,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}
