//! Operations on functions: create, read, list, update, delete.
//!
//! A package is unpacked, and so checked, before the transaction that makes it the function's: when the answer says `Pending` or
//! `InProgress`, as AWS's does, the function has in truth settled, which the next read shows.
//!
//! AWS: Lambda API reference, "`CreateFunction`" and its neighbours.

mod config;
mod document;
mod source;

use definition::function::Function;
use definition::time::EpochMillis;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Position, Reader, Transaction};
use uuid::Uuid;

use crate::call::Call;
use crate::code;
use crate::failure::{Failure, Result};
use crate::names::{LATEST, NameRule, Target};
use crate::qualifiers::{Qualified, is_version};
use crate::service::Lambda;
use crate::versions;
use crate::violations::Violations;

pub(crate) use config::{ConfigInput, EnvironmentInput, new_function, refuse};
pub(crate) use document::{Moment, configuration};
pub(crate) use source::{CodeInput, Package};

/// AWS's page of ListFunctions, whatever MaxItems says.
const PAGE_MAX: usize = 50;

/// What the client may have read before, as `RevisionId`.
const LATEST_REVISION: &str = "GetFunction/GetAlias";

/// The members of `CreateFunction` that no other operation has; the others are [`ConfigInput`]'s.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateInput {
    function_name: Option<String>,
    code: Option<CodeInput>,
    publish: Option<bool>,
    package_type: Option<String>,
    tags: Option<indexmap::IndexMap<String, String>>,
    architectures: Option<Vec<String>>,
    code_signing_config_arn: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct UpdateCodeInput {
    publish: Option<bool>,
    dry_run: Option<bool>,
    revision_id: Option<String>,
    architectures: Option<Vec<String>>,
}

impl Lambda {
    pub(crate) async fn create_function(&self, call: Call) -> Result<Value> {
        let input: CreateInput = call.input()?;
        let settings: ConfigInput = call.input()?;
        let mut violations = Violations::default();
        for (member, absent) in [
            ("functionName", input.function_name.is_none()),
            ("role", settings.role.is_none()),
            ("code", input.code.is_none()),
        ] {
            if absent {
                violations.missing(member);
            }
        }
        violations.choice("packageType", input.package_type.as_deref(), &["Image", "Zip"]);
        let architecture = config::architecture(&mut violations, input.architectures.as_deref());
        settings.violations(&mut violations);
        violations.check()?;
        let name = input.function_name.unwrap_or_default();
        let target = Target::parse(&name, None, call.scope(), NameRule::Change)?;
        target.require_creatable()?;
        refuse("PackageType Image", input.package_type.as_deref() == Some("Image"))?;
        refuse("CodeSigningConfigArn", input.code_signing_config_arn.is_some())?;
        let tags = input.tags.unwrap_or_default();
        crate::tags::check(&tags)?;
        let mut function = new_function(&target.name, EpochMillis::from(call.now));
        function.tags = tags;
        function.architecture = architecture.unwrap_or_default();
        settings.require_runtime_and_handler()?;
        settings.apply(&mut function)?;
        let package = input.code.unwrap_or_default().package()?;
        self.unpack(&package).await?;
        self.insert_function(call, target, function, package, input.publish == Some(true)).await
    }

