//! Specification, "Integration" and "Integration response".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

const LAMBDA: &str = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:\
                      function:Calc/invocations";

#[tokio::test]
async fn integrations_have_their_defaults() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/integration", api.method(&api.root, "GET").await);
    let defaults = |mut given: Value| {
        given["passthroughBehavior"] = json!("WHEN_NO_MATCH");
        given["timeoutInMillis"] = json!(29000);
        given["cacheNamespace"] = json!(api.root);
        given["cacheKeyParameters"] = json!([]);
        given
    };
    for (body, expected) in [
        (json!({ "type": "MOCK", "httpMethod": "POST", "uri": "http://x" }), defaults(json!({ "type": "MOCK" }))),
        (
            json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": LAMBDA }),
            defaults(json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": LAMBDA })),
        ),
        (
            json!({ "type": "HTTP", "httpMethod": "GET", "uri": "http://a.example/{proxy}", "tlsConfig": {} }),
            defaults(json!({
                "type": "HTTP", "httpMethod": "GET", "uri": "http://a.example/{proxy}", "connectionType": "INTERNET",
                "tlsConfig": { "insecureSkipVerification": false },
            })),
        ),
        (
            json!({ "type": "MOCK", "requestTemplates": { "application/json": null, "text/plain": "", "a/b": "x" } }),
            defaults(json!({
                "type": "MOCK", "requestTemplates": { "application/json": null, "text/plain": null, "a/b": "x" },
            })),
        ),
    ] {
        assert_eq!(gateway.expect(201, "PUT", &path, body).await.json, expected);
        assert_eq!(gateway.get(&path).await, expected);
    }
    gateway.expect(204, "DELETE", &path, Value::Null).await;
    let unknown = "Invalid Integration identifier specified";
    for method in ["GET", "DELETE"] {
        gateway.refused((method, &path, Value::Null), "NotFoundException", unknown).await;
    }
}

#[tokio::test]
async fn a_bad_integration_is_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/integration", api.method(&api.root, "GET").await);
    let aws = |uri: &str| json!({ "type": "AWS", "httpMethod": "POST", "uri": uri });
    let sqs = "arn:aws:apigateway:us-east-1:sqs:path/000000000000/queue";
    for (body, error, message) in [
        (
            json!({ "type": "WRONG" }),
            "ValidationException",
            "1 validation error detected: Value 'WRONG' at 'putIntegrationInput.type' failed to satisfy constraint: Member \
             must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]",
        ),
        (
            json!({ "type": "HTTP", "uri": "http://a.example" }),
            "BadRequestException",
            "Enumeration value for HttpMethod must be non-empty",
        ),
        (
            json!({ "type": "HTTP_PROXY", "httpMethod": "GET", "uri": "a.example" }),
            "BadRequestException",
            "Invalid HTTP endpoint specified for URI",
        ),
        (aws("nothing"), "BadRequestException", "Invalid ARN specified in the request"),
        (
            aws("arn:aws:apigateway:us-east-1:lambda:2015-03-31/functions"),
            "BadRequestException",
            "AWS ARN for integration must contain path or action",
        ),
        (
            json!({ "type": "AWS_PROXY", "httpMethod": "POST", "uri": sqs }),
            "BadRequestException",
            "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.",
        ),
        (aws(sqs), "BadRequestException", "Role ARN must be specified for AWS integrations"),
        (
            json!({ "type": "AWS", "httpMethod": "POST", "uri": LAMBDA, "credentials": "arn:aws:iam::111111111111:role/r" }),
            "AccessDeniedException",
            "Cross-account pass role is not allowed.",
        ),
    ] {
        gateway.refused(("PUT", &path, body), error, message).await;
    }
    let unknown = "Invalid Integration identifier specified";
    gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
    let no_method = path.replace("/GET/", "/PUT/");
    let body = json!({ "type": "MOCK" });
    gateway.refused(("PUT", &no_method, body), "NotFoundException", "Invalid Method identifier specified").await;
}

/// Developer Guide, "API Gateway stage variables reference for REST APIs in API Gateway".
#[tokio::test]
async fn a_stage_may_say_what_of_a_service_is_called() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/integration", api.method(&api.root, "GET").await);
    for uri in [
        "arn:aws:apigateway:us-east-1:sqs:${stageVariables.target}",
        "arn:aws:apigateway:us-east-1:sqs:path/${stageVariables.queue}",
        "arn:aws:apigateway:us-east-1:dynamodb:action/${stageVariables.action}",
    ] {
        let credentials = "arn:aws:iam::000000000000:${stageVariables.role}";
        let body = json!({ "type": "AWS", "httpMethod": "POST", "uri": uri, "credentials": credentials });
        let reply = gateway.expect(201, "PUT", &path, body).await;
        assert_eq!((&reply.json["uri"], &reply.json["credentials"]), (&json!(uri), &json!(credentials)));
    }
}

