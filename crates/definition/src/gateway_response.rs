//! Customised errors of the gateway itself ("GatewayResponse" of the API reference).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::id::StatusCode;

/// What a user set for one response type; types that nobody touched have no record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GatewayResponse {
    /// The type's wire name, such as `BAD_REQUEST_BODY`.
    pub response_type: String,
    /// The status code; absent: the inherited or built-in one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<StatusCode>,
    /// Mappings `gatewayresponse.header.NAME` ← expression.
    #[serde(default)]
    pub response_parameters: IndexMap<String, String>,
    /// Templates by content type; plain replacement of variables, not VTL.
    #[serde(default)]
    pub response_templates: IndexMap<String, String>,
}
