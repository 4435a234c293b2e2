//! Cases of the IAM User Guide, "Policy evaluation logic", and of the pages on single policy elements.

use std::net::IpAddr;

use jiff::Timestamp;
use proptest::prelude::*;

use super::{
    Caller, ConditionKeys, Decision, Reason, Request, Source, cross_account, identity, resource, same_account,
};
use crate::policy::{Policy, PolicyKind};

fn now() -> Timestamp {
    "2026-01-15T12:00:00Z".parse().unwrap()
}

fn role() -> Caller {
    Caller::RoleSession { role: "arn:aws:iam::123456789012:role/path/r".parse().unwrap(), session_name: "s".into() }
}

fn user() -> Caller {
    Caller::User("arn:aws:iam::123456789012:user/ana".parse().unwrap())
}

fn service(name: &str) -> Caller {
    Caller::Service(name.into())
}

fn root(account: &str) -> Caller {
    Caller::AccountRoot(account.parse().unwrap())
}

fn policy(kind: PolicyKind, statements: &str) -> Policy {
    Policy::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#), kind).unwrap()
}

fn request<'a>(caller: &'a Caller, action: &'a str, resource: &'a str, keys: &'a ConditionKeys<'a>) -> Request<'a> {
    Request { caller, action, resource, keys, now: now() }
}

fn word(decision: Decision<'_>) -> &'static str {
    match decision {
        Decision::Allow(_) => "allow",
        Decision::ImplicitDeny => "no word",
        Decision::ExplicitDeny(_) => "deny",
    }
}

#[track_caller]
fn check_identity(statements: &str, action: &str, resource: &str, expected: &str) {
    let policies = [policy(PolicyKind::Identity, statements)];
    let decision = identity(&policies, &request(&user(), action, resource, &ConditionKeys::new()));
    assert_eq!(word(decision), expected, "{statements} for {action} on {resource}");
}

#[test]
fn actions_match_in_any_case_and_resources_in_their_own() {
    let statement = r#"{"Effect":"Allow","Action":["lambda:Invoke*","s3:?etObject"],
        "Resource":["arn:aws:lambda:*:123456789012:function:f","arn:aws:s3:::b/*"]}"#;
    let check = |action: &str, resource: &str, expected: &str| check_identity(statement, action, resource, expected);
    check("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:f", "allow");
    check("LAMBDA:INVOKEFUNCTION", "arn:aws:lambda:eu-west-1:123456789012:function:f", "allow");
    check("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:F", "no word");
    check("lambda:InvokeFunction", "arn:aws:lambda:eu-west-1:123456789012:function:f:prod", "no word");
    check("lambda:GetFunction", "arn:aws:lambda:eu-west-1:123456789012:function:f", "no word");
    check("s3:GetObject", "arn:aws:s3:::b/a/deep/key:with", "allow");
    check("s3:PutObject", "arn:aws:s3:::b", "no word");
}

#[test]
fn missing_segments_of_a_resource_do_not_match() {
    let statement = r#"{"Effect":"Allow","Action":"execute-api:Invoke",
        "Resource":"arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET"}"#;
    let method = "arn:aws:execute-api:us-east-1:123456789012:abc/prod/GET";
    check_identity(statement, "execute-api:Invoke", method, "allow");
    check_identity(statement, "execute-api:Invoke", &format!("{method}/pets"), "no word");
    let star = statement.replace("prod/GET", "prod/*");
    check_identity(&star, "execute-api:Invoke", &format!("{method}/pets"), "allow");
}

#[test]
fn the_not_elements_mean_everything_else() {
    let statement = r#"{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:aws:s3:::secret/*"}"#;
    check_identity(statement, "s3:GetObject", "arn:aws:s3:::b/k", "allow");
    check_identity(statement, "IAM:CreateUser", "arn:aws:s3:::b/k", "no word");
    check_identity(statement, "s3:GetObject", "arn:aws:s3:::secret/k", "no word");
}

