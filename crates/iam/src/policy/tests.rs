use proptest::prelude::*;

use super::{POLICY_BYTES_MAX, Policy, PolicyKind, STATEMENTS_MAX, Version};

/// A statement that every kind of policy refuses for one reason or none, put into a document.
fn document(statement: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{{{statement}}}]}}"#)
}

const ALLOW: &str = r#""Effect":"Allow","Action":"s3:Get*","Resource":"*""#;

#[track_caller]
fn check_error(text: &str, kind: PolicyKind, expected: &str) {
    let message = Policy::parse(text, kind).map(|_| ()).unwrap_err().to_string();
    assert!(message.starts_with(expected), "{text}\n  says: {message}\nwanted: {expected}");
}

#[track_caller]
fn check_ok(text: &str, kind: PolicyKind) {
    assert!(Policy::parse(text, kind).is_ok(), "{text}: {:?}", Policy::parse(text, kind));
}

#[test]
fn a_statement_may_stand_alone_or_in_a_list() {
    let one: Policy = Policy::parse(&format!(r#"{{"Statement":{{{ALLOW}}}}}"#), PolicyKind::Identity).unwrap();
    assert_eq!((one.version(), one.id(), one.statement_count()), (Version::V2008, None, 1));
    let text = format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{{{ALLOW}}},{{{ALLOW}}}]}}"#);
    let two = Policy::parse(&text, PolicyKind::Identity).unwrap();
    assert_eq!((two.version(), two.id(), two.statement_count()), (Version::V2012, Some("default"), 2));
}

#[test]
fn the_tutorials_policies_are_read() {
    check_ok(
        r#"{"Version":"2012-10-17","Statement":[{"Sid":"","Effect":"Allow",
            "Principal":{"Service":"apigateway.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#,
        PolicyKind::Trust,
    );
    check_ok(
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}]}"#,
        PolicyKind::Identity,
    );
    check_ok(
        r#"{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"apigateway-get-1","Effect":"Allow",
            "Principal":{"Service":"apigateway.amazonaws.com"},"Action":"lambda:InvokeFunction",
            "Resource":"arn:aws:lambda:us-east-1:123456789012:function:f",
            "Condition":{"ArnLike":{"AWS:SourceArn":"arn:aws:execute-api:us-east-1:123456789012:abc/*/GET/pets"}}}]}"#,
        PolicyKind::Resource,
    );
}

