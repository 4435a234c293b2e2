//! Specification, "Deployment".

use definition::ApiSnapshot;
use serde_json::{Value, json};

use crate::gateway::{Gateway, NOW, patch_document, scope};

#[tokio::test]
async fn a_deployment_freezes_the_definition() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.mock("GET").await;
    let body = json!({ "stageName": "test", "stageDescription": "s", "description": "d", "variables": { "a": "b" } });
    let created = gateway.expect(201, "POST", &api.at("/deployments"), body).await;
    let id = created.id();
    let expected = json!({ "id": id, "description": "d", "createdDate": NOW });
    assert_eq!(created.json, expected);
    let stage = gateway.get(&api.at("/stages/test")).await;
    assert_eq!(stage["deploymentId"], json!(id));
    assert_eq!((&stage["description"], &stage["variables"]), (&json!("s"), &json!({ "a": "b" })));
    let frozen = || async {
        let (api, id) = (api.id.clone(), id.clone());
        let read = gateway.store.read(move |reader| reader.get::<ApiSnapshot>(&scope(), &api, &id));
        read.await.unwrap().unwrap()
    };
    let before = frozen().await;
    assert_eq!(before.methods.len(), 1);
    gateway.expect(204, "DELETE", &path, Value::Null).await;
    gateway.patch(&api.at(""), &["replace /name changed"]).await;
    assert_eq!(frozen().await, before);
    let at = api.at(&format!("/deployments/{id}"));
    let summary = gateway.get(&format!("{at}?embed=apisummary")).await["apiSummary"].clone();
    assert_eq!(summary, json!({ "/": { "GET": { "authorizationType": "NONE", "apiKeyRequired": false } } }));
    assert_eq!(gateway.get(&api.at("/deployments")).await, json!({ "item": [expected] }));
    assert_eq!(gateway.patch(&at, &["replace /description e"]).await.json["description"], "e");
    let bad = ("PATCH", at.as_str(), patch_document(&["replace /id x"]));
    gateway.refused(bad, "BadRequestException", "Invalid patch path /id").await;
}

#[tokio::test]
async fn a_deployment_needs_methods_with_integrations() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("/deployments");
    let no_methods = "The REST API doesn't contain any methods";
    gateway.refused(("POST", &path, Value::Null), "BadRequestException", no_methods).await;
    api.method(&api.root, "GET").await;
    let no_integration = "No integration defined for method";
    gateway.refused(("POST", &path, Value::Null), "BadRequestException", no_integration).await;
    api.mock("POST").await;
    gateway.refused(("POST", &path, Value::Null), "BadRequestException", no_integration).await;
    let unknown = "Invalid API identifier specified 000000000000:zzzzzzzzzz";
    gateway.refused(("POST", "/restapis/zzzzzzzzzz/deployments", Value::Null), "NotFoundException", unknown).await;
}

#[tokio::test]
async fn deploying_to_a_stage_that_exists_repoints_it() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    let first = api.deploy("test").await;
    let second = api.deploy("test").await;
    assert_eq!(gateway.get(&api.at("/stages/test")).await["deploymentId"], json!(second));
    let in_use = "Active stages pointing to this deployment must be moved or deleted";
    let at = |id: &str| api.at(&format!("/deployments/{id}"));
    gateway.refused(("DELETE", &at(&second), Value::Null), "BadRequestException", in_use).await;
    gateway.expect(202, "DELETE", &at(&first), Value::Null).await;
    let unknown = "Invalid Deployment identifier specified";
    gateway.refused(("GET", &at(&first), Value::Null), "NotFoundException", unknown).await;
}

#[tokio::test]
async fn a_canary_deployment_leaves_the_stage_where_it_is() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    let path = api.at("/deployments");
    let canary = |stage: Value| json!({ "stageName": stage, "canarySettings": { "percentTraffic": 10.5 } });
    let missing = "Invalid deployment content specified.Non null and non empty stageName must be provided for canary \
                   deployment. Provided value is ";
    for (stage, message) in [
        (Value::Null, format!("{missing}null")),
        (json!(""), missing.to_owned()),
        (
            json!("test"),
            "Invalid deployment content specified.Stage test must already be created before making a canary release \
             deployment"
                .to_owned(),
        ),
    ] {
        gateway.refused(("POST", &path, canary(stage)), "BadRequestException", &message).await;
    }
    let first = api.deploy("test").await;
    let second = gateway.expect(201, "POST", &path, canary(json!("test"))).await.id();
    let stage = gateway.get(&api.at("/stages/test")).await;
    assert_eq!(stage["deploymentId"], json!(first));
    let expected = json!({ "deploymentId": second, "percentTraffic": 10.5, "useStageCache": false });
    assert_eq!(stage["canarySettings"], expected);
    let in_use = "Active stages pointing to this deployment must be moved or deleted";
    let at = api.at(&format!("/deployments/{second}"));
    gateway.refused(("DELETE", &at, Value::Null), "BadRequestException", in_use).await;
}