#[test]
fn a_deny_beats_every_allow_and_is_named() {
    let policies = [
        policy(PolicyKind::Identity, r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#),
        policy(
            PolicyKind::Identity,
            r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"},
               {"Sid":"NoDelete","Effect":"Deny","Action":"s3:Delete*","Resource":"*"}"#,
        ),
    ];
    let decide = |action: &str| identity(&policies, &request(&user(), action, "arn:aws:s3:::b", &ConditionKeys::new()));
    let reason = Reason::Statement { source: Source::Identity(1), index: 1, sid: Some("NoDelete") };
    assert_eq!(decide("s3:DeleteBucket"), Decision::ExplicitDeny(reason));
    let reason = Reason::Statement { source: Source::Identity(0), index: 0, sid: None };
    assert_eq!(decide("s3:ListBucket"), Decision::Allow(reason));
    assert_eq!(identity(&[], &request(&user(), "a:b", "*", &ConditionKeys::new())), Decision::ImplicitDeny);
}

#[test]
fn a_principal_means_the_caller_or_not() {
    let check = |principal: &str, caller: &Caller, expected: &str| {
        let statement = format!(r#"{{"Effect":"Allow",{principal},"Action":"*","Resource":"*"}}"#);
        let policy = policy(PolicyKind::Resource, &statement);
        let decision = resource(&policy, &request(caller, "a:b", "arn:aws:s3:::b", &ConditionKeys::new()));
        assert_eq!(word(decision), expected, "{principal} for {caller:?}");
    };
    let gateway = r#""Principal":{"Service":"apigateway.amazonaws.com"}"#;
    check(gateway, &service("apigateway.amazonaws.com"), "allow");
    check(gateway, &service("events.amazonaws.com"), "no word");
    check(gateway, &Caller::Anonymous, "no word");
    check(gateway, &root("123456789012"), "no word");
    for anyone in [r#""Principal":"*""#, r#""Principal":{"AWS":"*"}"#] {
        for caller in [Caller::Anonymous, user(), role(), root("123456789012"), service("x.amazonaws.com")] {
            check(anyone, &caller, "allow");
        }
    }
    let by_arn = |arn: &str| format!(r#""Principal":{{"AWS":"{arn}"}}"#);
    check(&by_arn("arn:aws:iam::123456789012:role/path/r"), &role(), "allow");
    check(&by_arn("arn:aws:iam::123456789012:role/r"), &role(), "no word");
    check(&by_arn("arn:aws:sts::123456789012:assumed-role/r/s"), &role(), "allow");
    check(&by_arn("arn:aws:sts::123456789012:assumed-role/r/t"), &role(), "no word");
    check(&by_arn("arn:aws:iam::123456789012:user/ana"), &user(), "allow");
    check(&by_arn("arn:aws:iam::123456789012:user/bob"), &user(), "no word");
    check(&by_arn("123456789012"), &root("123456789012"), "allow");
    check(&by_arn("123456789012"), &user(), "allow");
    check(&by_arn("210987654321"), &user(), "no word");
    check(&by_arn("123456789012"), &service("apigateway.amazonaws.com"), "no word");
    check(r#""NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/ana"}"#, &user(), "no word");
    check(r#""NotPrincipal":{"AWS":"arn:aws:iam::123456789012:user/ana"}"#, &role(), "allow");
    check(r#""Principal":{"Federated":"accounts.google.com"}"#, &Caller::Anonymous, "no word");
}

#[test]
fn policies_of_two_sides_join_by_account() {
    let allow_identity = [policy(PolicyKind::Identity, r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#)];
    let deny_identity = [policy(PolicyKind::Identity, r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#)];
    let by = |effect: &str, principal: &str| {
        let statement =
            format!(r#"{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},"Action":"*","Resource":"*"}}"#);
        policy(PolicyKind::Resource, &statement)
    };
    let named = by("Allow", "arn:aws:iam::123456789012:user/ana");
    let account = by("Allow", "123456789012");
    let denied = by("Deny", "123456789012");
    let check = |identity: &[Policy], resource: Option<&Policy>, caller: &Caller, same: &str, cross: &str| {
        let keys = ConditionKeys::new();
        let request = request(caller, "a:b", "arn:aws:s3:::b", &keys);
        let found =
            (word(same_account(identity, resource, &request)), word(cross_account(identity, resource, &request)));
        assert_eq!(found, (same, cross), "{resource:?}");
    };
    check(&[], None, &user(), "no word", "no word");
    check(&allow_identity, None, &user(), "allow", "no word");
    check(&[], Some(&named), &user(), "allow", "no word");
    check(&allow_identity, Some(&named), &user(), "allow", "allow");
    // The account alone is named: its own policies decide.
    check(&[], Some(&account), &user(), "no word", "no word");
    check(&allow_identity, Some(&account), &user(), "allow", "allow");
    check(&allow_identity, Some(&denied), &user(), "deny", "deny");
    check(&deny_identity, Some(&named), &user(), "deny", "deny");
    check(&[], None, &root("123456789012"), "allow", "no word");
    check(&[], Some(&account), &root("123456789012"), "allow", "allow");
    check(&[], Some(&denied), &root("123456789012"), "deny", "deny");
}

/// `keys` are written `key=value`, one by one.
#[track_caller]
fn check_condition(condition: &str, keys: &[&str], expected: bool) {
    let statement = format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{{{condition}}}}}"#);
    let policies = [policy(PolicyKind::Identity, &statement)];
    let mut found = ConditionKeys::new();
    for pair in keys {
        let (key, value) = pair.split_once('=').unwrap();
        found.add(key, value);
    }
    let decision = identity(&policies, &request(&user(), "a:b", "arn:aws:s3:::b", &found));
    assert_eq!(decision.is_allowed(), expected, "{condition} with {keys:?}");
}

#[test]
fn texts_are_compared() {
    let equals = r#""StringEquals":{"a:k":["x","y*"]}"#;
    check_condition(equals, &["A:K=x"], true);
    check_condition(equals, &["a:k=X"], false);
    check_condition(equals, &["a:k=y*"], true);
    check_condition(equals, &["a:k=yz"], false);
    check_condition(equals, &[], false);
    check_condition(r#""StringEqualsIgnoreCase":{"a:k":"x"}"#, &["a:k=X"], true);
    check_condition(r#""StringNotEqualsIgnoreCase":{"a:k":"x"}"#, &["a:k=X"], false);
    check_condition(r#""StringLike":{"a:k":"x*"}"#, &["a:k=xyz"], true);
    check_condition(r#""StringLike":{"a:k":"X*"}"#, &["a:k=xyz"], false);
    check_condition(r#""StringNotLike":{"a:k":["x*","y*"]}"#, &["a:k=yz"], false);
    check_condition(r#""StringNotLike":{"a:k":["x*","y*"]}"#, &["a:k=z"], true);
    check_condition(r#""StringNotEquals":{"a:k":["x","y"]}"#, &["a:k=y"], false);
    check_condition(r#""StringNotEquals":{"a:k":"x"}"#, &[], true);
}

#[test]
fn all_operators_and_all_keys_must_hold() {
    let both = r#""StringEquals":{"a:k":"x","a:l":"y"},"Bool":{"a:m":"true"}"#;
    check_condition(both, &["a:k=x", "a:l=y", "a:m=true"], true);
    check_condition(both, &["a:k=x", "a:l=z", "a:m=true"], false);
    check_condition(both, &["a:k=x", "a:l=y", "a:m=false"], false);
}

#[test]
fn numbers_dates_and_booleans_are_compared() {
    check_condition(r#""NumericEquals":{"a:k":10}"#, &["a:k=10.0"], true);
    check_condition(r#""NumericNotEquals":{"a:k":10}"#, &["a:k=10.0"], false);
    check_condition(r#""NumericLessThan":{"a:k":"10"}"#, &["a:k=9"], true);
    check_condition(r#""NumericLessThan":{"a:k":"10"}"#, &["a:k=10"], false);
    check_condition(r#""NumericLessThanEquals":{"a:k":"10"}"#, &["a:k=10"], true);
    check_condition(r#""NumericGreaterThan":{"a:k":"10"}"#, &["a:k=10"], false);
    check_condition(r#""NumericGreaterThanEquals":{"a:k":"10"}"#, &["a:k=10"], true);
    check_condition(r#""NumericLessThan":{"a:k":"10"}"#, &["a:k=few"], false);
    check_condition(r#""DateLessThan":{"aws:CurrentTime":"2026-01-16"}"#, &[], true);
    check_condition(r#""DateLessThan":{"aws:CurrentTime":"2026-01-15"}"#, &[], false);
    check_condition(r#""DateGreaterThanEquals":{"aws:EpochTime":"2026-01-15T12:00:00Z"}"#, &[], true);
    check_condition(r#""DateGreaterThan":{"aws:CurrentTime":"2026-01-15T14:00:00+02:00"}"#, &[], false);
    check_condition(r#""DateLessThanEquals":{"aws:CurrentTime":1768478400}"#, &[], true);
    check_condition(r#""DateNotEquals":{"a:k":"2026-01-15"}"#, &["a:k=2026-01-15T00:00:00Z"], false);
    check_condition(r#""DateEquals":{"a:k":"2026-01-15"}"#, &["a:k=2026-01-15T00:00:00Z"], true);
    // The time is not the request's to tell.
    check_condition(r#""DateLessThan":{"aws:CurrentTime":"2026-01-15"}"#, &["aws:CurrentTime=2020-01-01"], false);
    check_condition(r#""Bool":{"a:k":true}"#, &["a:k=TRUE"], true);
    check_condition(r#""Bool":{"a:k":"false"}"#, &["a:k=true"], false);
    check_condition(r#""Bool":{"a:k":"false"}"#, &[], false);
}

#[test]
fn addresses_lie_in_networks() {
    let in_either = r#""IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}"#;
    check_condition(in_either, &["aws:SourceIp=203.0.113.255"], true);
    check_condition(in_either, &["aws:SourceIp=203.0.114.0"], false);
    check_condition(in_either, &["aws:SourceIp=2001:db8:1::1"], true);
    check_condition(in_either, &["aws:SourceIp=::ffff:203.0.113.1"], true);
    check_condition(in_either, &["aws:SourceIp=nonsense"], false);
    check_condition(r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#, &["aws:SourceIp=1.2.3.4"], true);
    check_condition(r#""IpAddress":{"aws:SourceIp":"0.0.0.0/0"}"#, &["aws:SourceIp=::1"], false);
    check_condition(r#""IpAddress":{"aws:SourceIp":"::/0"}"#, &["aws:SourceIp=::1"], true);
    check_condition(r#""IpAddress":{"aws:SourceIp":"203.0.113.7"}"#, &["aws:SourceIp=203.0.113.8"], false);
    check_condition(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, &["aws:SourceIp=203.0.113.1"], false);
    check_condition(r#""NotIpAddress":{"aws:SourceIp":"203.0.113.0/24"}"#, &["aws:SourceIp=198.51.100.1"], true);
}

#[test]
fn arns_are_compared_part_by_part() {
    let like = r#""ArnLike":{"aws:SourceArn":"arn:aws:execute-api:*:123456789012:abc/*/GET/pets"}"#;
    check_condition(like, &["AWS:SourceArn=arn:aws:execute-api:eu-west-1:123456789012:abc/prod/GET/pets"], true);
    check_condition(like, &["aws:SourceArn=arn:aws:execute-api:eu-west-1:123456789012:abc/a/b/GET/pets"], true);
    check_condition(like, &["aws:SourceArn=arn:aws:execute-api:eu-west-1:123456789012:abc/prod/POST/pets"], false);
    check_condition(like, &["aws:SourceArn=arn:aws:execute-api:eu-west-1:1:123456789012:abc/prod/GET/pets"], false);
    check_condition(r#""ArnEquals":{"a:k":"arn:aws:s3:::b*"}"#, &["a:k=arn:aws:s3:::bucket"], true);
    check_condition(r#""ArnLike":{"a:k":"*"}"#, &["a:k=arn:aws:s3:::bucket"], true);
    check_condition(r#""ArnLike":{"a:k":"*"}"#, &["a:k=bucket"], false);
    check_condition(r#""ArnNotLike":{"a:k":"arn:aws:s3:::b*"}"#, &["a:k=arn:aws:s3:::bucket"], false);
    check_condition(r#""ArnNotEquals":{"a:k":"arn:aws:s3:::b*"}"#, &["a:k=arn:aws:s3:::c"], true);
}

#[test]
fn absent_keys_have_their_rules() {
    check_condition(r#""Null":{"a:k":"true"}"#, &[], true);
    check_condition(r#""Null":{"a:k":"true"}"#, &["a:k=x"], false);
    check_condition(r#""Null":{"a:k":"false"}"#, &["a:k=x"], true);
    check_condition(r#""Null":{"a:k":"false"}"#, &[], false);
    check_condition(r#""StringEqualsIfExists":{"a:k":"x"}"#, &[], true);
    check_condition(r#""StringEqualsIfExists":{"a:k":"x"}"#, &["a:k=y"], false);
    check_condition(r#""NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}"#, &[], true);
    check_condition(r#""NumericNotEquals":{"a:k":"1"}"#, &[], true);
    check_condition(r#""ArnNotLike":{"a:k":"*"}"#, &[], true);
}

#[test]
fn keys_with_several_values_are_joined() {
    let any = r#""ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]}"#;
    check_condition(any, &["aws:TagKeys=x", "aws:TagKeys=b"], true);
    check_condition(any, &["aws:TagKeys=x"], false);
    check_condition(any, &[], false);
    let all = r#""ForAllValues:StringEquals":{"aws:TagKeys":["a","b"]}"#;
    check_condition(all, &["aws:TagKeys=a", "aws:TagKeys=b"], true);
    check_condition(all, &["aws:TagKeys=a", "aws:TagKeys=x"], false);
    check_condition(all, &[], true);
    let any_not = r#""ForAnyValue:StringNotEquals":{"aws:TagKeys":["a","b"]}"#;
    check_condition(any_not, &["aws:TagKeys=a", "aws:TagKeys=x"], true);
    check_condition(any_not, &["aws:TagKeys=a", "aws:TagKeys=b"], false);
    check_condition(any_not, &[], false);
    let all_not = r#""ForAllValues:StringNotEquals":{"aws:TagKeys":"a"}"#;
    check_condition(all_not, &["aws:TagKeys=x", "aws:TagKeys=a"], false);
    check_condition(all_not, &["aws:TagKeys=x", "aws:TagKeys=y"], true);
    check_condition(r#""ForAnyValue:StringEqualsIfExists":{"a:k":"x"}"#, &[], true);
}

#[test]
fn the_caller_and_the_time_make_keys_of_their_own() {
    let check = |caller: &Caller, key: &str, expected: Option<&str>| {
        let keys = ConditionKeys::new().with(key, "forged").with("x:other", "kept");
        let request = request(caller, "a:b", "*", &keys);
        let values = request.values(key);
        assert_eq!(values.as_slice().first().map(|value| &**value), expected, "{key} of {caller:?}");
    };
    check(&user(), "aws:username", Some("ana"));
    check(&role(), "aws:username", None);
    check(&user(), "aws:PrincipalArn", Some("arn:aws:iam::123456789012:user/ana"));
    check(&role(), "AWS:principalarn", Some("arn:aws:iam::123456789012:role/path/r"));
    check(&root("123456789012"), "aws:PrincipalArn", Some("arn:aws:iam::123456789012:root"));
    check(&Caller::Anonymous, "aws:PrincipalArn", None);
    check(&role(), "aws:PrincipalAccount", Some("123456789012"));
    check(&role(), "aws:PrincipalType", Some("AssumedRole"));
    check(&Caller::Anonymous, "aws:PrincipalType", Some("Anonymous"));
    check(&service("a.amazonaws.com"), "aws:PrincipalIsAWSService", Some("true"));
    check(&service("a.amazonaws.com"), "aws:PrincipalServiceName", Some("a.amazonaws.com"));
    check(&user(), "aws:EpochTime", Some("1768478400"));
    check(&user(), "x:other", Some("forged"));
}

#[test]
fn variables_stand_for_values_and_never_for_wildcards() {
    let home = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${aws:username}/*"}"#;
    check_identity(home, "s3:GetObject", "arn:aws:s3:::home/ana/k", "allow");
    check_identity(home, "s3:GetObject", "arn:aws:s3:::home/bob/k", "no word");
    let missing = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${a:team}/*"}"#;
    check_identity(missing, "s3:GetObject", "arn:aws:s3:::home//k", "no word");
    let default = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${a:team, 'all'}/*"}"#;
    check_identity(default, "s3:GetObject", "arn:aws:s3:::home/all/k", "allow");
    let escaped = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::home/${*}${?}${$}"}"#;
    check_identity(escaped, "s3:GetObject", "arn:aws:s3:::home/*?$", "allow");
    check_identity(escaped, "s3:GetObject", "arn:aws:s3:::home/xyz", "no word");
    check_condition(r#""StringLike":{"a:path":"${a:user}/*"}"#, &["a:user=*", "a:path=bob/x"], false);
    check_condition(r#""StringLike":{"a:path":"${a:user}/*"}"#, &["a:user=*", "a:path=*/x"], true);
    check_condition(r#""StringEquals":{"a:path":"${a:user}"}"#, &["a:user=x", "a:user=y", "a:path=x"], false);
    check_condition(r#""ArnLike":{"a:k":"${aws:PrincipalArn}"}"#, &["a:k=arn:aws:iam::123456789012:user/ana"], true);
    check_condition(r#""ArnLike":{"a:k":"${a:x}"}"#, &["a:x=plain", "a:k=plain"], false);
}

proptest! {
    #[test]
    fn a_network_holds_the_addresses_that_share_its_prefix(address: u32, other: u32, bits in 0_u32..=32) {
        let (address, other) = (address.to_be_bytes(), other.to_be_bytes());
        let condition = format!(r#""IpAddress":{{"a:k":"{}/{bits}"}}"#, IpAddr::from(address));
        let bit = |bytes: [u8; 4], index: u32| u32::from_be_bytes(bytes) >> (31 - index) & 1;
        let expected = (0..bits).all(|index| bit(address, index) == bit(other, index));
        check_condition(&condition, &[&format!("a:k={}", IpAddr::from(other))], expected);
    }
}
