//! Where a documentation part belongs: a type of entity, and which of them.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    id::StatusCode,
    method::{HttpMethod, UnknownChoice},
};

/// The path of entities for which none is said.
const ANY_PATH: &str = "/";
/// The method and the status code of entities for which none is said.
const ANY: &str = "*";

/// What a documentation part is about ("DocumentationPartLocation").
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// The type of entity.
    #[serde(rename = "type")]
    pub part_type: PartType,
    /// The resource's path; absent is `/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The method; absent is `*`, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The status code of a response; absent is `*`, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
    /// The name of a parameter, a header, a model or an authorizer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A location that its type does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLocation {
    /// It has a field that means nothing for its type.
    #[error("Documentation part location of type '{part_type}' does not allow the field '{field}'")]
    Field {
        /// The type.
        part_type: PartType,
        /// The field's wire name.
        field: &'static str,
    },
    /// Its type needs a name.
    #[error("Documentation part location of type '{part_type}' requires the field 'name'")]
    NoName {
        /// The type.
        part_type: PartType,
    },
    /// A field has a value that names nothing.
    #[error("Invalid documentation part location: '{value}' is not a valid {field}")]
    Value {
        /// The field's wire name.
        field: &'static str,
        /// What it says.
        value: String,
    },
}

/// What tells one location from another: type, path, method, status code and name, with the defaults filled in.
pub type Key<'a> = (PartType, &'a str, &'a str, &'a str, &'a str);

impl Location {
    /// All entities of a type, or the only one.
    #[must_use]
    pub fn of(part_type: PartType) -> Self {
        Self { part_type, path: None, method: None, status_code: None, name: None }
    }

    /// The same of entities at a path.
    #[must_use]
    pub fn at(mut self, path: &str) -> Self {
        self.path = Some(path.to_owned());
        self
    }

    /// The same of one method.
    #[must_use]
    pub fn method(mut self, method: HttpMethod) -> Self {
        self.method = Some(method.as_str().to_owned());
        self
    }

    /// The same of responses with a status code.
    #[must_use]
    pub fn status_code(mut self, code: StatusCode) -> Self {
        self.status_code = Some(code.to_string());
        self
    }

    /// The same of what has this name.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.name = Some(name.to_owned());
        self
    }

    /// The location with fields that say nothing left out; refuses one that its type does not allow.
    pub fn checked(mut self) -> Result<Self, InvalidLocation> {
        for field in [&mut self.path, &mut self.method, &mut self.status_code, &mut self.name] {
            field.take_if(|text| text.trim().is_empty());
        }
        let part_type = self.part_type;
        let fields = part_type.fields();
        for (allowed, field, value) in [
            (fields.path, "path", &self.path),
            (fields.method, "method", &self.method),
            (fields.status_code, "statusCode", &self.status_code),
            (fields.name != Name::Absent, "name", &self.name),
        ] {
            if !allowed && value.is_some() {
                return Err(InvalidLocation::Field { part_type, field });
            }
        }
        if fields.name == Name::Required && self.name.is_none() {
            return Err(InvalidLocation::NoName { part_type });
        }
        check_value("path", self.path.as_ref(), |path| path.starts_with('/'))?;
        check_value("method", self.method.as_ref(), |method| method == ANY || method.parse::<HttpMethod>().is_ok())?;
        check_value("statusCode", self.status_code.as_ref(), |code| code == ANY || code.parse::<StatusCode>().is_ok())?;
        Ok(self)
    }

    /// What tells it from other locations.
    #[must_use]
    pub fn key(&self) -> Key<'_> {
        (
            self.part_type,
            self.path.as_deref().unwrap_or(ANY_PATH),
            self.method.as_deref().unwrap_or(ANY),
            self.status_code.as_deref().unwrap_or(ANY),
            self.name.as_deref().unwrap_or_default(),
        )
    }

    /// The locations whose content an entity here inherits, the most specific first.
    pub(super) fn inherited(&self) -> impl Iterator<Item = Key<'_>> {
        let (part_type, path, method, status_code, name) = self.key();
        let mut paths = if part_type.fields().method { ancestors(path) } else { Vec::new() };
        paths.dedup();
        paths.into_iter().flat_map(move |path| {
            // The order of precedence is path, status code, method.
            [(status_code, method), (status_code, ANY), (ANY, method), (ANY, ANY)]
                .map(|(status_code, method)| (part_type, path, method, status_code, name))
        })
    }
}

