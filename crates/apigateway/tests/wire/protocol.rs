//! What holds for every operation. Specification, "Protocol" and "Errors".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

#[tokio::test]
async fn an_unknown_route_is_a_missing_authentication_token() {
    let gateway = Gateway::start();
    for (method, path) in [("GET", "/"), ("GET", "/nothing"), ("PUT", "/restapis"), ("GET", "/restapis/x/resources/")] {
        let reply = gateway.call(method, path, Value::Null).await;
        assert_eq!(reply.json, json!({ "message": "Missing Authentication Token" }), "{method} {path}");
        assert_eq!(reply.status, 403, "{method} {path}");
    }
}

#[tokio::test]
async fn a_member_of_the_wrong_type_is_a_serialization_exception() {
    let gateway = Gateway::start();
    for (body, message) in [
        (json!({ "name": true }), "class java.lang.Boolean can not be converted to an String"),
        (
            json!({ "name": 7 }),
            "class com.amazon.coral.value.json.numbers.TruncatingBigNumber can not be converted to an String",
        ),
        (json!({ "name": "x", "tags": { "a": false } }), "class java.lang.Boolean can not be converted to an String"),
        (
            json!({ "name": "x", "disableExecuteApiEndpoint": "true" }),
            "class java.lang.String can not be converted to an Boolean",
        ),
        (json!({ "name": [] }), "Start of list found where not expected"),
        (json!({ "name": {} }), "Start of structure or map found where not expected."),
        (json!({ "name": "x", "binaryMediaTypes": "a/b" }), "Expected list or null"),
        (json!([]), "Expected structure or map or null"),
    ] {
        gateway.refused(("POST", "/restapis", body), "SerializationException", message).await;
    }
    let reply = gateway.call("POST", "/restapis", json!("{\"name\"")).await;
    assert_eq!((reply.status, reply.error.as_str()), (400, "SerializationException"));
}

#[tokio::test]
async fn all_violations_are_collected_those_of_the_body_first() {
    let gateway = Gateway::start();
    let body = json!({ "patchOperations": [
        { "op": "add", "path": "/a" }, { "op": "wrong", "path": "/a" }, { "path": "/a" },
    ] });
    let path = "/restapis/a1b2c3d4e5/resources/abc123/methods/GET/responses/abc";
    let message = "3 validation errors detected: Value 'wrong' at 'updateMethodResponseInput.patchOperations.2.member.op' \
                   failed to satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, \
                   copy]; Value null at 'updateMethodResponseInput.patchOperations.3.member.op' failed to satisfy \
                   constraint: Member must not be null; Value 'abc' at 'statusCode' failed to satisfy constraint: Member \
                   must satisfy regular expression pattern: [1-5]\\d\\d";
    gateway.refused(("PATCH", path, body), "ValidationException", message).await;
}

#[tokio::test]
async fn collections_come_in_pages_that_end() {
    let gateway = Gateway::start();
    let mut created = Vec::new();
    for number in 0..5 {
        let name = format!("api{number}");
        created.push(gateway.expect(201, "POST", "/restapis", json!({ "name": name })).await.id());
    }
    let mut seen = Vec::new();
    let mut position = String::new();
    loop {
        let page = gateway.get(&format!("/restapis?limit=2&position={position}")).await;
        let items = page["item"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        let Some(next) = page.get("position") else { break };
        position = next.as_str().unwrap().to_owned();
    }
    assert_eq!(seen, created);
    let refusal = "Invalid position specified";
    gateway.refused(("GET", "/restapis?position=!", Value::Null), "BadRequestException", refusal).await;
}

#[tokio::test]
async fn two_regions_share_nothing() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let mut elsewhere = crate::gateway::caller();
    elsewhere.scope.region = "eu-west-1".to_owned();
    let request = http::Request::builder().uri(api.at("")).body(bytes::Bytes::new()).unwrap();
    let response = gateway.control_plane.handle(&elsewhere, request, crate::gateway::now()).await;
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn a_patch_has_an_end() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let operations = vec!["replace /name x"; 5_001];
    let long = ("PATCH", api.at(""), patch_document(&operations));
    let message = "A patch has at most 5000 operations";
    gateway.refused((long.0, &long.1, long.2), "BadRequestException", message).await;
    assert_eq!(gateway.patch(&api.at(""), &operations[1..]).await.json["name"], "x");
}
