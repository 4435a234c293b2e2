//! `CreateDeployment` on the wire.

use definition::{
    id::{DeploymentId, StageName},
    stage::{CanarySettings, Stage},
    time::EpochSeconds,
};
use indexmap::IndexMap;
use serde::Deserialize;

use crate::{
    call::Call,
    failure::Result,
    stages::{self, CACHE_CLUSTER_SIZES},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateDeploymentInput {
    pub(super) stage_name: Option<String>,
    stage_description: Option<String>,
    pub(super) description: Option<String>,
    cache_cluster_enabled: Option<bool>,
    cache_cluster_size: Option<String>,
    variables: Option<IndexMap<String, String>>,
    pub(super) canary_settings: Option<CanaryInput>,
    tracing_enabled: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CanaryInput {
    percent_traffic: Option<f64>,
    stage_variable_overrides: Option<IndexMap<String, String>>,
    use_stage_cache: Option<bool>,
}

impl CreateDeploymentInput {
    /// Refuses what breaks the service model's constraints.
    pub(super) fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.choice("cacheClusterSize", self.cache_cluster_size.as_deref(), &CACHE_CLUSTER_SIZES);
        violations.finish()
    }

    /// A stage that exists, after the deployment.
    pub(super) fn onto(self, mut stage: Stage, deployment_id: &DeploymentId, now: EpochSeconds) -> Stage {
        stage.last_updated_date = now;
        if let Some(canary) = self.canary_settings {
            stage.canary_settings = Some(CanarySettings {
                deployment_id: Some(deployment_id.clone()),
                percent_traffic: canary.percent_traffic.unwrap_or_default(),
                stage_variable_overrides: canary.stage_variable_overrides,
                use_stage_cache: canary.use_stage_cache.unwrap_or_default(),
            });
            return stage;
        }
        stage.deployment_id = deployment_id.clone();
        if self.stage_description.is_some() {
            stage.description = self.stage_description;
        }
        if let Some(variables) = self.variables {
            stage.variables.get_or_insert_default().extend(variables);
        }
        if let Some(enabled) = self.tracing_enabled {
            stage.tracing_enabled = enabled;
        }
        stages::set_cache_cluster(&mut stage, self.cache_cluster_enabled, self.cache_cluster_size);
        stage
    }

    /// A stage that the deployment makes.
    pub(super) fn new_stage(self, name: StageName, deployment_id: DeploymentId, now: EpochSeconds) -> Stage {
        let mut stage = stages::new(name, deployment_id, now);
        stage.description = self.stage_description;
        stage.variables = self.variables;
        stage.tracing_enabled = self.tracing_enabled.unwrap_or_default();
        stages::set_cache_cluster(&mut stage, self.cache_cluster_enabled, self.cache_cluster_size);
        stage
    }
}
