//! May the gateway call a service as this role?
//!
//! AWS page: "API Gateway permissions model for invoking an API". What a call does to which resource is told by its maker;
//! a service that enforces policies itself decides again.

use jiff::Timestamp;

use super::{GATEWAY_PRINCIPAL, GATEWAY_SESSION, GrantingRole};
use crate::arn::{AccountId, Arn, RoleArn};
use crate::evaluate::{self, Caller, ConditionKeys, Decision, Request};

/// A call of a service on behalf of a method, in the name of a role.
#[derive(Debug, Clone, Copy)]
pub struct ServiceCall<'a> {
    /// What it does; all of it must be allowed. Empty when that cannot be told: then only the trust policy is asked.
    pub permissions: &'a [Permission],
    /// The ARN of the method, from [`crate::arn::execute_api_arn`].
    pub source_arn: &'a Arn,
    /// The account that owns the API.
    pub source_account: &'a AccountId,
    /// When.
    pub now: Timestamp,
}

/// One thing that a call does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The action, as `service:Action`.
    pub action: String,
    /// The ARN of what it is done to; absent when that cannot be told.
    pub resource: Option<String>,
}

/// Why the gateway may not call a service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServiceRefusal {
    /// The role's trust policy does not let API Gateway assume the role.
    #[error("API Gateway does not have permission to assume the provided role {role}")]
    Trust {
        /// The role.
        role: RoleArn,
    },
    /// The role may be assumed, but its policies do not allow what the call does.
    #[error("{session} may not {} on {}", permission.action, permission.resource.as_deref().unwrap_or("any resource"))]
    Policy {
        /// The ARN of the role's session.
        session: Box<str>,
        /// What is not allowed.
        permission: Permission,
        /// Whether a statement denies it, rather than none allowing it.
        explicit: bool,
    },
}

impl ServiceCall<'_> {
    /// Whether the integration's role opens the way.
    pub fn allowed_by_role(&self, role: &GrantingRole<'_>) -> Result<(), ServiceRefusal> {
        let service = Caller::Service(GATEWAY_PRINCIPAL.into());
        let source = ConditionKeys::new()
            .with("aws:SourceArn", self.source_arn.as_str())
            .with("aws:SourceAccount", self.source_account.as_str());
        if !evaluate::assume_role(role.trust, role.arn, &service, &source, self.now).is_allowed() {
            return Err(ServiceRefusal::Trust { role: role.arn.clone() });
        }
        let session = Caller::RoleSession { role: role.arn.clone(), session_name: GATEWAY_SESSION.into() };
        let keys = ConditionKeys::new();
        for permission in self.permissions {
            let Permission { action, resource } = permission;
            let request = Request {
                caller: &session,
                action,
                resource: resource.as_deref().unwrap_or_default(),
                keys: &keys,
                now: self.now,
            };
            let decision = match resource {
                Some(_) => evaluate::identity(role.policies, &request),
                None => evaluate::on_some_resource(role.policies, &request),
            };
            let explicit = match decision {
                Decision::Allow(_) => continue,
                Decision::ImplicitDeny => false,
                Decision::ExplicitDeny(_) => true,
            };
            let session = role.arn.session_arn(GATEWAY_SESSION).into();
            return Err(ServiceRefusal::Policy { session, permission: permission.clone(), explicit });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{Policy, PolicyKind};

    const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
        "Principal":{"Service":"apigateway.amazonaws.com"},
        "Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:execute-api:*:*:a1b2c3d4e5/*"}}}]}"#;

    fn statement(effect: &str, action: &str, resource: &str) -> String {
        format!(r#"{{"Effect":"{effect}","Action":"{action}",{resource}}}"#)
    }

    /// Asks for `permissions`, of the API `api_id`, against a role whose only policy holds `statements`.
    fn ask(api_id: &str, statements: &[String], permissions: &[(&str, Option<&str>)]) -> Result<(), ServiceRefusal> {
        let role = "arn:aws:iam::000000000000:role/queue".parse().unwrap();
        let trust = Policy::parse(TRUST, PolicyKind::Trust).unwrap();
        let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
        let policies =
            if statements.is_empty() { vec![] } else { vec![Policy::parse(&text, PolicyKind::Identity).unwrap()] };
        let permission = |(action, resource): &(&str, Option<&str>)| Permission {
            action: (*action).to_owned(),
            resource: resource.map(str::to_owned),
        };
        let call = ServiceCall {
            permissions: &permissions.iter().map(permission).collect::<Vec<_>>(),
            source_arn: &format!("arn:aws:execute-api:us-east-1:000000000000:{api_id}/p/GET/").parse().unwrap(),
            source_account: &"000000000000".parse().unwrap(),
            now: Timestamp::UNIX_EPOCH,
        };
        call.allowed_by_role(&GrantingRole { arn: &role, trust: &trust, policies: &policies })
    }

    fn check(statements: &[String], permissions: &[(&str, Option<&str>)], allowed: bool) {
        let answer = ask("a1b2c3d4e5", statements, permissions);
        assert_eq!(answer.is_ok(), allowed, "{statements:?} {permissions:?}: {answer:?}");
    }

    #[test]
    fn a_role_that_does_not_trust_the_gateway_opens_nothing() {
        let all = [statement("Allow", "*", r#""Resource":"*""#)];
        assert!(ask("a1b2c3d4e5", &all, &[("sqs:SendMessage", None)]).is_ok());
        let refused = ask("another000", &all, &[("sqs:SendMessage", None)]);
        assert!(matches!(refused, Err(ServiceRefusal::Trust { .. })), "{refused:?}");
    }

    #[test]
    fn all_that_a_call_does_must_be_allowed() {
        let queue = "arn:aws:sqs:us-east-1:000000000000:q";
        let send = [statement("Allow", "sqs:SendMessage", &format!(r#""Resource":"{queue}""#))];
        check(&[], &[("sqs:SendMessage", Some(queue))], false);
        check(&[], &[], true);
        check(&send, &[("sqs:SendMessage", Some(queue))], true);
        check(&send, &[("sqs:SendMessage", Some("arn:aws:sqs:us-east-1:000000000000:other"))], false);
        check(&send, &[("sqs:SendMessage", Some(queue)), ("sqs:PurgeQueue", Some(queue))], false);
    }

    #[test]
    fn an_untold_resource_may_be_any_that_is_allowed_unless_all_are_denied() {
        let one = r#""Resource":"arn:aws:events:us-east-1:000000000000:event-bus/one""#;
        let put = [("events:PutEvents", None)];
        check(&[statement("Allow", "events:PutEvents", one)], &put, true);
        check(&[statement("Allow", "events:DescribeRule", one)], &put, false);
        let allow = statement("Allow", "events:*", r#""Resource":"*""#);
        check(&[allow.clone(), statement("Deny", "events:*", one)], &put, true);
        check(&[allow.clone(), statement("Deny", "events:*", r#""Resource":"*""#)], &put, false);
        check(&[allow, statement("Deny", "events:*", &one.replace("Resource", "NotResource"))], &put, false);
    }

    #[test]
    fn the_whole_of_a_service_is_an_action_that_only_wildcards_grant() {
        let whole = [("lambda:*", None)];
        check(&[statement("Allow", "lambda:*", r#""Resource":"*""#)], &whole, true);
        check(&[statement("Allow", "*", r#""Resource":"*""#)], &whole, true);
        check(&[statement("Allow", "lambda:List*", r#""Resource":"*""#)], &whole, false);
    }
}