#[tokio::test]
async fn bad_settings_of_an_integration_are_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/integration", api.method(&api.root, "GET").await);
    let mock = |member: &str, value: Value| json!({ "type": "MOCK", member: value });
    for (body, error, message) in [
        (mock("timeoutInMillis", json!(49)), "BadRequestException", "Timeout should be between 50 ms and 29000 ms"),
        (mock("timeoutInMillis", json!(29001)), "BadRequestException", "Timeout should be between 50 ms and 29000 ms"),
        (
            mock("responseTransferMode", json!("STREAM")),
            "BadRequestException",
            "Response transfer mode STREAM is only supported for integrations of type HTTP_PROXY and AWS_PROXY",
        ),
        (
            json!({ "type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://a.example", "responseTransferMode": "STREAM",
                    "timeoutInMillis": 900_001 }),
            "BadRequestException",
            "Timeout should be between 50 ms and 900000 ms",
        ),
        (
            mock("requestTemplates", json!({ "123": "x" })),
            "BadRequestException",
            "Validation Result: warnings : [], errors : [Invalid content type specified: 123]",
        ),
        (
            mock("requestParameters", json!({ "integration.request.header.a": "method.request.path.x" })),
            "BadRequestException",
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression \
             parameter specified: method.request.path.x]",
        ),
        (
            mock("requestParameters", json!({ "integration.request.header.a": "nothing" })),
            "BadRequestException",
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression \
             specified: nothing]",
        ),
        (
            mock("requestParameters", json!({ "integration.request.header.a": true })),
            "SerializationException",
            "class java.lang.Boolean can not be converted to an String",
        ),
    ] {
        gateway.refused(("PUT", &path, body), error, message).await;
    }
}

#[tokio::test]
async fn patches_of_integrations() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let method = api.method(&api.root, "GET").await;
    gateway.patch(&method, &["add /requestParameters/method.request.querystring.q false"]).await;
    let path = format!("{method}/integration");
    let body = json!({ "type": "HTTP", "httpMethod": "GET", "uri": "http://a.example" });
    gateway.expect(201, "PUT", &path, body).await;
    let header = "integration.request.header.X";
    for (operations, member, value) in [
        (vec!["replace /uri http://b.example".to_owned()], "uri", json!("http://b.example")),
        (vec!["replace /timeoutInMillis 50".to_owned()], "timeoutInMillis", json!(50)),
        (vec!["replace /passthroughBehavior NEVER".to_owned()], "passthroughBehavior", json!("NEVER")),
        (
            vec![format!("add /requestParameters/{header} method.request.querystring.q")],
            "requestParameters",
            json!({ header: "method.request.querystring.q" }),
        ),
        (vec![format!("remove /requestParameters/{header}")], "requestParameters", Value::Null),
        (
            vec!["add /requestTemplates/application~1json {\"a\": 1}".to_owned()],
            "requestTemplates",
            json!({ "application/json": "{\"a\": 1}" }),
        ),
        (
            vec!["add /cacheKeyParameters method.request.querystring.q".to_owned()],
            "cacheKeyParameters",
            json!(["method.request.querystring.q"]),
        ),
    ] {
        let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
        let reply = gateway.patch(&path, &operations).await;
        assert_eq!(reply.status, 200, "{operations:?}: {reply:?}");
        assert_eq!(reply.json.get(member).cloned().unwrap_or_default(), value, "{operations:?}");
    }
    let before = gateway.get(&path).await;
    for (operation, message) in [
        ("replace /nothing x", "Invalid patch path /nothing"),
        ("replace /type MOCK", "Invalid patch path /type"),
        ("replace /timeoutInMillis 5", "Timeout should be between 50 ms and 29000 ms"),
        ("replace /uri nothing", "Invalid HTTP endpoint specified for URI"),
    ] {
        let body = patch_document(&["replace /cacheNamespace changed", operation]);
        gateway.refused(("PATCH", &path, body), "BadRequestException", message).await;
    }
    assert_eq!(gateway.get(&path).await, before);
}

