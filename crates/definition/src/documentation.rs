//! Documentation of an API's entities ("DocumentationPart", "DocumentationVersion" of the API reference; Developer Guide,
//! "Representation of API documentation in API Gateway").
//!
//! A part is free text about one entity, or about all below a path: what an entity inherits is [`Contents`]' business. A version
//! is a frozen copy of all parts.

mod contents;
mod location;

pub use contents::Contents;
pub use location::{InvalidLocation, Key, Location, PartType};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{id::DocumentationPartId, time::EpochSeconds};

/// The documentation parts of one API: the quota "Documentation parts per API".
pub const PARTS_MAX: usize = 2000;

/// What is said of one entity of an API, or of many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentationPart {
    /// The id, unique within the API.
    pub id: DocumentationPartId,
    /// What it is about. No two parts of an API are about the same.
    pub location: Location,
    /// The text of a JSON object.
    pub properties: String,
}

impl DocumentationPart {
    /// The properties; nothing when the text is no object.
    #[must_use]
    pub fn content(&self) -> Map<String, Value> {
        serde_json::from_str(&self.properties).unwrap_or_default()
    }
}

/// A part that a document declares, and that has no id yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeclaredPart {
    /// What it is about.
    pub location: Location,
    /// What is said.
    pub content: Map<String, Value>,
}

/// A frozen copy of an API's documentation; the copy itself is [`DocumentationSnapshot`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentationVersion {
    /// The user's name for it, unique within the API.
    pub version: String,
    /// When it was made.
    pub created_date: EpochSeconds,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// What a version froze.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DocumentationSnapshot {
    /// All parts, in creation order.
    pub parts: Vec<DocumentationPart>,
}

#[cfg(test)]
mod tests;
