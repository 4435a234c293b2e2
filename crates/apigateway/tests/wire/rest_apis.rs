//! Specification, "RestApi".

use serde_json::{Value, json};

use crate::gateway::{Gateway, NOW, patch_document};

#[tokio::test]
async fn a_new_api_has_the_defaults_a_root_and_two_models() {
    let gateway = Gateway::start();
    let reply = gateway.expect(201, "POST", "/restapis", json!({ "name": "pets" })).await;
    let (id, root) = (reply.id(), reply.text("rootResourceId"));
    let mut expected = json!({
        "id": id,
        "name": "pets",
        "createdDate": NOW,
        "apiKeySource": "HEADER",
        "endpointConfiguration": { "types": ["EDGE"], "ipAddressType": "ipv4" },
        "disableExecuteApiEndpoint": false,
        "rootResourceId": root,
    });
    assert_eq!(reply.json, expected);
    assert_eq!((id.len(), root.len()), (10, 10));
    assert_eq!(gateway.get("/restapis").await, json!({ "item": [expected.clone()] }));
    expected["tags"] = json!({});
    assert_eq!(gateway.get(&format!("/restapis/{id}")).await, expected);
    let resources = gateway.get(&format!("/restapis/{id}/resources")).await;
    assert_eq!(resources, json!({ "item": [{ "id": root, "path": "/" }] }));
    let models = gateway.get(&format!("/restapis/{id}/models")).await;
    let names: Vec<&str> = models["item"].as_array().unwrap().iter().map(|m| m["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Empty", "Error"]);
}

