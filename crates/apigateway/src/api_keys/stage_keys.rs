//! The stages of a key, as they were associated before there were usage plans: `{restApiId}/{stageName}`.

use definition::Scope;
use store::Reader;

use super::wire::StageKey;
use crate::{
    failure::{Failure, Result},
    rest_apis, stages,
};

/// How many stages a key can name; ours, AWS publishes none.
const STAGE_KEYS_MAX: usize = 100;

/// The stages of a new key, each once.
pub(super) fn read(sent: Vec<StageKey>) -> Result<Vec<String>> {
    let mut stage_keys = Vec::new();
    for StageKey { rest_api_id, stage_name } in sent {
        let stage_key = format!("{}/{}", rest_api_id.unwrap_or_default(), stage_name.unwrap_or_default());
        add(&mut stage_keys, &stage_key)?;
    }
    Ok(stage_keys)
}

/// Adds a stage that is not yet among them.
pub(super) fn add(stage_keys: &mut Vec<String>, stage_key: &str) -> Result<()> {
    let is_stage_key = stage_key.split_once('/').is_some_and(|(api, stage)| !api.is_empty() && !stage.is_empty());
    if !is_stage_key {
        return Err(Failure::bad_request(format!("Invalid stage key specified: {stage_key}")));
    }
    if stage_keys.iter().any(|present| present == stage_key) {
        return Ok(());
    }
    if stage_keys.len() >= STAGE_KEYS_MAX {
        return Err(Failure::bad_request(format!("An API Key names at most {STAGE_KEYS_MAX} stages")));
    }
    stage_keys.push(stage_key.to_owned());
    Ok(())
}

/// Refuses stages that do not exist.
pub(super) fn check(reader: &Reader<'_>, scope: &Scope, stage_keys: &[String]) -> Result<()> {
    for (api, stage) in stage_keys.iter().filter_map(|stage_key| stage_key.split_once('/')) {
        rest_apis::find(reader, scope, api)?;
        stages::find(reader, scope, api, stage)?;
    }
    Ok(())
}
