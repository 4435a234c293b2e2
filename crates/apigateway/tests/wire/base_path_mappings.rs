//! Specification, "Domain names, base path mappings": the mappings.

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

const MAPPINGS: &str = "/domainnames/api.example.com/basepathmappings";

async fn domain(gateway: &Gateway, host: &str, endpoint_type: &str) -> Value {
    let certificate = if endpoint_type == "REGIONAL" { "regionalCertificateArn" } else { "certificateArn" };
    let body = json!({
        "domainName": host, "endpointConfiguration": { "types": [endpoint_type] },
        certificate: "arn:aws:acm:us-east-1:000000000000:certificate/1",
    });
    gateway.expect(201, "POST", "/domainnames", body).await.json
}

#[tokio::test]
async fn mappings_come_and_go() {
    let gateway = Gateway::start();
    domain(&gateway, "api.example.com", "REGIONAL").await;
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("prod").await;
    let body = json!({ "basePath": "v1", "restApiId": api.id, "stage": "prod" });
    assert_eq!(gateway.expect(201, "POST", MAPPINGS, body.clone()).await.json, body);
    let root = json!({ "basePath": "(none)", "restApiId": api.id });
    let asked = json!({ "basePath": "", "restApiId": api.id, "stage": "(none)" });
    assert_eq!(gateway.expect(201, "POST", MAPPINGS, asked).await.json, root);
    assert_eq!(gateway.get(MAPPINGS).await, json!({ "item": [body, root] }));
    assert_eq!(gateway.get(&format!("{MAPPINGS}/%28none%29")).await, root);
    assert_eq!(gateway.get(&format!("{MAPPINGS}/(none)")).await, root);
    let page = gateway.get(&format!("{MAPPINGS}?limit=1")).await;
    let next = page["position"].as_str().unwrap();
    assert_eq!(gateway.get(&format!("{MAPPINGS}?limit=1&position={next}")).await, json!({ "item": [root] }));
    for (asked, message) in [
        (body, "Base path already exists for this domain name"),
        (root, "Only one base path mapping is allowed if the base path is empty."),
    ] {
        gateway.refused(("POST", MAPPINGS, asked), "ConflictException", message).await;
    }
    let in_use = format!(
        "Deleting RestApi {} failed. Please remove all base path mappings related to the RestApi in your domains: \
         api.example.com",
        api.id
    );
    gateway.refused(("DELETE", &api.at(""), Value::Null), "BadRequestException", &in_use).await;
    gateway.expect(202, "DELETE", &format!("{MAPPINGS}/v1"), Value::Null).await;
    let unknown = "Invalid base path mapping identifier specified";
    gateway.refused(("DELETE", &format!("{MAPPINGS}/v1"), Value::Null), "NotFoundException", unknown).await;
    gateway.expect(202, "DELETE", "/domainnames/api.example.com", Value::Null).await;
    gateway.expect(202, "DELETE", &api.at(""), Value::Null).await;
    domain(&gateway, "api.example.com", "REGIONAL").await;
    assert_eq!(gateway.get(MAPPINGS).await, json!({ "item": [] }), "mappings go with their domain name");
}

#[tokio::test]
async fn a_mapping_that_leads_nowhere_is_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let unknown = "Invalid domain name identifier specified";
    let anything = json!({ "restApiId": api.id });
    gateway.refused(("POST", MAPPINGS, anything), "NotFoundException", unknown).await;
    gateway.refused(("GET", MAPPINGS, Value::Null), "NotFoundException", unknown).await;
    domain(&gateway, "api.example.com", "REGIONAL").await;
    let slash = "API Gateway V1 doesn't support the slash character (/) in base path mappings. To create a multi-level \
                 base path mapping, use API Gateway V2.";
    let characters = "Base path can only contain letters, numbers and one of $-_.+!*'()";
    for (member, value, message) in [
        ("basePath", "v1/pets", slash),
        ("basePath", "/v1", slash),
        ("basePath", "v 1", characters),
        ("basePath", "v?1", characters),
        ("basePath", "é", characters),
        ("restApiId", "zzzzzzzzzz", "Invalid REST API identifier specified"),
        ("restApiId", "../x", "Invalid REST API identifier specified"),
        ("stage", "nowhere", "Invalid stage identifier specified"),
        ("stage", "a/b", "Invalid stage identifier specified"),
    ] {
        let mut body = json!({ "restApiId": api.id });
        body[member] = json!(value);
        gateway.refused(("POST", MAPPINGS, body), "BadRequestException", message).await;
    }
    let message = "1 validation error detected: Value null at 'createBasePathMappingInput.restApiId' failed to satisfy \
                   constraint: Member must not be null";
    gateway.refused(("POST", MAPPINGS, json!({})), "ValidationException", message).await;
    assert_eq!(gateway.get(MAPPINGS).await, json!({ "item": [] }));
}

