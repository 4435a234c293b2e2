//! Usage ("Usage" of the API reference): how often a key called the stages of a plan, day by day, and what is left of its
//! quota.
//!
//! A day's record is all that whoever counts requests needs to write: it adds to [`Usage::used`]. What is left follows from the
//! records of the period, so that nothing has to be set back when a period begins.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{id::ApiKeyId, usage_plan::Quota};

/// What one key did in one plan on one day. Days without requests or grants have no record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// The key.
    pub api_key_id: ApiKeyId,
    /// The day, in UTC.
    pub day: Date,
    /// How many requests were counted.
    #[serde(default)]
    pub used: u64,
    /// How many requests its owner granted on top of the quota on this day, for the rest of the period; negative when they were
    /// taken.
    #[serde(default)]
    pub granted: i64,
}

impl Usage {
    /// A day on which nothing happened yet.
    #[must_use]
    pub fn none(api_key_id: ApiKeyId, day: Date) -> Self {
        Self { api_key_id, day, used: 0, granted: 0 }
    }

    /// The id under which a day of a key is kept in its plan: `{apiKeyId}/{yyyy-MM-dd}`, so that a key's days stand together
    /// and in order.
    #[must_use]
    pub fn record_id(&self) -> String {
        record_id(self.api_key_id.as_str(), self.day)
    }
}

/// The id under which a day of a key is kept in its plan.
#[must_use]
pub fn record_id(api_key_id: &str, day: Date) -> String {
    format!("{api_key_id}/{day}")
}

/// What was used on a day, and what was left of the quota at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayUsage {
    /// How many requests were counted.
    pub used: u64,
    /// How many the period still allowed; `None` without a quota.
    pub remaining: Option<u64>,
}

/// The day from which the records are needed to tell what was left on `first`.
#[must_use]
pub fn accounts_start(quota: Option<&Quota>, first: Date) -> Date {
    quota.map_or(first, |quota| quota.period.start(first))
}

/// The days from `first` to `last`, given the records from [`accounts_start`] on. The plan's quota as it is now holds for all
/// of them.
#[must_use]
pub fn daily(quota: Option<&Quota>, records: &BTreeMap<Date, Usage>, first: Date, last: Date) -> Vec<DayUsage> {
    let mut days = Vec::new();
    let mut balance: i128 = 0;
    let mut next = Some(accounts_start(quota, first));
    while let Some(day) = next.filter(|day| *day <= last) {
        if let Some(quota) = quota
            && quota.period.start(day) == day
        {
            balance = i128::from(quota.allowance(day));
        }
        let (used, granted) = records.get(&day).map_or((0, 0), |record| (record.used, record.granted));
        balance += i128::from(granted) - i128::from(used);
        if day >= first {
            let remaining = quota.map(|_| u64::try_from(balance.max(0)).unwrap_or(u64::MAX));
            days.push(DayUsage { used, remaining });
        }
        next = day.tomorrow().ok();
    }
    days
}

/// The grant that leaves `remaining` at the end of `day` as its `records` stand.
#[must_use]
pub fn grant(quota: &Quota, records: &BTreeMap<Date, Usage>, day: Date, remaining: u64) -> i64 {
    let start = quota.period.start(day);
    let spent: i128 = records.range(start..=day).map(|(_, record)| i128::from(record.used)).sum();
    let granted_before: i128 = records.range(start..day).map(|(_, record)| i128::from(record.granted)).sum();
    let grant = i128::from(remaining) - i128::from(quota.allowance(day)) + spent - granted_before;
    i64::try_from(grant).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::usage_plan::QuotaPeriod;

    fn quota(limit: u32, period: QuotaPeriod) -> Quota {
        Quota { limit, offset: 0, period, since: date(2026, 1, 1) }
    }

    /// Records of November 2026: day, used, granted.
    fn records(days: &[(i8, u64, i64)]) -> BTreeMap<Date, Usage> {
        let record = |&(day, used, granted): &(i8, u64, i64)| {
            let day = date(2026, 11, day);
            (day, Usage { used, granted, ..Usage::none("a1b2c3d4e5".parse().unwrap(), day) })
        };
        days.iter().map(record).collect()
    }

    fn check(quota: Option<&Quota>, days: &[(i8, u64, i64)], range: (i8, i8), expected: &[(u64, Option<u64>)]) {
        let found = daily(quota, &records(days), date(2026, 11, range.0), date(2026, 11, range.1));
        let found: Vec<_> = found.iter().map(|day| (day.used, day.remaining)).collect();
        assert_eq!(found, expected, "{quota:?} {days:?} {range:?}");
    }

    #[test]
    fn what_is_left_shrinks_until_the_period_ends() {
        let month = quota(100, QuotaPeriod::Month);
        let days = [(1, 10, 0), (3, 20, 0)];
        check(Some(&month), &days, (1, 4), &[(10, Some(90)), (0, Some(90)), (20, Some(70)), (0, Some(70))]);
        // A range that starts later knows what was used before it.
        check(Some(&month), &days, (3, 3), &[(20, Some(70))]);
        let day = quota(100, QuotaPeriod::Day);
        check(Some(&day), &days, (1, 3), &[(10, Some(90)), (0, Some(100)), (20, Some(80))]);
        let week = quota(100, QuotaPeriod::Week);
        check(Some(&week), &[(7, 60, 0), (8, 1, 0)], (7, 8), &[(60, Some(40)), (1, Some(99))]);
        check(None, &days, (1, 2), &[(10, None), (0, None)]);
    }

    #[test]
    fn nothing_is_less_than_nothing() {
        check(Some(&quota(5, QuotaPeriod::Day)), &[(1, 9, 0)], (1, 2), &[(9, Some(0)), (0, Some(5))]);
        check(None, &[], (2, 1), &[]);
    }

    #[test]
    fn a_grant_holds_from_its_day_to_the_end_of_the_period() {
        let month = quota(5000, QuotaPeriod::Month);
        for (days, remaining) in [(vec![], 10), (vec![(1, 7, 3), (3, 2, 40)], 10), (vec![(2, 9000, 0)], 1)] {
            let mut records = records(&days);
            let day = date(2026, 11, 3);
            let today = records.entry(day).or_insert_with(|| Usage::none("a1b2c3d4e5".parse().unwrap(), day));
            today.granted = 0;
            let grant = grant(&month, &records, day, remaining);
            records.entry(day).and_modify(|today| today.granted = grant);
            let found = daily(Some(&month), &records, day, date(2026, 12, 1));
            assert_eq!(found[0].remaining, Some(remaining), "{days:?}");
            assert_eq!(found[27].remaining, Some(remaining), "{days:?}");
            assert_eq!(found[28].remaining, Some(5000), "{days:?}");
        }
    }

    #[test]
    fn a_key_s_days_stand_in_order() {
        let ids: Vec<String> = records(&[(9, 0, 0), (10, 0, 0)]).values().map(Usage::record_id).collect();
        assert_eq!(ids, ["a1b2c3d4e5/2026-11-09", "a1b2c3d4e5/2026-11-10"]);
    }
}
