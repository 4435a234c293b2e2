//! OpenAPI documents become APIs: `ImportRestApi`, `PutRestApi`. Developer Guide, "Develop REST APIs using OpenAPI".
//!
//! Reading a document is [`definition::openapi`]'s business; here it replaces a definition or is merged into one. What a document
//! and the API have in common, by path or by name, keeps its id.
//!
//! A document can be large, so it is read outside the store's transactions: a [`Draft`] is what the store says beforehand, a
//! [`Plan`] what is to be kept afterwards. If the API changed in between, the plan is void and the import is refused.

pub(crate) mod rules;

use std::{collections::HashSet, sync::Arc};

use bytes::Bytes;
use definition::{
    ApiSnapshot,
    documentation::DeclaredPart,
    openapi::{self, BasePathMode, DocumentationMode, ImportError, ImportOptions},
    rest_api::{EndpointType, RestApi},
};
use serde_json::json;
use store::{Reader, Store, Transaction};

use crate::{
    call::Call,
    documentation,
    failure::{Failure, Result},
    ids::Ids,
    rest_apis, snapshots, tags,
    wire::Answer,
};

/// Which API a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// A new one: `ImportRestApi`.
    NewApi,
    /// The one that the call names: `PutRestApi`.
    ExistingApi,
}

/// How a document meets the definition that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// What the document does not mention stays.
    Merge,
    /// What the document does not mention goes.
    Overwrite,
}

/// A document that is still to be read.
pub(crate) struct Draft {
    /// The document.
    pub(crate) document: Bytes,
    /// How it is to be read.
    pub(crate) options: ImportOptions,
    /// The definition that it meets; none for a new API.
    pub(crate) current: Option<ApiSnapshot>,
    /// How it meets it.
    pub(crate) mode: Mode,
}

/// A definition that is ready to be kept.
pub(crate) struct Plan {
    /// What the document brings. With [`Mode::Overwrite`], and for a new API, that is the whole definition.
    pub(crate) imported: ApiSnapshot,
    /// What the import ignored.
    pub(crate) warnings: Vec<String>,
    documentation: Vec<DeclaredPart>,
    options: ImportOptions,
    current: Option<ApiSnapshot>,
    mode: Mode,
}

/// `ImportRestApi` and `PutRestApi`; with `failonwarnings`, a warning refuses the document.
pub(crate) async fn run(store: &Store, destination: Destination, call: Call) -> Result<Answer> {
    let (ids, fail_on_warnings) = (Arc::clone(&call.ids), call.query_flag("failonwarnings"));
    let more_ids = Arc::clone(&ids);
    let draft = store
        .read(move |reader| match destination {
            Destination::NewApi => draft_of_new(reader, &call),
            Destination::ExistingApi => draft_of_existing(reader, &call),
        })
        .await?;
    let plan = draft.read(ids).await?;
    if fail_on_warnings {
        refuse_warnings(&plan.warnings)?;
    }
    let plan = store.write(move |transaction| plan.keep(transaction, &more_ids).map(|()| plan)).await?;
    let mut document = rest_apis::shown(&plan.imported.rest_api)?;
    if !plan.warnings.is_empty() {
        document["warnings"] = json!(plan.warnings);
    }
    match destination {
        Destination::NewApi => Answer::created(document),
        Destination::ExistingApi => Answer::ok(document),
    }
}

/// Refuses an import of which there is something to say.
pub(crate) fn refuse_warnings(warnings: &[String]) -> Result<()> {
    if warnings.is_empty() {
        return Ok(());
    }
    Err(Failure::bad_request(format!("Warnings found during import:\n\t{}", warnings.join("\n\t"))))
}

fn draft_of_new(reader: &Reader<'_>, call: &Call) -> Result<Draft> {
    let root_id = call.ids.long().parse().map_err(|_| Failure::bad_request("Invalid Resource identifier"))?;
    let base = RestApi::new(rest_apis::fresh_id(reader, &call.ids)?, root_id, call.time());
    Ok(Draft { document: call.body.clone(), options: options(call, base)?, current: None, mode: Mode::Merge })
}

fn draft_of_existing(reader: &Reader<'_>, call: &Call) -> Result<Draft> {
    let mode = Mode::of(call)?;
    let api = rest_apis::find(reader, call.scope(), call.api())?;
    let current = snapshots::load(reader, call.scope(), api)?;
    let options = options(call, mode.base(&current.rest_api))?;
    Ok(Draft { document: call.body.clone(), options, current: Some(current), mode })
}

