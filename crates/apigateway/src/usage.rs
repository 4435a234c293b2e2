//! Usage of plans: what keys did, day by day, and what is left to them. API Reference, "Usage".
//!
//! Whoever counts requests adds them with [`add_usage`]; what is left of a quota follows from the days of its period.
//!
//! Differs from AWS: what was left on a past day follows from the plan's quota as it is now. Without a quota, -1 is left.

use std::collections::BTreeMap;

use definition::{
    Scope,
    id::{ApiKeyId, UsagePlanId},
    usage::{self, Usage},
    usage_plan::{Quota, UsagePlan, UsagePlanKey},
};
use jiff::{ToSpan as _, civil::Date};
use serde_json::{Map, Value, json};
use store::{Order, Page, Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    patch::{self, Dialect, Op, Patch, Rule, Table},
    usage_plan_keys, usage_plans,
    wire::{Answer, PageRequest, position_text},
};

/// The longest time that one call tells of, in days.
const RANGE_DAYS_MAX: i64 = 90;

/// The most records that such a time needs: its own, and those of the month that it starts in.
const RECORDS_MAX: usize = 90 + 30;

/// How long a key's days are kept: any month that a call can tell of is whole.
const KEPT_DAYS: i64 = 400;

/// What is left on a day without a quota.
const NO_QUOTA: i64 = -1;

/// What a client can set of a key's usage.
#[derive(Default)]
struct UsagePatch {
    remaining: Option<u64>,
}

static TABLE: Table<UsagePatch> = Table {
    dialect: Dialect::Own(refuse),
    rules: &[Rule::new("/remaining", &[Op::Replace], |usage, patch| {
        let number = patch.text().parse::<u32>();
        let invalid = |_| Failure::bad_request(format!("Invalid remaining quota specified: {}", patch.text()));
        usage.remaining = Some(number.map_err(invalid)?.into());
        Ok(())
    })],
};

fn refuse(patch: &Patch) -> Failure {
    let paths = if patch.op == Op::Replace { "/remaining" } else { "" };
    Failure::bad_request(format!(
        "Invalid patch path  '{}' specified for op '{}'. Must be one of: [{paths}]",
        patch.path,
        patch.op.as_str()
    ))
}

fn unknown_key() -> Failure {
    Failure::not_found("Invalid Key identifier specified")
}

/// The days that a call asks for.
struct DateRange {
    first: Date,
    last: Date,
}

impl DateRange {
    fn of(call: &Call) -> Result<Self> {
        let (first, last) = (call.query("startDate"), call.query("endDate"));
        let mut violations = call.violations();
        violations.required_uri("startDate", first);
        violations.required_uri("endDate", last);
        violations.finish()?;
        let range = Self { first: date(first.unwrap_or_default())?, last: date(last.unwrap_or_default())? };
        if range.first > range.last {
            return Err(Failure::bad_request("Invalid date range specified: it ends before it starts"));
        }
        if range.first.checked_add(RANGE_DAYS_MAX.days()).is_ok_and(|end| range.last >= end) {
            let message = format!("Invalid date range specified: it can have at most {RANGE_DAYS_MAX} days");
            return Err(Failure::bad_request(message));
        }
        Ok(range)
    }
}

/// A day as `yyyy-MM-dd`, and in no other form.
fn date(text: &str) -> Result<Date> {
    let parsed: Option<Date> = text.parse().ok();
    parsed
        .filter(|date| date.to_string() == text && date.year() >= 0)
        .ok_or_else(|| Failure::bad_request(format!("Invalid date specified: {text}")))
}

/// What is kept of a key's days from `first` to `last`.
fn records(
    reader: &Reader<'_>,
    scope: &Scope,
    plan: &UsagePlan,
    key: &ApiKeyId,
    range: &DateRange,
) -> Result<BTreeMap<Date, Usage>> {
    let first = usage::accounts_start(plan.quota.as_ref(), range.first);
    let before = first.yesterday().map_or_else(|_| format!("{key}/"), |day| usage::record_id(key.as_str(), day));
    let found = reader.list_by_id::<Usage>(scope, plan.id.as_str(), &before, RECORDS_MAX)?;
    let is_asked_for = |record: &Usage| record.api_key_id == *key && record.day <= range.last;
    Ok(found.into_iter().take_while(is_asked_for).map(|record| (record.day, record)).collect())
}

