//! What can be patched of a usage plan: its own members, its stages, and throttles of their methods.
//!
//! A method's throttle is at `/apiStages/{apiId}:{stage}/throttle/{path}/{METHOD}`, with the path's slashes as `~1`; as at AWS,
//! they may also stand as they are. AWS page: "Patch operations", "UpdateUsagePlan".

use definition::usage_plan::{ApiStage, Throttle};
use indexmap::IndexMap;

use super::{
    draft::{Draft, QuotaDraft},
    stages,
    wire::{ThrottleInput, count, period},
};
use crate::{
    call::Call,
    failure::{Failure, Result},
    patch::{Dialect, Op, Patch, Rule, Table},
};

const REPLACE: &[Op] = &[Op::Replace];
const REMOVE: &[Op] = &[Op::Remove];
const SET: &[Op] = &[Op::Add, Op::Replace];

/// What AWS lists for a path that cannot be removed, its spelling included.
const REMOVABLE: &str = "/apiStages, /quota, /throttle, /productCode, \
    /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, /apiStages/<apidId:stageName>/throttle";
/// The same of paths to add to, spelled alike.
const ADDABLE: &str = "/apiStages, /productCode, /throttle/rateLimit, /throttle/burstLimit, /quota/limit, /quota/offset, \
    /quota/period, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit, \
    /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit";
/// The same of paths to replace.
const REPLACEABLE: &str = "/name, /description, /productCode, /throttle/rateLimit, /throttle/burstLimit, /quota/limit, \
    /quota/offset, /quota/period, /apiStages/<apidId:stageName>/throttle, \
    /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/rateLimit, \
    /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>/burstLimit";

/// The paths of a usage plan.
pub(super) static TABLE: Table<Draft> = Table {
    dialect: Dialect::Own(refuse),
    rules: &[
        Rule::set("/name", REPLACE, |draft, patch| {
            patch.text().clone_into(&mut draft.plan.name);
        }),
        Rule::set("/description", REPLACE, |draft, patch| {
            draft.plan.description = patch.optional_text();
        }),
        Rule::set("/productCode", &[Op::Add, Op::Replace, Op::Remove], |draft, patch| {
            draft.plan.product_code = patch.optional_text();
        }),
        Rule::new("/throttle/rateLimit", SET, |draft, patch| {
            draft.plan.throttle.get_or_insert_default().rate_limit = rate_limit(patch)?;
            Ok(())
        }),
        Rule::new("/throttle/burstLimit", SET, |draft, patch| {
            draft.plan.throttle.get_or_insert_default().burst_limit = number(patch, "burst limit")?;
            Ok(())
        }),
        Rule::set("/throttle", REMOVE, |draft, _| {
            draft.plan.throttle = None;
        }),
        Rule::new("/quota/limit", SET, |draft, patch| {
            quota(draft).limit = Some(number(patch, "quota limit")?);
            Ok(())
        }),
        Rule::new("/quota/offset", SET, |draft, patch| {
            quota(draft).offset = number(patch, "quota offset")?;
            Ok(())
        }),
        Rule::new("/quota/period", SET, |draft, patch| {
            quota(draft).period = Some(period(patch.text())?);
            Ok(())
        }),
        Rule::set("/quota", REMOVE, |draft, _| {
            draft.quota = None;
        }),
        Rule::new("/apiStages", &[Op::Add], |draft, patch| {
            let added = sent_stage(draft, patch.text())?;
            stages::add(&mut draft.plan.api_stages, added)
        }),
        Rule::new("/apiStages", REMOVE, remove_stage),
        Rule::new("/apiStages/*/throttle", REPLACE, replace_method_throttles),
        Rule::new("/apiStages/*/throttle", REMOVE, |draft, patch| {
            api_stage(draft, patch)?.throttle.clear();
            Ok(())
        }),
        Rule::new("/apiStages/*/throttle/*/*/rateLimit", SET, |draft, patch| {
            method_throttle(draft, patch)?.rate_limit = rate_limit(patch)?;
            Ok(())
        }),
        Rule::new("/apiStages/*/throttle/*/*/burstLimit", SET, |draft, patch| {
            method_throttle(draft, patch)?.burst_limit = number(patch, "burst limit")?;
            Ok(())
        }),
        Rule::new("/apiStages/*/throttle/*/*", REMOVE, |draft, patch| {
            let unknown = || Failure::not_found("Invalid method throttle specified");
            let removed = api_stage(draft, patch)?.throttle.shift_remove(&method_key(patch));
            removed.map(|_| ()).ok_or_else(unknown)
        }),
    ],
};

