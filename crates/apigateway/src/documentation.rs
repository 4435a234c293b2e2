//! Documentation of an API's entities: its parts, versions of it, and documentation that documents bring. Developer Guide,
//! "Documentation for REST APIs in API Gateway".
//!
//! Beside each part stands its [`PartPlace`], found by what the part is about, so that a second part about the same is found
//! without a look at the others.

pub(crate) mod parts;
pub(crate) mod versions;
mod undocumented;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use definition::{
    Scope,
    documentation::{DeclaredPart, DocumentationPart, Key, Location, PARTS_MAX},
    id::DocumentationPartId,
    openapi::{self, ImportError},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Record, Sha256Hash, Store, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::{Ids, fresh},
    import::{self, Mode},
    rest_apis,
    wire::Answer,
};

/// The part that is about something; its id is [`place_id`]'s.
#[derive(Debug, Serialize, Deserialize)]
struct PartPlace {
    part_id: DocumentationPartId,
}

impl Record for PartPlace {
    const KIND: &'static str = "documentation-part-place";
    const PARENT_KIND: &'static str = rest_apis::KIND;
}

/// The id under which the part about something is found. A location's texts may be long: they are told apart by their digest.
fn place_id(location: &Location) -> Result<String> {
    let (part_type, path, method, status_code, name) = location.key();
    let key = serde_json::to_vec(&(part_type.as_str(), path, method, status_code, name))?;
    Ok(Sha256Hash::of(&key).to_string())
}

/// Keeps a new part, about which there is no other.
fn insert(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, part: &DocumentationPart) -> Result<()> {
    let place = PartPlace { part_id: part.id.clone() };
    transaction.insert(scope, api, &place_id(&part.location)?, &place)?;
    transaction.insert(scope, api, part.id.as_str(), part)?;
    Ok(())
}

/// Deletes a part.
fn remove(transaction: &mut Transaction<'_>, scope: &Scope, api: &str, part: &DocumentationPart) -> Result<()> {
    transaction.delete::<PartPlace>(scope, api, &place_id(&part.location)?)?;
    transaction.delete::<DocumentationPart>(scope, api, part.id.as_str())?;
    Ok(())
}

/// The refusal of a part beyond those that an API may have.
fn too_many() -> Failure {
    Failure::limit_exceeded("documentation parts", "API")
}

/// `ImportDocumentationParts`: the ids of the parts that a document declares, in its order.
pub(crate) async fn import(store: &Store, call: Call) -> Result<Answer> {
    let call = Arc::new(call);
    let asked = Arc::clone(&call);
    let mode = store
        .read(move |reader| {
            let mode = Mode::of(&asked)?;
            rest_apis::find(reader, asked.scope(), asked.api())?;
            Ok::<_, Failure>(mode)
        })
        .await?;
    let sent = Arc::clone(&call);
    let read = tokio::task::spawn_blocking(move || openapi::import_documentation(&sent.body, sent.scope())).await?;
    let (declared, warnings) = read.map_err(|error| refusal(&error))?;
    if call.query_flag("failonwarnings") {
        import::refuse_warnings(&warnings)?;
    }
    let ids = store
        .write(move |transaction| {
            rest_apis::find(transaction, call.scope(), call.api())?;
            keep(transaction, call.scope(), call.api(), &declared, mode, &call.ids)
        })
        .await?;
    let mut document = json!({ "ids": ids });
    if !warnings.is_empty() {
        document["warnings"] = json!(warnings);
    }
    Answer::ok(document)
}

fn refusal(error: &ImportError) -> Failure {
    match error {
        ImportError::NotADocument { detail, .. } => {
            tracing::debug!(detail, "documentation refused");
            Failure::bad_request("Unable to build importer with provided input.")
        }
        ImportError::Unsupported(_) | ImportError::Rejected { .. } => Failure::bad_request(error.to_string()),
    }
}

/// Keeps the documentation that a document declares; the ids of its parts. What is there about the same keeps its id, and where
/// the documentation is merged, what the document does not say of it.
pub(crate) fn keep(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    api: &str,
    declared: &[DeclaredPart],
    mode: Mode,
    ids: &Ids,
) -> Result<Vec<DocumentationPartId>> {
    let current: Vec<DocumentationPart> = transaction.list_all(scope, api)?;
    let by_place: HashMap<Key<'_>, &DocumentationPart> =
        current.iter().map(|part| (part.location.key(), part)).collect();
    let mut kept = Vec::with_capacity(declared.len());
    for part in declared {
        let same = by_place.get(&part.location.key());
        let mut content = match (same, mode) {
            (Some(same), Mode::Merge) => same.content(),
            (Some(_), Mode::Overwrite) | (None, _) => serde_json::Map::new(),
        };
        content.extend(part.content.clone());
        let (location, properties) = (part.location.clone(), Value::Object(content).to_string());
        let id = if let Some(same) = same {
            let part = DocumentationPart { id: same.id.clone(), location, properties };
            transaction.put(scope, api, part.id.as_str(), &part)?;
            part.id
        } else {
            let part = DocumentationPart { id: fresh_id(transaction, scope, api, ids)?, location, properties };
            insert(transaction, scope, api, &part)?;
            part.id
        };
        kept.push(id);
    }
    let now: HashSet<&DocumentationPartId> = kept.iter().collect();
    let others: Vec<_> = current.iter().filter(|part| !now.contains(&part.id)).collect();
    match mode {
        Mode::Overwrite => {
            for part in others {
                remove(transaction, scope, api, part)?;
            }
        }
        Mode::Merge if others.len() + kept.len() > PARTS_MAX => return Err(too_many()),
        Mode::Merge => {}
    }
    Ok(kept)
}

fn fresh_id(transaction: &Transaction<'_>, scope: &Scope, api: &str, ids: &Ids) -> Result<DocumentationPartId> {
    let taken = |id: &DocumentationPartId| Ok(transaction.get::<DocumentationPart>(scope, api, id.as_str())?.is_some());
    fresh(|| ids.short(), taken)
}
