//! A usage plan while a call changes it: its quota and throttles may lack a member until the whole call is read.

use definition::{
    method::HttpMethod,
    usage_plan::{ApiStage, Quota, QuotaPeriod, Throttle, UsagePlan},
};
use indexmap::IndexMap;
use jiff::civil::Date;

use crate::failure::{Failure, Result};

/// How many methods of a stage can have a throttle: the quota "Method throttles per stage of a usage plan".
const METHOD_THROTTLES_MAX: usize = 20;

/// A plan that need not be whole.
pub(super) struct Draft {
    /// The plan, without its quota.
    pub(super) plan: UsagePlan,
    /// The quota.
    pub(super) quota: Option<QuotaDraft>,
}

/// A quota that need not be whole.
#[derive(Default)]
pub(super) struct QuotaDraft {
    /// How many requests.
    pub(super) limit: Option<u32>,
    /// How many fewer in the first period.
    pub(super) offset: u32,
    /// The period.
    pub(super) period: Option<QuotaPeriod>,
    /// The day on which the plan got it; none for a new one.
    pub(super) since: Option<Date>,
}

impl From<UsagePlan> for Draft {
    fn from(mut plan: UsagePlan) -> Self {
        let quota = plan.quota.take().map(|quota| QuotaDraft {
            limit: Some(quota.limit),
            offset: quota.offset,
            period: Some(quota.period),
            since: Some(quota.since),
        });
        Self { plan, quota }
    }
}

impl Draft {
    /// The plan, if there can be such a plan.
    pub(super) fn finish(self, today: Date) -> Result<UsagePlan> {
        let Self { mut plan, quota } = self;
        if plan.name.trim().is_empty() {
            return Err(Failure::bad_request("Usage Plan name cannot be blank"));
        }
        plan.quota = quota.map(|quota| quota.finish(today)).transpose()?;
        if let Some(throttle) = &plan.throttle {
            check_throttle(throttle)?;
        }
        for ApiStage { throttle, .. } in &plan.api_stages {
            check_method_throttles(throttle)?;
        }
        Ok(plan)
    }
}

impl QuotaDraft {
    fn finish(self, today: Date) -> Result<Quota> {
        let (Some(limit), Some(period)) = (self.limit, self.period) else {
            return Err(Failure::bad_request("Usage Plan quota must have a limit and a period"));
        };
        Ok(Quota { limit, offset: self.offset, period, since: self.since.unwrap_or(today) })
    }
}

fn check_throttle(throttle: &Throttle) -> Result<()> {
    if throttle.rate_limit.is_finite() && throttle.rate_limit >= 0.0 {
        return Ok(());
    }
    Err(Failure::bad_request(format!("Invalid rate limit specified: {}", throttle.rate_limit)))
}

fn check_method_throttles(throttles: &IndexMap<String, Throttle>) -> Result<()> {
    if throttles.len() > METHOD_THROTTLES_MAX {
        let message = format!("An API Stage of a Usage Plan has at most {METHOD_THROTTLES_MAX} method throttles");
        return Err(Failure::bad_request(message));
    }
    for (key, throttle) in throttles {
        let method = key.strip_prefix('/').and_then(|path| path.rsplit_once('/')).map(|(_, method)| method);
        if method.is_none_or(|method| method.parse::<HttpMethod>().is_err()) {
            return Err(Failure::bad_request(format!("Invalid method throttle specified: {key}")));
        }
        check_throttle(throttle)?;
    }
    Ok(())
}
