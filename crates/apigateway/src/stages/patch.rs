//! What can be patched of a stage: its own members, its variables, its canary, and settings of its methods.
//!
//! The key of a method's settings is its path without the leading slash, inner slashes as `~1`, and its name: `pets~1{id}/GET`;
//! the root's is `~1/GET`, that of all methods `*/*`. AWS page: "Patch operations", "Stage".

use definition::stage::{AccessLogSettings, CanarySettings, MethodSetting, Stage};
use indexmap::IndexMap;

use super::{
    set_cache_cluster,
    settings::{self, deployment_id},
    wire::CACHE_CLUSTER_SIZES,
};
use crate::{
    failure::{Failure, Result},
    patch::{Dialect, Op, Patch, Rule, Table},
};

/// What AWS lists for a path that a stage does not have, its missing commas included.
const PATHS: &str = "[/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, \
    /accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format, \
    /{resourcePath}/{httpMethod}/metrics/enabled, /{resourcePath}/{httpMethod}/logging/dataTrace, \
    /{resourcePath}/{httpMethod}/logging/loglevel, /{resourcePath}/{httpMethod}/throttling/burstLimit\
    /{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}/{httpMethod}/caching/ttlInSeconds, \
    /{resourcePath}/{httpMethod}/caching/enabled, /{resourcePath}/{httpMethod}/caching/dataEncrypted, \
    /{resourcePath}/{httpMethod}/caching/requireAuthorizationForCacheControl, \
    /{resourcePath}/{httpMethod}/caching/unauthorizedCacheControlHeaderStrategy, /*/*/metrics/enabled, \
    /*/*/logging/dataTrace, /*/*/logging/loglevel, /*/*/throttling/burstLimit /*/*/throttling/rateLimit \
    /*/*/caching/ttlInSeconds, /*/*/caching/enabled, /*/*/caching/dataEncrypted, \
    /*/*/caching/requireAuthorizationForCacheControl, /*/*/caching/unauthorizedCacheControlHeaderStrategy, \
    /variables/{variable_name}, /tracingEnabled]";

const REPLACE: &[Op] = &[Op::Replace];
const SET: &[Op] = &[Op::Add, Op::Replace];
const SET_REMOVE: &[Op] = &[Op::Add, Op::Replace, Op::Remove];

