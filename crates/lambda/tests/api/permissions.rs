//! Who may call a function: policies on the wire, and what the gateway is allowed by them ("API Gateway permissions
//! model for invoking an API").

use bytes::Bytes;
use definition::Scope;
use definition::role::Role;
use definition::time::EpochSeconds;
use indexmap::IndexMap;
use lambda::{Authority, InvocationType, Refusal};
use serde_json::{Value, json};
use store::Transaction;
use tempfile::TempDir;

use crate::fixture::{ARN, ECHO, Service};

const POLICY: &str = "/2015-03-31/functions/f/policy";
const SOURCE: &str = "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/test/GET/pets/{id}";
const GATEWAY_ROLE: &str = "arn:aws:iam::000000000000:role/gateway";

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_made_statement_by_statement() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    let none = json!({ "Type": "User", "Message": "The resource you requested does not exist." });
    service.refuses("GET", POLICY, Value::Null, 404, "ResourceNotFoundException", none).await;
    let input = json!({
        "StatementId": "one", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/*/GET/pets", "SourceAccount": "000000000000",
    });
    let (status, answer) = service.call("POST", POLICY, input.clone()).await;
    let statement = json!({
        "Sid": "one", "Effect": "Allow", "Principal": { "Service": "apigateway.amazonaws.com" },
        "Action": "lambda:InvokeFunction", "Resource": ARN,
        "Condition": {
            "StringEquals": { "AWS:SourceAccount": "000000000000" },
            "ArnLike": { "AWS:SourceArn": "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/*/GET/pets" },
        },
    });
    assert_eq!((status, answer["Statement"].as_str()), (201, Some(statement.to_string().as_str())));
    let (_, got) = service.call("GET", POLICY, Value::Null).await;
    let document = json!({ "Version": "2012-10-17", "Id": "default", "Statement": [statement] });
    assert_eq!(got["Policy"].as_str(), Some(document.to_string().as_str()));
    let text = "The statement id (one) provided already exists. Please provide a new statement id, or remove the \
                existing statement.";
    let twice = json!({ "Type": "User", "message": text });
    service.refuses("POST", POLICY, input, 409, "ResourceConflictException", twice).await;
    let missing = json!({ "Type": "User", "Message": "Statement two is not found in resource policy." });
    service.refuses("DELETE", &format!("{POLICY}/two"), Value::Null, 404, "ResourceNotFoundException", missing).await;
    let revision = got["RevisionId"].as_str().unwrap();
    let target = format!("{POLICY}/one?RevisionId={revision}");
    assert_eq!(service.call("DELETE", &target, Value::Null).await.0, 204);
    let none = json!({ "Type": "User", "Message": "No policy is associated with the given resource." });
    service.refuses("DELETE", &format!("{POLICY}/one"), Value::Null, 404, "ResourceNotFoundException", none).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_principal_is_a_service_an_account_an_identity_or_everyone() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    for (index, (principal, expected)) in [
        ("apigateway.amazonaws.com", json!({ "Service": "apigateway.amazonaws.com" })),
        ("111111111111", json!({ "AWS": "arn:aws:iam::111111111111:root" })),
        ("arn:aws:iam::111111111111:user/u", json!({ "AWS": "arn:aws:iam::111111111111:user/u" })),
        ("*", json!("*")),
    ]
    .into_iter()
    .enumerate()
    {
        let input = json!({ "StatementId": format!("s{index}"), "Action": "lambda:*", "Principal": principal });
        let (status, answer) = service.call("POST", POLICY, input).await;
        assert_eq!(status, 201, "{answer}");
        let statement: Value = serde_json::from_str(answer["Statement"].as_str().unwrap()).unwrap();
        assert_eq!(statement["Principal"], expected);
    }
    let input = json!({ "StatementId": "bad", "Action": "lambda:*", "Principal": "somebody" });
    let text = "The provided principal was invalid. Please check the principal and try again.";
    let answer = json!({ "Type": "User", "message": text });
    service.refuses("POST", POLICY, input.clone(), 400, "InvalidParameterValueException", answer).await;
    let text = "We currently do not support adding policies for $LATEST.";
    let answer = json!({ "Type": "User", "message": text });
    let latest = format!("{POLICY}?Qualifier=$LATEST");
    service.refuses("POST", &latest, input, 400, "InvalidParameterValueException", answer).await;
}

async fn call(service: &Service, arn: &str, authority: Authority) -> Result<u16, Refusal> {
    let payload = Bytes::from_static(b"{}");
    let kind = InvocationType::DryRun;
    service.lambda.invoke_for_gateway(arn, payload, kind, authority, String::new()).await.map(|answer| answer.status)
}

