//! A definition written as an OpenAPI document (Developer Guide, "Export a REST API from API Gateway").
//!
//! The same definition always gives the same document, and a document with all extensions can be imported to the same API. What
//! a notation has no word for is left out; `COMPATIBILITY.md` says what that is.

mod paths;
mod operation;
mod integration;
mod security;
mod schemas;
mod root;
mod yaml;

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value, json};

use super::Version;
use crate::{
    ApiSnapshot,
    documentation::{Contents, DocumentationPart, DocumentationVersion},
    id::{RequestValidatorId, StageName},
    method::{HttpMethod, UnknownChoice},
};

pub(super) use operation::description_default;
pub use yaml::write as to_yaml;

/// What an export has beside plain OpenAPI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension {
    /// `x-amazon-apigateway-integration`.
    Integrations,
    /// `x-amazon-apigateway-authorizer`.
    Authorizers,
    /// Everything that API Gateway can import.
    ApiGateway,
    /// What Postman needs to sign requests.
    Postman,
    /// `x-amazon-apigateway-documentation`.
    Documentation,
}

impl std::str::FromStr for Extension {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        match text {
            // The guide's own example has the singular.
            "integrations" | "integration" => Ok(Self::Integrations),
            "authorizers" => Ok(Self::Authorizers),
            "apigateway" => Ok(Self::ApiGateway),
            "postman" => Ok(Self::Postman),
            "documentation" => Ok(Self::Documentation),
            _ => Err(UnknownChoice::new("extension", text)),
        }
    }
}

/// What is exported, and how.
#[derive(Debug, Clone)]
pub struct ExportOptions<'a> {
    /// The notation.
    pub version: Version,
    /// What the document has beside plain OpenAPI.
    pub extensions: &'a [Extension],
    /// The region, a part of the API's host.
    pub region: &'a str,
    /// The stage whose deployment is exported, the API's base path.
    pub stage_name: &'a StageName,
    /// The documentation that the stage publishes.
    pub documentation: Option<(&'a DocumentationVersion, &'a [DocumentationPart])>,
}

/// Why a definition cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// A method's body is documented by models of other content types alone.
    #[error("Only found non-JSON body models for method {http_method} of resource {path}")]
    NoJsonModel {
        /// The method.
        http_method: HttpMethod,
        /// Its resource's path.
        path: String,
    },
}

/// The version that an exported document has: the API's own, or when the API was made.
#[must_use]
pub fn document_version(snapshot: &ApiSnapshot) -> String {
    let api = &snapshot.rest_api;
    api.version.clone().unwrap_or_else(|| api.created_date.timestamp().to_string())
}

/// Writes a definition as a document.
pub fn export(snapshot: &ApiSnapshot, options: &ExportOptions<'_>) -> Result<Value, ExportError> {
    let parts = options.documentation.map_or(&[][..], |(_, parts)| parts);
    let contents: Vec<Map<String, Value>> = parts.iter().map(DocumentationPart::content).collect();
    let exporter = Exporter {
        snapshot,
        options,
        contents: Contents::of(parts.iter().map(|part| &part.location).zip(&contents)),
        schemes: security::Schemes::of(snapshot),
        models: snapshot.models.iter().map(|model| model.name.as_str()).collect(),
        validators: root::validator_names(snapshot),
    };
    exporter.document(&contents)
}

/// One export under way.
struct Exporter<'a> {
    snapshot: &'a ApiSnapshot,
    options: &'a ExportOptions<'a>,
    contents: Contents<'a>,
    schemes: security::Schemes<'a>,
    models: HashSet<&'a str>,
    validators: HashMap<&'a RequestValidatorId, &'a str>,
}

impl Exporter<'_> {
    fn document(&self, contents: &[Map<String, Value>]) -> Result<Value, ExportError> {
        let mut document = Map::new();
        match self.options.version {
            Version::Swagger2 => {
                document.insert("swagger".to_owned(), json!("2.0"));
                document.insert("info".to_owned(), self.info());
                document.insert("host".to_owned(), json!(self.host()));
                document.insert("basePath".to_owned(), json!(format!("/{}", self.options.stage_name)));
                self.put_tags(&mut document);
                document.insert("schemes".to_owned(), json!(["https"]));
                document.insert("paths".to_owned(), self.paths()?);
                put_unless_empty(&mut document, "securityDefinitions", self.security_schemes());
                put_unless_empty(&mut document, "definitions", self.schemas());
            }
            Version::OpenApi3 => {
                document.insert("openapi".to_owned(), json!("3.0.1"));
                document.insert("info".to_owned(), self.info());
                document.insert("servers".to_owned(), json!([self.server()]));
                self.put_tags(&mut document);
                document.insert("paths".to_owned(), self.paths()?);
                let mut components = Map::new();
                put_unless_empty(&mut components, "schemas", self.schemas());
                put_unless_empty(&mut components, "securitySchemes", self.security_schemes());
                document.insert("components".to_owned(), Value::Object(components));
            }
        }
        self.put_settings(&mut document);
        self.put_documentation(&mut document, contents);
        Ok(Value::Object(document))
    }

    /// Whether the export has an extension, by its own name or because it has all of API Gateway's.
    fn has(&self, extension: Extension) -> bool {
        let has = |extension| self.options.extensions.contains(&extension);
        has(extension) || (extension != Extension::Postman && has(Extension::ApiGateway))
    }

    fn host(&self) -> String {
        format!("{}.execute-api.{}.amazonaws.com", self.snapshot.rest_api.id, self.options.region)
    }
}

/// Adds what a documentation part says: the members of this place in OpenAPI and extensions of the user's own. What is there
/// already stays.
fn put_said(target: &mut Map<String, Value>, said: Option<&Map<String, Value>>, members: &[&str]) {
    for (name, value) in said.into_iter().flatten() {
        let is_own = name.starts_with("x-") && !name.starts_with("x-amazon-apigateway-");
        if (is_own || members.contains(&name.as_str())) && !target.contains_key(name) {
            target.insert(name.clone(), value.clone());
        }
    }
}

fn put_unless_empty(target: &mut Map<String, Value>, name: &str, members: Map<String, Value>) {
    if !members.is_empty() {
        target.insert(name.to_owned(), Value::Object(members));
    }
}

fn put_some<V: Into<Value>>(target: &mut Map<String, Value>, name: &str, value: Option<V>) {
    if let Some(value) = value {
        target.insert(name.to_owned(), value.into());
    }
}

#[cfg(test)]
mod tests;
