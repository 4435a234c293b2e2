//! The nodes of an API's resource tree ("Resource" of the API reference).

use serde::{Deserialize, Serialize};

use crate::id::ResourceId;

/// One node of the tree. The root has neither parent nor path part, and the path `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    /// The resource's id, unique within its API.
    pub id: ResourceId,
    /// The parent's id; absent on the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<ResourceId>,
    /// The last path segment as declared: `pets`, `{petId}` or `{proxy+}`; absent on the root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_part: Option<String>,
    /// The whole path template, such as `/pets/{petId}`.
    pub path: String,
}

/// What a path part matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segment<'a> {
    /// This very text.
    Static(&'a str),
    /// One segment, bound to the name: `{petId}`.
    Parameter(&'a str),
    /// One or more segments, bound to the name: `{proxy+}`.
    Greedy(&'a str),
}

impl<'a> Segment<'a> {
    /// Reads a path part; `None` when API Gateway would refuse it (Developer Guide, "Set up a proxy resource").
    #[must_use]
    pub fn parse(path_part: &'a str) -> Option<Self> {
        if let Some(name) = path_part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            let (name, greedy) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
            let valid = !name.is_empty() && name.bytes().all(is_path_part_byte);
            return match (valid, greedy) {
                (false, _) => None,
                (true, true) => Some(Self::Greedy(name)),
                (true, false) => Some(Self::Parameter(name)),
            };
        }
        (!path_part.is_empty() && path_part.bytes().all(is_path_part_byte)).then_some(Self::Static(path_part))
    }
}

fn is_path_part_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b':' | b'$' | b',')
}
