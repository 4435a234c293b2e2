//! Aliases: names for versions that can be moved from one to the next.
//!
//! Differs from AWS: an alias has one version; `RoutingConfig` with a second one is refused.
//!
//! AWS: Lambda API reference, "`CreateAlias`" and its neighbours.

use definition::function::{Alias, DESCRIPTION_CHARS_MAX, Function};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Reader, Transaction};
use uuid::Uuid;

use crate::call::Call;
use crate::failure::{Failure, Result};
use crate::functions::refuse;
use crate::names::{LATEST, NameRule, Target};
use crate::qualifiers::is_version;
use crate::service::Lambda;
use crate::versions;
use crate::violations::Violations;

/// AWS's page, whatever MaxItems says.
const PAGE_MAX: usize = 50;
const NAME_BYTES_MAX: usize = 128;
const NAME_PATTERN: &str = "(?!^[0-9]+$)([a-zA-Z0-9-_]+)";
const VERSION_PATTERN: &str = r"(\$LATEST|[0-9]+)";
/// What tells the current `RevisionId`.
const REVISION: &str = "GetFunction/GetAlias";

/// The members of `CreateAlias` and `UpdateAlias`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AliasInput {
    name: Option<String>,
    function_version: Option<String>,
    description: Option<String>,
    routing_config: Option<RoutingInput>,
    revision_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct RoutingInput {
    additional_version_weights: Option<serde_json::Map<String, Value>>,
}

impl AliasInput {
    /// Refuses what breaks the service model and what is not available.
    fn check(&self, mut violations: Violations) -> Result<()> {
        if let Some(version) = self.function_version.as_deref().filter(|text| !is_version_name(text)) {
            violations.pattern("functionVersion", version, VERSION_PATTERN);
        }
        violations.length("description", self.description.as_deref().unwrap_or_default(), DESCRIPTION_CHARS_MAX);
        violations.check()?;
        let weights = self.routing_config.as_ref().and_then(|routing| routing.additional_version_weights.as_ref());
        refuse("RoutingConfig (an alias of two versions)", weights.is_some_and(|weights| !weights.is_empty()))
    }
}

impl Lambda {
    pub(crate) async fn create_alias(&self, call: Call) -> Result<Value> {
        let target = function_of(&call)?;
        let input: AliasInput = call.input()?;
        let mut violations = Violations::default();
        match input.name.as_deref() {
            None => violations.missing("name"),
            Some(name) => {
                violations.length("name", name, NAME_BYTES_MAX);
                if !is_alias_name(name) {
                    violations.pattern("name", name, NAME_PATTERN);
                }
            }
        }
        if input.function_version.is_none() {
            violations.missing("functionVersion");
        }
        input.check(violations)?;
        let alias = Alias {
            name: input.name.unwrap_or_default(),
            function_version: input.function_version.unwrap_or_default(),
            description: input.description.unwrap_or_default(),
            revision_id: Uuid::new_v4().to_string(),
            permissions: Vec::new(),
        };
        let job = move |transaction: &mut Transaction<'_>| {
            require_function(transaction, &call, &target)?;
            versions::require(transaction, call.scope(), &target, &alias.function_version)?;
            let inserted = transaction.insert(call.scope(), &target.name, &alias.name, &alias);
            if let Err(store::Error::AlreadyExists { .. }) = inserted {
                return Err(Failure::Conflict(format!("Alias already exists: {}:{}", target.arn, alias.name)));
            }
            inserted?;
            Ok(shown(&alias, &target))
        };
        self.store().write(job).await
    }

    pub(crate) async fn get_alias(&self, call: Call) -> Result<Value> {
        let target = function_of(&call)?;
        let job = move |reader: &Reader<'_>| {
            let alias = reader.get::<Alias>(call.scope(), &target.name, call.label(1))?;
            let missing = || Failure::NotFound(format!("Cannot find alias arn: {}:{}", target.arn, call.label(1)));
            alias.map(|alias| shown(&alias, &target)).ok_or_else(missing)
        };
        self.store().read(job).await
    }

    pub(crate) async fn update_alias(&self, call: Call) -> Result<Value> {
        let target = function_of(&call)?;
        let input: AliasInput = call.input()?;
        input.check(Violations::default())?;
        let job = move |transaction: &mut Transaction<'_>| {
            let found = transaction.get::<Alias>(call.scope(), &target.name, call.label(1))?;
            let missing = || Failure::NotFound(format!("Alias not found: {}:{}", target.arn, call.label(1)));
            let mut alias = found.ok_or_else(missing)?;
            if input.revision_id.as_ref().is_some_and(|revision| *revision != alias.revision_id) {
                return Err(Failure::Precondition(REVISION));
            }
            if let Some(version) = input.function_version {
                versions::require(transaction, call.scope(), &target, &version)?;
                alias.function_version = version;
            }
            if let Some(description) = input.description {
                alias.description = description;
            }
            alias.revision_id = Uuid::new_v4().to_string();
            transaction.put(call.scope(), &target.name, &alias.name, &alias)?;
            Ok(shown(&alias, &target))
        };
        self.store().write(job).await
    }

    pub(crate) async fn delete_alias(&self, call: Call) -> Result<()> {
        let target = function_of(&call)?;
        let job = move |transaction: &mut Transaction<'_>| -> Result<()> {
            transaction.delete::<Alias>(call.scope(), &target.name, call.label(1))?;
            Ok(())
        };
        self.store().write(job).await
    }

    pub(crate) async fn list_aliases(&self, call: Call) -> Result<Value> {
        let target = function_of(&call)?;
        let limit = call.page_size(PAGE_MAX)?;
        let job = move |reader: &Reader<'_>| {
            require_function(reader, &call, &target)?;
            let after = call.query("Marker").unwrap_or_default();
            let mut aliases = reader.list_all::<Alias>(call.scope(), &target.name)?;
            aliases.sort_by(|a, b| a.name.cmp(&b.name));
            let wanted = call.query("FunctionVersion");
            aliases.retain(|alias| {
                alias.name.as_str() > after && wanted.is_none_or(|version| alias.function_version == version)
            });
            let page: Vec<Value> = aliases.iter().take(limit).map(|alias| shown(alias, &target)).collect();
            let mut answer = json!({ "Aliases": page });
            if aliases.len() > limit {
                answer["NextMarker"] = json!(aliases[limit - 1].name);
            }
            Ok(answer)
        };
        self.store().read(job).await
    }
}

/// The function that an alias is one of; calls on aliases have no qualifier.
fn function_of(call: &Call) -> Result<Target> {
    let target = call.target(NameRule::Change)?;
    Ok(Target { qualifier: None, ..target })
}

fn require_function(reader: &Reader<'_>, call: &Call, target: &Target) -> Result<()> {
    let found = reader.get::<Function>(call.scope(), "", &target.name)?;
    found.map(|_| ()).ok_or_else(|| target.not_found())
}

fn shown(alias: &Alias, target: &Target) -> Value {
    json!({
        "AliasArn": format!("{}:{}", target.arn, alias.name),
        "Name": alias.name,
        "FunctionVersion": alias.function_version,
        "Description": alias.description,
        "RevisionId": alias.revision_id,
    })
}

/// Letters, digits, hyphens and underscores, not digits alone.
fn is_alias_name(text: &str) -> bool {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    !text.is_empty() && text.bytes().all(is_name_byte) && !is_version(text)
}

fn is_version_name(text: &str) -> bool {
    text == LATEST || !text.is_empty() && is_version(text)
}
