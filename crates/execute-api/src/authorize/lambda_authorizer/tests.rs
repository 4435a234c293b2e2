//! Specification, "Lambda authorizers", table by table.

use definition::{Scope, authorizer::Authorizer};
use indexmap::IndexMap;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{AuthorizerFailure, LambdaAuthorizer, verdict};
use crate::{Failure, context::fixture::Carried, ports::FunctionAnswer};

const ARN: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/POST/pets/1";

/// An authorizer of these members.
fn compile(members: &Value) -> Result<LambdaAuthorizer, Failure> {
    let mut declared = json!({
        "id": "a1b2c3", "name": "test", "type": "TOKEN",
        "authorizerUri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.fn}/invocations",
    });
    for (name, value) in members.as_object().into_iter().flatten() {
        declared[name] = value.clone();
    }
    let authorizer: Authorizer = serde_json::from_value(declared).unwrap();
    let scope = Scope { account: "123456789012".to_owned(), region: "us-east-1".to_owned() };
    let variables = IndexMap::from([("fn".to_owned(), "check".to_owned())]);
    LambdaAuthorizer::compile(&scope, &"abcdef1234".parse().unwrap(), &variables, &authorizer)
}

fn authorizer(members: &Value) -> LambdaAuthorizer {
    compile(members).unwrap()
}

fn request(sources: &str, ttl: u32) -> LambdaAuthorizer {
    authorizer(&json!({ "type": "REQUEST", "identitySource": sources, "authorizerResultTtlInSeconds": ttl }))
}

#[test]
fn an_identity_is_read_from_the_sources_or_refused() {
    let check = |authorizer: &LambdaAuthorizer, carried: &Carried, expected: Option<&[&str]>| {
        let identity = authorizer.identity(&carried.exchange());
        let values = identity.as_ref().map(|identity| identity.values().collect::<Vec<_>>());
        assert_eq!(values.ok().as_deref(), expected, "{authorizer:?}");
    };
    let (empty, bearer) = (Carried::default(), Carried::default().header("authorization", "Bearer x"));
    let default = authorizer(&json!({}));
    check(&default, &bearer, Some(&["Bearer x"]));
    check(&default, &empty, None);
    check(&default, &Carried::default().header("Authorization", ""), None);
    let named = authorizer(&json!({ "identitySource": "method.request.header.X-Token" }));
    check(&named, &bearer, None);
    check(&named, &Carried::default().header("x-token", "t"), Some(&["t"]));
    let validated = authorizer(&json!({ "identityValidationExpression": "Bearer [a-z]+" }));
    check(&validated, &bearer, Some(&["Bearer x"]));
    check(&validated, &Carried::default().header("Authorization", "Bearer x1"), None);

    let sources = "method.request.header.A, method.request.querystring.b,stageVariables.c,context.httpMethod";
    let whole = Carried::default().header("a", "1").query("b=2").stage_variable("c", "3");
    check(&request(sources, 300), &whole, Some(&["1", "2", "3", "POST"]));
    check(&request(sources, 300), &Carried::default().header("a", "1"), None);
    check(&request(sources, 0), &Carried::default().header("a", "1"), Some(&["1", "POST"]));
    check(&request("", 0), &empty, Some(&[]));
}

#[test]
fn an_authorizer_that_cannot_work_says_so_before_any_request() {
    let configuration = |detail: &str| Failure::configuration(detail);
    for (members, expected) in [
        (json!({ "authorizerUri": "arn:aws:apigateway:us-east-1:sqs:path/1/q" }), "Invalid authorizer URI"),
        (json!({ "authorizerUri": "https://example.com" }), "Invalid authorizer URI"),
        (json!({ "identitySource": "method.request.querystring.t" }), "A token is read from one header"),
        (
            json!({ "identitySource": "method.request.header.a,method.request.header.b" }),
            "A token is read from one header",
        ),
        (
            json!({ "type": "REQUEST", "identitySource": "method.request.path.id" }),
            "Invalid identity source: method.request.path.id",
        ),
        (json!({ "type": "REQUEST", "identitySource": "context.none" }), "Invalid identity source: context.none"),
    ] {
        assert_eq!(compile(&members).unwrap_err(), configuration(expected));
    }
    let pattern = compile(&json!({ "identityValidationExpression": "(" })).unwrap_err();
    assert!(pattern.to_string().contains("Invalid identity validation expression"), "{pattern}");
    let cognito = compile(&json!({ "type": "COGNITO_USER_POOLS" })).unwrap_err();
    assert_eq!(cognito, Failure::Unsupported { feature: "authorizers of type COGNITO_USER_POOLS".to_owned() });
}

