//! Tags of functions.
//!
//! AWS: Lambda Developer Guide, "Using tags on Lambda functions".

use definition::function::{Function, TAGS_MAX};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use store::Transaction;

use crate::call::Call;
use crate::failure::{Failure, Result};
use crate::names::{NameRule, Target};
use crate::service::Lambda;
use crate::violations::Violations;

const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TagInput {
    tags: Option<IndexMap<String, String>>,
}

/// Refuses a set of tags that a function cannot have.
pub(crate) fn check(tags: &IndexMap<String, String>) -> Result<()> {
    let mut violations = Violations::default();
    for (key, value) in tags {
        if key.is_empty() {
            violations.add(
                "tags",
                key,
                "Map keys must satisfy constraint: [Member must have length greater than or equal to 1]",
            );
        }
        violations.length("tags", key, KEY_CHARS_MAX);
        violations.length("tags", value, VALUE_CHARS_MAX);
    }
    violations.check()?;
    if tags.len() > TAGS_MAX {
        return Err(Failure::InvalidParameterValue("Number of tags exceeds resource tag limit.".to_owned()));
    }
    Ok(())
}

impl Lambda {
    pub(crate) async fn list_tags(&self, call: Call) -> Result<Value> {
        let target = tagged(&call)?;
        let function = self.find_function(&call, &target).await?;
        Ok(json!({ "Tags": function.tags }))
    }

    pub(crate) async fn tag_resource(&self, call: Call) -> Result<()> {
        let target = tagged(&call)?;
        let input: TagInput = call.input()?;
        let Some(tags) = input.tags else {
            let mut violations = Violations::default();
            violations.missing("tags");
            return violations.check();
        };
        if tags.is_empty() {
            let text = "An error occurred and the request cannot be processed.";
            return Err(Failure::InvalidParameterValue(text.to_owned()));
        }
        self.change_tags(call, target, move |kept| kept.extend(tags)).await
    }

    pub(crate) async fn untag_resource(&self, call: Call) -> Result<()> {
        let target = tagged(&call)?;
        let keys: Vec<String> =
            call.query.iter().filter(|(name, _)| name == "tagKeys").map(|(_, key)| key.clone()).collect();
        if keys.is_empty() {
            let mut violations = Violations::default();
            violations.missing("tagKeys");
            return violations.check();
        }
        self.change_tags(call, target, move |kept| kept.retain(|key, _| !keys.contains(key))).await
    }

    async fn change_tags(
        &self,
        call: Call,
        target: Target,
        change: impl FnOnce(&mut IndexMap<String, String>) + Send + 'static,
    ) -> Result<()> {
        let job = move |transaction: &mut Transaction<'_>| {
            let found = transaction.get::<Function>(call.scope(), "", &target.name)?;
            let mut function = found.ok_or_else(|| target.not_found())?;
            change(&mut function.tags);
            check(&function.tags)?;
            transaction.put(call.scope(), "", &target.name, &function)?;
            Ok(())
        };
        self.store().write(job).await
    }
}

/// The function whose ARN the path holds.
fn tagged(call: &Call) -> Result<Target> {
    let target = call.target(NameRule::Read)?;
    if target.qualifier.is_some() {
        let text = "Tags on function aliases and versions are not supported. Please specify a function ARN.";
        return Err(Failure::InvalidParameterValue(text.to_owned()));
    }
    Ok(target)
}