    async fn insert_function(
        &self,
        call: Call,
        target: Target,
        function: Function,
        package: Package,
        publish: bool,
    ) -> Result<Value> {
        let job = move |transaction: &mut Transaction<'_>| {
            let mut function = function;
            package.store(transaction, &mut function)?;
            let inserted = transaction.insert(call.scope(), "", &target.name, &function);
            if let Err(store::Error::AlreadyExists { .. }) = inserted {
                return Err(Failure::Conflict(format!("Function already exist: {}", target.name)));
            }
            inserted?;
            let version = publish.then(|| versions::publish(transaction, call.scope(), &mut function, None));
            let version = version.transpose()?.map_or_else(|| LATEST.to_owned(), |made| made.version.to_string());
            // Settling changes the revision again, so the one that the answer shows is already past.
            function.revision_id = Uuid::new_v4().to_string();
            let mut answer = configuration(&function, call.scope(), &target.arn, Moment::Created);
            answer["Version"] = json!(version);
            Ok(answer)
        };
        self.store().write(job).await
    }

    pub(crate) async fn update_function_code(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Change)?;
        target.require_latest()?;
        let input: UpdateCodeInput = call.input()?;
        let code: CodeInput = call.input()?;
        let mut violations = Violations::default();
        let architecture = config::architecture(&mut violations, input.architectures.as_deref());
        violations.check()?;
        let publish = input.publish == Some(true);
        let package = code.package()?;
        let arn = target.arn.clone();
        let dry_run = input.dry_run == Some(true);
        if dry_run {
            package.check()?;
        } else {
            self.unpack(&package).await?;
        }
        let job = move |transaction: &mut Transaction<'_>| {
            let mut function = find_at(transaction, &call, &target, input.revision_id.as_deref())?;
            if let Some(architecture) = architecture {
                function.architecture = architecture;
            }
            if dry_run {
                package.describe(&mut function);
                return Ok(configuration(&function, call.scope(), &target.arn, Moment::Settled));
            }
            package.store(transaction, &mut function)?;
            if !publish {
                return save_changed(transaction, &call, &target, function);
            }
            renew(&mut function, EpochMillis::from(call.now));
            let published = versions::publish(transaction, call.scope(), &mut function, None)?;
            Ok(versions::shown(&published, call.scope(), &target, Moment::Created))
        };
        let answer = self.store().write(job).await?;
        self.runner().retire(&arn);
        Ok(answer)
    }

    pub(crate) async fn update_function_configuration(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Change)?;
        target.require_latest()?;
        let settings: ConfigInput = call.input()?;
        let mut violations = Violations::default();
        settings.violations(&mut violations);
        violations.check()?;
        let arn = target.arn.clone();
        let job = move |transaction: &mut Transaction<'_>| {
            let mut function = find_at(transaction, &call, &target, settings.revision_id.as_deref())?;
            settings.apply(&mut function)?;
            save_changed(transaction, &call, &target, function)
        };
        let answer = self.store().write(job).await?;
        self.runner().retire(&arn);
        Ok(answer)
    }

    pub(crate) async fn get_function(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Read)?;
        let found = self.find_qualified(&call, &target).await?;
        let function = &found.function;
        let location = code::hash_of(&function.code_sha256)
            .map(|hash| format!("{}{}{hash}", self.config().base_url, crate::service::CODE_PATH));
        let mut answer = json!({
            "Configuration": qualified(&found, &call, &target),
            "Code": { "RepositoryType": "S3", "Location": location },
        });
        if !function.tags.is_empty() {
            answer["Tags"] = json!(function.tags);
        }
        Ok(answer)
    }

    pub(crate) async fn get_function_configuration(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Read)?;
        Ok(qualified(&self.find_qualified(&call, &target).await?, &call, &target))
    }

    /// `{}`: no function has reserved concurrency.
    pub(crate) async fn get_function_concurrency(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Read)?;
        self.find_function(&call, &target).await?;
        Ok(json!({}))
    }

    /// Nothing to do: no function has reserved concurrency.
    pub(crate) async fn delete_function_concurrency(&self, call: Call) -> Result<()> {
        let target = call.target(NameRule::Change)?;
        self.find_function(&call, &target).await?;
        Ok(())
    }

    /// The function's name alone: no function has code signing.
    pub(crate) async fn get_function_code_signing_config(&self, call: Call) -> Result<Value> {
        let target = call.target(NameRule::Read)?;
        let function = self.find_function(&call, &target).await?;
        Ok(json!({ "FunctionName": function.function_name }))
    }

    pub(crate) async fn list_functions(&self, call: Call) -> Result<Value> {
        let limit = call.page_size(PAGE_MAX)?;
        let mut violations = Violations::default();
        violations.choice("functionVersion", call.query("FunctionVersion"), &["ALL"]);
        violations.check()?;
        let suffix = if call.query("FunctionVersion").is_some() { ":$LATEST" } else { "" };
        let after = match call.query("Marker").filter(|marker| !marker.is_empty()) {
            Some(marker) => Some(
                marker
                    .parse::<Position>()
                    .map_err(|error| Failure::InvalidParameterValue(format!("The marker cannot be used: {error}")))?,
            ),
            None => None,
        };
        let job = move |reader: &Reader<'_>| -> Result<Value> {
            let page = reader.list::<Function>(call.scope(), "", after, limit)?;
            let item = |function: &Function| {
                let arn = crate::names::function_arn(call.scope(), &function.function_name);
                configuration(function, call.scope(), &format!("{arn}{suffix}"), Moment::Listed)
            };
            let mut answer = json!({ "Functions": page.items.iter().map(item).collect::<Vec<_>>() });
            if let Some(next) = page.next {
                answer["NextMarker"] = json!(next.to_string());
            }
            Ok(answer)
        };
        self.store().read(job).await
    }

    pub(crate) async fn delete_function(&self, call: Call) -> Result<()> {
        let target = call.target(NameRule::Change)?;
        match target.qualifier.as_deref() {
            None => {}
            Some(LATEST) => {
                let text = "$LATEST version cannot be deleted without deleting the function.";
                return Err(Failure::InvalidParameterValue(text.to_owned()));
            }
            Some(qualifier) if is_version(qualifier) => {
                let version = qualifier.to_owned();
                let target = Target { qualifier: None, ..target };
                self.find_function(&call, &target).await?;
                let job = move |transaction: &mut Transaction<'_>| {
                    versions::delete(transaction, call.scope(), &target, &version)
                };
                return self.store().write(job).await;
            }
            Some(_) => {
                let text = "Deletion of aliases is not currently supported.";
                return Err(Failure::InvalidParameterValue(text.to_owned()));
            }
        }
        let job = move |transaction: &mut Transaction<'_>| {
            transaction.delete_children::<Function>(call.scope(), &target.name)?;
            if transaction.delete::<Function>(call.scope(), "", &target.name)? {
                return Ok(());
            }
            Err(target.not_found())
        };
        self.store().write(job).await
    }

    /// The function that a call names, by its name alone or as `$LATEST`.
    pub(crate) async fn find_function(&self, call: &Call, target: &Target) -> Result<Function> {
        let (scope, name) = (call.scope().clone(), target.name.clone());
        let found = self.store().read(move |reader| reader.get::<Function>(&scope, "", &name)).await?;
        let function = found.ok_or_else(|| target.not_found())?;
        target.require_latest()?;
        Ok(function)
    }

    pub(crate) async fn unpack(&self, package: &Package) -> Result<()> {
        self.code_cache().unpack(package.hash(), package.bytes()).await?;
        Ok(())
    }
}

