//! Deployments ("Deployment" of the API reference): immutable, each with a frozen [`crate::ApiSnapshot`] kept beside it.

use serde::{Deserialize, Serialize};

use crate::{id::DeploymentId, time::EpochSeconds};

/// A deployment's own settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Deployment {
    /// The id, unique within the API.
    pub id: DeploymentId,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// When it was made.
    pub created_date: EpochSeconds,
}
