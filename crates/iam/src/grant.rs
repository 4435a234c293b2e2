//! May the gateway invoke this function, or call this service as this role?
//!
//! An integration calls its function either as the role in its `credentials`, whose trust policy must let API Gateway
//! assume it and whose policies must let it invoke the function, or as the service itself, whom the function's own
//! policy must let in. AWS page: "Control access to a REST API with IAM permissions", "API Gateway permissions model
//! for invoking an API".

use jiff::Timestamp;

use crate::arn::{AccountId, Arn, FunctionArn, RoleArn};
use crate::evaluate::{self, Caller, ConditionKeys, Decision, Request};
use crate::policy::Policy;

mod service;
#[cfg(test)]
mod tests;

pub use service::{Permission, ServiceCall, ServiceRefusal};

/// API Gateway as a principal of policies.
pub const GATEWAY_PRINCIPAL: &str = "apigateway.amazonaws.com";

/// The action that an integration with a function needs.
pub const INVOKE_FUNCTION: &str = "lambda:InvokeFunction";

/// The name of the session under which API Gateway uses an integration's role.
pub const GATEWAY_SESSION: &str = "BackplaneAssumeRoleSession";

/// The method on whose behalf a function is to be invoked.
#[derive(Debug, Clone, Copy)]
pub struct Invocation<'a> {
    /// The function, with the qualifier that is called: a permission for `f` does not cover `f:prod`.
    pub function: &'a FunctionArn,
    /// The ARN of the method, from [`crate::arn::execute_api_arn`] with the resource's path template.
    pub source_arn: &'a Arn,
    /// The account that owns the API.
    pub source_account: &'a AccountId,
    /// When.
    pub now: Timestamp,
}

/// A role and its policies, compiled.
#[derive(Debug, Clone, Copy)]
pub struct GrantingRole<'p> {
    /// The role.
    pub arn: &'p RoleArn,
    /// Its trust policy, of [`crate::policy::PolicyKind::Trust`].
    pub trust: &'p Policy,
    /// Its inline and attached policies, of [`crate::policy::PolicyKind::Identity`].
    pub policies: &'p [Policy],
}

/// Why the gateway may not invoke a function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The role's trust policy does not let API Gateway assume the role.
    #[error("API Gateway does not have permission to assume the provided role {role}")]
    Trust {
        /// The role.
        role: RoleArn,
    },
    /// The role may be assumed but not invoke the function.
    #[error("role {role} may not {INVOKE_FUNCTION} on {function}")]
    Role {
        /// The role.
        role: RoleArn,
        /// The function.
        function: Box<FunctionArn>,
    },
    /// The function's own policy does not let API Gateway in for this method.
    #[error("the policy of {function} does not allow {GATEWAY_PRINCIPAL} to invoke it for {source_arn}")]
    FunctionPolicy {
        /// The function.
        function: Box<FunctionArn>,
        /// The method that is not covered.
        source_arn: Arn,
    },
}

impl Invocation<'_> {
    /// Whether the integration's role opens the way. The function's own policy, if it has one, is asked too: it may
    /// deny, and must allow where the function belongs to another account than the role.
    pub fn allowed_by_role(&self, role: &GrantingRole<'_>, function_policy: Option<&Policy>) -> Result<(), Refusal> {
        let service = Caller::Service(GATEWAY_PRINCIPAL.into());
        let trusted = evaluate::assume_role(role.trust, role.arn, &service, &self.source_keys(), self.now);
        if !trusted.is_allowed() {
            return Err(Refusal::Trust { role: role.arn.clone() });
        }
        let session = Caller::RoleSession { role: role.arn.clone(), session_name: GATEWAY_SESSION.into() };
        let keys = ConditionKeys::new();
        let resource = self.function.to_string();
        let request = self.request(&session, &resource, &keys);
        let decision = if role.arn.account() == self.function.account() {
            evaluate::same_account(role.policies, function_policy, &request)
        } else {
            evaluate::cross_account(role.policies, function_policy, &request)
        };
        match decision {
            Decision::Allow(_) => Ok(()),
            Decision::ImplicitDeny | Decision::ExplicitDeny(_) => {
                Err(Refusal::Role { role: role.arn.clone(), function: Box::new(self.function.clone()) })
            }
        }
    }

    /// Whether the function's own policy, that of the qualifier which is called, opens the way to the gateway itself.
    pub fn allowed_by_function(&self, function_policy: Option<&Policy>) -> Result<(), Refusal> {
        let service = Caller::Service(GATEWAY_PRINCIPAL.into());
        let keys = self.source_keys();
        let resource = self.function.to_string();
        let request = self.request(&service, &resource, &keys);
        match function_policy.map(|policy| evaluate::resource(policy, &request)) {
            Some(Decision::Allow(_)) => Ok(()),
            None | Some(Decision::ImplicitDeny | Decision::ExplicitDeny(_)) => Err(Refusal::FunctionPolicy {
                function: Box::new(self.function.clone()),
                source_arn: self.source_arn.clone(),
            }),
        }
    }

    fn source_keys(&self) -> ConditionKeys<'_> {
        ConditionKeys::new()
            .with("aws:SourceArn", self.source_arn.as_str())
            .with("aws:SourceAccount", self.source_account.as_str())
    }

    fn request<'r>(&self, caller: &'r Caller, resource: &'r str, keys: &'r ConditionKeys<'r>) -> Request<'r> {
        Request { caller, action: INVOKE_FUNCTION, resource, keys, now: self.now }
    }
}
