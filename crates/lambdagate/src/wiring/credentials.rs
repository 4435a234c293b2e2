//! The data plane's port to roles, filled from the account's own: their trust, their policies, and credentials for their calls.
//!
//! A role is read and compiled once and dropped by the change feed before a change to any role is acknowledged. What a call is
//! signed with depends on where it goes: AWS takes only what AWS gave out, so such calls bear the operator's own credentials;
//! other endpoints get those too where there are some, and else credentials made up for the role, as STS would make them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use arc_swap::ArcSwap;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use definition::role::{REGION, Role};
use execute_api::ports::{Credentials, Destination, PortFuture, RoleCall, RoleRefusal, RoleSession, Roles};
use iam::{
    arn::RoleArn,
    grant::{GrantingRole, Permission, ServiceCall, ServiceRefusal},
    policy::{MalformedPolicy, Policy, PolicyKind},
};
use jiff::{SignedDuration, Timestamp};
use store::{Change, Record as _, Store};
use uuid::Uuid;

/// How long made-up credentials are valid: the default of `AssumeRole`.
const SESSION_LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// How long before their end they are replaced.
const SESSION_RESERVE: SignedDuration = SignedDuration::from_mins(5);
/// Roles that are kept compiled. An account has 1,000 ("IAM and AWS STS quotas").
const ROLES_MAX: usize = 1000;
/// The forms of access key ids that AWS gives out, and their length.
const AWS_KEY_PREFIXES: [&str; 2] = ["AKIA", "ASIA"];
const AWS_KEY_ID_BYTES: usize = 20;

/// The account's roles.
pub(crate) struct LocalRoles {
    store: Store,
    held: Arc<Held>,
    /// The operator's credentials.
    upstream: Option<Credentials>,
    clock: fn() -> Timestamp,
}

/// A role, ready to be asked, and credentials for it.
struct HeldRole {
    arn: RoleArn,
    trust: Policy,
    policies: Vec<Policy>,
    credentials: Credentials,
    expires: Timestamp,
}