#[test]
fn events_are_those_of_the_documentation() {
    let event = |authorizer: &LambdaAuthorizer, carried: &Carried| -> Value {
        let exchange = carried.exchange();
        let identity = authorizer.identity(&exchange).unwrap();
        let arn = authorizer.method_arn("prod", "POST", "/pets/1");
        serde_json::from_slice(&authorizer.event(&identity, &arn, "/pets/1", &exchange)).unwrap()
    };
    let token = event(&authorizer(&json!({})), &Carried::default().header("Authorization", "a\"b"));
    assert_eq!(token, json!({ "type": "TOKEN", "methodArn": ARN, "authorizationToken": "a\"b" }));

    let carried = Carried::default().path("id", "1").header("X-A", "1").header("X-A", "2").query("q=x");
    let told = event(&request("", 0), &carried);
    assert_eq!(told["requestContext"]["resourcePath"], "/pets/{id}");
    let expected = json!({
        "type": "REQUEST", "methodArn": ARN, "resource": "/pets/{id}", "path": "/pets/1", "httpMethod": "POST",
        "headers": { "X-A": "2" }, "multiValueHeaders": { "X-A": ["1", "2"] }, "queryStringParameters": { "q": "x" },
        "multiValueQueryStringParameters": { "q": ["x"] }, "pathParameters": { "id": "1" }, "stageVariables": {},
        "requestContext": told["requestContext"],
    });
    assert_eq!(told, expected);
    let bare = event(&request("", 0), &Carried::default());
    for map in ["headers", "multiValueHeaders", "queryStringParameters", "pathParameters", "stageVariables"] {
        assert_eq!(bare[map], json!({}), "{map}");
    }
    assert_eq!(bare.get("body"), None);
}

/// What is made of a function's result.
fn read(payload: &Value, function_error: Option<&str>) -> Result<Value, AuthorizerFailure> {
    let answer = FunctionAnswer {
        status: 200,
        payload: payload.to_string().into(),
        function_error: function_error.map(str::to_owned),
        request_id: "r".to_owned(),
    };
    verdict(&answer).map(|verdict| {
        assert!(verdict.policy.statement_count() > 0);
        let policy: Value = serde_json::from_str(&verdict.policy_document).unwrap();
        json!([verdict.principal_id, policy, verdict.context, verdict.usage_identifier_key])
    })
}

fn policy(resource: &str) -> Value {
    json!({
        "Version": "2012-10-17",
        "Statement": [{ "Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resource }],
    })
}

#[test]
fn a_verdict_is_read_strictly() {
    let allow = policy("*");
    let whole = json!({
        "principalId": "user|a1", "policyDocument": allow, "context": { "k": "v", "n": 1, "d": 1.5, "b": true },
        "usageIdentifierKey": "key",
    });
    let expected = json!(["user|a1", allow, { "k": "v", "n": "1", "d": "1.5", "b": "true" }, "key"]);
    assert_eq!(read(&whole, None), Ok(expected));
    let bare = json!({ "principalId": 7, "policyDocument": allow, "context": null });
    assert_eq!(read(&bare, None), Ok(json!(["7", allow, {}, null])));
    let long = policy(&format!("arn:aws:execute-api:{}", "x".repeat(600)));
    for (payload, expected) in [
        (json!("text"), "Invalid JSON in response: an object was expected"),
        (json!({ "policyDocument": allow }), "Missing principalId"),
        (json!({ "principalId": "a" }), "Missing policyDocument"),
        (json!({ "principalId": "a", "policyDocument": "{}" }), "Missing policyDocument"),
        (
            json!({ "principalId": "a", "policyDocument": allow, "isAuthorized": true }),
            "Invalid JSON in response: Unrecognized field \"isAuthorized\" , not marked as ignorable",
        ),
        (
            json!({ "principalId": "a", "policyDocument": allow, "context": { "list": [] } }),
            "Invalid context: list is no string, number or boolean",
        ),
        (
            json!({ "principalId": "a", "policyDocument": allow, "context": { "none": null } }),
            "Invalid context: none is no string, number or boolean",
        ),
        (
            json!({ "principalId": "a", "policyDocument": allow, "context": [] }),
            "Invalid context: an object was expected",
        ),
        (
            json!({ "principalId": "a", "policyDocument": long }),
            "Invalid policy document: a resource has more than 512 characters",
        ),
    ] {
        assert_eq!(read(&payload, None), Err(AuthorizerFailure::configuration(expected)), "{payload}");
    }
    let broken = read(&json!({ "principalId": "a", "policyDocument": { "Statement": [] } }), None).unwrap_err();
    assert!(broken.to_string().starts_with("Invalid policy document: "), "{broken}");
}

#[test]
fn a_function_that_fails_refuses_the_caller_by_one_message_alone() {
    let failed = |message: &str| read(&json!({ "errorMessage": message, "errorType": "Error" }), Some("Unhandled"));
    assert_eq!(failed("Unauthorized"), Err(AuthorizerFailure::Unauthorized));
    for message in ["unauthorized", "Unauthorized.", "Task timed out after 3.00 seconds", ""] {
        assert_eq!(failed(message), Err(AuthorizerFailure::configuration("Authorizer error")), "{message}");
    }
    assert_eq!(AuthorizerFailure::Unauthorized.status(), 401);
    assert_eq!(AuthorizerFailure::configuration("").error_type(), "AuthorizerConfigurationException");
}

proptest! {
    #[test]
    fn any_bytes_are_a_verdict_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let answer = FunctionAnswer { status: 200, payload: bytes.into(), function_error: None, request_id: String::new() };
        let _ = verdict(&answer);
    }

    #[test]
    fn any_source_is_known_or_refused(text in "[a-zA-Z., ]{0,60}") {
        let _ = compile(&json!({ "type": "REQUEST", "identitySource": text }));
    }
}
