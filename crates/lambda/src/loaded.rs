//! Functions and roles ready for calls: code unpacked, policies compiled, in an immutable snapshot.
//!
//! A call reads the snapshot without a lock and touches the store only when what it needs is not there. The store's
//! change feed takes out what changed before the change is acknowledged, so that a call made after the answer to an
//! update sees the update.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use bytes::Bytes;
use definition::Scope;
use definition::function::{Alias, Function, LogFormat, PublishedVersion, policy_document};
use definition::role::Role;
use iam::arn::{FunctionArn, RoleArn};
use iam::policy::{Policy, PolicyKind};
use store::{Change, Record as _, Store};

use crate::code::{self, CodeCache};
use crate::failure::{Failure, Result};
use crate::names::scope_of;
use crate::qualifiers::{self, Qualified};
use crate::runner::{self, FunctionVersion};

/// The region that roles are stored under.
pub(crate) const GLOBAL_REGION: &str = "aws-global";

/// A function as it is called under one ARN.
#[derive(Debug)]
pub(crate) struct LoadedFunction {
    /// The ARN as called, with its qualifier.
    pub(crate) arn: FunctionArn,
    /// What a worker runs.
    pub(crate) version: Arc<FunctionVersion>,
    /// The resource policy.
    pub(crate) policy: Option<Policy>,
}

/// A role that integrations name in `credentials`.
#[derive(Debug)]
pub(crate) struct LoadedRole {
    pub(crate) arn: RoleArn,
    pub(crate) trust: Policy,
    pub(crate) policies: Vec<Policy>,
}

/// The snapshots of both, filled on demand.
#[derive(Debug)]
pub(crate) struct Loaded {
    functions: Snapshot<LoadedFunction>,
    roles: Snapshot<LoadedRole>,
}

impl Loaded {
    /// Empty snapshots.
    pub(crate) fn new() -> Self {
        Self { functions: Snapshot::new(), roles: Snapshot::new() }
    }