impl fmt::Display for Location {
    /// `type 'METHOD', path '/pets', method 'GET'`: what was said, and no more.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "type '{}'", self.part_type)?;
        let fields =
            [("path", &self.path), ("method", &self.method), ("statusCode", &self.status_code), ("name", &self.name)];
        for (field, value) in fields {
            if let Some(value) = value {
                write!(f, ", {field} '{value}'")?;
            }
        }
        Ok(())
    }
}

fn check_value(
    field: &'static str,
    value: Option<&String>,
    is_valid: impl Fn(&str) -> bool,
) -> Result<(), InvalidLocation> {
    match value.filter(|value| !is_valid(value)) {
        Some(value) => Err(InvalidLocation::Value { field, value: value.clone() }),
        None => Ok(()),
    }
}

/// A path and those above it, the longest first: `/a/b`, `/a`, `/`.
fn ancestors(path: &str) -> Vec<&str> {
    let above = path.rmatch_indices('/').map(|(at, _)| if at == 0 { ANY_PATH } else { &path[..at] });
    std::iter::once(path).chain(above).collect()
}

/// A type of entity that can be documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[expect(missing_docs, reason = "each variant is the type of its name")]
pub enum PartType {
    ResponseBody,
    Response,
    Method,
    Model,
    Authorizer,
    ResponseHeader,
    Resource,
    PathParameter,
    RequestBody,
    QueryParameter,
    Api,
    RequestHeader,
}

/// Which fields a location of a type may have beside the type.
struct Fields {
    path: bool,
    method: bool,
    status_code: bool,
    name: Name,
}

/// Whether a location has a name.
#[derive(PartialEq, Eq)]
enum Name {
    Absent,
    Optional,
    Required,
}

impl PartType {
    /// All types, in the order of AWS's error text.
    pub const ALL: [Self; 12] = [
        Self::ResponseBody,
        Self::Response,
        Self::Method,
        Self::Model,
        Self::Authorizer,
        Self::ResponseHeader,
        Self::Resource,
        Self::PathParameter,
        Self::RequestBody,
        Self::QueryParameter,
        Self::Api,
        Self::RequestHeader,
    ];

    /// The wire name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ResponseBody => "RESPONSE_BODY",
            Self::Response => "RESPONSE",
            Self::Method => "METHOD",
            Self::Model => "MODEL",
            Self::Authorizer => "AUTHORIZER",
            Self::ResponseHeader => "RESPONSE_HEADER",
            Self::Resource => "RESOURCE",
            Self::PathParameter => "PATH_PARAMETER",
            Self::RequestBody => "REQUEST_BODY",
            Self::QueryParameter => "QUERY_PARAMETER",
            Self::Api => "API",
            Self::RequestHeader => "REQUEST_HEADER",
        }
    }

    /// The table "Valid location fields of DocumentationPart".
    fn fields(self) -> Fields {
        let (path, method, status_code, name) = match self {
            Self::Api => (false, false, false, Name::Absent),
            Self::Authorizer | Self::Model => (false, false, false, Name::Optional),
            Self::Resource => (true, false, false, Name::Absent),
            Self::Method => (true, true, false, Name::Absent),
            Self::QueryParameter | Self::RequestBody => (true, true, false, Name::Optional),
            Self::PathParameter | Self::RequestHeader => (true, true, false, Name::Required),
            Self::Response | Self::ResponseBody => (true, true, true, Name::Absent),
            Self::ResponseHeader => (true, true, true, Name::Required),
        };
        Fields { path, method, status_code, name }
    }
}

impl std::str::FromStr for PartType {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        Self::ALL
            .into_iter()
            .find(|part_type| part_type.as_str() == text)
            .ok_or_else(|| UnknownChoice::new("documentation part type", text))
    }
}

impl fmt::Display for PartType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