/// "Update the response transfer mode for a Lambda proxy integration": the mode decides how long the backend may take.
#[tokio::test]
async fn a_streamed_response_may_take_fifteen_minutes() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/integration", api.method(&api.root, "GET").await);
    let body = json!({ "type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://a.example" });
    let put = gateway.expect(201, "PUT", &path, body).await;
    assert_eq!(put.json.get("responseTransferMode"), None);
    let to_stream = ["replace /timeoutInMillis 900000", "replace /responseTransferMode STREAM"];
    let patched = gateway.patch(&path, &to_stream).await;
    assert_eq!((patched.status, &patched.json["responseTransferMode"]), (200, &json!("STREAM")));
    assert_eq!(gateway.get(&path).await["timeoutInMillis"], 900_000);
    for (operations, message) in [
        (&["replace /responseTransferMode BUFFERED"][..], "Timeout should be between 50 ms and 29000 ms"),
        (
            &["replace /responseTransferMode SLOW"],
            "Invalid Response Transfer Mode specified. Valid options are BUFFERED,STREAM",
        ),
    ] {
        let body = patch_document(operations);
        gateway.refused(("PATCH", &path, body), "BadRequestException", message).await;
    }
    let back = ["replace /responseTransferMode BUFFERED", "replace /timeoutInMillis 29000"];
    assert_eq!(gateway.patch(&path, &back).await.json["responseTransferMode"], "BUFFERED");
}

#[tokio::test]
async fn responses_of_integrations() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let method = api.method(&api.root, "GET").await;
    let path = format!("{method}/integration/responses/200");
    let unknown = "Invalid Integration identifier specified";
    for call in ["PUT", "GET", "DELETE"] {
        gateway.refused((call, &path, json!({})), "NotFoundException", unknown).await;
    }
    gateway.expect(201, "PUT", &format!("{method}/integration"), json!({ "type": "MOCK" })).await;
    let unknown = "Invalid Response status code specified";
    for call in ["GET", "DELETE"] {
        gateway.refused((call, &path, json!({})), "NotFoundException", unknown).await;
    }
    let body =
        json!({ "selectionPattern": "", "responseTemplates": { "application/json": "" }, "responseParameters": {} });
    let expected = json!({
        "statusCode": "200", "selectionPattern": "", "responseParameters": {},
        "responseTemplates": { "application/json": null },
    });
    assert_eq!(gateway.expect(201, "PUT", &path, body).await.json, expected);
    assert_eq!(gateway.get(&path).await, expected);
    let shown = gateway.get(&format!("{method}/integration")).await;
    assert_eq!(shown["integrationResponses"], json!({ "200": expected }));
    let header = "method.response.header.X";
    let undeclared = "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping \
                      expression parameter specified: method.response.header.X]";
    let mapped = json!({ "responseParameters": { header: "'x'" } });
    gateway.refused(("PUT", &path, mapped.clone()), "BadRequestException", undeclared).await;
    let declared = json!({ "responseParameters": { header: false } });
    gateway.expect(201, "PUT", &format!("{method}/responses/200"), declared).await;
    gateway.expect(201, "PUT", &path, mapped).await;
    let patched = gateway.patch(&path, &["replace /selectionPattern Error.*"]).await;
    assert_eq!((patched.status, patched.json["selectionPattern"].as_str()), (200, Some("Error.*")));
    gateway.expect(204, "DELETE", &path, Value::Null).await;
    // A new integration has none of the responses of the old one.
    gateway.expect(201, "PUT", &path, json!({})).await;
    gateway.expect(201, "PUT", &format!("{method}/integration"), json!({ "type": "MOCK" })).await;
    gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
}

#[tokio::test]
async fn a_patch_makes_no_integration_that_its_type_cannot_be() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/integration", api.mock("GET").await);
    let before = gateway.get(&path).await;
    let nothing = ["replace /uri http://a.example", "replace /httpMethod GET", "replace /connectionType INTERNET"];
    assert_eq!(gateway.patch(&path, &nothing).await.json, before, "a mock has none of these");
    let body = json!({ "type": "HTTP", "httpMethod": "GET", "uri": "http://a.example" });
    gateway.expect(201, "PUT", &path, body).await;
    let call = ("PATCH", path.as_str(), patch_document(&["replace /connectionType TUNNEL"]));
    let message = "Invalid ConnectionType specified. Valid options are INTERNET,VPC_LINK";
    gateway.refused(call, "BadRequestException", message).await;
    let emptied = gateway.patch(&path, &["replace /connectionType "]).await;
    assert_eq!(emptied.json["connectionType"], "INTERNET");
}

#[tokio::test]
async fn a_template_is_not_longer_than_the_quota() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = format!("{}/integration", api.mock("GET").await);
    let message = "Validation Result: warnings : [], errors : [Mapping template exceeds the limit of 307200 bytes]";
    let (fits, long) = ("x".repeat(300 * 1024), "x".repeat(300 * 1024 + 1));
    let mock = |template: &str| json!({ "type": "MOCK", "requestTemplates": { "application/json": template } });
    gateway.expect(201, "PUT", &path, mock(&fits)).await;
    gateway.refused(("PUT", &path, mock(&long)), "BadRequestException", message).await;
    let body = json!({ "responseTemplates": { "application/json": long } });
    for path in [format!("{path}/responses/200"), api.at("/gatewayresponses/THROTTLED")] {
        gateway.refused(("PUT", &path, body.clone()), "BadRequestException", message).await;
    }
}
