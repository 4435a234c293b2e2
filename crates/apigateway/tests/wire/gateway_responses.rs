//! Specification, "Gateway response".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

const TEMPLATE: &str = "{\"message\":$context.error.messageString}";

#[tokio::test]
async fn untouched_types_are_the_built_in_ones() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let list = gateway.get(&api.at("/gatewayresponses")).await;
    let items = list["item"].as_array().unwrap();
    let names: Vec<&str> = items.iter().map(|item| item["responseType"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 21);
    assert!(names.is_sorted());
    let body = |status: Option<&str>, name: &str| {
        let mut document = json!({ "responseType": name });
        if let Some(status) = status {
            document["statusCode"] = json!(status);
        }
        document["responseParameters"] = json!({});
        document["responseTemplates"] = json!({ "application/json": TEMPLATE });
        document["defaultResponse"] = json!(true);
        document
    };
    assert_eq!(gateway.get(&api.at("/gatewayresponses/DEFAULT_4XX")).await, body(None, "DEFAULT_4XX"));
    assert_eq!(gateway.get(&api.at("/gatewayresponses/THROTTLED")).await, body(Some("429"), "THROTTLED"));
    let undefined = ("DELETE", api.at("/gatewayresponses/THROTTLED"), Value::Null);
    let message = "Gateway response type not defined on api";
    gateway.refused((undefined.0, &undefined.1, undefined.2), "NotFoundException", message).await;
    let wrong = gateway.call("GET", &api.at("/gatewayresponses/WRONG"), Value::Null).await;
    assert_eq!((wrong.status, wrong.error.as_str()), (400, "ValidationException"));
    let text = wrong.text("message");
    let start = "1 validation error detected: Value 'WRONG' at 'responseType' failed to satisfy constraint: Member must \
                 satisfy enum value set: [REQUEST_TOO_LARGE, RESOURCE_NOT_FOUND, ";
    assert!(text.starts_with(start) && text.ends_with(", INTEGRATION_FAILURE, EXPIRED_TOKEN]"), "{text}");
}

#[tokio::test]
async fn what_is_set_on_a_default_is_inherited() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.at("/gatewayresponses/DEFAULT_4XX");
    let body = json!({
        "statusCode": "404", "responseParameters": { "gatewayresponse.header.X": "'x'" },
        "responseTemplates": { "application/json": "{}" },
    });
    let put = gateway.expect(201, "PUT", &path, body.clone()).await.json;
    let mut expected = body;
    expected["responseType"] = json!("DEFAULT_4XX");
    expected["defaultResponse"] = json!(false);
    assert_eq!(put, expected);
    expected["responseType"] = json!("ACCESS_DENIED");
    expected["defaultResponse"] = json!(true);
    assert_eq!(gateway.get(&api.at("/gatewayresponses/ACCESS_DENIED")).await, expected);
    let untouched = gateway.get(&api.at("/gatewayresponses/INTEGRATION_FAILURE")).await;
    assert_eq!(untouched["statusCode"], "504");
    let patched = gateway.patch(&path, &["replace /statusCode 410"]).await;
    assert_eq!((patched.status, patched.json["statusCode"].as_str()), (200, Some("410")));
    for (operation, error, message) in [
        ("add /statusCode 400", "BadRequestException", "Invalid patch path /statusCode"),
        (
            "replace /responseParameters/gatewayresponse.header.Y 'y'",
            "NotFoundException",
            "Invalid parameter name specified",
        ),
        (
            "add /responseTemplates/application~1json",
            "BadRequestException",
            "Invalid null or empty value in responseTemplates",
        ),
        (
            "add /responseParameters/gatewayresponse.header.Y",
            "BadRequestException",
            "Invalid null or empty value in responseParameters",
        ),
    ] {
        gateway.refused(("PATCH", &path, patch_document(&[operation])), error, message).await;
    }
    let both = json!({ "patchOperations": [{ "op": "put", "path": "/statusCode" }] });
    let reply = gateway.call("PATCH", &api.at("/gatewayresponses/NONE"), both).await;
    assert_eq!((reply.status, reply.error.as_str()), (400, "ValidationException"));
    assert!(reply.text("message").starts_with("2 validation errors detected: Value 'put' at"), "{reply:?}");
    gateway.expect(202, "DELETE", &path, Value::Null).await;
    assert_eq!(gateway.get(&path).await["defaultResponse"], true);
}
