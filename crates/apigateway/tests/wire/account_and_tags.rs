//! Specification, "Account, tags, throttles".

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

#[tokio::test]
async fn the_account_has_its_limits_and_its_log_role() {
    let gateway = Gateway::start();
    let mut expected = json!({
        "throttleSettings": { "burstLimit": 5000, "rateLimit": 10000.0 }, "features": ["UsagePlans"], "apiKeyVersion": "4",
    });
    assert_eq!(gateway.get("/account").await, expected);
    expected["cloudwatchRoleArn"] = json!("arn:aws:iam::000000000000:role/logs");
    let operations = ["replace /cloudwatchRoleArn arn:aws:iam::000000000000:role/logs", "add /features UsagePlans"];
    assert_eq!(gateway.patch("/account", &operations).await.json, expected);
    assert_eq!(gateway.get("/account").await, expected);
    let removal = ("PATCH", "/account", patch_document(&["remove /features UsagePlans"]));
    gateway.refused(removal, "BadRequestException", "Invalid patch path /features").await;
}

#[tokio::test]
async fn tags_come_and_go_by_arn() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let key = gateway.expect(201, "POST", "/apikeys", json!({})).await.id();
    let plan = gateway.expect(201, "POST", "/usageplans", json!({ "name": "p" })).await.id();
    let certificate = "arn:aws:acm:us-east-1:000000000000:certificate/1";
    let body = json!({ "domainName": "api.example.com", "certificateArn": certificate });
    gateway.expect(201, "POST", "/domainnames", body).await;
    let nlb = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/n/1";
    let link = gateway.expect(202, "POST", "/vpclinks", json!({ "name": "n", "targetArns": [nlb] })).await.id();
    let client_certificate = gateway.expect(201, "POST", "/clientcertificates", Value::Null).await;
    for resource in [
        format!("/restapis/{}", api.id),
        format!("/restapis/{}/stages/test", api.id),
        format!("/apikeys/{key}"),
        format!("/usageplans/{plan}"),
        "/domainnames/api.example.com".to_owned(),
        format!("/vpclinks/{link}"),
        format!("/clientcertificates/{}", client_certificate.text("clientCertificateId")),
    ] {
        let path = format!("/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A{}", resource.replace('/', "%2F"));
        assert_eq!(gateway.get(&path).await, json!({ "tags": {} }));
        gateway.expect(204, "PUT", &path, json!({ "tags": { "a": "1", "b": "2" } })).await;
        gateway.expect(204, "PUT", &path, json!({ "tags": { "b": "3" } })).await;
        assert_eq!(gateway.get(&path).await, json!({ "tags": { "a": "1", "b": "3" } }));
        assert_eq!(gateway.get(&resource).await["tags"], json!({ "a": "1", "b": "3" }));
        gateway.expect(204, "DELETE", &format!("{path}?tagKeys=a&tagKeys=b"), Value::Null).await;
        assert_eq!(gateway.get(&path).await, json!({ "tags": {} }));
        let reserved = gateway.call("PUT", &path, json!({ "tags": { "aws:x": "1" } })).await;
        assert_eq!((reserved.status, reserved.error.as_str()), (400, "BadRequestException"));
    }
    for collection in ["apikeys", "usageplans"] {
        let unknown = format!("/tags/arn:aws:apigateway:us-east-1::/{collection}/zzzzzz");
        assert_eq!(gateway.call("GET", &unknown, Value::Null).await.status, 404);
    }
    let path = format!("/tags/arn:aws:apigateway:us-east-1::/apikeys/{key}");
    let message =
        "1 validation error detected: Value null at 'tagKeys' failed to satisfy constraint: Member must not be null";
    gateway.refused(("DELETE", &path, Value::Null), "ValidationException", message).await;
    assert_eq!(gateway.call("GET", "/tags/nothing", Value::Null).await.status, 400);
    let unknown = "/tags/arn:aws:apigateway:us-east-1::/restapis/zzzzzzzzzz";
    assert_eq!(gateway.call("GET", unknown, Value::Null).await.status, 404);
}
