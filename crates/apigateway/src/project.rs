//! A project folder's API as one step: imported under an id of its own, deployed, and served by a stage.
//!
//! No AWS operation does this. `lambdagate dev` does, so that URLs stay the same from run to run.

use std::sync::Arc;

use bytes::Bytes;
use definition::{
    ApiSnapshot, Scope,
    deployment::Deployment,
    id::{RestApiId, StageName},
    openapi::{BasePathMode, DocumentationMode, ImportOptions},
    rest_api::RestApi,
    stage::Stage,
};
use indexmap::IndexMap;
use store::{Reader, Transaction};

use crate::{
    control_plane::ControlPlane,
    deployments,
    failure::{Failure, Result},
    ids::Ids,
    import::{Draft, Mode, Plan},
    snapshots, stages,
};

/// What a project declares of its API.
#[derive(Debug, Clone)]
pub struct Project {
    /// The account and region that the API lives in.
    pub scope: Scope,
    /// The API's id, the same from run to run.
    pub rest_api_id: RestApiId,
    /// The API's name where the document has none.
    pub name: String,
    /// The OpenAPI document.
    pub document: Bytes,
    /// The stage that serves the API.
    pub stage_name: StageName,
    /// The stage's variables, in place of those that it had.
    pub variables: IndexMap<String, String>,
}

/// What came of a project.
#[derive(Debug, Clone)]
pub struct Applied {
    /// The definition as it is stored, and as it was deployed.
    pub snapshot: ApiSnapshot,
    /// The new deployment.
    pub deployment: Deployment,
    /// The stage that serves it.
    pub stage: Stage,
    /// What the import ignored.
    pub warnings: Vec<String>,
}

impl ControlPlane {
    /// Imports a project's document over what its API was, deploys it, and points its stage at the deployment: all in one
    /// transaction, so that a document with an error leaves the API that was served before. The deployment that the stage
    /// leaves is deleted unless another stage serves it.
    pub async fn apply_project(&self, project: Project, now: jiff::Timestamp) -> Result<Applied> {
        let project = Arc::new(project);
        let (declared, ids) = (Arc::clone(&project), Arc::clone(&self.ids));
        let draft = self.store.read(move |reader| draft(reader, &declared, &ids, now)).await?;
        let plan = draft.read(Arc::clone(&self.ids)).await?;
        let ids = Arc::clone(&self.ids);
        self.store.write(move |transaction| apply(transaction, &project, plan, &ids, now)).await
    }
}

fn draft(reader: &Reader<'_>, project: &Project, ids: &Ids, now: jiff::Timestamp) -> Result<Draft> {
    let (scope, id) = (&project.scope, &project.rest_api_id);
    let current: Option<RestApi> = reader.get(scope, "", id.as_str())?;
    let current = current.map(|api| snapshots::load(reader, scope, api)).transpose()?;
    let base = if let Some(current) = &current {
        Mode::Overwrite.base(&current.rest_api)
    } else {
        let root_id = ids.long().parse().map_err(|_| Failure::bad_request("Invalid Resource identifier"))?;
        RestApi::new(id.clone(), root_id, now.into())
    };
    let options = ImportOptions {
        scope: scope.clone(),
        base: RestApi { name: project.name.clone(), ..base },
        base_path: BasePathMode::default(),
        endpoint_type: None,
        vpc_endpoint_ids: Vec::new(),
        documentation: DocumentationMode::Read,
    };
    Ok(Draft { document: project.document.clone(), options, current, mode: Mode::Overwrite })
}

fn apply(
    transaction: &mut Transaction<'_>,
    project: &Project,
    plan: Plan,
    ids: &Ids,
    now: jiff::Timestamp,
) -> Result<Applied> {
    plan.keep(transaction, ids)?;
    let deployment = deployments::freeze(transaction, &project.scope, &plan.imported, ids, None, now)?;
    let stage = point_stage(transaction, project, &deployment, now)?;
    Ok(Applied { snapshot: plan.imported, deployment, stage, warnings: plan.warnings })
}

/// Makes the project's stage, or points it at the new deployment.
fn point_stage(
    transaction: &mut Transaction<'_>,
    project: &Project,
    deployment: &Deployment,
    now: jiff::Timestamp,
) -> Result<Stage> {
    let (scope, api) = (&project.scope, project.rest_api_id.as_str());
    let found: Option<Stage> = transaction.get(scope, api, project.stage_name.as_str())?;
    let left = found.as_ref().map(|stage| stage.deployment_id.clone());
    let mut stage = found.unwrap_or_else(|| stages::new(project.stage_name.clone(), deployment.id.clone(), now.into()));
    stage.deployment_id = deployment.id.clone();
    stage.last_updated_date = now.into();
    stage.variables = (!project.variables.is_empty()).then(|| project.variables.clone());
    stages::check(&stage)?;
    stages::keep(transaction, scope, api, &stage)?;
    if let Some(left) = left
        && !deployments::is_used(transaction, scope, api, &left)?
    {
        deployments::discard(transaction, scope, api, &left)?;
    }
    Ok(stage)
}