fn gateway(source_arn: &str) -> Authority {
    Authority::Gateway { source_arn: source_arn.to_owned(), source_account: "000000000000".to_owned() }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_calls_what_the_functions_policy_lets_it() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let missing = Refusal::NotFound { arn: ARN.to_owned() };
    assert_eq!(call(&service, ARN, gateway(SOURCE)).await, Err(missing));
    service.create_node(ECHO).await;
    assert!(matches!(call(&service, ARN, gateway(SOURCE)).await, Err(Refusal::Permission { .. })));
    service.lambda.grant_gateway(&crate::fixture::scope(), "f", "a1b2c3d4e5").await.unwrap();
    service.lambda.grant_gateway(&crate::fixture::scope(), "f", "a1b2c3d4e5").await.unwrap();
    assert_eq!(call(&service, ARN, gateway(SOURCE)).await, Ok(204));
    assert_eq!(call(&service, ARN, gateway(&SOURCE.replace("pets/{id}", ""))).await, Ok(204));
    let other = SOURCE.replace("a1b2c3d4e5", "zzzzzzzzzz");
    assert!(matches!(call(&service, ARN, gateway(&other)).await, Err(Refusal::Permission { .. })));
    let latest = format!("{ARN}:$LATEST");
    assert!(matches!(call(&service, &latest, gateway(SOURCE)).await, Err(Refusal::Permission { .. })));
    let version = format!("{ARN}:7");
    assert_eq!(call(&service, &version, gateway(SOURCE)).await, Err(Refusal::NotFound { arn: version.clone() }));
    assert_eq!(service.call("DELETE", &format!("{POLICY}/apigateway-a1b2c3d4e5"), Value::Null).await.0, 204);
    assert!(matches!(call(&service, ARN, gateway(SOURCE)).await, Err(Refusal::Permission { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_calls_what_its_role_lets_it() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    let authority = || Authority::Role {
        arn: GATEWAY_ROLE.to_owned(),
        source_arn: SOURCE.to_owned(),
        source_account: "000000000000".to_owned(),
    };
    let untrusted = Err(Refusal::Role { arn: GATEWAY_ROLE.to_owned() });
    assert_eq!(call(&service, ARN, authority()).await, untrusted);
    let invoke =
        |resource: &str| policy(&json!({ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": resource }));
    put_role(&service, "lambda.amazonaws.com", &invoke("*")).await;
    assert_eq!(call(&service, ARN, authority()).await, untrusted);
    put_role(&service, "apigateway.amazonaws.com", &invoke(&format!("{ARN}2"))).await;
    assert!(matches!(call(&service, ARN, authority()).await, Err(Refusal::Permission { .. })));
    put_role(&service, "apigateway.amazonaws.com", &invoke(ARN)).await;
    assert_eq!(call(&service, ARN, authority()).await, Ok(204));
    let qualified = format!("{ARN}:$LATEST");
    assert!(matches!(call(&service, &qualified, authority()).await, Err(Refusal::Permission { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_may_trust_the_gateway_for_one_api_alone() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    let identity = policy(&json!({ "Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": ARN }));
    let authority = |source_arn: &str| Authority::Role {
        arn: GATEWAY_ROLE.to_owned(),
        source_arn: source_arn.to_owned(),
        source_account: "000000000000".to_owned(),
    };
    let condition = json!({
        "ArnLike": { "aws:SourceArn": "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/*" },
        "StringEquals": { "aws:SourceAccount": "000000000000" },
    });
    put_role_with(&service, "apigateway.amazonaws.com", &condition, &identity).await;
    assert_eq!(call(&service, ARN, authority(SOURCE)).await, Ok(204));
    let other = SOURCE.replace("a1b2c3d4e5", "zzzzzzzzzz");
    let untrusted = Err(Refusal::Role { arn: GATEWAY_ROLE.to_owned() });
    assert_eq!(call(&service, ARN, authority(&other)).await, untrusted);
}

fn policy(statement: &Value) -> String {
    json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string()
}

async fn put_role(service: &Service, principal: &str, identity_policy: &str) {
    put_role_with(service, principal, &json!({}), identity_policy).await;
}

async fn put_role_with(service: &Service, principal: &str, condition: &Value, identity_policy: &str) {
    let principal = json!({ "Service": principal });
    let trust =
        json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, "Condition": condition });
    let role = Role {
        role_name: "gateway".to_owned(),
        path: "/".to_owned(),
        role_id: "AROAEXAMPLE".to_owned(),
        arn: GATEWAY_ROLE.to_owned(),
        create_date: EpochSeconds(0),
        assume_role_policy_document: policy(&trust),
        description: None,
        max_session_duration: 3600,
        tags: IndexMap::new(),
        inline_policies: IndexMap::from([("p".to_owned(), identity_policy.to_owned())]),
        attached_policies: Vec::new(),
    };
    let scope = Scope { account: "000000000000".to_owned(), region: "aws-global".to_owned() };
    let put = move |transaction: &mut Transaction<'_>| transaction.put(&scope, "", &Role::record_id("gateway"), &role);
    service.store.write(put).await.unwrap();
}