#[tokio::test]
async fn private_and_public_do_not_meet() {
    let gateway = Gateway::start();
    domain(&gateway, "api.example.com", "REGIONAL").await;
    let hidden = domain(&gateway, "api.example.com", "PRIVATE").await;
    let id = hidden["domainNameId"].as_str().unwrap();
    let hidden = format!("{MAPPINGS}?domainNameId={id}");
    let public = gateway.api().await;
    let body = json!({ "name": "hidden", "endpointConfiguration": { "types": ["PRIVATE"] } });
    let private = gateway.expect(201, "POST", "/restapis", body).await.id();
    let message = "Private domain names can only be mapped to private REST APIs";
    let body = json!({ "restApiId": public.id });
    gateway.refused(("POST", &hidden, body.clone()), "BadRequestException", message).await;
    gateway.expect(201, "POST", MAPPINGS, body).await;
    let message = "Private REST APIs can only be mapped to private domain names";
    let body = json!({ "basePath": "x", "restApiId": private });
    gateway.refused(("POST", MAPPINGS, body.clone()), "BadRequestException", message).await;
    gateway.expect(201, "POST", &hidden, body.clone()).await;
    assert_eq!(gateway.get(&hidden).await, json!({ "item": [body] }));
}

#[tokio::test]
async fn a_mapping_is_patched() {
    let gateway = Gateway::start();
    domain(&gateway, "api.example.com", "REGIONAL").await;
    let (api, other) = (gateway.api().await, gateway.api().await);
    for api in [&api, &other] {
        api.mock("GET").await;
        api.deploy("prod").await;
    }
    for base_path in ["v1", "v2"] {
        let body = json!({ "basePath": base_path, "restApiId": api.id, "stage": "prod" });
        gateway.expect(201, "POST", MAPPINGS, body).await;
    }
    let path = format!("{MAPPINGS}/v1");
    let to_other = format!("replace /restapiId {}", other.id);
    let patched = gateway.patch(&path, &[&to_other, "replace /stage (none)"]).await;
    assert_eq!(patched.json, json!({ "basePath": "v1", "restApiId": other.id }));
    let moved = gateway.patch(&path, &["replace /basePath"]).await;
    assert_eq!(moved.json, json!({ "basePath": "(none)", "restApiId": other.id }));
    assert_eq!(gateway.call("GET", &path, Value::Null).await.status, 404);
    let path = format!("{MAPPINGS}/(none)");
    for (operation, error, message) in [
        ("replace /basepath v2", "ConflictException", "Base path already exists for this domain name"),
        ("replace /stage nowhere", "BadRequestException", "Invalid stage identifier specified"),
        ("replace /restapiId zzzzzzzzzz", "BadRequestException", "Invalid REST API identifier specified"),
        ("replace /restApiId x", "BadRequestException", "Invalid patch path /restApiId"),
        ("remove /stage", "BadRequestException", "Invalid patch path /stage"),
    ] {
        gateway.refused(("PATCH", &path, patch_document(&[operation])), error, message).await;
    }
    assert_eq!(gateway.get(&path).await, moved.json, "refused patches leave everything as it was");
    let unknown = "Invalid base path mapping identifier specified";
    let lost = patch_document(&["replace /stage prod"]);
    gateway.refused(("PATCH", &format!("{MAPPINGS}/v9"), lost), "NotFoundException", unknown).await;
}

#[tokio::test]
async fn a_stage_that_a_mapping_names_stays() {
    let gateway = Gateway::start();
    domain(&gateway, "api.example.com", "REGIONAL").await;
    let (api, other) = (gateway.api().await, gateway.api().await);
    for api in [&api, &other] {
        api.mock("GET").await;
        api.deploy("prod").await;
        api.deploy("test").await;
    }
    let named = json!({ "basePath": "v1", "restApiId": api.id, "stage": "prod" });
    gateway.expect(201, "POST", MAPPINGS, named).await;
    let any = json!({ "basePath": "v2", "restApiId": api.id });
    gateway.expect(201, "POST", MAPPINGS, any).await;
    let message = "Deleting stage prod failed. Please remove all base path mappings related to the stage in your domains: \
                   api.example.com";
    gateway.refused(("DELETE", &api.at("/stages/prod"), Value::Null), "BadRequestException", message).await;
    gateway.expect(202, "DELETE", &api.at("/stages/test"), Value::Null).await;
    gateway.expect(202, "DELETE", &other.at("/stages/prod"), Value::Null).await;
    gateway.expect(202, "DELETE", &format!("{MAPPINGS}/v1"), Value::Null).await;
    gateway.expect(202, "DELETE", &api.at("/stages/prod"), Value::Null).await;
}
