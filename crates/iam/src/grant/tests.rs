//! Developer Guide, "API Gateway permissions model for invoking an API", with the tutorials' roles and permissions.

use jiff::Timestamp;

use super::{GrantingRole, Invocation, Refusal};
use crate::arn::{AccountId, FunctionArn, Region, RoleArn, execute_api_arn};
use crate::policy::{Policy, PolicyKind};

const TRUST_GATEWAY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const TRUST_LAMBDA: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;

fn identity(effect: &str, resource: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Action":"lambda:InvokeFunction",
            "Resource":"{resource}"}}]}}"#
    );
    Policy::parse(&text, PolicyKind::Identity).unwrap()
}

fn permission(effect: &str, principal: &str, source: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Id":"default","Statement":[{{"Sid":"1","Effect":"{effect}",
            "Principal":{principal},"Action":"lambda:InvokeFunction",
            "Resource":"arn:aws:lambda:us-east-1:123456789012:function:f",
            "Condition":{{"ArnLike":{{"AWS:SourceArn":"{source}"}}}}}}]}}"#
    );
    Policy::parse(&text, PolicyKind::Resource).unwrap()
}

/// `GET /pets/{id}` of stage `prod` calls a function.
fn ask<T>(function: &str, ask: impl FnOnce(&Invocation<'_>) -> T) -> T {
    let region: Region = "us-east-1".parse().unwrap();
    let account: AccountId = "123456789012".parse().unwrap();
    let function: FunctionArn = function.parse().unwrap();
    let source_arn = execute_api_arn(&region, &account, "abc", "prod", "GET", "/pets/{id}").unwrap();
    let now: Timestamp = "2026-01-15T12:00:00Z".parse().unwrap();
    ask(&Invocation { function: &function, source_arn: &source_arn, source_account: &account, now })
}

const FUNCTION: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";
const ALIAS: &str = "arn:aws:lambda:us-east-1:123456789012:function:f:prod";
const FOREIGN: &str = "arn:aws:lambda:us-east-1:210987654321:function:f";

fn by_role(function: &str, trust: &str, policies: &[Policy], function_policy: Option<&Policy>) -> &'static str {
    let arn: RoleArn = "arn:aws:iam::123456789012:role/r".parse().unwrap();
    let trust = Policy::parse(trust, PolicyKind::Trust).unwrap();
    let role = GrantingRole { arn: &arn, trust: &trust, policies };
    match ask(function, |invocation| invocation.allowed_by_role(&role, function_policy)) {
        Ok(()) => "invoked",
        Err(Refusal::Trust { .. }) => "not trusted",
        Err(Refusal::Role { .. }) => "not allowed",
        Err(Refusal::FunctionPolicy { .. }) => "not permitted",
    }
}

#[test]
fn a_role_must_be_trusting_and_allowed() {
    let check = |function: &str, trust: &str, resource: &str, expected: &str| {
        assert_eq!(by_role(function, trust, &[identity("Allow", resource)], None), expected, "{function} {resource}");
    };
    check(FUNCTION, TRUST_GATEWAY, "*", "invoked");
    check(FUNCTION, TRUST_GATEWAY, FUNCTION, "invoked");
    check(FUNCTION, TRUST_LAMBDA, "*", "not trusted");
    check(FUNCTION, TRUST_GATEWAY, "arn:aws:lambda:us-east-1:123456789012:function:g", "not allowed");
    check(ALIAS, TRUST_GATEWAY, ALIAS, "invoked");
    check(ALIAS, TRUST_GATEWAY, FUNCTION, "not allowed");
    check(ALIAS, TRUST_GATEWAY, "arn:aws:lambda:us-east-1:123456789012:function:f:*", "invoked");
    assert_eq!(by_role(FUNCTION, TRUST_GATEWAY, &[], None), "not allowed");
    assert_eq!(by_role(FUNCTION, TRUST_GATEWAY, &[identity("Allow", "*"), identity("Deny", "*")], None), "not allowed");
}

#[test]
fn a_trust_policy_may_ask_for_the_source() {
    let trust = |account: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow",
                "Principal":{{"Service":"apigateway.amazonaws.com"}},"Action":"sts:AssumeRole",
                "Condition":{{"StringEquals":{{"aws:SourceAccount":"{account}"}}}}}}]}}"#
        )
    };
    let policies = [identity("Allow", "*")];
    assert_eq!(by_role(FUNCTION, &trust("123456789012"), &policies, None), "invoked");
    assert_eq!(by_role(FUNCTION, &trust("210987654321"), &policies, None), "not trusted");
}

#[test]
fn a_function_of_another_account_must_let_the_role_in() {
    let allow = [identity("Allow", "*")];
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"1","Effect":"Allow","Principal":{{"AWS":"123456789012"}},
            "Action":"lambda:InvokeFunction","Resource":"{FOREIGN}"}}]}}"#
    );
    let permission = Policy::parse(&text, PolicyKind::Resource).unwrap();
    assert_eq!(by_role(FOREIGN, TRUST_GATEWAY, &allow, None), "not allowed");
    assert_eq!(by_role(FOREIGN, TRUST_GATEWAY, &allow, Some(&permission)), "invoked");
    assert_eq!(by_role(FOREIGN, TRUST_GATEWAY, &[], Some(&permission)), "not allowed");
}

#[test]
fn without_a_role_the_functions_policy_decides() {
    let gateway = r#"{"Service":"apigateway.amazonaws.com"}"#;
    let check = |function: &str, policy: Option<&Policy>, expected: bool| {
        let found = ask(function, |invocation| invocation.allowed_by_function(policy));
        assert_eq!(found.is_ok(), expected, "{policy:?}");
    };
    let source = |tail: &str| format!("arn:aws:execute-api:us-east-1:123456789012:{tail}");
    check(FUNCTION, None, false);
    check(FUNCTION, Some(&permission("Allow", gateway, &source("abc/*/GET/pets/*"))), true);
    check(FUNCTION, Some(&permission("Allow", gateway, &source("abc/prod/GET/pets/{id}"))), true);
    check(FUNCTION, Some(&permission("Allow", gateway, &source("abc/*"))), true);
    check(FUNCTION, Some(&permission("Allow", gateway, &source("abc/*/POST/pets/*"))), false);
    check(FUNCTION, Some(&permission("Allow", gateway, &source("xyz/*"))), false);
    check(FUNCTION, Some(&permission("Deny", gateway, &source("abc/*"))), false);
    check(FUNCTION, Some(&permission("Allow", r#"{"Service":"events.amazonaws.com"}"#, &source("abc/*"))), false);
    check(FUNCTION, Some(&permission("Allow", r#"{"AWS":"123456789012"}"#, &source("abc/*"))), false);
    check(ALIAS, Some(&permission("Allow", gateway, &source("abc/*"))), false);
}
