//! Log groups and how long they keep their events.

use std::{collections::BTreeMap, ops::ControlFlow};

use definition::Scope;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{LogGroup, NewLogGroup, Reader, Store, Transaction};

use super::{
    Call, Outcome,
    failure::Failure,
    names::{self, check_text, required},
    tags,
};

/// Groups of one page.
const PAGE_MAX: usize = 50;
/// The days that a retention may have.
const RETENTION_DAYS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateInput {
    log_group_name: Option<String>,
    kms_key_id: Option<String>,
    tags: Option<BTreeMap<String, String>>,
    log_group_class: Option<String>,
    deletion_protection_enabled: Option<bool>,
}

pub(super) async fn create(store: &Store, call: &Call) -> Outcome {
    let input: CreateInput = call.input()?;
    let name = names::group_name("logGroupName", required("logGroupName", input.log_group_name)?)?;
    if input.kms_key_id.is_some() {
        return Err(Failure::Unsupported { member: "kmsKeyId" });
    }
    if input.deletion_protection_enabled == Some(true) {
        return Err(Failure::Unsupported { member: "deletionProtectionEnabled" });
    }
    let class = class_of(input.log_group_class)?.unwrap_or_else(|| "STANDARD".to_owned());
    let tags = input.tags.unwrap_or_default();
    tags::check(&tags)?;
    let (scope, group) = (call.caller.scope.clone(), NewLogGroup { name, class, created_at: call.now, tags });
    let created = store.write(move |transaction| transaction.insert_log_group(&scope, &group)).await;
    match created {
        Ok(_) => Ok(None),
        Err(store::Error::AlreadyExists { .. }) => Err(Failure::GroupExists),
        Err(error) => Err(error.into()),
    }
}