/// The function to change, if it still has the revision that the client knows.
pub(crate) fn find_at(
    transaction: &Transaction<'_>,
    call: &Call,
    target: &Target,
    revision: Option<&str>,
) -> Result<Function> {
    let found = transaction.get::<Function>(call.scope(), "", &target.name)?;
    let function = found.ok_or_else(|| target.not_found())?;
    if revision.is_some_and(|revision| revision != function.revision_id) {
        return Err(Failure::Precondition(LATEST_REVISION));
    }
    Ok(function)
}

/// Keeps a function whose code or configuration changed; the answer.
fn save_changed(
    transaction: &mut Transaction<'_>,
    call: &Call,
    target: &Target,
    mut function: Function,
) -> Result<Value> {
    renew(&mut function, EpochMillis::from(call.now));
    transaction.put(call.scope(), "", &target.name, &function)?;
    function.revision_id = Uuid::new_v4().to_string();
    Ok(configuration(&function, call.scope(), &target.asked_arn(), Moment::Updating))
}

/// Marks a change that running workers do not have.
pub(crate) fn renew(function: &mut Function, now: EpochMillis) {
    function.last_modified = now;
    function.revision_id = Uuid::new_v4().to_string();
    function.execution_id = Uuid::new_v4().to_string();
}

/// A configuration under the ARN that was asked for.
fn qualified(found: &Qualified, call: &Call, target: &Target) -> Value {
    let mut document = configuration(&found.function, call.scope(), &target.asked_arn(), Moment::Settled);
    document["Version"] = json!(found.version);
    document
}