/// Why a role cannot be used.
#[derive(Debug, thiserror::Error)]
enum Unusable {
    #[error(transparent)]
    Store(#[from] store::Error),
    #[error("one of its policies cannot be read")]
    Policy(#[from] MalformedPolicy),
}

impl LocalRoles {
    /// The roles in `store`; calls of AWS are signed with `upstream`.
    pub(crate) fn new(store: Store, upstream: Option<Credentials>, clock: fn() -> Timestamp) -> Self {
        let held = Arc::new(Held::default());
        let dropped = Arc::clone(&held);
        store.subscribe(Arc::new(move |changes: &[Change]| {
            if changes.iter().any(|change| change.kind == Role::KIND && change.scope.region == REGION) {
                dropped.clear();
            }
        }));
        Self { store, held, upstream, clock }
    }

    async fn session(&self, call: RoleCall) -> Result<RoleSession, RoleRefusal> {
        let now = (self.clock)();
        let untrusted = || RoleRefusal::Trust { arn: call.role_arn.clone() };
        let role = self.role(&call.role_arn, now).await.map_err(|error| unavailable(&error))?.ok_or_else(untrusted)?;
        let permissions = call.permissions.into_iter();
        let permissions = permissions.map(|needed| Permission { action: needed.action, resource: needed.resource });
        let service_call = ServiceCall {
            permissions: &permissions.collect::<Vec<_>>(),
            source_arn: &call.source_arn.parse().map_err(|error| unavailable(&error))?,
            source_account: &call.source_account.parse().map_err(|error| unavailable(&error))?,
            now,
        };
        let granting = GrantingRole { arn: &role.arn, trust: &role.trust, policies: &role.policies };
        service_call.allowed_by_role(&granting).map_err(refusal)?;
        let credentials = self.credentials(&role, call.destination)?;
        Ok(RoleSession { credentials, now: SystemTime::from(now) })
    }

    /// What a call to this destination is signed with.
    fn credentials(&self, role: &HeldRole, destination: Destination) -> Result<Credentials, RoleRefusal> {
        match (destination, &self.upstream) {
            (Destination::Aws, Some(upstream)) if is_of_aws(upstream.access_key_id()) => Ok(upstream.clone()),
            (Destination::Aws, Some(_)) => Err(RoleRefusal::NoCredentials {
                advice: "AWS_ACCESS_KEY_ID holds no access key of AWS: set one, or name the server that integrations call \
                         with --aws-endpoint"
                    .to_owned(),
            }),
            (Destination::Aws, None) => Err(RoleRefusal::NoCredentials {
                advice: "no credentials for AWS: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for lambdagate, or name the \
                         server that integrations call with --aws-endpoint"
                    .to_owned(),
            }),
            (Destination::Configured, Some(upstream)) => Ok(upstream.clone()),
            (Destination::Configured, None) | (Destination::Own, _) => Ok(role.credentials.clone()),
        }
    }

    /// The role with this ARN; `None` when the account has none. One with a policy that cannot be read grants nothing.
    async fn role(&self, arn: &str, now: Timestamp) -> Result<Option<Arc<HeldRole>>, Unusable> {
        if let Some(held) = self.held.get(arn).filter(|held| now < held.expires - SESSION_RESERVE) {
            return Ok(Some(held));
        }
        let Ok(parsed) = arn.parse::<RoleArn>() else { return Ok(None) };
        let generation = self.held.generation();
        let (scope, id) = (Role::scope(parsed.account().as_str()), Role::record_id(parsed.name()));
        let role = self.store.read(move |reader| reader.get::<Role>(&scope, "", &id)).await?;
        let Some(role) = role.filter(|role| role.arn == arn) else { return Ok(None) };
        let policies = role.identity_policies().map(|text| Policy::parse(text, PolicyKind::Identity));
        let held = Arc::new(HeldRole {
            arn: parsed,
            trust: Policy::parse(&role.assume_role_policy_document, PolicyKind::Trust)?,
            policies: policies.collect::<Result<_, _>>()?,
            credentials: made_up(),
            expires: now + SESSION_LIFETIME,
        });
        self.held.insert(arn, &held, generation);
        Ok(Some(held))
    }
}

impl Roles for LocalRoles {
    fn assume(&self, call: RoleCall) -> PortFuture<'_, Result<RoleSession, RoleRefusal>> {
        Box::pin(self.session(call))
    }
}

/// Credentials of the form that `AssumeRole` gives, of 122 random bits a part and more.
fn made_up() -> Credentials {
    const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let id: String =
        Uuid::new_v4().into_bytes().iter().map(|byte| char::from(BASE32[usize::from(byte % 32)])).collect();
    let random =
        |parts: usize| STANDARD.encode((0..parts).flat_map(|_| Uuid::new_v4().into_bytes()).collect::<Vec<u8>>());
    Credentials::new(format!("ASIA{id}"), random(2), Some(random(6)), None, "role")
}

fn is_of_aws(access_key_id: &str) -> bool {
    access_key_id.len() == AWS_KEY_ID_BYTES && AWS_KEY_PREFIXES.iter().any(|prefix| access_key_id.starts_with(prefix))
}

fn unavailable(error: &dyn std::error::Error) -> RoleRefusal {
    RoleRefusal::Unavailable { detail: error.to_string() }
}

/// A refusal in the words of IAM ("Troubleshoot access denied error messages").
fn refusal(refusal: ServiceRefusal) -> RoleRefusal {
    match refusal {
        ServiceRefusal::Trust { role } => RoleRefusal::Trust { arn: role.to_string() },
        ServiceRefusal::Policy { session, permission: Permission { action, resource }, explicit } => {
            let on = resource.map_or_else(String::new, |resource| format!(" on resource: {resource}"));
            let because = if explicit {
                "with an explicit deny in an identity-based policy".to_owned()
            } else {
                format!("because no identity-based policy allows the {action} action")
            };
            let message = format!("User: {session} is not authorized to perform: {action}{on} {because}");
            RoleRefusal::Policy { message }
        }
    }
}

/// Roles by ARN, replaced as a whole at every change and read without a lock.
#[derive(Default)]
struct Held {
    roles: ArcSwap<HashMap<Box<str>, Arc<HeldRole>>>,
    /// Counts removals, so that what was read before one is not put in after it. Held by whoever replaces the map.
    generation: Mutex<u64>,
}

impl Held {
    fn get(&self, arn: &str) -> Option<Arc<HeldRole>> {
        self.roles.load().get(arn).cloned()
    }

    fn generation(&self) -> u64 {
        *self.generation.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn insert(&self, arn: &str, role: &Arc<HeldRole>, read_at: u64) {
        let generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        if *generation != read_at {
            return;
        }
        let mut roles = HashMap::clone(&self.roles.load());
        if roles.len() >= ROLES_MAX {
            roles.clear();
        }
        roles.insert(arn.into(), Arc::clone(role));
        self.roles.store(Arc::new(roles));
    }

    fn clear(&self) {
        let mut generation = self.generation.lock().unwrap_or_else(PoisonError::into_inner);
        *generation += 1;
        self.roles.store(Arc::default());
    }
}

#[cfg(test)]
mod tests;
