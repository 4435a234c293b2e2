//! `ImportApiKeys`: keys, and their usage plans, from a file. Developer Guide, "API Gateway API key file format".
//!
//! A file that is no such file is refused whole. What is wrong with one of its records is a warning: the record, or its place
//! in a plan, is left out, unless the caller has asked that warnings refuse the file. A key with a value that is there already
//! replaces it.

use definition::{
    api_key::{ApiKey, ApiKeyValueOwner},
    id::ApiKeyId,
};
use indexmap::{IndexMap, IndexSet};
use serde_json::json;
use store::Transaction;

use super::{csv, fresh_id, insert, keep, room, take_place, value, wire};
use crate::{
    call::Call,
    failure::{Failure, Result},
    usage_plan_keys, usage_plans,
    wire::Answer,
};

/// Where a file has which column.
struct Columns {
    name: usize,
    key: usize,
    description: Option<usize>,
    enabled: Option<usize>,
    usage_plan_ids: Option<usize>,
}

impl Columns {
    /// Reads a file's header; other columns than these are ignored.
    fn of(header: &[String]) -> Result<Self> {
        let column = |name: &str| {
            let mut found = (0..).zip(header).filter(|(_, text)| text.trim().eq_ignore_ascii_case(name));
            let first = found.next().map(|(index, _)| index);
            match found.next() {
                None => Ok(first),
                Some(_) => Err(Failure::bad_request(format!("Column '{name}' appears more than once"))),
            }
        };
        let required =
            |name: &str| column(name)?.ok_or_else(|| Failure::bad_request(format!("Missing required column '{name}'")));
        Ok(Self {
            key: required("Key")?,
            name: required("Name")?,
            description: column("Description")?,
            enabled: column("Enabled")?,
            usage_plan_ids: column("UsagePlanIds")?,
        })
    }
}

/// A record of a file.
struct Row<'a> {
    columns: &'a Columns,
    fields: &'a [String],
}

impl<'a> Row<'a> {
    fn field(&self, column: Option<usize>) -> &'a str {
        column.and_then(|index| self.fields.get(index)).map_or("", |text| text.trim())
    }

    fn usage_plan_ids(&self) -> impl Iterator<Item = &'a str> {
        self.field(self.columns.usage_plan_ids).split(',').map(str::trim).filter(|id| !id.is_empty())
    }

    /// The key that the record says, and whether there is one with its value to be replaced.
    fn key(&self, transaction: &Transaction<'_>, call: &Call) -> Result<(ApiKey, Novelty)> {
        let value = value::parse(self.field(Some(self.columns.key)))?;
        let text = |column| Some(self.field(column).to_owned());
        let name = wire::name(text(Some(self.columns.name)))?;
        let description = wire::description(text(self.columns.description))?;
        let enabled = match self.field(self.columns.enabled) {
            "" => true,
            text => text.eq_ignore_ascii_case("true"),
        };
        let owner = transaction.get::<ApiKeyValueOwner>(call.scope(), "", &value::digest(&value))?;
        if let Some(owner) = owner {
            let known = super::find(transaction, call.scope(), owner.api_key_id.as_str())?;
            let key = ApiKey { name, description, enabled, last_updated_date: call.time(), ..known };
            return Ok((key, Novelty::Known));
        }
        let key = ApiKey {
            id: fresh_id(transaction, &call.ids)?,
            value,
            name,
            customer_id: None,
            description,
            enabled,
            created_date: call.time(),
            last_updated_date: call.time(),
            stage_keys: Vec::new(),
            labels: Vec::new(),
            tags: IndexMap::new(),
        };
        Ok((key, Novelty::New))
    }
}

/// Whether a file's key is there already.
enum Novelty {
    New,
    Known,
}

/// `ImportApiKeys`.
pub(crate) fn import(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let mut violations = call.violations();
    let format = call.query("format");
    violations.required_uri("format", format);
    if let Some(other) = format.filter(|format| *format != "csv") {
        violations.uri("format", other, "Member must satisfy enum value set: [csv]");
    }
    violations.finish()?;
    let records = csv::parse(&call.body)
        .map_err(|invalid| Failure::bad_request(format!("Invalid API key file specified: {invalid}")))?;
    let mut rows = records.iter();
    let columns = Columns::of(rows.next().map(Vec::as_slice).unwrap_or_default())?;
    let (mut ids, mut warnings) = (IndexSet::new(), Vec::new());
    let mut room = room(transaction, call.scope())?;
    // Records are counted as a reader of the file does it, the header being the first.
    for (number, fields) in (2..).zip(rows) {
        let row = Row { columns: &columns, fields };
        // A value is a secret: warnings name the record.
        let mut warn = |failure: Failure| {
            if failure.status().is_server_error() {
                return Err(failure);
            }
            warnings.push(format!("Record {number}: {}", failure.message()));
            Ok(())
        };
        match import_row(transaction, call, &row, &mut room, &mut warn) {
            Ok(id) => {
                ids.insert(id);
            }
            Err(failure) => warn(failure)?,
        }
    }
    if call.query_flag("failonwarnings") && !warnings.is_empty() {
        return Err(Failure::bad_request(format!("Warnings found during import:\n\t{}", warnings.join("\n\t"))));
    }
    Answer::created(json!({ "ids": ids, "warnings": warnings }))
}

/// Keeps the key of a record, if it is there already or there is room, and puts it into its plans; the key's id.
fn import_row(
    transaction: &mut Transaction<'_>,
    call: &Call,
    row: &Row<'_>,
    room: &mut u64,
    warn: &mut impl FnMut(Failure) -> Result<()>,
) -> Result<ApiKeyId> {
    let (key, novelty) = row.key(transaction, call)?;
    match novelty {
        Novelty::New => {
            take_place(room)?;
            insert(transaction, call.scope(), &key)?;
        }
        Novelty::Known => keep(transaction, call.scope(), &key)?,
    }
    // What cannot be kept is not looked up either: a record may be megabytes of names.
    if row.usage_plan_ids().count() > usage_plan_keys::PLANS_PER_KEY_MAX {
        warn(usage_plan_keys::too_many_plans())?;
        return Ok(key.id);
    }
    for id in row.usage_plan_ids() {
        if usage_plan_keys::is_in(transaction, call.scope(), id, &key.id)? {
            continue;
        }
        let attached = usage_plans::find(transaction, call.scope(), id)
            .and_then(|plan| usage_plan_keys::attach(transaction, call.scope(), &plan, &key));
        if let Err(failure) = attached {
            warn(failure)?;
        }
    }
    Ok(key.id)
}
