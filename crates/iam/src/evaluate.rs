//! Decides a request against compiled policies.
//!
//! A statement applies when its principal, action, resource and every one of its conditions match. An explicit deny
//! beats every allow, and where nothing allows, the answer is no. How the answers of several kinds of policies join
//! depends on whose they are: [`same_account`] and [`cross_account`] know. Session policies, permissions boundaries and
//! organization policies do not exist here. AWS page: "Policy evaluation logic".

use jiff::Timestamp;

use crate::arn::RoleArn;
use crate::policy::{
    ActionElement, Effect, Policy, PrincipalElement, ResourceElement, Statement, Template, VariableSource,
};

mod caller;
mod condition;
mod keys;
#[cfg(test)]
mod tests;

pub use caller::Caller;
pub use keys::ConditionKeys;

use caller::Naming;

/// The resource of a request that is about no one resource, as AWS spells it.
const ANY_RESOURCE: &str = "*";

/// A request as policies see it.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Who asks.
    pub caller: &'a Caller,
    /// What is to be done, as `service:Action`.
    pub action: &'a str,
    /// The ARN of what it is to be done to.
    pub resource: &'a str,
    /// The facts that conditions may ask about, beside those that follow from the caller and the time.
    pub keys: &'a ConditionKeys<'a>,
    /// When: `aws:CurrentTime` and `aws:EpochTime`.
    pub now: Timestamp,
}

/// The answer to a request, and what decided it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision<'p> {
    /// Something allows the request and nothing denies it.
    Allow(Reason<'p>),
    /// Nothing speaks about the request.
    ImplicitDeny,
    /// A statement denies the request.
    ExplicitDeny(Reason<'p>),
}

/// What decided a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason<'p> {
    /// A statement of a policy.
    Statement {
        /// Which policy.
        source: Source,
        /// The statement's position in it, from 0.
        index: usize,
        /// The statement's `Sid`, if it has one.
        sid: Option<&'p str>,
    },
    /// The caller is the root of the account that owns the resource.
    AccountRoot,
}

/// Which of the policies passed in a statement belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The identity policy at this position, from 0.
    Identity(usize),
    /// The resource or trust policy.
    Resource,
}

/// A single policy's answer, in which the grant to a whole account is told from the grant to the caller.
#[derive(Debug, Clone, Copy)]
enum Verdict<'p> {
    Denied(Reason<'p>),
    Allowed(Reason<'p>),
    /// Allowed to the caller's account, which decides for its own.
    Delegated(Reason<'p>),
    Silent,
}

impl Decision<'_> {
    /// Whether the request may pass.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allow(_))
    }
}

/// The answer of identity policies alone: those of a role or user, or an authorizer's.
#[must_use]
pub fn identity<'p>(policies: &'p [Policy], request: &Request<'_>) -> Decision<'p> {
    identity_verdict(policies, request).into()
}

/// The answer of a resource policy alone, as for a service or an anonymous caller. A grant to the caller's account
/// counts as a grant to the caller.
#[must_use]
pub fn resource<'p>(policy: &'p Policy, request: &Request<'_>) -> Decision<'p> {
    policy_verdict(policy, Source::Resource, request).into()
}

/// The answer for a caller of the account that owns the resource: either side suffices to allow.
///
/// A resource policy that names only the account leaves the choice to the identity policies, and the account's root
/// needs no policy at all.
#[must_use]
pub fn same_account<'p>(identity: &'p [Policy], resource: Option<&'p Policy>, request: &Request<'_>) -> Decision<'p> {
    let by_resource = resource.map_or(Verdict::Silent, |policy| policy_verdict(policy, Source::Resource, request));
    let by_identity = own_verdict(identity, request);
    match (by_identity, by_resource) {
        (Verdict::Denied(reason), _) | (_, Verdict::Denied(reason)) => Decision::ExplicitDeny(reason),
        (Verdict::Allowed(reason) | Verdict::Delegated(reason), _) | (_, Verdict::Allowed(reason)) => {
            Decision::Allow(reason)
        }
        (Verdict::Silent, Verdict::Delegated(_) | Verdict::Silent) => Decision::ImplicitDeny,
    }
}

/// The answer for a caller of another account than the resource's: both sides must allow.
#[must_use]
pub fn cross_account<'p>(identity: &'p [Policy], resource: Option<&'p Policy>, request: &Request<'_>) -> Decision<'p> {
    let by_resource = resource.map_or(Verdict::Silent, |policy| policy_verdict(policy, Source::Resource, request));
    let by_identity = own_verdict(identity, request);
    match (by_identity, by_resource) {
        (Verdict::Denied(reason), _) | (_, Verdict::Denied(reason)) => Decision::ExplicitDeny(reason),
        (Verdict::Silent, _) | (_, Verdict::Silent) => Decision::ImplicitDeny,
        (Verdict::Allowed(_) | Verdict::Delegated(_), Verdict::Allowed(reason) | Verdict::Delegated(reason)) => {
            Decision::Allow(reason)
        }
    }
}

