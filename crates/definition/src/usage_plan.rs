//! Usage plans ("UsagePlan" of the API reference): which stages the keys of a plan may call, how fast and how often.

use indexmap::IndexMap;
use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};

use crate::id::{ApiKeyId, RestApiId, StageName, UsagePlanId};

/// A usage plan; the keys in it are records of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsagePlan {
    /// The id.
    pub id: UsagePlanId,
    /// The name; names need not be unique.
    pub name: String,
    /// A free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The stages that its keys may call, in the order in which they were associated.
    #[serde(default)]
    pub api_stages: Vec<ApiStage>,
    /// How fast each key may call all of them together; as fast as it likes without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throttle: Option<Throttle>,
    /// How often each key may call all of them together; as often as it likes without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// A product of AWS Marketplace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product_code: Option<String>,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
}

impl UsagePlan {
    /// What the plan says of a stage, when the stage is in it.
    #[must_use]
    pub fn api_stage(&self, api_id: &str, stage: &str) -> Option<&ApiStage> {
        self.api_stages.iter().find(|associated| associated.is(api_id, stage))
    }
}

/// A stage in a usage plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiStage {
    /// The API.
    pub api_id: RestApiId,
    /// The stage's name.
    pub stage: StageName,
    /// Throttles of single methods by `{path}/{METHOD}`, as in `/pets/{id}/GET`; a root's is `//GET`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub throttle: IndexMap<String, Throttle>,
}

impl ApiStage {
    /// Whether it is this stage of this API.
    #[must_use]
    pub fn is(&self, api_id: &str, stage: &str) -> bool {
        self.api_id.as_str() == api_id && self.stage.as_str() == stage
    }
}

/// A token bucket.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Throttle {
    /// Its size, in requests.
    pub burst_limit: u32,
    /// Requests per second, finite and not negative.
    pub rate_limit: f64,
}

/// A number of requests per period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quota {
    /// How many.
    pub limit: u32,
    /// How many fewer in the first period.
    #[serde(default)]
    pub offset: u32,
    /// The period.
    pub period: QuotaPeriod,
    /// The day on which the plan got its quota, in UTC; not part of AWS's wire form.
    pub since: Date,
}

impl Quota {
    /// How many requests the period of a day allows.
    #[must_use]
    pub fn allowance(&self, day: Date) -> u32 {
        let is_first = self.period.start(day) <= self.period.start(self.since);
        if is_first { self.limit.saturating_sub(self.offset) } else { self.limit }
    }
}

/// What a quota counts by. Days are UTC's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum QuotaPeriod {
    /// A day.
    Day,
    /// From Sunday to Saturday.
    Week,
    /// A calendar month.
    Month,
}

impl QuotaPeriod {
    /// All periods, in the order of AWS's model.
    pub const ALL: [Self; 3] = [Self::Day, Self::Week, Self::Month];

    /// The wire name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
        }
    }

    /// The first day of the period that `day` is in.
    #[must_use]
    pub fn start(self, day: Date) -> Date {
        match self {
            Self::Day => day,
            Self::Week => day.saturating_sub(i64::from(day.weekday().to_sunday_zero_offset()).days()),
            Self::Month => day.first_of_month(),
        }
    }
}

/// That a key is in a usage plan; the key's name and value are the key's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UsagePlanKey {
    /// The key.
    pub api_key_id: ApiKeyId,
}

/// That a stage is in a usage plan, seen from its API; the plan's [`ApiStage`] is the same seen from the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StageUsagePlan {
    /// The stage.
    pub stage: StageName,
    /// The plan.
    pub usage_plan_id: UsagePlanId,
}

impl StageUsagePlan {
    /// The id under which this is kept: `{stage}/{usagePlanId}`, so that a stage's plans stand together.
    #[must_use]
    pub fn record_id(&self) -> String {
        format!("{}/{}", self.stage, self.usage_plan_id)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn periods_start_on_sundays_and_on_the_first() {
        for (period, day, start) in [
            (QuotaPeriod::Day, date(2026, 11, 21), date(2026, 11, 21)),
            (QuotaPeriod::Week, date(2026, 11, 21), date(2026, 11, 15)),
            (QuotaPeriod::Week, date(2026, 11, 22), date(2026, 11, 22)),
            (QuotaPeriod::Week, date(2026, 1, 1), date(2025, 12, 28)),
            (QuotaPeriod::Month, date(2026, 2, 28), date(2026, 2, 1)),
        ] {
            assert_eq!(period.start(day), start, "{period:?} {day}");
        }
    }

    #[test]
    fn the_offset_shortens_the_first_period_alone() {
        let quota = Quota { limit: 10, offset: 3, period: QuotaPeriod::Month, since: date(2026, 2, 20) };
        assert_eq!(quota.allowance(date(2026, 2, 28)), 7);
        assert_eq!(quota.allowance(date(2026, 3, 1)), 10);
        assert_eq!(Quota { offset: 11, ..quota }.allowance(date(2026, 2, 20)), 0);
    }
}
