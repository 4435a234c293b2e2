//! Stages ("Stage" of the API reference): a name under which one deployment is served, and what acts at once.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    id::{DeploymentId, StageName},
    time::EpochSeconds,
};

/// A stage of an API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// The name, the first path segment of its URLs.
    pub stage_name: StageName,
    /// The deployment that it serves.
    pub deployment_id: DeploymentId,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Whether a response cache was asked for.
    pub cache_cluster_enabled: bool,
    /// The cache's size in GB, one of AWS's texts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_cluster_size: Option<String>,
    /// The cache's state; `NOT_AVAILABLE` without one.
    pub cache_cluster_status: String,
    /// Settings by path and method: the path without its leading slash, inner slashes as `~1`, as in `pets~1{id}/GET`. The
    /// root's key is `~1/GET`, that of all methods `*/*`.
    pub method_settings: IndexMap<String, MethodSetting>,
    /// Stage variables.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variables: Option<IndexMap<String, String>>,
    /// The documentation version attached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation_version: Option<String>,
    /// The certificate presented to HTTP backends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_certificate_id: Option<String>,
    /// Where and how requests are logged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access_log_settings: Option<AccessLogSettings>,
    /// A share of traffic on another deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub canary_settings: Option<CanarySettings>,
    /// Whether active tracing was asked for.
    pub tracing_enabled: bool,
    /// Tags; a stage never shows an empty map.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// When it was created.
    pub created_date: EpochSeconds,
    /// When it last changed.
    pub last_updated_date: EpochSeconds,
}

/// Settings of one method of a stage, or of all (`*/*`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own on AWS's wire")]
pub struct MethodSetting {
    /// Whether metrics carry the method's dimensions.
    pub metrics_enabled: bool,
    /// `OFF`, `ERROR` or `INFO`; absent is `OFF`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logging_level: Option<String>,
    /// Whether execution logs carry bodies.
    pub data_trace_enabled: bool,
    /// The token bucket's size.
    pub throttling_burst_limit: i32,
    /// Requests per second.
    pub throttling_rate_limit: f64,
    /// Whether responses are cached, where the stage has a cache.
    pub caching_enabled: bool,
    /// How long, in seconds, 0 to 3600.
    pub cache_ttl_in_seconds: u32,
    /// Whether cached responses are encrypted.
    pub cache_data_encrypted: bool,
    /// Whether invalidation by a client needs authorization.
    pub require_authorization_for_cache_control: bool,
    /// What an unauthorized invalidation gets.
    pub unauthorized_cache_control_header_strategy: String,
}

impl Default for MethodSetting {
    /// What the first touch of a key fills in (execute-api specification, 7.2).
    fn default() -> Self {
        Self {
            metrics_enabled: false,
            logging_level: None,
            data_trace_enabled: false,
            throttling_burst_limit: 5000,
            throttling_rate_limit: 10_000.0,
            caching_enabled: true,
            cache_ttl_in_seconds: 300,
            cache_data_encrypted: false,
            require_authorization_for_cache_control: true,
            unauthorized_cache_control_header_strategy: "SUCCEED_WITH_RESPONSE_HEADER".to_owned(),
        }
    }
}

/// Where and how requests are logged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccessLogSettings {
    /// One line, with `$context.*` in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The log group's or delivery stream's ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination_arn: Option<String>,
}

/// That a stage's response cache was emptied: a record beside the stage, which those who hold the cache learn of as of any change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CacheFlush {
    /// When it was emptied last.
    pub flushed_date: EpochSeconds,
}

/// A share of a stage's traffic on another deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CanarySettings {
    /// The canary's deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment_id: Option<DeploymentId>,
    /// 0.0 to 100.0.
    pub percent_traffic: f64,
    /// Variables that replace the stage's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage_variable_overrides: Option<IndexMap<String, String>>,
    /// Whether the canary shares the stage's cache.
    pub use_stage_cache: bool,
}
