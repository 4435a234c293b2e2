//! Specification, "RestApi".

use serde_json::{Value, json};

use crate::gateway::{Api, Gateway, NOW, patch_document};

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

#[tokio::test]
async fn a_clone_has_the_definition_under_ids_of_its_own() {
    let gateway = Gateway::start();
    let settings = json!({
        "name": "pets", "description": "d", "version": "v1", "binaryMediaTypes": ["image/png"], "tags": { "a": "b" },
        "minimumCompressionSize": 7, "apiKeySource": "AUTHORIZER", "endpointConfiguration": { "types": ["REGIONAL"] },
        "policy": "{\"Statement\":{\"Effect\":\"Allow\",\"Resource\":\"execute-api:/*\"}}",
    });
    let reply = gateway.expect(201, "POST", "/restapis", settings).await;
    let api = Api { gateway: &gateway, id: reply.id(), root: reply.text("rootResourceId") };
    let url = format!("https://apigateway.amazonaws.com/restapis/{}/models/Empty", api.id);
    let model = json!({
        "name": "Pet", "contentType": "application/json",
        "schema": json!({ "type": "object", "properties": { "x": { "$ref": url } } }).to_string(),
    });
    gateway.expect(201, "POST", &api.at("/models"), model).await;
    let validator = gateway.expect(201, "POST", &api.at("/requestvalidators"), json!({ "name": "all" })).await.id();
    let pets = api.resource(&api.root, "pets").await;
    let pet = api.resource(&pets, "{id}").await;
    let method = api.at(&format!("/resources/{pet}/methods/GET"));
    let body = json!({ "authorizationType": "NONE", "requestValidatorId": validator });
    gateway.expect(201, "PUT", &method, body).await;
    gateway.expect(201, "PUT", &format!("{method}/integration"), json!({ "type": "MOCK" })).await;
    api.deploy("test").await;

    let body = json!({ "name": "copy", "cloneFrom": api.id, "minimumCompressionSize": 8 });
    let copied = gateway.expect(201, "POST", "/restapis", body).await;
    let copy = Api { gateway: &gateway, id: copied.id(), root: copied.text("rootResourceId") };

    let arn = format!("arn:aws:execute-api:us-east-1:000000000000:{}/*", copy.id);
    let expected = json!({
        "id": copy.id, "name": "copy", "version": "v1", "createdDate": NOW, "apiKeySource": "AUTHORIZER",
        "endpointConfiguration": { "types": ["REGIONAL"], "ipAddressType": "ipv4" }, "binaryMediaTypes": ["image/png"],
        "minimumCompressionSize": 8, "disableExecuteApiEndpoint": false, "rootResourceId": copy.root,
        "policy": format!("{{\\\"Statement\\\":{{\\\"Effect\\\":\\\"Allow\\\",\\\"Resource\\\":\\\"{arn}\\\"}}}}"),
    });
    assert_eq!(copied.json, expected);
    let resources = gateway.get(&copy.at("/resources?embed=methods")).await;
    let resources = resources["item"].as_array().unwrap();
    let paths: Vec<&str> = resources.iter().map(|resource| resource["path"].as_str().unwrap()).collect();
    assert_eq!(paths, ["/", "/pets", "/pets/{id}"]);
    let (new_pets, new_pet) = (resources[1]["id"].as_str().unwrap(), resources[2]["id"].as_str().unwrap());
    assert_eq!(resources[1]["parentId"], json!(copy.root));
    assert_eq!(resources[2]["parentId"], json!(new_pets));
    assert!(![&pets, &pet].contains(&&new_pets.to_owned()) && ![&pets, &pet].contains(&&new_pet.to_owned()));
    let validators = gateway.get(&copy.at("/requestvalidators")).await;
    let new_validator = validators["item"][0]["id"].as_str().unwrap();
    assert_ne!(new_validator, validator);
    let method = &resources[2]["resourceMethods"]["GET"];
    assert_eq!(method["requestValidatorId"], json!(new_validator));
    assert_eq!(method["methodIntegration"]["cacheNamespace"], json!(new_pet));
    let model = gateway.get(&copy.at("/models/Pet")).await;
    assert!(model["schema"].as_str().unwrap().contains(&format!("/restapis/{}/models/Empty", copy.id)), "{model}");
    assert_eq!(gateway.get(&copy.at("/models")).await["item"].as_array().unwrap().len(), 3);
    assert_eq!(gateway.get(&copy.at("/stages")).await, json!({ "item": [] }));
    // A sibling that the tree of names must know to refuse.
    let again = ("POST", copy.at(&format!("/resources/{}", copy.root)), json!({ "pathPart": "pets" }));
    let message = "Another resource with the same parent already has this name: pets";
    gateway.refused((again.0, &again.1, again.2), "ConflictException", message).await;
}

