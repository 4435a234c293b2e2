//! OpenAPI documents read into an [`ApiSnapshot`] (Developer Guide, "Develop REST APIs using OpenAPI in API Gateway").
//!
//! Swagger 2.0 and OpenAPI 3.0, in JSON or YAML, with the `x-amazon-apigateway-*` extensions that describe methods,
//! integrations, authorizers, validators, gateway responses and the API's own settings. Everything that is wrong with a
//! document is reported together. Whether a document replaces an API or is merged into it is the importer's caller's business,
//! and so are the rules that a definition must satisfy whoever made it.
//!
//! Differs from AWS: documentation parts are not made; OpenAPI 3.1 is refused, as it is there.

use std::{borrow::Cow, collections::HashMap, fmt::Display};

use serde_json::Value;

use crate::{
    ApiSnapshot, Scope,
    id::{InvalidId, ModelName},
    method::UnknownChoice,
    model::Model,
    rest_api::{EndpointType, RestApi},
};

mod source;
mod field;
mod settings;
mod authorizers;
mod models;
mod tree;
mod operation;
mod security;
mod integration;

use source::Source;

/// A document of more bytes than this is refused.
pub const DOCUMENT_BYTES_MAX: usize = 6 * 1024 * 1024;
/// What a document says once and means often may amount to this many bytes in all: what references stand for, counted as often
/// as it is referred to, media types that operations share, and the paths of nested resources.
pub const EXPANDED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Messages beyond this many are not collected.
pub const FINDINGS_MAX: usize = 200;

/// What the caller decides about an import.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// Values of `${AWS::AccountId}` and `${AWS::Region}` in the document's strings.
    pub scope: Scope,
    /// The API's settings where the document says nothing about them: its own, or those of a new API. The lists and maps among
    /// them are added to. Models refer to each other by URLs that hold its id.
    pub base: RestApi,
    /// What becomes of the document's base path.
    pub base_path: BasePathMode,
    /// The endpoint's type, whatever the document says.
    pub endpoint_type: Option<EndpointType>,
}

/// What becomes of a document's base path ("Set the OpenAPI basePath property").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BasePathMode {
    /// It is dropped.
    #[default]
    Ignore,
    /// It stands before every path.
    Prepend,
    /// Its first segment is dropped and the others stand before every path.
    Split,
}

/// What a document declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    /// The API as declared: its own resources, methods and models only, none of the models that CreateRestApi makes.
    pub snapshot: ApiSnapshot,
    /// What was ignored, in AWS's words where they are known.
    pub warnings: Vec<String>,
}

/// Why a document is not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is no OpenAPI document at all.
    #[error("Invalid OpenAPI input.")]
    NotADocument {
        /// What the parser says, with the place, for the operator.
        detail: String,
    },
    /// It is one of a version that is not supported, or too large.
    #[error("{0}")]
    Unsupported(String),
    /// It declares what cannot be.
    #[error("Errors found during import:\n\t{}", errors.join("\n\t"))]
    Rejected {
        /// Each problem, naming its path and method.
        errors: Vec<String>,
    },
}

/// A source of fresh identifiers, six of `[0-9a-z]` each.
pub type FreshIds<'a> = &'a mut dyn FnMut() -> String;

/// Reads a document.
pub fn import(document: &[u8], options: &ImportOptions, ids: FreshIds<'_>) -> Result<Import, ImportError> {
    let source = Source::parse(document, &options.scope)?;
    let mut importer = Importer {
        source: &source,
        options,
        ids,
        findings: Findings::default(),
        models: Vec::new(),
        model_names: HashMap::new(),
    };
    let snapshot = importer.snapshot();
    let Findings { mut errors, warnings } = importer.findings;
    if source.is_spent() {
        errors = vec![format!("The document's references and paths stand for more than {EXPANDED_BYTES_MAX} bytes")];
    }
    if !errors.is_empty() {
        return Err(ImportError::Rejected { errors });
    }
    Ok(Import { snapshot, warnings })
}

/// Why a part of a document cannot be had.
#[derive(Debug, thiserror::Error)]
enum Problem {
    /// A member is not what it should be.
    #[error("{key} must be {expected}, not {found}")]
    WrongType { key: String, expected: &'static str, found: String },
    /// A member is none of the values that it could have.
    #[error(transparent)]
    Choice(#[from] UnknownChoice),
    /// The source of identifiers yielded something else.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// As the text says.
    #[error("{0}")]
    Said(Cow<'static, str>),
}

impl From<&'static str> for Problem {
    fn from(text: &'static str) -> Self {
        Self::Said(text.into())
    }
}

impl From<String> for Problem {
    fn from(text: String) -> Self {
        Self::Said(text.into())
    }
}

/// What was found wrong so far.
#[derive(Debug, Default)]
struct Findings {
    errors: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    fn error(&mut self, text: impl Into<String>) {
        if self.errors.len() < FINDINGS_MAX {
            self.errors.push(text.into());
        }
    }

    fn warning(&mut self, text: impl Into<String>) {
        if self.warnings.len() < FINDINGS_MAX {
            self.warnings.push(text.into());
        }
    }

    /// What was read; where that failed, an error that says what `cannot` be done and why, and what stands for it: the import
    /// is refused in the end.
    fn or_default<T: Default>(&mut self, cannot: impl Display, read: Result<T, Problem>) -> T {
        read.unwrap_or_else(|problem| {
            self.error(format!("Unable to {cannot}: {problem}"));
            T::default()
        })
    }
}

/// One import under way.
struct Importer<'a> {
    source: &'a Source,
    options: &'a ImportOptions,
    ids: FreshIds<'a>,
    findings: Findings,
    models: Vec<Model>,
    /// The names of models, and the last number behind one that told another model from it.
    model_names: HashMap<ModelName, u32>,
}

impl<'a> Importer<'a> {
    fn snapshot(&mut self) -> ApiSnapshot {
        let rest_api = self.rest_api();
        self.declared_models();
        let request_validators = self.request_validators();
        let authorizers = self.authorizers();
        let tree = self.tree(&rest_api.root_resource_id, &request_validators, &authorizers);
        let gateway_responses = self.gateway_responses();
        ApiSnapshot {
            rest_api,
            resources: tree.resources,
            methods: tree.methods,
            models: std::mem::take(&mut self.models),
            request_validators,
            authorizers,
            gateway_responses,
        }
    }

    /// A fresh identifier of any kind; the source of identifiers yields texts that fit them all.
    fn fresh<I: std::str::FromStr<Err = InvalidId>>(&mut self) -> Result<I, InvalidId> {
        (self.ids)().parse()
    }

    /// The object at `key` of the document's root; nothing when there is none.
    fn root_object(&mut self, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
        let declared = field::object_at(&self.source.root, key);
        self.findings.or_default("read the document", declared).into_iter().flatten()
    }
}

#[cfg(test)]
mod tests;
