//! OpenAPI documents read into an [`ApiSnapshot`], and written from one (Developer Guide, "Develop REST APIs using OpenAPI in
//! API Gateway").
//!
//! Swagger 2.0 and OpenAPI 3.0, in JSON or YAML, with the `x-amazon-apigateway-*` extensions that describe methods,
//! integrations, authorizers, validators, gateway responses, documentation and the API's own settings. Everything that is wrong
//! with a document is reported together. Whether a document replaces an API or is merged into it is the importer's caller's
//! business, and so are the rules that a definition must satisfy whoever made it.
//!
//! Differs from AWS: OpenAPI 3.1 is refused, as it is there.

use std::collections::HashMap;

use serde_json::Value;

use crate::{
    ApiSnapshot, Scope,
    documentation::DeclaredPart,
    id::{InvalidId, ModelName},
    model::Model,
    rest_api::{EndpointType, RestApi},
};

mod source;
mod spans;
mod findings;
mod field;
mod settings;
mod authorizers;
mod models;
mod tree;
mod operation;
mod security;
mod integration;
mod documentation;
mod grammar;
mod oddities;

mod export;

use findings::{Anchor, Findings, Problem};
use models::ModelNames;
use source::Source;

pub use export::{ExportError, ExportOptions, Extension, document_version, export, to_yaml};
pub use findings::{Diagnostic, FINDINGS_MAX, Severity, escaped};
pub use source::Version;
pub use spans::Spans;

/// A document of more bytes than this is refused.
pub const DOCUMENT_BYTES_MAX: usize = 6 * 1024 * 1024;
/// What a document says once and means often may amount to this many bytes in all: what references stand for, counted as often
/// as it is referred to, media types that operations share, and the paths of nested resources.
pub const EXPANDED_BYTES_MAX: usize = 64 * 1024 * 1024;

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
    /// VPC endpoints of a private API beside those that the document names.
    pub vpc_endpoint_ids: Vec<String>,
    /// Whether what the document says for people is read.
    pub documentation: DocumentationMode,
}

/// What becomes of what a document says for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DocumentationMode {
    /// It becomes documentation parts.
    #[default]
    Read,
    /// It is dropped.
    Ignore,
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
    /// The documentation parts that it declares, no two about the same.
    pub documentation: Vec<DeclaredPart>,
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
        /// The line and the column where the parser gave up, both from 1.
        place: Option<(usize, usize)>,
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
    let Read { snapshot, documentation, findings, .. } = read(&source, options, ids);
    let errors = findings.texts(Severity::Error);
    if !errors.is_empty() {
        return Err(ImportError::Rejected { errors });
    }
    Ok(Import { snapshot, documentation, warnings: findings.texts(Severity::Warning) })
}

/// Reads what a document says for people, and nothing else of it: the parts, and what was ignored. Paths are the document's
/// own, whatever its base path.
pub fn import_documentation(document: &[u8], scope: &Scope) -> Result<(Vec<DeclaredPart>, Vec<String>), ImportError> {
    let source = Source::parse(document, scope)?;
    let mut findings = Findings::default();
    let parts = documentation::read(&source, "", &models::named_schemas(&source), &mut findings);
    source.check_spent(&mut findings);
    let errors = findings.texts(Severity::Error);
    if !errors.is_empty() {
        return Err(ImportError::Rejected { errors });
    }
    Ok((parts, findings.texts(Severity::Warning)))
}

/// What a document is found to be.
#[derive(Debug)]
pub struct Checked {
    /// The API that it declares, as far as it could be read.
    pub snapshot: ApiSnapshot,
    /// All that an import finds, what it ignores without a word included.
    pub diagnostics: Vec<Diagnostic>,
    /// The JSON pointers of the values from which methods and authorizers were read, by their records' ids.
    pub origins: HashMap<String, String>,
}

/// Reads a document for what is to be said about it.
pub fn check(document: &[u8], options: &ImportOptions, ids: FreshIds<'_>) -> Result<Checked, ImportError> {
    let source = Source::parse(document, &options.scope)?;
    let Read { snapshot, mut findings, origins, .. } = read(&source, options, ids);
    oddities::note(&source, &mut findings);
    let pointers = findings::pointers(&source.root, &findings, origins.values());
    let origins = origins.into_iter().filter_map(|(id, anchor)| Some((id, pointers.get(&anchor)?.clone()))).collect();
    Ok(Checked { snapshot, diagnostics: findings.diagnostics(&pointers), origins })
}

/// A document as far as it could be read.
struct Read {
    snapshot: ApiSnapshot,
    documentation: Vec<DeclaredPart>,
    findings: Findings,
    origins: HashMap<String, Anchor>,
}

fn read(source: &Source, options: &ImportOptions, ids: FreshIds<'_>) -> Read {
    let mut importer = Importer {
        source,
        options,
        ids,
        findings: Findings::default(),
        origins: HashMap::new(),
        models: Vec::new(),
        schemas: Vec::new(),
        schema_models: HashMap::new(),
        model_names: ModelNames::default(),
    };
    let snapshot = importer.snapshot();
    let base_path = importer.base_path();
    let Importer { mut findings, origins, schemas, .. } = importer;
    let documentation = match options.documentation {
        DocumentationMode::Read => documentation::read(source, &base_path, &schemas, &mut findings),
        DocumentationMode::Ignore => Vec::new(),
    };
    oddities::warn(source, &mut findings);
    source.check_spent(&mut findings);
    Read { snapshot, documentation, findings, origins }
}

/// One import under way.
struct Importer<'a> {
    source: &'a Source,
    options: &'a ImportOptions,
    ids: FreshIds<'a>,
    findings: Findings,
    /// The values from which methods and authorizers were read, by their records' ids.
    origins: HashMap<String, Anchor>,
    models: Vec<Model>,
    /// What the models were made from, by their names.
    schemas: Vec<(ModelName, &'a Value)>,
    /// What the models of the document's named schemas are called, by the schemas' names.
    schema_models: HashMap<String, ModelName>,
    model_names: ModelNames,
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
