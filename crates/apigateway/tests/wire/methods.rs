//! Specification, "Method" and "Method response".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

#[tokio::test]
async fn a_method_is_what_was_put_and_what_hangs_below_it() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let validator = gateway.expect(201, "POST", &api.at("/requestvalidators"), json!({ "name": "v" })).await.id();
    let path = api.at(&format!("/resources/{}/methods/POST", api.root));
    let body = json!({
        "authorizationType": "NONE", "apiKeyRequired": true, "operationName": "op", "requestValidatorId": validator,
        "requestParameters": { "method.request.querystring.a": true }, "requestModels": { "application/json": "Error" },
    });
    let put = gateway.expect(201, "PUT", &path, body.clone()).await.json;
    let mut expected = body;
    expected["httpMethod"] = json!("POST");
    assert_eq!(put, expected);
    gateway.expect(201, "PUT", &format!("{path}/integration"), json!({ "type": "MOCK" })).await;
    gateway.expect(201, "PUT", &format!("{path}/responses/200"), json!({})).await;
    let shown = gateway.get(&path).await;
    assert_eq!(shown["methodResponses"], json!({ "200": { "statusCode": "200" } }));
    assert_eq!(shown["methodIntegration"]["type"], "MOCK");
    gateway.expect(204, "DELETE", &path, Value::Null).await;
    gateway.refused(("GET", &path, Value::Null), "NotFoundException", "Invalid Method identifier specified").await;
}

#[tokio::test]
async fn a_bad_method_is_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let at = |name: &str| api.at(&format!("/resources/{}/methods/{name}", api.root));
    let none = |member: &str, value: Value| json!({ "authorizationType": "NONE", member: value });
    let needs_authorizer = "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or \
                            COGNITO_USER_POOLS requires a valid authorizer.";
    for (method, body, error, message) in [
        (
            "GET",
            json!({}),
            "ValidationException",
            "1 validation error detected: Value null at 'putMethodInput.authorizationType' failed to satisfy constraint: \
             Member must not be null",
        ),
        (
            "FETCH",
            none("apiKeyRequired", json!(false)),
            "BadRequestException",
            "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
        ),
        ("GET", json!({ "authorizationType": "CUSTOM" }), "BadRequestException", needs_authorizer),
        (
            "GET",
            json!({ "authorizationType": "CUSTOM", "authorizerId": "zzzzzz" }),
            "BadRequestException",
            needs_authorizer,
        ),
        (
            "GET",
            none("requestValidatorId", json!("zzzzzz")),
            "BadRequestException",
            "Invalid Request Validator identifier specified",
        ),
        (
            "GET",
            none("requestModels", json!({ "application/json": "petModel" })),
            "BadRequestException",
            "Invalid model identifier specified: petModel",
        ),
        (
            "GET",
            none("requestParameters", json!({ "method.request.path.a": true, "method.request.header.a": true })),
            "BadRequestException",
            "Parameter names must be unique across querystring, header and path",
        ),
        (
            "GET",
            none("requestParameters", json!({ "true": true })),
            "BadRequestException",
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression \
             specified: true]",
        ),
    ] {
        gateway.refused(("PUT", &at(method), body), error, message).await;
    }
    api.method(&api.root, "GET").await;
    let again = ("PUT", at("GET"), json!({ "authorizationType": "NONE" }));
    let message = "Method already exists for this resource";
    gateway.refused((again.0, &again.1, again.2), "ConflictException", message).await;
    let body = json!({ "authorizationType": "NONE" });
    for path in
        ["/restapis/zzzzzzzzzz/resources/zzzzzz/methods/GET".to_owned(), api.at("/resources/zzzzzz/methods/GET")]
    {
        let unknown = "Invalid Resource identifier specified";
        gateway.refused(("PUT", &path, body.clone()), "NotFoundException", unknown).await;
        gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
    }
    gateway
        .refused(("DELETE", &at("PUT"), Value::Null), "NotFoundException", "Invalid Method identifier specified")
        .await;
}

