//! `CreateStage` on the wire.

use definition::{
    id::StageName,
    stage::{CanarySettings, Stage},
    time::EpochSeconds,
};
use indexmap::IndexMap;
use serde::Deserialize;

use super::settings;
use crate::{call::Call, failure::Result, tags};

/// The sizes of a cache in GB, in the order of the service model.
pub(crate) const CACHE_CLUSTER_SIZES: [&str; 8] = ["0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateStageInput {
    pub(super) stage_name: Option<String>,
    deployment_id: Option<String>,
    description: Option<String>,
    cache_cluster_enabled: Option<bool>,
    cache_cluster_size: Option<String>,
    variables: Option<IndexMap<String, String>>,
    documentation_version: Option<String>,
    canary_settings: Option<CanaryInput>,
    tracing_enabled: Option<bool>,
    tags: Option<IndexMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CanaryInput {
    deployment_id: Option<String>,
    percent_traffic: Option<f64>,
    stage_variable_overrides: Option<IndexMap<String, String>>,
    use_stage_cache: Option<bool>,
}

impl CreateStageInput {
    /// Refuses what breaks the service model's constraints.
    pub(super) fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.required("stageName", self.stage_name.as_ref());
        violations.required("deploymentId", self.deployment_id.as_ref());
        violations.choice("cacheClusterSize", self.cache_cluster_size.as_deref(), &CACHE_CLUSTER_SIZES);
        violations.finish()
    }

    /// The stage that is asked for; what it points at is not looked up yet.
    pub(super) fn into_stage(self, name: StageName, now: EpochSeconds) -> Result<Stage> {
        let deployment_id = settings::deployment_id(self.deployment_id.as_deref().unwrap_or_default())?;
        let mut stage = super::new(name, deployment_id.clone(), now);
        stage.description = self.description;
        stage.documentation_version = self.documentation_version.filter(|version| !version.is_empty());
        stage.variables = self.variables;
        stage.tracing_enabled = self.tracing_enabled.unwrap_or_default();
        stage.tags = tags::checked(self.tags.unwrap_or_default())?;
        super::set_cache_cluster(&mut stage, self.cache_cluster_enabled, self.cache_cluster_size);
        if let Some(canary) = self.canary_settings {
            let canary_deployment = canary.deployment_id.as_deref().map(settings::deployment_id).transpose()?;
            stage.canary_settings = Some(CanarySettings {
                deployment_id: Some(canary_deployment.unwrap_or(deployment_id)),
                percent_traffic: canary.percent_traffic.unwrap_or_default(),
                stage_variable_overrides: canary.stage_variable_overrides,
                use_stage_cache: canary.use_stage_cache.unwrap_or_default(),
            });
        }
        Ok(stage)
    }
}