#[tokio::test]
async fn what_was_given_is_shown() {
    let gateway = Gateway::start();
    let body = json!({
        "name": "pets", "description": "d", "version": "v1", "binaryMediaTypes": ["*/*", "image/png"],
        "minimumCompressionSize": 0, "apiKeySource": "AUTHORIZER", "tags": { "a": "b" },
        "endpointConfiguration": { "types": ["PRIVATE"], "vpcEndpointIds": ["vpce-1"] },
        "disableExecuteApiEndpoint": true,
        "policy": "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\"Resource\":\"execute-api:/*\"}}",
    });
    let reply = gateway.expect(201, "POST", "/restapis", body).await;
    let id = reply.id();
    assert_eq!(
        reply.json["policy"],
        format!(
            "{{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":{{\\\"Effect\\\":\\\"Allow\\\",\\\"Resource\\\":\
             \\\"arn:aws:execute-api:us-east-1:000000000000:{id}/*\\\"}}}}"
        )
    );
    assert_eq!(reply.json["tags"], json!({ "a": "b" }));
    assert_eq!(reply.json["minimumCompressionSize"], 0);
    let endpoint = json!({ "types": ["PRIVATE"], "ipAddressType": "dualstack", "vpcEndpointIds": ["vpce-1"] });
    assert_eq!(reply.json["endpointConfiguration"], endpoint);
    assert_eq!(gateway.get("/restapis").await["item"][0]["tags"], json!({ "a": "b" }));
}

#[tokio::test]
async fn a_bad_creation_is_refused() {
    let gateway = Gateway::start();
    let endpoint = |endpoint: Value| json!({ "name": "x", "endpointConfiguration": endpoint });
    for (body, error, message) in [
        (
            json!({}),
            "ValidationException",
            "1 validation error detected: Value null at 'createRestApiInput.name' failed to satisfy constraint: Member \
             must not be null",
        ),
        (
            endpoint(json!({ "types": ["wrong"], "ipAddressType": "ipv5" })),
            "ValidationException",
            "2 validation errors detected: Value '[wrong]' at 'createRestApiInput.endpointConfiguration.types' failed to \
             satisfy constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, \
             REGIONAL]]; Value 'ipv5' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to satisfy \
             constraint: Member must satisfy enum value set: [ipv4, dualstack]",
        ),
        (json!({ "name": "x", "description": "" }), "BadRequestException", "Description cannot be an empty string"),
        (
            json!({ "name": "x", "minimumCompressionSize": 10_485_761 }),
            "BadRequestException",
            "Invalid minimum compression size, must be between 0 and 10485760",
        ),
        (
            endpoint(json!({ "types": [] })),
            "BadRequestException",
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
        (
            endpoint(json!({ "types": ["EDGE", "REGIONAL"] })),
            "BadRequestException",
            "Cannot create an api with multiple Endpoint Types.",
        ),
        (
            endpoint(json!({ "types": ["PRIVATE"], "ipAddressType": "ipv4" })),
            "BadRequestException",
            "Only dualstack ipAddressType is supported for Private APIs.",
        ),
    ] {
        gateway.refused(("POST", "/restapis", body), error, message).await;
    }
    assert_eq!(gateway.get("/restapis").await, json!({ "item": [] }));
}

#[tokio::test]
async fn patches_change_what_they_name() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("");
    for (operations, member, value) in [
        (&["replace /name cats"][..], "name", json!("cats")),
        (&["replace /description d"], "description", json!("d")),
        (&["remove /description"], "description", Value::Null),
        (&["add /binaryMediaTypes/a~1b", "add /binaryMediaTypes/-"], "binaryMediaTypes", json!(["a/b", "-"])),
        (&["replace /binaryMediaTypes/a~1b c/d"], "binaryMediaTypes", json!(["-", "c/d"])),
        (&["remove /binaryMediaTypes/-", "remove /binaryMediaTypes/c~1d"], "binaryMediaTypes", Value::Null),
        (&["replace /minimumCompressionSize 10"], "minimumCompressionSize", json!(10)),
        (&["replace /minimumCompressionSize"], "minimumCompressionSize", Value::Null),
        (&["replace /disableExecuteApiEndpoint TRUE"], "disableExecuteApiEndpoint", json!(true)),
        (&["replace /disableExecuteApiEndpoint yes"], "disableExecuteApiEndpoint", json!(false)),
        (&["replace /apiKeySource AUTHORIZER"], "apiKeySource", json!("AUTHORIZER")),
        (
            &["replace /endpointConfiguration/types/EDGE REGIONAL"],
            "endpointConfiguration",
            json!({ "types": ["REGIONAL"], "ipAddressType": "ipv4" }),
        ),
    ] {
        let reply = gateway.patch(&path, operations).await;
        assert_eq!(reply.status, 200, "{operations:?}: {reply:?}");
        assert_eq!(reply.json.get(member).cloned().unwrap_or_default(), value, "{operations:?}");
        assert_eq!(reply.json["tags"], json!({}));
        assert_eq!(gateway.get(&path).await, reply.json);
    }
}

#[tokio::test]
async fn bad_patches_change_nothing() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("");
    let before = gateway.get(&path).await;
    for (operation, message) in [
        ("replace /nothing x", "Invalid patch path /nothing"),
        ("replace /binaryMediaTypes x", "Invalid patch path /binaryMediaTypes"),
        ("add /name x", "Invalid patch operation specified. Must be one of: [replace]"),
        ("replace /description", "Description cannot be an empty string"),
        (
            "copy /endpointConfiguration/types/0 x",
            "Invalid patch operation specified. Must be 'add'|'remove'|'replace'",
        ),
        (
            "replace /endpointConfiguration/types/0 X",
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ),
        ("replace /endpointConfiguration/ipAddressType x", "ipAddressType must be either ipv4 or dualstack."),
        (
            "remove /endpointConfiguration/types/EDGE",
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
        ("replace /minimumCompressionSize x", "Invalid minimum compression size, must be between 0 and 10485760"),
    ] {
        let body = patch_document(&["replace /name changed", operation]);
        gateway.refused(("PATCH", &path, body), "BadRequestException", message).await;
    }
    let no_path = json!({ "patchOperations": [{ "op": "replace", "value": "x" }] });
    gateway.refused(("PATCH", &path, no_path), "BadRequestException", "Invalid patch path null").await;
    assert_eq!(gateway.get(&path).await, before);
}

#[tokio::test]
async fn a_deleted_api_is_gone_with_all_that_it_had() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let reply = gateway.expect(202, "DELETE", &api.at(""), Value::Null).await;
    assert_eq!(reply.json, Value::Null);
    let unknown = format!("Invalid API identifier specified 000000000000:{}", api.id);
    for rest in ["", "/resources", "/models", "/stages", "/deployments", "/authorizers", "/gatewayresponses"] {
        gateway.refused(("GET", &api.at(rest), Value::Null), "NotFoundException", &unknown).await;
    }
    gateway.refused(("DELETE", &api.at(""), Value::Null), "NotFoundException", &unknown).await;
    let upper = format!("/restapis/{}", api.id.to_uppercase());
    let message = format!("Invalid API identifier specified 000000000000:{}", api.id.to_uppercase());
    gateway.refused(("GET", &upper, Value::Null), "NotFoundException", &message).await;
}