/// A key's days as the wire has them: pairs of what was used and what was left.
fn shown(quota: Option<&Quota>, records: &BTreeMap<Date, Usage>, range: &DateRange) -> Value {
    let days = usage::daily(quota, records, range.first, range.last);
    let pair = |day: usage::DayUsage| match day.remaining {
        Some(remaining) => json!([day.used, remaining]),
        None => json!([day.used, NO_QUOTA]),
    };
    days.into_iter().map(pair).collect()
}

fn document(plan: &UsagePlan, range: &DateRange, values: &Map<String, Value>) -> Value {
    json!({
        "usagePlanId": plan.id,
        "startDate": range.first.to_string(),
        "endDate": range.last.to_string(),
        "values": values,
    })
}

/// `GetUsage`: a page of a plan's keys, or the one that `keyId` names.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let range = DateRange::of(call)?;
    let page = PageRequest::of(call)?.range(Order::OldestFirst);
    let plan = usage_plans::named(reader, call)?;
    let keys: Page<UsagePlanKey> = match call.query("keyId").filter(|id| !id.is_empty()) {
        None => reader.pick(call.scope(), plan.id.as_str(), page, |link: UsagePlanKey| Ok::<_, Failure>(Some(link)))?,
        Some(key) => {
            let link = reader.get(call.scope(), plan.id.as_str(), key)?.ok_or_else(unknown_key)?;
            Page { items: vec![link], next: None }
        }
    };
    let mut values = Map::new();
    for UsagePlanKey { api_key_id } in keys.items {
        let records = records(reader, call.scope(), &plan, &api_key_id, &range)?;
        values.insert(api_key_id.as_str().to_owned(), shown(plan.quota.as_ref(), &records, &range));
    }
    let mut answer = document(&plan, &range, &values);
    if let Some(next) = keys.next {
        answer["position"] = json!(position_text(next));
    }
    Answer::ok(answer)
}

/// `UpdateUsage`: what is left to a key until its period ends. Answers today.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let (plan, key) = usage_plan_keys::named(transaction, call, unknown_key)?;
    let mut asked = UsagePatch::default();
    TABLE.apply(&mut asked, &patches)?;
    let day = call.today();
    let range = DateRange { first: day, last: day };
    let mut records = records(transaction, call.scope(), &plan, &key.id, &range)?;
    if let Some(remaining) = asked.remaining {
        let Some(quota) = &plan.quota else {
            return Err(Failure::bad_request(format!("Usage Plan {} has no quota", plan.id)));
        };
        let granted = usage::grant(quota, &records, day, remaining);
        let today = records.entry(day).or_insert_with(|| Usage::none(key.id.clone(), day));
        today.granted = granted;
        transaction.put(call.scope(), plan.id.as_str(), &today.record_id(), &*today)?;
    }
    let mut values = Map::new();
    values.insert(key.id.as_str().to_owned(), shown(plan.quota.as_ref(), &records, &range));
    Answer::ok(document(&plan, &range, &values))
}

/// Adds requests that were counted for a key of a plan on a day; whether the key is still in the plan, without which nothing is
/// kept. Days that no call can tell of any more go when a new one begins.
pub fn add_usage(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    plan: &UsagePlanId,
    key: &ApiKeyId,
    day: Date,
    requests: u64,
) -> store::Result<bool> {
    let plan = plan.as_str();
    if transaction.get::<UsagePlanKey>(scope, plan, key.as_str())?.is_none() {
        return Ok(false);
    }
    let id = usage::record_id(key.as_str(), day);
    let known: Option<Usage> = transaction.get(scope, plan, &id)?;
    if known.is_none() {
        let oldest = day.saturating_sub(KEPT_DAYS.days());
        for record in transaction.list_prefix::<Usage>(scope, plan, &format!("{key}/"))? {
            if record.day < oldest {
                transaction.delete::<Usage>(scope, plan, &record.record_id())?;
            }
        }
    }
    let mut record = known.unwrap_or_else(|| Usage::none(key.clone(), day));
    record.used = record.used.saturating_add(requests);
    transaction.put(scope, plan, &id, &record)?;
    Ok(true)
}