/// Reads a call's patch; a method's path whose slashes stand as they are is put together to one segment.
pub(super) fn read(call: &Call) -> Result<Vec<Patch>> {
    let mut patches = crate::patch::read(call)?;
    patches.iter_mut().for_each(join_method_path);
    Ok(patches)
}

fn join_method_path(patch: &mut Patch) {
    // `apiStages`, the stage, `throttle`, the path, the method, and unless it is removed one of its limits.
    let behind = if patch.op == Op::Remove { 1 } else { 2 };
    let is_method = patch.segment(0) == "apiStages" && patch.segment(2) == "throttle";
    let Some(end) = patch.segments.len().checked_sub(behind).filter(|end| is_method && *end > 4) else { return };
    let joined = patch.segments[3..end].join("/");
    patch.segments.splice(3..end, [joined]);
}

fn refuse(patch: &Patch) -> Failure {
    let paths = match patch.op {
        Op::Add => ADDABLE,
        Op::Remove => REMOVABLE,
        Op::Replace => REPLACEABLE,
        Op::Move | Op::Test | Op::Copy => "",
    };
    Failure::bad_request(format!(
        "Invalid patch path  '{}' specified for op '{}'. Must be one of: [{paths}]",
        patch.path,
        patch.op.as_str()
    ))
}

fn quota(draft: &mut Draft) -> &mut QuotaDraft {
    draft.quota.get_or_insert_default()
}

fn number(patch: &Patch, what: &str) -> Result<u32> {
    let number = patch.text().parse().map_err(|_| invalid(patch, what))?;
    count(number, what)
}

fn rate_limit(patch: &Patch) -> Result<f64> {
    patch.text().parse().map_err(|_| invalid(patch, "rate limit"))
}

fn invalid(patch: &Patch, what: &str) -> Failure {
    Failure::bad_request(format!("Invalid {what} specified: {}", patch.text()))
}

/// The stage that a text `{apiId}:{stage}` names.
fn sent_stage(draft: &Draft, text: &str) -> Result<ApiStage> {
    let (api, stage) = text.split_once(':').ok_or_else(stages::not_a_stage)?;
    stages::api_stage(api, stage, draft.plan.id.as_str())
}

fn remove_stage(draft: &mut Draft, patch: &Patch) -> Result<()> {
    let removed = sent_stage(draft, patch.text())?;
    let (api, stage) = (removed.api_id.as_str(), removed.stage.as_str());
    if draft.plan.api_stage(api, stage).is_none() {
        return Err(stages::unknown(api, stage, draft.plan.id.as_str()));
    }
    draft.plan.api_stages.retain(|present| !present.is(api, stage));
    Ok(())
}

/// The plan's stage that a path names.
fn api_stage<'a>(draft: &'a mut Draft, patch: &Patch) -> Result<&'a mut ApiStage> {
    let sent = sent_stage(draft, patch.segment(1))?;
    let (api, stage) = (sent.api_id.as_str(), sent.stage.as_str());
    let unknown = stages::unknown(api, stage, draft.plan.id.as_str());
    draft.plan.api_stages.iter_mut().find(|present| present.is(api, stage)).ok_or(unknown)
}

fn replace_method_throttles(draft: &mut Draft, patch: &Patch) -> Result<()> {
    let sent: IndexMap<String, ThrottleInput> =
        crate::wire::decode(patch.text().as_bytes()).map_err(|_| invalid(patch, "method throttles"))?;
    let mut throttles = IndexMap::new();
    for (key, throttle) in sent {
        throttles.insert(key, throttle.read()?);
    }
    api_stage(draft, patch)?.throttle = throttles;
    Ok(())
}

/// The throttle of a method, which a first touch makes.
fn method_throttle<'a>(draft: &'a mut Draft, patch: &Patch) -> Result<&'a mut Throttle> {
    let stage = api_stage(draft, patch)?;
    Ok(stage.throttle.entry(method_key(patch)).or_default())
}

fn method_key(patch: &Patch) -> String {
    format!("{}/{}", patch.segment(3), patch.segment(4))
}
