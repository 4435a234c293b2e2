//! JSON schemas of bodies ("Model" of the API reference).

use serde::{Deserialize, Serialize};

use crate::id::{ModelId, ModelName};

/// A named JSON Schema (draft 4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Model {
    /// The id; operations address models by name.
    pub id: ModelId,
    /// The name, unique within the API.
    pub name: ModelName,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The schema's text, as the user sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The content type that the model describes.
    pub content_type: String,
}