#[tokio::test]
async fn patches_of_methods() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.method(&api.root, "GET").await;
    for (operations, member, value) in [
        (&["replace /apiKeyRequired true"][..], "apiKeyRequired", json!(true)),
        (&["replace /apiKeyRequired 1"], "apiKeyRequired", json!(false)),
        (&["replace /authorizerId zzzzzz"], "authorizerId", Value::Null),
        (&["replace /authorizationType AWS_IAM"], "authorizationType", json!("AWS_IAM")),
        (
            &["add /requestParameters/method.request.header.x true"],
            "requestParameters",
            json!({ "method.request.header.x": true }),
        ),
        (&["remove /requestParameters/method.request.header.x"], "requestParameters", Value::Null),
        (&["add /requestModels/application~1json Empty"], "requestModels", json!({ "application/json": "Empty" })),
        (&["replace /requestModels/application~1json Error"], "requestModels", json!({ "application/json": "Error" })),
        (&["add /authorizationScopes a", "add /authorizationScopes b"], "authorizationScopes", json!(["a", "b"])),
        (&["remove /authorizationScopes a"], "authorizationScopes", json!(["b"])),
    ] {
        let reply = gateway.patch(&path, operations).await;
        assert_eq!(reply.status, 200, "{operations:?}: {reply:?}");
        assert_eq!(reply.json.get(member).cloned().unwrap_or_default(), value, "{operations:?}");
    }
    let before = gateway.get(&path).await;
    for (operation, error, message) in [
        ("replace /httpMethod POST", "BadRequestException", "Invalid patch path /httpMethod"),
        ("add /requestParameters true", "BadRequestException", "Invalid patch path /requestParameters"),
        (
            "add /requestModels/application/json Empty",
            "BadRequestException",
            "Invalid patch path /requestModels/application/json",
        ),
        ("remove /requestParameters/method.request.header.y", "NotFoundException", "Invalid parameter name specified"),
        ("replace /requestModels/a~1b Empty", "NotFoundException", "Content-Type specified was not found"),
        ("replace /requestValidatorId zzzzzz", "BadRequestException", "Invalid Request Validator identifier specified"),
    ] {
        let body = patch_document(&["replace /operationName changed", operation]);
        gateway.refused(("PATCH", &path, body), error, message).await;
    }
    assert_eq!(gateway.get(&path).await, before);
}

#[tokio::test]
async fn responses_of_methods() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/responses/200", api.method(&api.root, "GET").await);
    let body = json!({ "responseParameters": {}, "responseModels": { "application/json": "Empty" } });
    let expected =
        json!({ "statusCode": "200", "responseParameters": {}, "responseModels": { "application/json": "Empty" } });
    assert_eq!(gateway.expect(201, "PUT", &path, body.clone()).await.json, expected);
    assert_eq!(gateway.get(&path).await, expected);
    let twice = "Response already exists for this resource";
    gateway.refused(("PUT", &path, body), "ConflictException", twice).await;
    let added = gateway.patch(&path, &["add /responseParameters/method.response.header.x false"]).await;
    assert_eq!(added.status, 201);
    assert_eq!(added.json["responseParameters"], json!({ "method.response.header.x": false }));
    let emptied = gateway.patch(&path, &["remove /responseModels/application~1json"]).await;
    assert_eq!(emptied.json.get("responseModels"), None);
    for (operation, error, message) in [
        (
            "remove /responseParameters/method.response.header.y",
            "NotFoundException",
            "Invalid parameter name specified",
        ),
        ("replace /responseModels/a~1b Empty", "NotFoundException", "Content-Type specified was not found"),
        ("add /wrong/x y", "BadRequestException", "Invalid patch path /wrong/x"),
        ("add /responseModels/a~1b Nothing", "BadRequestException", "Invalid model identifier specified: Nothing"),
    ] {
        gateway.refused(("PATCH", &path, patch_document(&[operation])), error, message).await;
    }
    gateway.expect(204, "DELETE", &path, Value::Null).await;
    let unknown = "Invalid Response status code specified";
    for method in ["GET", "DELETE"] {
        gateway.refused((method, &path, Value::Null), "NotFoundException", unknown).await;
    }
    let bad = path.replace("/200", "/600");
    let message = "1 validation error detected: Value '600' at 'statusCode' failed to satisfy constraint: Member must \
                   satisfy regular expression pattern: [1-5]\\d\\d";
    gateway.refused(("PUT", &bad, json!({})), "ValidationException", message).await;
    let no_method = api.at(&format!("/resources/{}/methods/PUT/responses/200", api.root));
    gateway.refused(("PUT", &no_method, json!({})), "NotFoundException", "Invalid Method identifier specified").await;
}
