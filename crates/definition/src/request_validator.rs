//! What a request must satisfy before its integration runs ("RequestValidator" of the API reference).

use serde::{Deserialize, Serialize};

use crate::id::RequestValidatorId;

/// Which checks a method's requests undergo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestValidator {
    /// The id, unique within the API.
    pub id: RequestValidatorId,
    /// The name, when one was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the body must satisfy its model.
    pub validate_request_body: bool,
    /// Whether required parameters must be present.
    pub validate_request_parameters: bool,
}
