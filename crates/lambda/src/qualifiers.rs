//! What a qualifier names: `$LATEST`, a published version, or an alias of either.
//!
//! AWS: Lambda Developer Guide, "Manage Lambda function versions", "Create an alias for a Lambda function".

use definition::Scope;
use definition::function::{Alias, Function, PermissionStatement, PublishedVersion};
use store::Reader;

use crate::call::Call;
use crate::failure::Result;
use crate::names::{LATEST, Target};
use crate::service::Lambda;

/// A function as it is under a qualifier.
#[derive(Debug)]
pub(crate) struct Qualified {
    /// Code and configuration of the version.
    pub(crate) function: Function,
    /// `$LATEST` or a number.
    pub(crate) version: String,
    /// The resource policy of what was named: the function, the version or the alias.
    pub(crate) permissions: Vec<PermissionStatement>,
}

/// The function `name` under a qualifier, or `None` when there is no such function, version or alias.
pub(crate) fn find(
    reader: &Reader<'_>,
    scope: &Scope,
    name: &str,
    qualifier: Option<&str>,
) -> store::Result<Option<Qualified>> {
    let Some(function) = reader.get::<Function>(scope, "", name)? else { return Ok(None) };
    match qualifier {
        None | Some(LATEST) => Ok(Some(latest(function))),
        Some(number) if is_version(number) => version(reader, scope, name, number),
        Some(alias) => {
            let Some(alias) = reader.get::<Alias>(scope, name, alias)? else { return Ok(None) };
            let target = alias.function_version.as_str();
            let found = if target == LATEST { Some(latest(function)) } else { version(reader, scope, name, target)? };
            Ok(found.map(|found| Qualified { permissions: alias.permissions, ..found }))
        }
    }
}

/// Whether a qualifier is the number of a version.
pub(crate) fn is_version(qualifier: &str) -> bool {
    qualifier.bytes().all(|byte| byte.is_ascii_digit())
}

fn latest(function: Function) -> Qualified {
    Qualified { permissions: function.permissions.clone(), function, version: LATEST.to_owned() }
}

fn version(reader: &Reader<'_>, scope: &Scope, name: &str, number: &str) -> store::Result<Option<Qualified>> {
    let found = reader.get::<PublishedVersion>(scope, name, number)?;
    Ok(found.map(|PublishedVersion { version, function }| Qualified {
        permissions: function.permissions.clone(),
        function,
        version: version.to_string(),
    }))
}

impl Lambda {
    /// The version that a call names.
    pub(crate) async fn find_qualified(&self, call: &Call, target: &Target) -> Result<Qualified> {
        let (scope, name, qualifier) = (call.scope().clone(), target.name.clone(), target.qualifier.clone());
        let found = self.store().read(move |reader| find(reader, &scope, &name, qualifier.as_deref())).await?;
        found.ok_or_else(|| target.not_found())
    }
}
