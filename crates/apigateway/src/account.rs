//! The account's settings in a region. API Reference, "Account".

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Reader, Record, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    patch::{self, Dialect, Op, Rule, Table},
    wire::Answer,
};

/// The id of the only record of its kind in a region.
const ID: &str = "account";

/// What an account's APIs serve together in a region, as the data plane keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountThrottle {
    /// The size of the bucket, in requests.
    pub burst_limit: u32,
    /// Requests per second.
    pub rate_limit: f64,
}

impl Default for AccountThrottle {
    /// AWS's default quotas.
    fn default() -> Self {
        Self { burst_limit: 5_000, rate_limit: 10_000.0 }
    }
}

/// What a user set for the account.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccountSettings {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cloudwatch_role_arn: Option<String>,
}

impl Record for AccountSettings {
    const KIND: &'static str = "account";
    const PARENT_KIND: &'static str = "";
}

static TABLE: Table<AccountSettings> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::new("/cloudwatchRoleArn", &[Op::Replace], |account, patch| {
            if !patch.text().is_empty() && patch.text().parse::<iam::arn::RoleArn>().is_err() {
                return Err(Failure::bad_request("Invalid ARN specified in the request"));
            }
            account.cloudwatch_role_arn = patch.optional_text();
            Ok(())
        }),
        Rule::new("/features", &[Op::Add], |_, patch| match patch.text() {
            // Every account has usage plans.
            "UsagePlans" => Ok(()),
            _ => Err(patch.invalid_path()),
        }),
    ],
};

/// `GetAccount`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(shown(&find(reader, call)?, call.account_throttle))
}

/// `UpdateAccount`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut account = find(transaction, call)?;
    TABLE.apply(&mut account, &patches)?;
    transaction.put(call.scope(), "", ID, &account)?;
    Answer::ok(shown(&account, call.account_throttle))
}

fn find(reader: &Reader<'_>, call: &Call) -> Result<AccountSettings> {
    Ok(reader.get(call.scope(), "", ID)?.unwrap_or_default())
}

fn shown(account: &AccountSettings, throttle: Option<AccountThrottle>) -> Value {
    let mut document = json!({
        "features": ["UsagePlans"],
        "apiKeyVersion": "4",
    });
    if let Some(throttle) = throttle {
        document["throttleSettings"] = json!(throttle);
    }
    if let Some(role) = &account.cloudwatch_role_arn {
        document["cloudwatchRoleArn"] = json!(role);
    }
    document
}