fn class_of(class: Option<String>) -> Result<Option<String>, Failure> {
    match class.as_deref() {
        None | Some("STANDARD" | "INFREQUENT_ACCESS") => Ok(class),
        Some("DELIVERY" | "ESSENTIALS") => Err(Failure::Unsupported { member: "this logGroupClass" }),
        Some(other) => {
            let constraint =
                "Member must satisfy enum value set: [STANDARD, INFREQUENT_ACCESS, DELIVERY, ESSENTIALS]".to_owned();
            Err(Failure::Constraint { member: "logGroupClass", value: other.to_owned(), constraint })
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NameInput {
    log_group_name: Option<String>,
}

impl NameInput {
    fn name(self) -> Result<String, Failure> {
        names::group_name("logGroupName", required("logGroupName", self.log_group_name)?)
    }
}

pub(super) async fn delete(store: &Store, call: &Call) -> Outcome {
    let name = call.input::<NameInput>()?.name()?;
    change(store, call, name, |transaction, group| transaction.delete_log_group(group.id)).await
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RetentionInput {
    log_group_name: Option<String>,
    retention_in_days: Option<i64>,
}

pub(super) async fn put_retention(store: &Store, call: &Call) -> Outcome {
    let input: RetentionInput = call.input()?;
    let name = names::group_name("logGroupName", required("logGroupName", input.log_group_name)?)?;
    let days = required("retentionInDays", input.retention_in_days)?;
    let Some(days) = RETENTION_DAYS.into_iter().find(|allowed| i64::from(*allowed) == days) else {
        let constraint = format!("Member must satisfy enum value set: {RETENTION_DAYS:?}");
        return Err(Failure::Constraint { member: "retentionInDays", value: days.to_string(), constraint });
    };
    change(store, call, name, move |transaction, group| transaction.set_log_group_retention(group.id, Some(days))).await
}

pub(super) async fn delete_retention(store: &Store, call: &Call) -> Outcome {
    let name = call.input::<NameInput>()?.name()?;
    change(store, call, name, |transaction, group| transaction.set_log_group_retention(group.id, None)).await
}

/// Does something to a group that exists.
pub(super) async fn change(
    store: &Store,
    call: &Call,
    name: String,
    job: impl FnOnce(&mut Transaction<'_>, &LogGroup) -> store::Result<()> + Send + 'static,
) -> Outcome {
    let scope = call.caller.scope.clone();
    let changed = store.write(move |transaction: &mut Transaction<'_>| -> Result<(), Failure> {
        let group = find(transaction, &scope, &name)?;
        Ok(job(transaction, &group)?)
    });
    changed.await?;
    Ok(None)
}

/// The group of this name, which must exist.
pub(super) fn find(reader: &Reader<'_>, scope: &Scope, name: &str) -> Result<LogGroup, Failure> {
    reader.log_group(scope, name)?.ok_or(Failure::NoSuchGroup)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeInput {
    log_group_name_prefix: Option<String>,
    log_group_name_pattern: Option<String>,
    log_group_class: Option<String>,
    log_group_identifiers: Option<Vec<String>>,
    next_token: Option<String>,
    limit: Option<i64>,
}

/// Which groups are asked for.
struct Wanted {
    prefix: String,
    pattern: String,
    class: Option<String>,
    names: Option<Vec<String>>,
}

impl Wanted {
    fn includes(&self, group: &LogGroup) -> bool {
        group.name.contains(&self.pattern)
            && self.class.as_ref().is_none_or(|class| *class == group.class)
            && self.names.as_ref().is_none_or(|names| names.contains(&group.name))
    }
}

pub(super) async fn describe(store: &Store, call: &Call) -> Outcome {
    let input: DescribeInput = call.input()?;
    if input.log_group_name_prefix.is_some() && input.log_group_name_pattern.is_some() {
        let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
        return Err(Failure::InvalidParameter(message));
    }
    let scope = call.caller.scope.clone();
    let prefix =
        input.log_group_name_prefix.map(|prefix| names::group_name("logGroupNamePrefix", prefix)).transpose()?;
    let pattern = input.log_group_name_pattern.unwrap_or_default();
    let is_allowed = |character: char| character.is_ascii_alphanumeric() || ".-_/#".contains(character);
    check_text("logGroupNamePattern", &pattern, 0..=512, r"[\.\-_/#A-Za-z0-9]*", is_allowed)?;
    let identifiers = input.log_group_identifiers.map(|identifiers| {
        identifiers.into_iter().map(|identifier| names::group_of_identifier(&scope, identifier)).collect()
    });
    let class = class_of(input.log_group_class)?;
    let wanted = Wanted { prefix: prefix.unwrap_or_default(), pattern, class, names: identifiers.transpose()? };
    let limit = names::limit(input.limit, PAGE_MAX)?;
    // The token is the name of the last group of the page before.
    let after = input.next_token.unwrap_or_default();
    let read = move |reader: &Reader<'_>| -> Result<Value, Failure> {
        let mut groups = Vec::new();
        reader.scan_log_groups(&scope, &wanted.prefix, &after, |group| {
            if wanted.includes(&group) {
                groups.push(group);
            }
            // One more than asked for tells whether there is a next page.
            if groups.len() > limit { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })?;
        let more = groups.len() > limit;
        groups.truncate(limit);
        let next = groups.last().filter(|_| more).map(|last| last.name.clone());
        let groups: Vec<Value> = groups.iter().map(|group| describe_one(&scope, group)).collect();
        let mut output = json!({ "logGroups": groups });
        if let Some(next) = next {
            output["nextToken"] = next.into();
        }
        Ok(output)
    };
    Ok(Some(store.read(read).await?))
}

fn describe_one(scope: &Scope, group: &LogGroup) -> Value {
    let arn = names::group_arn(scope, &group.name);
    let mut output = json!({
        "logGroupName": group.name,
        "creationTime": group.created_at,
        "metricFilterCount": 0,
        "arn": format!("{arn}:*"),
        "logGroupArn": arn,
        "storedBytes": group.stored_bytes,
        "logGroupClass": group.class,
    });
    if let Some(days) = group.retention_days {
        output["retentionInDays"] = days.into();
    }
    output
}
