//! `CreateUsagePlan` on the wire.

use definition::{
    id::UsagePlanId,
    usage_plan::{ApiStage, QuotaPeriod, Throttle, UsagePlan},
};
use indexmap::IndexMap;
use serde::Deserialize;

use super::{
    draft::{Draft, QuotaDraft},
    stages,
};
use crate::{
    call::Call,
    failure::{Failure, Result},
    tags,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateUsagePlanInput {
    name: Option<String>,
    description: Option<String>,
    api_stages: Option<Vec<ApiStageInput>>,
    throttle: Option<ThrottleInput>,
    quota: Option<QuotaInput>,
    pub(super) tags: Option<IndexMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ApiStageInput {
    api_id: Option<String>,
    stage: Option<String>,
    throttle: Option<IndexMap<String, ThrottleInput>>,
}

/// A throttle; members that are not there are zero, as AWS's model has it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ThrottleInput {
    burst_limit: Option<i64>,
    rate_limit: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct QuotaInput {
    limit: Option<i64>,
    offset: Option<i64>,
    period: Option<String>,
}

impl CreateUsagePlanInput {
    /// Refuses what breaks the service model's constraints.
    pub(super) fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.required("name", self.name.as_ref());
        let period = self.quota.as_ref().and_then(|quota| quota.period.as_deref());
        violations.choice("quota.period", period, &QuotaPeriod::ALL.map(QuotaPeriod::as_str));
        violations.finish()
    }

    /// The plan that is asked for; its stages are not looked up yet.
    pub(super) fn into_draft(self, id: UsagePlanId) -> Result<Draft> {
        let name = self.name.unwrap_or_default();
        let mut api_stages: Vec<ApiStage> = Vec::new();
        for sent in self.api_stages.unwrap_or_default() {
            let (api_id, stage) = (sent.api_id.unwrap_or_default(), sent.stage.unwrap_or_default());
            let mut added = stages::api_stage(&api_id, &stage, &name)?;
            for (key, throttle) in sent.throttle.unwrap_or_default() {
                added.throttle.insert(key, throttle.read()?);
            }
            stages::add(&mut api_stages, added)?;
        }
        let plan = UsagePlan {
            id,
            name,
            description: self.description.filter(|text| !text.is_empty()),
            api_stages,
            throttle: self.throttle.as_ref().map(ThrottleInput::read).transpose()?,
            quota: None,
            product_code: None,
            tags: tags::checked(self.tags.unwrap_or_default())?,
        };
        Ok(Draft { plan, quota: self.quota.map(QuotaInput::read).transpose()? })
    }
}

impl ThrottleInput {
    /// The throttle, if its numbers can be such numbers.
    pub(super) fn read(&self) -> Result<Throttle> {
        let burst_limit = self.burst_limit.map_or(Ok(0), |number| count(number, "burst limit"))?;
        Ok(Throttle { burst_limit, rate_limit: self.rate_limit.unwrap_or_default() })
    }
}

impl QuotaInput {
    fn read(self) -> Result<QuotaDraft> {
        Ok(QuotaDraft {
            limit: self.limit.map(|number| count(number, "quota limit")).transpose()?,
            offset: self.offset.map_or(Ok(0), |number| count(number, "quota offset"))?,
            period: self.period.as_deref().map(period).transpose()?,
            since: None,
        })
    }
}

/// A number of requests; `what` names it to the client.
pub(super) fn count(number: i64, what: &str) -> Result<u32> {
    // AWS's model has signed integers of 32 bits.
    i32::try_from(number)
        .ok()
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| Failure::bad_request(format!("Invalid {what} specified: {number}")))
}

/// A period by its wire name.
pub(super) fn period(text: &str) -> Result<QuotaPeriod> {
    QuotaPeriod::ALL.into_iter().find(|period| period.as_str() == text).ok_or_else(|| {
        let names = QuotaPeriod::ALL.map(QuotaPeriod::as_str).join(", ");
        Failure::bad_request(format!("Invalid quota period specified. Must be one of: [{names}]"))
    })
}