/// Whether identity policies allow an action on something, asked when nobody can tell on what: the resource of the
/// request is not read. A statement that allows the action on whichever resource allows it; one that denies it on all
/// resources, or on all but some, denies it.
#[must_use]
pub fn on_some_resource<'p>(policies: &'p [Policy], request: &Request<'_>) -> Decision<'p> {
    let everywhere = Request { resource: ANY_RESOURCE, ..*request };
    let mut decision = Decision::ImplicitDeny;
    for (position, policy) in policies.iter().enumerate() {
        for (index, statement) in policy.statements.iter().enumerate() {
            let reason = Reason::Statement { source: Source::Identity(position), index, sid: statement.sid.as_deref() };
            match statement.effect {
                Effect::Deny if applies(statement, &everywhere) => return Decision::ExplicitDeny(reason),
                Effect::Allow if applies_somewhere(statement, request) && decision == Decision::ImplicitDeny => {
                    decision = Decision::Allow(reason);
                }
                Effect::Allow | Effect::Deny => {}
            }
        }
    }
    decision
}

/// Whether a role's trust policy lets the caller take on the role (`sts:AssumeRole`).
///
/// This is the trust policy's answer alone, which is all there is to ask for a service; a role or user whom the policy
/// names only by account needs [`same_account`] or [`cross_account`] with its own policies.
#[must_use]
pub fn assume_role<'p>(
    trust: &'p Policy,
    role: &RoleArn,
    caller: &Caller,
    keys: &ConditionKeys<'_>,
    now: Timestamp,
) -> Decision<'p> {
    resource(trust, &Request { caller, action: "sts:AssumeRole", resource: role.as_str(), keys, now })
}

/// The answer of the caller's own side. An account's root may do all that no policy denies.
fn own_verdict<'p>(policies: &'p [Policy], request: &Request<'_>) -> Verdict<'p> {
    match (identity_verdict(policies, request), request.caller) {
        (Verdict::Silent, Caller::AccountRoot(_)) => Verdict::Allowed(Reason::AccountRoot),
        (verdict, _) => verdict,
    }
}

fn identity_verdict<'p>(policies: &'p [Policy], request: &Request<'_>) -> Verdict<'p> {
    let mut joined = Verdict::Silent;
    for (position, policy) in policies.iter().enumerate() {
        match (policy_verdict(policy, Source::Identity(position), request), joined) {
            (denied @ Verdict::Denied(_), _) => return denied,
            (found, Verdict::Silent) => joined = found,
            (_, Verdict::Denied(_) | Verdict::Allowed(_) | Verdict::Delegated(_)) => {}
        }
    }
    joined
}

fn policy_verdict<'p>(policy: &'p Policy, source: Source, request: &Request<'_>) -> Verdict<'p> {
    let mut verdict = Verdict::Silent;
    for (index, statement) in policy.statements.iter().enumerate() {
        let naming = naming(statement, request);
        if naming == Naming::Not || !applies(statement, request) {
            continue;
        }
        let reason = Reason::Statement { source, index, sid: statement.sid.as_deref() };
        verdict = match (statement.effect, naming, verdict) {
            (Effect::Deny, _, _) => return Verdict::Denied(reason),
            (Effect::Allow, Naming::Direct, Verdict::Silent | Verdict::Delegated(_)) => Verdict::Allowed(reason),
            (Effect::Allow, Naming::ByAccount, Verdict::Silent) => Verdict::Delegated(reason),
            (Effect::Allow, Naming::Direct | Naming::ByAccount | Naming::Not, earlier) => earlier,
        };
    }
    verdict
}

/// How the statement names the caller. Identity policies name nobody and mean whom they are attached to.
fn naming(statement: &Statement, request: &Request<'_>) -> Naming {
    match &statement.principal {
        None => Naming::Direct,
        Some(PrincipalElement::OneOf(patterns)) => {
            patterns.iter().map(|pattern| request.caller.named_by(pattern)).max().unwrap_or(Naming::Not)
        }
        Some(PrincipalElement::NoneOf(patterns)) => {
            let named = patterns.iter().any(|pattern| request.caller.named_by(pattern) != Naming::Not);
            if named { Naming::Not } else { Naming::Direct }
        }
    }
}

fn applies(statement: &Statement, request: &Request<'_>) -> bool {
    let variables: &dyn VariableSource = request;
    let is_requested = |template: &Template| template.matches(request.resource, variables);
    applies_somewhere(statement, request)
        && match &statement.resource {
            None => true,
            Some(ResourceElement::OneOf(templates)) => templates.iter().any(is_requested),
            Some(ResourceElement::NoneOf(templates)) => !templates.iter().any(is_requested),
        }
}

/// Whether the statement speaks of the request's action and its conditions hold, whatever resource it is about.
fn applies_somewhere(statement: &Statement, request: &Request<'_>) -> bool {
    let action = match &statement.action {
        ActionElement::OneOf(patterns) => patterns.iter().any(|pattern| pattern.matches(request.action)),
        ActionElement::NoneOf(patterns) => !patterns.iter().any(|pattern| pattern.matches(request.action)),
    };
    action && statement.conditions.iter().all(|condition| condition::holds(condition, request))
}

impl<'p> From<Verdict<'p>> for Decision<'p> {
    fn from(verdict: Verdict<'p>) -> Self {
        match verdict {
            Verdict::Denied(reason) => Self::ExplicitDeny(reason),
            Verdict::Allowed(reason) | Verdict::Delegated(reason) => Self::Allow(reason),
            Verdict::Silent => Self::ImplicitDeny,
        }
    }
}