/// The paths of a stage. Those of method settings stand last, since their first two segments match any text.
pub(super) static TABLE: Table<Stage> = Table {
    dialect: Dialect::Own(refuse),
    rules: &[
        Rule::new("/deploymentId", REPLACE, |stage, patch| {
            stage.deployment_id = deployment_id(patch.text())?;
            Ok(())
        }),
        Rule::new("/deploymentId", &[Op::Copy], promote_deployment),
        Rule::set("/description", REPLACE, |stage, patch| {
            stage.description = patch.optional_text();
        }),
        Rule::set("/cacheClusterEnabled", REPLACE, |stage, patch| {
            set_cache_cluster(stage, Some(patch.flag()), None);
        }),
        Rule::new("/cacheClusterSize", REPLACE, cache_cluster_size),
        Rule::set("/clientCertificateId", REPLACE, |stage, patch| {
            stage.client_certificate_id = patch.optional_text();
        }),
        Rule::set("/documentationVersion", REPLACE, |stage, patch| {
            stage.documentation_version = patch.optional_text();
        }),
        Rule::set("/tracingEnabled", REPLACE, |stage, patch| {
            stage.tracing_enabled = patch.flag();
        }),
        Rule::set("/variables/*", SET_REMOVE, |stage, patch| {
            edit_variable(&mut stage.variables, patch.segment(1), patch);
        }),
        Rule::new("/variables", &[Op::Copy], promote_variables),
        Rule::new("/accessLogSettings/destinationArn", SET, |stage, patch| {
            access_log(stage).destination_arn = Some(not_empty(patch)?);
            Ok(())
        }),
        Rule::new("/accessLogSettings/format", SET, |stage, patch| {
            access_log(stage).format = Some(not_empty(patch)?);
            Ok(())
        }),
        Rule::set("/accessLogSettings", &[Op::Remove], |stage, _| {
            stage.access_log_settings = None;
        }),
        Rule::new("/canarySettings/deploymentId", REPLACE, |stage, patch| {
            canary(stage).deployment_id = Some(deployment_id(patch.text())?);
            Ok(())
        }),
        Rule::new("/canarySettings/percentTraffic", REPLACE, |stage, patch| {
            canary(stage).percent_traffic = settings::number(patch.text(), "percent traffic")?;
            Ok(())
        }),
        Rule::set("/canarySettings/useStageCache", REPLACE, |stage, patch| {
            canary(stage).use_stage_cache = patch.flag();
        }),
        Rule::set("/canarySettings/stageVariableOverrides/*", SET_REMOVE, |stage, patch| {
            edit_variable(&mut canary(stage).stage_variable_overrides, patch.segment(2), patch);
        }),
        Rule::set("/canarySettings", &[Op::Remove], |stage, _| {
            stage.canary_settings = None;
        }),
        Rule::new("/*/*", &[Op::Remove], remove_method_setting),
        Rule::set("/*/*/metrics/enabled", SET, |stage, patch| {
            setting(stage, patch).metrics_enabled = patch.flag();
        }),
        Rule::new("/*/*/logging/loglevel", SET, |stage, patch| {
            setting(stage, patch).logging_level = settings::logging_level(patch.text())?;
            Ok(())
        }),
        Rule::set("/*/*/logging/dataTrace", SET, |stage, patch| {
            setting(stage, patch).data_trace_enabled = patch.flag();
        }),
        Rule::new("/*/*/throttling/burstLimit", SET, |stage, patch| {
            setting(stage, patch).throttling_burst_limit = settings::number(patch.text(), "burst limit")?;
            Ok(())
        }),
        Rule::new("/*/*/throttling/rateLimit", SET, |stage, patch| {
            setting(stage, patch).throttling_rate_limit = rate_limit(patch.text())?;
            Ok(())
        }),
        Rule::set("/*/*/caching/enabled", SET, |stage, patch| {
            setting(stage, patch).caching_enabled = patch.flag();
        }),
        Rule::new("/*/*/caching/ttlInSeconds", SET, |stage, patch| {
            setting(stage, patch).cache_ttl_in_seconds = settings::cache_ttl(patch.text())?;
            Ok(())
        }),
        Rule::set("/*/*/caching/dataEncrypted", SET, |stage, patch| {
            setting(stage, patch).cache_data_encrypted = patch.flag();
        }),
        Rule::set("/*/*/caching/requireAuthorizationForCacheControl", SET, |stage, patch| {
            setting(stage, patch).require_authorization_for_cache_control = patch.flag();
        }),
        Rule::new("/*/*/caching/unauthorizedCacheControlHeaderStrategy", SET, |stage, patch| {
            let strategy = settings::invalidation_strategy(patch.text())?;
            setting(stage, patch).unauthorized_cache_control_header_strategy = strategy;
            Ok(())
        }),
    ],
};

fn refuse(patch: &Patch) -> Failure {
    let sent = &patch.path;
    if patch.op == Op::Copy {
        return invalid_copy(patch);
    }
    if patch.segment(0) == "accessLogSettings" && patch.segments.len() > 1 {
        return Failure::bad_request(
            "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]",
        );
    }
    if patch.op == Op::Add && patch.segment(0) == "canarySettings" {
        return Failure::bad_request(format!("Invalid add operation with path: {sent}"));
    }
    Failure::bad_request(format!("Invalid method setting path: {sent}. Must be one of: {PATHS}"))
}

fn invalid_copy(patch: &Patch) -> Failure {
    Failure::bad_request(format!(
        "Invalid copy operation with path: {} and from {}. Valid copy:path are [/deploymentId, /variables] and valid \
         copy:from are [/canarySettings/deploymentId, /canarySettings/stageVariableOverrides]",
        patch.path,
        patch.from.as_deref().unwrap_or("null"),
    ))
}