/// What the query says of the import.
fn options(call: &Call, base: RestApi) -> Result<ImportOptions> {
    let base_path = match call.query("basepath").unwrap_or("ignore") {
        "ignore" => BasePathMode::Ignore,
        "prepend" => BasePathMode::Prepend,
        "split" => BasePathMode::Split,
        other => return Err(Failure::bad_request(format!("Invalid value for basepath specified: {other}"))),
    };
    let endpoint_type = match call.query("endpointConfigurationTypes") {
        None => None,
        Some("REGIONAL") => Some(EndpointType::Regional),
        Some("EDGE") => Some(EndpointType::Edge),
        Some("PRIVATE") => Some(EndpointType::Private),
        Some(_) => {
            let message = "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE";
            return Err(Failure::bad_request(message));
        }
    };
    let vpc_endpoints = call.query("vpcEndpointIds").unwrap_or_default().split(',').filter(|id| !id.is_empty());
    let documentation = match call.query("ignore") {
        Some("documentation") => DocumentationMode::Ignore,
        _ => DocumentationMode::Read,
    };
    Ok(ImportOptions {
        scope: call.scope().clone(),
        base,
        base_path,
        endpoint_type,
        vpc_endpoint_ids: vpc_endpoints.map(str::to_owned).collect(),
        documentation,
    })
}

impl Mode {
    /// The mode that the query asks for; a merge when it asks for none.
    pub(crate) fn of(call: &Call) -> Result<Self> {
        let mut violations = call.violations();
        let mode = call.query("mode").filter(|mode| !mode.is_empty()).unwrap_or("merge");
        if !matches!(mode, "merge" | "overwrite") {
            violations.uri("mode", mode, "Member must satisfy enum value set: [merge, overwrite]");
        }
        violations.finish()?;
        Ok(if mode == "overwrite" { Self::Overwrite } else { Self::Merge })
    }

    /// An API's settings where a document says nothing.
    pub(crate) fn base(self, current: &RestApi) -> RestApi {
        match self {
            Self::Merge => current.clone(),
            Self::Overwrite => RestApi {
                name: current.name.clone(),
                endpoint_configuration: current.endpoint_configuration.clone(),
                tags: current.tags.clone(),
                ..RestApi::new(current.id.clone(), current.root_resource_id.clone(), current.created_date)
            },
        }
    }
}

impl Draft {
    /// Reads the document, on a thread that may take its time.
    pub(crate) async fn read(self, ids: Arc<Ids>) -> Result<Plan> {
        tokio::task::spawn_blocking(move || self.plan(&ids)).await?
    }

    fn plan(self, ids: &Ids) -> Result<Plan> {
        let Self { document, options, current, mode } = self;
        // No id is drawn twice, nor one that something of the API has.
        let mut taken: HashSet<String> = current.iter().flat_map(snapshots::ids).collect();
        let read = openapi::import(&document, &options, &mut || {
            loop {
                let id = ids.short();
                if taken.insert(id.clone()) {
                    return id;
                }
            }
        });
        let openapi::Import { snapshot: mut imported, documentation, warnings } =
            read.map_err(|error| refusal(&error))?;
        let (scope, api) = (&options.scope, &mut imported.rest_api);
        let policy = api.policy.take();
        api.policy = policy.map(|text| rest_apis::normalize_policy(&text, scope, &api.id)).transpose()?;
        api.tags = tags::checked(std::mem::take(&mut api.tags))?;
        if let Some(current) = &current {
            snapshots::align(&mut imported, current);
            if mode == Mode::Merge {
                snapshots::check_siblings(current, &imported)?;
            }
        }
        let errors: Vec<String> = rules::broken(&imported, scope).into_iter().map(|broken| broken.text).collect();
        if !errors.is_empty() {
            return Err(refusal(&ImportError::Rejected { errors }));
        }
        Ok(Plan { imported, warnings, documentation, options, current, mode })
    }
}

impl Plan {
    /// Keeps the definition, unless the API is no longer what the plan was made for.
    pub(crate) fn keep(&self, transaction: &mut Transaction<'_>, ids: &Ids) -> Result<()> {
        let scope = &self.options.scope;
        let found = transaction.get::<RestApi>(scope, "", self.imported.rest_api.id.as_str())?;
        let found = found.map(|api| snapshots::load(transaction, scope, api)).transpose()?;
        if found != self.current {
            return Err(Failure::concurrent_modification());
        }
        if let (Some(current), Mode::Overwrite) = (&self.current, self.mode) {
            snapshots::delete_absent(transaction, scope, current, &self.imported)?;
        }
        snapshots::write(transaction, scope, &self.imported)?;
        if self.options.documentation == DocumentationMode::Read {
            let api = self.imported.rest_api.id.as_str();
            documentation::keep(transaction, scope, api, &self.documentation, self.mode, ids)?;
        }
        Ok(())
    }
}

fn refusal(error: &ImportError) -> Failure {
    if let ImportError::NotADocument { detail, .. } = error {
        tracing::debug!(detail, "document refused");
    }
    Failure::bad_request(error.to_string())
}
