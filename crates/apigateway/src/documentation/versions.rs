//! Documentation versions: an API's documentation frozen, and published by the stages that name it. API Reference,
//! "DocumentationVersion".

use definition::{
    documentation::{DocumentationPart, DocumentationSnapshot, DocumentationVersion},
    stage::Stage,
};
use serde::Deserialize;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    patch::{self, Dialect, Op, Rule, Table},
    rest_apis, stages,
    wire::Answer,
};

static TABLE: Table<DocumentationVersion> = Table {
    dialect: Dialect::Plain,
    rules: &[Rule::set("/description", &[Op::Replace], |version, patch| {
        version.description = patch.optional_text();
    })],
};

/// The refusal of a version that is not there.
const UNKNOWN: &str = "Invalid Documentation version identifier specified";

/// The version that the call's path names; also refuses, in the same words, when the API does not exist.
fn named(reader: &Reader<'_>, call: &Call) -> Result<DocumentationVersion> {
    reader.get(call.scope(), call.api(), call.path("doc_version"))?.ok_or_else(|| Failure::not_found(UNKNOWN))
}

/// Refuses a stage that publishes a version that is not there.
pub(crate) fn check_stage(reader: &Reader<'_>, call: &Call, stage: &Stage) -> Result<()> {
    let Some(version) = &stage.documentation_version else { return Ok(()) };
    match reader.get::<DocumentationVersion>(call.scope(), call.api(), version)? {
        Some(_) => Ok(()),
        None => Err(Failure::bad_request(UNKNOWN)),
    }
}

/// What a stage publishes: a version and the parts that it froze.
pub(crate) fn published(
    reader: &Reader<'_>,
    call: &Call,
    stage: &Stage,
) -> Result<Option<(DocumentationVersion, DocumentationSnapshot)>> {
    let Some(name) = &stage.documentation_version else { return Ok(None) };
    let version = reader.get::<DocumentationVersion>(call.scope(), call.api(), name)?;
    let snapshot = reader.get::<DocumentationSnapshot>(call.scope(), call.api(), name)?;
    Ok(version.zip(snapshot))
}

/// `CreateDocumentationVersion`: freezes all parts; with a stage's name, that stage publishes it.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateDocumentationVersionInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("documentationVersion", input.documentation_version.as_ref());
    violations.finish()?;
    let (scope, api) = (call.scope(), call.api());
    rest_apis::find(transaction, scope, api)?;
    let version = DocumentationVersion {
        version: input.documentation_version.unwrap_or_default(),
        created_date: call.time(),
        description: input.description.filter(|text| !text.is_empty()),
    };
    if version.version.trim().is_empty() {
        return Err(Failure::bad_request("Documentation version must be non-empty"));
    }
    if transaction.get::<DocumentationVersion>(scope, api, &version.version)?.is_some() {
        return Err(Failure::conflict(format!("Documentation version already exists: {}", version.version)));
    }
    let parts: Vec<DocumentationPart> = transaction.list_all(scope, api)?;
    transaction.insert(scope, api, &version.version, &version)?;
    transaction.insert(scope, api, &version.version, &DocumentationSnapshot { parts })?;
    if let Some(name) = input.stage_name.filter(|name| !name.is_empty()) {
        let mut stage = stages::find(transaction, scope, api, &name)?;
        stage.documentation_version = Some(version.version.clone());
        stage.last_updated_date = call.time();
        stages::keep(transaction, scope, api, &stage)?;
    }
    Answer::created(version)
}

/// `GetDocumentationVersions`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::list_below::<DocumentationVersion>(reader, call)
}

/// `GetDocumentationVersion`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(named(reader, call)?)
}

/// `UpdateDocumentationVersion`: its description; what it froze never changes.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut version = named(transaction, call)?;
    TABLE.apply(&mut version, &patches)?;
    transaction.put(call.scope(), call.api(), &version.version, &version)?;
    Answer::ok(version)
}

/// `DeleteDocumentationVersion`: refused while a stage publishes it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let version = named(transaction, call)?.version;
    let stages: Vec<Stage> = transaction.list_all(call.scope(), call.api())?;
    if stages.iter().any(|stage| stage.documentation_version.as_ref() == Some(&version)) {
        let message = "Active stages pointing to this documentation version must be moved or deleted";
        return Err(Failure::bad_request(message));
    }
    transaction.delete::<DocumentationVersion>(call.scope(), call.api(), &version)?;
    transaction.delete::<DocumentationSnapshot>(call.scope(), call.api(), &version)?;
    Ok(Answer::accepted())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateDocumentationVersionInput {
    documentation_version: Option<String>,
    stage_name: Option<String>,
    description: Option<String>,
}