#[tokio::test]
async fn what_is_not_there_cannot_be_cloned() {
    let gateway = Gateway::start();
    let body = json!({ "name": "copy", "cloneFrom": "zzzzzzzzzz" });
    let message = "Invalid API identifier specified 000000000000:zzzzzzzzzz";
    gateway.refused(("POST", "/restapis", body), "NotFoundException", message).await;
    assert_eq!(gateway.get("/restapis").await, json!({ "item": [] }));
}

#[tokio::test]
async fn a_tls_policy_is_one_that_there_is() {
    let gateway = Gateway::start();
    let body = json!({ "name": "pets", "securityPolicy": "TLS_1_3", "endpointAccessMode": "NONE" });
    let reply = gateway.call("POST", "/restapis", body).await;
    assert_eq!((reply.status, reply.error.as_str()), (400, "ValidationException"));
    let message = reply.text("message");
    assert!(
        message.starts_with("2 validation errors detected: Value 'TLS_1_3' at 'createRestApiInput.securityPolicy'")
    );
    let needed = "endpointAccessMode needs a security policy that starts with SecurityPolicy_";
    let body = json!({ "name": "pets", "securityPolicy": "TLS_1_2", "endpointAccessMode": "STRICT" });
    gateway.refused(("POST", "/restapis", body), "BadRequestException", needed).await;

    let api = gateway.api().await;
    for (operation, message) in [
        ("replace /endpointAccessMode NONE", "Invalid endpointAccessMode specified. Valid options are BASIC,STRICT"),
        ("replace /endpointAccessMode STRICT", needed),
    ] {
        let call = ("PATCH", api.at(""), patch_document(&[operation]));
        gateway.refused((call.0, &call.1, call.2), "BadRequestException", message).await;
    }
    let refused = gateway.patch(&api.at(""), &["replace /securityPolicy TLS_1_3"]).await;
    let message =
        "Invalid securityPolicy specified. Valid options are TLS_1_0,TLS_1_2,SecurityPolicy_TLS13_1_3_2025_09,";
    assert!(refused.status == 400 && refused.text("message").starts_with(message), "{refused:?}");
    let policy = "replace /securityPolicy SecurityPolicy_TLS13_1_3_2025_09";
    let patched = gateway.patch(&api.at(""), &[policy, "replace /endpointAccessMode STRICT"]).await;
    assert_eq!((patched.status, patched.json["endpointAccessMode"].as_str()), (200, Some("STRICT")));
}

#[tokio::test]
async fn a_policy_is_not_longer_than_the_quota() {
    let gateway = Gateway::start();
    let policy = |length: usize| json!({ "Version": "x".repeat(length), "Statement": [] }).to_string();
    let fits = policy(8192 - policy(0).len());
    gateway.expect(201, "POST", "/restapis", json!({ "name": "pets", "policy": fits })).await;
    let body = json!({ "name": "pets", "policy": policy(fits.len()) });
    let message = "Policy exceeds the limit of 8192 characters";
    gateway.refused(("POST", "/restapis", body), "BadRequestException", message).await;
}