/// The canary that a copy promotes; refuses when the copy is from elsewhere, or when there is none.
fn promoted<'a>(stage: &'a Stage, patch: &Patch, from: &str) -> Result<&'a CanarySettings> {
    if patch.from.as_deref() != Some(from) {
        return Err(invalid_copy(patch));
    }
    let none = || Failure::bad_request("Promotion not available. Canary does not exist.");
    stage.canary_settings.as_ref().ok_or_else(none)
}

fn promote_deployment(stage: &mut Stage, patch: &Patch) -> Result<()> {
    let canary = promoted(stage, patch, "/canarySettings/deploymentId")?;
    if let Some(id) = canary.deployment_id.clone() {
        stage.deployment_id = id;
    }
    Ok(())
}

fn promote_variables(stage: &mut Stage, patch: &Patch) -> Result<()> {
    let canary = promoted(stage, patch, "/canarySettings/stageVariableOverrides")?;
    if let Some(overrides) = canary.stage_variable_overrides.clone() {
        stage.variables.get_or_insert_default().extend(overrides);
    }
    Ok(())
}

fn cache_cluster_size(stage: &mut Stage, patch: &Patch) -> Result<()> {
    let Some(size) = patch.optional_text().filter(|size| CACHE_CLUSTER_SIZES.contains(&size.as_str())) else {
        let sizes = CACHE_CLUSTER_SIZES.join(", ");
        return Err(Failure::bad_request(format!("Invalid cache cluster size specified. Must be one of: [{sizes}]")));
    };
    set_cache_cluster(stage, None, Some(size));
    Ok(())
}

fn edit_variable(variables: &mut Option<IndexMap<String, String>>, name: &str, patch: &Patch) {
    let entries = variables.get_or_insert_default();
    if patch.op == Op::Remove {
        entries.shift_remove(name);
    } else {
        entries.insert(name.to_owned(), patch.text().to_owned());
    }
    if entries.is_empty() {
        *variables = None;
    }
}

fn access_log(stage: &mut Stage) -> &mut AccessLogSettings {
    stage.access_log_settings.get_or_insert_default()
}

fn not_empty(patch: &Patch) -> Result<String> {
    patch.optional_text().ok_or_else(|| Failure::bad_request("Access Log value must not be empty"))
}

/// The stage's canary; a new one serves no traffic, from the stage's own deployment.
fn canary(stage: &mut Stage) -> &mut CanarySettings {
    stage.canary_settings.get_or_insert_with(|| CanarySettings {
        deployment_id: Some(stage.deployment_id.clone()),
        percent_traffic: 0.0,
        stage_variable_overrides: None,
        use_stage_cache: false,
    })
}

fn rate_limit(text: &str) -> Result<f64> {
    let limit: f64 = settings::number(text, "rate limit")?;
    if limit.is_finite() {
        Ok(limit)
    } else {
        Err(Failure::bad_request(format!("Invalid rate limit specified: {text}")))
    }
}

/// The settings under a patch's key; the first touch fills in the defaults.
fn setting<'a>(stage: &'a mut Stage, patch: &Patch) -> &'a mut MethodSetting {
    stage.method_settings.entry(setting_key(patch)).or_default()
}

fn setting_key(patch: &Patch) -> String {
    let resource = match patch.segment(0) {
        "/" => "~1".to_owned(),
        other => other.trim_start_matches('/').replace('/', "~1"),
    };
    format!("{resource}/{}", patch.segment(1))
}

fn remove_method_setting(stage: &mut Stage, patch: &Patch) -> Result<()> {
    if stage.method_settings.shift_remove(&setting_key(patch)).is_some() {
        return Ok(());
    }
    let key = patch.path.trim_start_matches('/');
    // The blank at the end is AWS's.
    Err(Failure::bad_request(format!(
        "Cannot remove method setting {key} because there is no method setting for this method "
    )))
}
