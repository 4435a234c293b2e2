//! Tags of log groups, by name and by ARN.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};
use store::{Reader, Store, Transaction};

use super::{
    Call, Outcome,
    failure::Failure,
    groups,
    names::{self, check_text, required},
};

const TAGS_MAX: usize = 50;
const KEY_LENGTH_MAX: usize = 128;
const VALUE_LENGTH_MAX: usize = 256;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input<T> {
    log_group_name: Option<String>,
    resource_arn: Option<String>,
    tags: Option<T>,
    tag_keys: Option<Vec<String>>,
}

impl<T> Input<T> {
    fn group_of_name(&mut self) -> Result<String, Failure> {
        names::group_name("logGroupName", required("logGroupName", self.log_group_name.take())?)
    }

    fn group_of_arn(&mut self, call: &Call) -> Result<String, Failure> {
        let arn = required("resourceArn", self.resource_arn.take())?;
        names::group_of_arn(&call.caller.scope, &arn)
    }
}

pub(super) async fn tag_group(store: &Store, call: &Call) -> Outcome {
    let mut input: Input<BTreeMap<String, String>> = call.input()?;
    let group = input.group_of_name()?;
    tag(store, call, group, required("tags", input.tags)?).await
}

pub(super) async fn tag_resource(store: &Store, call: &Call) -> Outcome {
    let mut input: Input<BTreeMap<String, String>> = call.input()?;
    let group = input.group_of_arn(call)?;
    tag(store, call, group, required("tags", input.tags)?).await
}

async fn tag(store: &Store, call: &Call, group: String, added: BTreeMap<String, String>) -> Outcome {
    check(&added)?;
    let scope = call.caller.scope.clone();
    let tagged = store.write(move |transaction: &mut Transaction<'_>| -> Result<(), Failure> {
        let group = groups::find(transaction, &scope, &group)?;
        let mut tags = group.tags;
        tags.extend(added);
        if tags.len() > TAGS_MAX {
            return Err(Failure::TooManyTags { limit: TAGS_MAX });
        }
        Ok(transaction.set_log_group_tags(group.id, &tags)?)
    });
    tagged.await?;
    Ok(None)
}

pub(super) async fn untag_group(store: &Store, call: &Call) -> Outcome {
    let mut input: Input<Vec<String>> = call.input()?;
    let group = input.group_of_name()?;
    untag(store, call, group, required("tags", input.tags)?).await
}

pub(super) async fn untag_resource(store: &Store, call: &Call) -> Outcome {
    let mut input: Input<Value> = call.input()?;
    let group = input.group_of_arn(call)?;
    untag(store, call, group, required("tagKeys", input.tag_keys)?).await
}

async fn untag(store: &Store, call: &Call, group: String, keys: Vec<String>) -> Outcome {
    groups::change(store, call, group, move |transaction, group| {
        let mut tags = group.tags.clone();
        tags.retain(|key, _| !keys.contains(key));
        transaction.set_log_group_tags(group.id, &tags)
    })
    .await
}

pub(super) async fn list_of_group(store: &Store, call: &Call) -> Outcome {
    let group = call.input::<Input<Value>>()?.group_of_name()?;
    list(store, call, group).await
}

pub(super) async fn list_of_resource(store: &Store, call: &Call) -> Outcome {
    let group = call.input::<Input<Value>>()?.group_of_arn(call)?;
    list(store, call, group).await
}

async fn list(store: &Store, call: &Call, group: String) -> Outcome {
    let scope = call.caller.scope.clone();
    let read = move |reader: &Reader<'_>| groups::find(reader, &scope, &group);
    let group = store.read(read).await?;
    Ok(Some(json!({ "tags": group.tags })))
}

/// Refuses tags that are too many, too long, or reserved.
pub(super) fn check(tags: &BTreeMap<String, String>) -> Result<(), Failure> {
    if tags.len() > TAGS_MAX {
        return Err(Failure::TooManyTags { limit: TAGS_MAX });
    }
    let is_allowed =
        |character: char| character.is_alphanumeric() || character.is_whitespace() || "_.:/=+-@".contains(character);
    for (key, value) in tags {
        check_text("tags", key, 1..=KEY_LENGTH_MAX, r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]+)$", is_allowed)?;
        check_text("tags", value, 0..=VALUE_LENGTH_MAX, r"^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$", is_allowed)?;
        if key.starts_with("aws:") {
            return Err(Failure::InvalidParameter("Tag keys that start with aws: are reserved."));
        }
    }
    Ok(())
}
