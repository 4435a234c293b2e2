//! Published versions of functions.
//!
//! AWS: Lambda API reference, "`PublishVersion`", "`ListVersionsByFunction`".

use definition::Scope;
use definition::function::{Alias, DESCRIPTION_CHARS_MAX, Function, PublishedVersion};
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Reader, Transaction};
use uuid::Uuid;

use crate::call::Call;
use crate::failure::{Failure, Result};
use crate::functions::{Moment, configuration, find_at};
use crate::names::{LATEST, NameRule, Target};
use crate::qualifiers::is_version;
use crate::service::Lambda;
use crate::violations::Violations;

/// AWS's page, whatever MaxItems says.
const PAGE_MAX: usize = 50;

/// `PublishVersion`'s members.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct PublishInput {
    code_sha256: Option<String>,
    description: Option<String>,
    revision_id: Option<String>,
}

impl Lambda {
    pub(crate) async fn publish_version(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Change)?;
        target.require_latest()?;
        let input: PublishInput = call.input()?;
        let mut violations = Violations::default();
        violations.length("description", input.description.as_deref().unwrap_or_default(), DESCRIPTION_CHARS_MAX);
        violations.check()?;
        let job = move |transaction: &mut Transaction<'_>| {
            let mut function = find_at(transaction, &call, &target, input.revision_id.as_deref())?;
            if let Some(sent) = input.code_sha256.as_deref().filter(|sent| *sent != function.code_sha256) {
                let current = &function.code_sha256;
                return Err(Failure::InvalidParameterValue(format!(
                    "CodeSHA256 ({sent}) is different from current CodeSHA256 in $LATEST ({current}). Please try again \
                     with the CodeSHA256 in $LATEST."
                )));
            }
            let published = publish(transaction, call.scope(), &mut function, input.description)?;
            Ok(shown(&published, call.scope(), &target, Moment::Settled))
        };
        self.store().write(job).await
    }

    pub(crate) async fn list_versions(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Read)?;
        let limit = call.page_size(PAGE_MAX)?;
        let from = match call.query("Marker").filter(|marker| !marker.is_empty()) {
            Some(marker) => marker
                .parse::<usize>()
                .map_err(|error| Failure::InvalidParameterValue(format!("The marker cannot be used: {error}")))?,
            None => 0,
        };
        let function = self.find_function(&call, &Target { qualifier: None, ..target.clone() }).await?;
        let (scope, name) = (call.scope().clone(), target.name.clone());
        let published = self.store().read(move |reader| reader.list_all::<PublishedVersion>(&scope, &name)).await?;
        let latest = configuration(&function, call.scope(), &format!("{}:{LATEST}", target.arn), Moment::Listed);
        let all = std::iter::once(latest)
            .chain(published.iter().map(|version| shown(version, call.scope(), &target, Moment::Listed)));
        let page: Vec<Value> = all.skip(from).take(limit).collect();
        let next = from.saturating_add(page.len());
        let mut answer = json!({ "Versions": page });
        if next <= published.len() {
            answer["NextMarker"] = json!(next.to_string());
        }
        Ok(answer)
    }
}

/// Publishes `$LATEST`, unless the version that was published last is the same; keeps the function.
pub(crate) fn publish(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    function: &mut Function,
    description: Option<String>,
) -> Result<PublishedVersion> {
    let name = function.function_name.clone();
    let last = transaction.get::<PublishedVersion>(scope, &name, &function.last_version.to_string())?;
    if let Some(last) = last.filter(|last| last.function.execution_id == function.execution_id) {
        return Ok(last);
    }
    function.last_version += 1;
    function.revision_id = Uuid::new_v4().to_string();
    let frozen = Function {
        description: description.unwrap_or_else(|| function.description.clone()),
        permissions: Vec::new(),
        tags: indexmap::IndexMap::new(),
        revision_id: Uuid::new_v4().to_string(),
        ..function.clone()
    };
    let published = PublishedVersion { version: function.last_version, function: frozen };
    transaction.insert(scope, &name, &published.version.to_string(), &published)?;
    transaction.put(scope, "", &name, function)?;
    Ok(published)
}

/// A version's configuration under its own ARN.
pub(crate) fn shown(published: &PublishedVersion, scope: &Scope, target: &Target, moment: Moment) -> Value {
    let arn = format!("{}:{}", target.arn, published.version);
    let mut document = configuration(&published.function, scope, &arn, moment);
    document["Version"] = json!(published.version.to_string());
    document
}

/// Deletes a version that no alias needs; one that is not there is deleted already.
pub(crate) fn delete(transaction: &mut Transaction<'_>, scope: &Scope, target: &Target, version: &str) -> Result<()> {
    let users = aliases_of(transaction, scope, &target.name, version)?;
    if !users.is_empty() {
        let names: Vec<&str> = users.iter().map(|alias| alias.name.as_str()).collect();
        let text =
            format!("Unable to delete version because the following aliases reference it: [{}]", names.join(", "));
        return Err(Failure::Conflict(text));
    }
    transaction.delete::<PublishedVersion>(scope, &target.name, version)?;
    Ok(())
}

/// Refuses a version that an alias cannot name.
pub(crate) fn require(reader: &Reader<'_>, scope: &Scope, target: &Target, version: &str) -> Result<()> {
    let exists = version == LATEST
        || is_version(version) && reader.get::<PublishedVersion>(scope, &target.name, version)?.is_some();
    if exists { Ok(()) } else { Err(Failure::NotFound(format!("Function not found: {}:{version}", target.arn))) }
}

fn aliases_of(reader: &Reader<'_>, scope: &Scope, name: &str, version: &str) -> Result<Vec<Alias>> {
    let aliases = reader.list_all::<Alias>(scope, name)?;
    Ok(aliases.into_iter().filter(|alias| alias.function_version == version).collect())
}
