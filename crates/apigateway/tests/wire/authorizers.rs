//! Specification, "Authorizer".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

const URI: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:\
                   function:Auth/invocations";

#[tokio::test]
async fn authorizers_come_and_go() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let body = json!({
        "name": "a", "type": "TOKEN", "authorizerUri": URI, "identitySource": "method.request.header.Authorization",
    });
    let created = gateway.expect(201, "POST", &api.at("/authorizers"), body.clone()).await;
    let id = created.id();
    let mut expected = body;
    expected["id"] = json!(id);
    expected["authType"] = json!("custom");
    expected["authorizerResultTtlInSeconds"] = json!(300);
    assert_eq!(created.json, expected);
    let path = api.at(&format!("/authorizers/{id}"));
    assert_eq!(gateway.get(&path).await, expected);
    assert_eq!(gateway.get(&api.at("/authorizers")).await, json!({ "item": [expected] }));
    let patched = gateway.patch(&path, &["replace /authorizerResultTtlInSeconds 0", "replace /name b"]).await;
    assert_eq!(patched.json["authorizerResultTtlInSeconds"], 0);
    let method = api.at(&format!("/resources/{}/methods/GET", api.root));
    let body = json!({ "authorizationType": "CUSTOM", "authorizerId": id });
    assert_eq!(gateway.expect(201, "PUT", &method, body).await.json["authorizerId"], json!(id));
    let in_use = "Cannot delete authorizer 'b', is referenced in method: //GET";
    gateway.refused(("DELETE", &path, Value::Null), "ConflictException", in_use).await;
    let opened = gateway.patch(&method, &["replace /authorizationType NONE"]).await;
    assert_eq!(opened.json.get("authorizerId"), None);
    gateway.expect(202, "DELETE", &path, Value::Null).await;
    let unknown = "Invalid Authorizer identifier specified";
    gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
}

#[tokio::test]
async fn a_bad_authorizer_is_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let token = |ttl: i64| {
        json!({ "name": "a", "type": "TOKEN", "authorizerUri": URI, "identitySource": "method.request.header.A",
                "authorizerResultTtlInSeconds": ttl })
    };
    let path = api.at("/authorizers");
    for body in [
        token(3601),
        token(-1),
        json!({ "name": "a", "type": "TOKEN", "authorizerUri": URI }),
        json!({ "name": "a", "type": "TOKEN", "identitySource": "method.request.header.A" }),
        json!({ "name": "a", "type": "REQUEST", "authorizerUri": URI }),
        json!({ "name": "a", "type": "COGNITO_USER_POOLS", "identitySource": "method.request.header.A" }),
        json!({ "name": "a", "type": "JWT" }),
    ] {
        let reply = gateway.call("POST", &path, body.clone()).await;
        assert_eq!((reply.status, reply.error.as_str()), (400, "BadRequestException"), "{body}");
    }
    let uncached = json!({ "name": "a", "type": "REQUEST", "authorizerUri": URI, "authorizerResultTtlInSeconds": 0 });
    gateway.expect(201, "POST", &path, uncached).await;
    let elsewhere = ("POST", "/restapis/zzzzzzzzzz/authorizers", token(0));
    let message = "Unable to complete operation due to concurrent modification. Please try again later.";
    gateway.refused(elsewhere, "ConflictException", message).await;
}

#[tokio::test]
async fn an_authorizer_may_be_named_before_the_type_that_needs_it() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let body =
        json!({ "name": "a", "type": "TOKEN", "authorizerUri": URI, "identitySource": "method.request.header.A" });
    let id = gateway.expect(201, "POST", &api.at("/authorizers"), body).await.id();
    let path = api.method(&api.root, "GET").await;
    let named = format!("replace /authorizerId {id}");
    let patched = gateway.patch(&path, &[&named, "replace /authorizationType CUSTOM"]).await;
    assert_eq!((patched.status, patched.json["authorizerId"].as_str()), (200, Some(id.as_str())));
    let lost = gateway.patch(&path, &["replace /authorizerId !"]).await;
    assert_eq!((lost.status, lost.error.as_str()), (400, "BadRequestException"));
}

#[tokio::test]
async fn an_authorizer_calls_a_function() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("/authorizers");
    let with = |uri: &str| json!({ "name": "a", "type": "TOKEN", "authorizerUri": uri, "identitySource": "method.request.header.A" });
    for uri in [
        "arn:aws:lambda:us-east-1:000000000000:function:Auth",
        "arn:aws:apigateway:us-east-1:sqs:path/000000000000/queue",
        "https://auth.example",
    ] {
        let message = format!(
            "Invalid Authorizer URI: {uri}. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function \
             invocation."
        );
        gateway.refused(("POST", &path, with(uri)), "BadRequestException", &message).await;
    }
    let by_variable =
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${stageVariables.auth}/invocations";
    gateway.expect(201, "POST", &path, with(by_variable)).await;
}

#[tokio::test]
async fn no_two_authorizers_of_an_api_have_one_name() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("/authorizers");
    let named = |name: &str| json!({ "name": name, "type": "REQUEST", "authorizerUri": URI, "authorizerResultTtlInSeconds": 0 });
    gateway.expect(201, "POST", &path, named("a")).await;
    let id = gateway.expect(201, "POST", &path, named("b")).await.id();
    let message = "Authorizer name must be unique. Authorizer a already exists in this RestApi.";
    gateway.refused(("POST", &path, named("a")), "BadRequestException", message).await;
    let rename = ("PATCH", format!("{path}/{id}"), patch_document(&["replace /name a"]));
    gateway.refused((rename.0, &rename.1, rename.2), "BadRequestException", message).await;
    gateway.patch(&format!("{path}/{id}"), &["replace /name b", "replace /authorizerResultTtlInSeconds 0"]).await;
    let other = gateway.api().await;
    gateway.expect(201, "POST", &other.at("/authorizers"), named("a")).await;
}

#[tokio::test]
async fn an_authorizer_is_tested_by_whoever_runs_them() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("/authorizers");
    let body = json!({ "name": "a", "type": "REQUEST", "authorizerUri": URI, "authorizerResultTtlInSeconds": 0 });
    let id = gateway.expect(201, "POST", &path, body).await.id();
    let tested = gateway
        .expect(200, "POST", &format!("{path}/{id}"), json!({ "headers": { "Authorization": "Ana" }, "body": "{}" }))
        .await;
    let log = format!("Starting authorizer: {id}");
    assert_eq!(tested.json, json!({ "clientStatus": 0, "log": log, "latency": 3, "principalId": "Ana" }));
    let pools = json!({ "name": "c", "type": "COGNITO_USER_POOLS", "providerARNs": ["arn:aws:cognito-idp:us-east-1:0:userpool/p"],
                        "identitySource": "method.request.header.A" });
    let id = gateway.expect(201, "POST", &path, pools).await.id();
    let message = "Authorizers of type COGNITO_USER_POOLS cannot be tested in this version of LambdaGate";
    gateway.refused(("POST", &format!("{path}/{id}"), Value::Null), "BadRequestException", message).await;
}