#[test]
fn a_document_of_the_wrong_form_is_refused() {
    let check = |text: &str, expected: &str| check_error(text, PolicyKind::Identity, expected);
    check("", "syntax errors in policy");
    check("[]", "syntax errors in policy");
    check("{}", "syntax errors in policy: missing field `Statement`");
    check(r#"{"Statement":[]}"#, "Statement: a policy needs at least one statement");
    check(r#"{"Statement":"x"}"#, "Statement[0]: ");
    check(&format!(r#"{{"Version":"2013-01-01","Statement":{{{ALLOW}}}}}"#), "Version: \"2013-01-01\" is not");
    check(&format!(r#"{{"version":"2012-10-17","Statement":{{{ALLOW}}}}}"#), "syntax errors in policy: unknown field");
    check(&format!(r#"{{"Statement":{{{ALLOW}}},"Statement":{{{ALLOW}}}}}"#), "syntax errors in policy: duplicate");
    check(&" ".repeat(POLICY_BYTES_MAX + 1), "a policy document has at most 131072 bytes");
    let many = vec!["{}"; STATEMENTS_MAX + 1].join(",");
    check(&format!(r#"{{"Statement":[{many}]}}"#), "Statement: a policy has at most 2000 statements");
    let sid = format!(r#"{{"Sid":"A",{ALLOW}}}"#);
    check(&format!(r#"{{"Statement":[{sid},{{{ALLOW}}},{sid}]}}"#), "Statement[2].Sid: \"A\" is already");
    check(&"[".repeat(10_000), "syntax errors in policy");
}

#[test]
fn a_wrong_statement_is_named_by_its_place() {
    let check = |statement: &str, expected: &str| check_error(&document(statement), PolicyKind::Identity, expected);
    check(r#""Effect":"allow","Action":"*","Resource":"*""#, "Statement[0].Effect: \"allow\" is not");
    check(r#""Action":"*","Resource":"*""#, "Statement[0]: missing field `Effect`");
    check(&format!(r#"{ALLOW},"Actions":"*""#), "Statement[0]: unknown field `Actions`");
    for element in ["Condition", "Sid", "Principal", "NotAction", "NotResource"] {
        check(&format!(r#"{ALLOW},"{element}":null"#), "Statement[0]: ");
    }
    check(&format!(r#"{ALLOW},"Action":"*""#), "Statement[0]: duplicate field `Action`");
    check(&format!(r#"{ALLOW},"NotAction":"*""#), "Statement[0].Action: not allowed beside NotAction");
    check(&format!(r#"{ALLOW},"NotResource":"*""#), "Statement[0].Resource: not allowed beside NotResource");
    check(r#""Effect":"Allow","Resource":"*""#, "Statement[0]: Action is missing");
    check(r#""Effect":"Allow","Action":"*""#, "Statement[0]: Resource is missing");
    check(r#""Effect":"Allow","Action":[],"Resource":"*""#, "Statement[0].Action: the list is empty");
    check(r#""Effect":"Allow","Action":"*","NotResource":[]"#, "Statement[0].NotResource: the list is empty");
    check(r#""Effect":"Allow","Action":["*","Get"],"Resource":"*""#, "Statement[0].Action[1]: \"Get\" is not");
    check(r#""Effect":"Allow","Action":1,"Resource":"*""#, "Statement[0]: expected a single value");
    check(r#""Effect":"Allow","Action":"*","Resource":["*","bucket"]"#, "Statement[0].Resource[1]: \"bucket\"");
    check(r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${x"#, "syntax errors in policy");
    check(r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${x""#, "Statement[0].Resource[0]: ");
    check(r#""Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${x}""#, "Statement[0].Resource[0]: ");
    check(&format!(r#"{ALLOW},"Sid":"a b""#), "Statement[0].Sid: \"a b\" holds");
    check(&format!(r#"{ALLOW},"Principal":"*""#), "Statement[0].Principal: not allowed in this kind");
}

#[test]
fn each_kind_of_policy_has_its_elements() {
    let bare = r#""Effect":"Allow","Action":"sts:AssumeRole""#;
    check_error(&document(bare), PolicyKind::Trust, "Statement[0]: Principal is missing");
    check_error(&document(ALLOW), PolicyKind::Resource, "Statement[0]: Principal is missing");
    let anyone = r#""Principal":"*""#;
    check_ok(&document(&format!("{bare},{anyone}")), PolicyKind::Trust);
    check_error(&document(&format!("{bare},{anyone}")), PolicyKind::Resource, "Statement[0]: Resource is missing");
    check_error(
        &document(&format!("{ALLOW},{anyone}")),
        PolicyKind::Trust,
        "Statement[0].Resource: not allowed in this kind of policy",
    );
    check_ok(&document(&format!("{ALLOW},{anyone}")), PolicyKind::Resource);
    check_ok(&document(&format!(r#"{ALLOW},{anyone},"Sid":"a-b c""#)), PolicyKind::Resource);
}

#[test]
fn principals_are_accounts_roles_users_sessions_and_services() {
    let with = |principal: &str| document(&format!(r#"{ALLOW},"Principal":{principal}"#));
    for principal in [
        r#""*""#,
        r#"{"AWS":"*"}"#,
        r#"{"AWS":["123456789012","arn:aws:iam::123456789012:root"]}"#,
        r#"{"AWS":"arn:aws:iam::123456789012:role/path/r","Service":["lambda.amazonaws.com"]}"#,
        r#"{"AWS":"arn:aws:iam::123456789012:user/u"}"#,
        r#"{"AWS":"arn:aws:sts::123456789012:assumed-role/r/session"}"#,
        r#"{"Federated":"accounts.google.com"}"#,
    ] {
        check_ok(&with(principal), PolicyKind::Resource);
    }
    let check = |principal: &str, expected: &str| {
        check_error(&with(principal), PolicyKind::Resource, &format!("Statement[0]{expected}"));
    };
    check(r#""x""#, ".Principal: \"x\" is not \"*\" or an object");
    check("{}", ".Principal: names no principal");
    check("[]", ": a principal is a string, or an object");
    check(r#"{"AWS":"*","AWS":"*"}"#, ": a principal is a string, or an object");
    check(r#"{"aws":"*"}"#, ".Principal: \"aws\" is not a type");
    check(r#"{"AWS":"arn:aws:iam::123456789012:role/*"}"#, ".Principal: \"arn:aws:iam::123456789012:role/*\" is not");
    check(r#"{"AWS":"arn:aws:s3:::b"}"#, ".Principal: ");
    check(r#"{"Service":"lambda"}"#, ".Principal: \"lambda\" is not a service");
    check(r#"{"Service":"*"}"#, ".Principal: \"*\" is not a service");
}

#[test]
fn conditions_are_compiled_or_refused() {
    let with = |condition: &str| document(&format!(r#"{ALLOW},"Condition":{condition}"#));
    for condition in [
        "{}",
        r#"{"StringEquals":{"aws:username":["a","b"]},"Bool":{"aws:SecureTransport":true}}"#,
        r#"{"ForAnyValue:StringLikeIfExists":{"aws:TagKeys":"a*"}}"#,
        r#"{"NumericLessThan":{"s3:max-keys":10.5},"Null":{"aws:TokenIssueTime":"true"}}"#,
        r#"{"DateGreaterThan":{"aws:CurrentTime":["2013-06-30T00:00:00Z","2013-06-30",1372550400]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32","203.0.113.7"]}}"#,
        r#"{"ArnLike":{"aws:SourceArn":["arn:aws:s3:::*","*","${aws:PrincipalArn}"]}}"#,
    ] {
        check_ok(&with(condition), PolicyKind::Identity);
    }
    let check = |condition: &str, expected: &str| {
        check_error(&with(condition), PolicyKind::Identity, &format!("Statement[0]{expected}"));
    };
    check(r#"{"StringEqual":{"a:b":"c"}}"#, ".Condition.StringEqual: not a condition operator");
    check(r#"{"ForSomeValue:StringEquals":{"a:b":"c"}}"#, ".Condition.ForSomeValue:StringEquals: not");
    check(r#"{"NullIfExists":{"a:b":"true"}}"#, ".Condition.NullIfExists: not a condition operator");
    check(r#"{"StringEquals":{"user":"c"}}"#, ".Condition.StringEquals: \"user\" is not a condition key");
    check(r#"{"StringEquals":{"a:b":"c","A:B":"d"}}"#, ".Condition.StringEquals.A:B: the key is repeated");
    check(r#"{"StringEquals":{"a:b":"c","a:b":"d"}}"#, ": duplicate key `a:b`");
    check(r#"{"StringEquals":{"a:b":[]}}"#, ".Condition.StringEquals.a:b: the list of values is empty");
    check(r#"{"StringEquals":{"a:b":"${"}}"#, ".Condition.StringEquals.a:b: \"${\" is not valid text");
    check(r#"{"StringEquals":{"a:b":{}}}"#, ": expected a single value");
    check(r#"{"NumericEquals":{"a:b":"NaN"}}"#, ".Condition.NumericEquals.a:b: \"NaN\" is not a number");
    check(r#"{"DateEquals":{"a:b":"2013-06-30T00:00:00"}}"#, ".Condition.DateEquals.a:b: ");
    check(r#"{"Bool":{"a:b":"yes"}}"#, ".Condition.Bool.a:b: \"yes\" is not true or false");
    check(r#"{"IpAddress":{"a:b":"10.0.0.0/33"}}"#, ".Condition.IpAddress.a:b: ");
    check(r#"{"IpAddress":{"a:b":"10.0.0.0/+8"}}"#, ".Condition.IpAddress.a:b: ");
    check(r#"{"ArnLike":{"a:b":"arn:aws:s3"}}"#, ".Condition.ArnLike.a:b: \"arn:aws:s3\" is not an ARN");
    check(r#"{"Null":{"a:b":["true","false"]}}"#, ".Condition.Null.a:b: ");
}

#[test]
fn policy_variables_are_plain_text_in_the_old_version() {
    let statement = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${x"}"#;
    check_ok(&format!(r#"{{"Version":"2008-10-17","Statement":{statement}}}"#), PolicyKind::Identity);
    check_ok(&format!(r#"{{"Statement":{statement}}}"#), PolicyKind::Identity);
}

proptest! {
    #[test]
    fn any_text_is_read_without_harm(text in "[ -~é]{0,80}", value in "[ -!#-\\[\\]-~é]{0,40}") {
        for kind in [PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust] {
            let _ = Policy::parse(&text, kind);
            let statements = [
                format!(r#""Effect":"Allow","Action":"{value}","Resource":"arn:aws:s3:::{value}","Principal":{{"AWS":"{value}"}}"#),
                format!(r#"{ALLOW},"Condition":{{"DateEquals":{{"a:{value}":"{value}"}}}}"#),
                format!(r#"{ALLOW},"Condition":{{"ArnLike":{{"a:b":"arn:{value}"}},"StringLike":{{"a:b":"{value}"}}}}"#),
                format!(r#"{ALLOW},"Condition":{{"{value}":{{"a:b":"{value}"}},"IpAddress":{{"a:b":"{value}"}}}}"#),
            ];
            for statement in statements {
                let _ = Policy::parse(&document(&statement), kind);
            }
        }
    }
}