    /// Takes out what a commit changed.
    pub(crate) fn invalidate(&self, changes: &[Change]) {
        for change in changes {
            let Change { scope: Scope { account, region }, kind, id, parent, .. } = change;
            let function = match kind.as_str() {
                Function::KIND => Some(id),
                PublishedVersion::KIND | Alias::KIND => Some(parent),
                _ => None,
            };
            if let Some(name) = function {
                let arn = crate::names::function_arn(&change.scope, name);
                self.functions.remove(|key| {
                    key.strip_prefix(arn.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
                });
            } else if kind == Role::KIND && region == GLOBAL_REGION {
                let account = format!(":{account}:");
                self.roles.remove(|key| {
                    let name = key.rsplit('/').next().unwrap_or_default();
                    key.contains(&account) && Role::record_id(name) == *id
                });
            }
        }
    }

    /// The function with this ARN, or `None` when there is no such function or version.
    pub(crate) async fn function(
        &self,
        store: &Store,
        cache: &CodeCache,
        arn: &str,
    ) -> Result<Option<Arc<LoadedFunction>>> {
        if let Some(found) = self.functions.get(arn) {
            return Ok(Some(found));
        }
        let Ok(parsed) = arn.parse::<FunctionArn>() else { return Ok(None) };
        // An ARN of another partition is another text for the same record, which the change feed would not find.
        if !arn.starts_with("arn:aws:") {
            return Ok(None);
        }
        let generation = self.functions.generation();
        let scope = scope_of(&parsed);
        let (name, qualifier) = (parsed.name().to_owned(), parsed.qualifier().map(str::to_owned));
        let found = store.read(move |reader| qualifiers::find(reader, &scope, &name, qualifier.as_deref())).await?;
        let Some(found) = found else { return Ok(None) };
        let loaded = Arc::new(load_function(store, cache, parsed, &found).await?);
        self.functions.insert(arn, Arc::clone(&loaded), generation);
        Ok(Some(loaded))
    }

    /// The role with this ARN, or `None` when there is none.
    ///
    /// Fails closed: a role with a policy that cannot be read grants nothing.
    pub(crate) async fn role(&self, store: &Store, arn: &str) -> Result<Option<Arc<LoadedRole>>> {
        if let Some(found) = self.roles.get(arn) {
            return Ok(Some(found));
        }
        let Ok(parsed) = arn.parse::<RoleArn>() else { return Ok(None) };
        let generation = self.roles.generation();
        let scope = Scope { account: parsed.account().to_string(), region: GLOBAL_REGION.to_owned() };
        let id = Role::record_id(parsed.name());
        let role = store.read(move |reader| reader.get::<Role>(&scope, "", &id)).await?;
        let Some(role) = role.filter(|role| role.arn == arn) else { return Ok(None) };
        let trust = Policy::parse(&role.assume_role_policy_document, PolicyKind::Trust);
        let policies: std::result::Result<Vec<_>, _> =
            role.identity_policies().map(|text| Policy::parse(text, PolicyKind::Identity)).collect();
        let loaded = Arc::new(LoadedRole {
            arn: parsed,
            trust: trust.map_err(|error| Failure::unusable(&error))?,
            policies: policies.map_err(|error| Failure::unusable(&error))?,
        });
        self.roles.insert(arn, Arc::clone(&loaded), generation);
        Ok(Some(loaded))
    }
}

async fn load_function(
    store: &Store,
    cache: &CodeCache,
    arn: FunctionArn,
    found: &Qualified,
) -> Result<LoadedFunction> {
    let function = &found.function;
    let hash = code::hash_of(&function.code_sha256).ok_or_else(|| Failure::unusable(&"its digest is no digest"))?;
    let code_dir = if let Some(found) = cache.find(hash) {
        found
    } else {
        let zip = store.read(move |reader| reader.get_blob(hash)).await?;
        let zip = zip.ok_or_else(|| Failure::unusable(&"its package is not in the store"))?;
        cache.unpack(hash, Bytes::from(zip)).await.map_err(Failure::Package)?
    };
    let policy = match policy_document(&found.permissions) {
        Some(text) => Some(Policy::parse(&text, PolicyKind::Resource).map_err(|error| Failure::unusable(&error))?),
        None => None,
    };
    let logging = &function.logging_config;
    let version = FunctionVersion {
        arn: arn.unqualified().to_string().into(),
        name: function.function_name.as_str().into(),
        version: found.version.as_str().into(),
        revision_id: function.execution_id.as_str().into(),
        account: arn.account().as_str().into(),
        region: arn.region().as_str().into(),
        runtime: function.runtime.parse().map_err(|error| Failure::unusable(&error))?,
        handler: function.handler.clone(),
        timeout: Duration::from_secs(function.timeout.get().into()),
        memory_mb: function.memory_size.get(),
        ephemeral_storage_mb: function.ephemeral_storage.size.get(),
        environment: function.environment.clone().unwrap_or_default().variables,
        code_dir,
        code_sha256: function.code_sha256.clone(),
        log_format: match logging.log_format {
            LogFormat::Text => runner::LogFormat::Text,
            LogFormat::Json => runner::LogFormat::Json,
        },
        application_log_level: logging.application_log_level.clone(),
    };
    Ok(LoadedFunction { arn, version: Arc::new(version), policy })
}

/// Values by ARN, replaced as a whole at every change and read without a lock.
#[derive(Debug)]
struct Snapshot<V> {
    values: ArcSwap<HashMap<Arc<str>, Arc<V>>>,
    /// Counts removals, so that what was read before one is not put in after it. Held by whoever replaces the map.
    generation: Mutex<u64>,
}

impl<V> Snapshot<V> {
    fn new() -> Self {
        Self { values: ArcSwap::default(), generation: Mutex::default() }
    }

    fn get(&self, key: &str) -> Option<Arc<V>> {
        self.values.load().get(key).cloned()
    }

    fn generation(&self) -> u64 {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, key: &str, value: Arc<V>, read_at: u64) {
        let generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        if *generation == read_at {
            let mut values = HashMap::clone(&self.values.load());
            values.insert(key.into(), value);
            self.values.store(Arc::new(values));
        }
    }

    fn remove(&self, is_stale: impl Fn(&str) -> bool) {
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        let values = self.values.load();
        if values.keys().any(|key| is_stale(key)) {
            let kept = values.iter().filter(|(key, _)| !is_stale(key));
            self.values.store(Arc::new(kept.map(|(key, value)| (Arc::clone(key), Arc::clone(value))).collect()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_before_a_change_is_not_kept_after_it() {
        let snapshot = Snapshot::new();
        let generation = snapshot.generation();
        snapshot.remove(|_| true);
        snapshot.insert("f", Arc::new(1), generation);
        assert_eq!(snapshot.get("f"), None);
        snapshot.insert("f", Arc::new(2), snapshot.generation());
        assert_eq!(snapshot.get("f").as_deref(), Some(&2));
        snapshot.remove(|key| key == "g");
        assert_eq!(snapshot.get("f").as_deref(), Some(&2));
        snapshot.remove(|key| key == "f");
        assert_eq!(snapshot.get("f"), None);
    }
}
