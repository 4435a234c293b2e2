//! What can be patched of an API key. AWS page: "Patch operations", "UpdateApiKey".

use definition::api_key::ApiKey;

use super::{stage_keys, wire};
use crate::{
    failure::{Failure, Result},
    patch::{Dialect, Op, Patch, Rule, Table, edit_list},
};

/// How many labels a key can have; ours, AWS publishes none.
const LABELS_MAX: usize = 100;

/// The paths of an API key.
pub(super) static TABLE: Table<ApiKey> = Table {
    dialect: Dialect::Listed,
    rules: &[
        Rule::new("/description", &[Op::Replace], |key, patch| {
            key.description = wire::description(patch.optional_text())?;
            Ok(())
        }),
        Rule::set("/enabled", &[Op::Replace], |key, patch| {
            key.enabled = patch.flag();
        }),
        Rule::new("/name", &[Op::Replace], |key, patch| {
            key.name = wire::name(patch.optional_text())?;
            Ok(())
        }),
        Rule::set("/customerId", &[Op::Replace], |key, patch| {
            key.customer_id = patch.optional_text();
        }),
        Rule::new("/stages", &[Op::Add], |key, patch| stage_keys::add(&mut key.stage_keys, patch.text())),
        Rule::set("/stages", &[Op::Remove], |key, patch| edit_list(&mut key.stage_keys, Op::Remove, patch.text())),
        Rule::new("/labels", &[Op::Add, Op::Remove], edit_labels),
    ],
};

fn edit_labels(key: &mut ApiKey, patch: &Patch) -> Result<()> {
    edit_list(&mut key.labels, patch.op, patch.text());
    if key.labels.len() > LABELS_MAX {
        return Err(Failure::bad_request(format!("An API Key has at most {LABELS_MAX} labels")));
    }
    Ok(())
}
