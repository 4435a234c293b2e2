//! Specification, "Request validator".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

#[tokio::test]
async fn validators_come_and_go() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let created = gateway.expect(201, "POST", &api.at("/requestvalidators"), Value::Null).await;
    let id = created.id();
    let expected = json!({ "id": id, "validateRequestBody": false, "validateRequestParameters": false });
    assert_eq!(created.json, expected);
    assert_eq!(gateway.get(&api.at("/requestvalidators")).await, json!({ "item": [expected] }));
    let path = api.at(&format!("/requestvalidators/{id}"));
    let operations = ["replace /name v", "replace /validateRequestBody true"];
    let expected = json!({ "id": id, "name": "v", "validateRequestBody": true, "validateRequestParameters": false });
    assert_eq!(gateway.patch(&path, &operations).await.json, expected);
    let cleared = gateway.patch(&path, &["replace /validateRequestBody"]).await;
    assert_eq!(cleared.json["validateRequestBody"], false);
    for (operation, message) in [
        ("replace /name", "Request Validator name cannot be blank"),
        (
            "replace /id x",
            "Invalid patch path  '/id' specified for op 'replace'. Must be one of: [/name, /validateRequestParameters, \
             /validateRequestBody]",
        ),
        ("add /name x", "Invalid patch path  '/name' specified for op 'add'. Please choose supported operations"),
    ] {
        gateway.refused(("PATCH", &path, patch_document(&[operation])), "BadRequestException", message).await;
    }
    let method = api.at(&format!("/resources/{}/methods/GET", api.root));
    let body = json!({ "authorizationType": "NONE", "requestValidatorId": id });
    gateway.expect(201, "PUT", &method, body).await;
    let in_use = "Cannot delete request validator 'v', is referenced in method: //GET";
    gateway.refused(("DELETE", &path, Value::Null), "ConflictException", in_use).await;
    assert_eq!(gateway.patch(&method, &["remove /requestValidatorId"]).await.status, 200);
    gateway.expect(202, "DELETE", &path, Value::Null).await;
    let unknown = "Invalid Request Validator identifier specified";
    gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
    let elsewhere = ("POST", "/restapis/zzzzzzzzzz/requestvalidators", json!({}));
    gateway.refused(elsewhere, "BadRequestException", "Invalid REST API identifier specified").await;
}
