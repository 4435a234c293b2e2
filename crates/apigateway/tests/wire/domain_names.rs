//! Specification, "Domain names, base path mappings": the domain names.

use serde_json::{Value, json};

use crate::gateway::{Gateway, NOW, caller, now, patch_document};

const CERTIFICATE: &str = "arn:aws:acm:us-east-1:000000000000:certificate/11111111-2222-3333-4444-555555555555";
const OTHER_CERTIFICATE: &str = "arn:aws:acm:us-east-1:000000000000:certificate/66666666-7777-8888-9999-000000000000";

fn regional(host: &str) -> Value {
    json!({
        "domainName": host, "regionalCertificateArn": CERTIFICATE, "endpointConfiguration": { "types": ["REGIONAL"] },
    })
}

fn private(host: &str) -> Value {
    json!({ "domainName": host, "certificateArn": CERTIFICATE, "endpointConfiguration": { "types": ["PRIVATE"] } })
}

#[tokio::test]
async fn a_regional_domain_name_comes_and_goes() {
    let gateway = Gateway::start();
    let created = gateway.expect(201, "POST", "/domainnames", regional("api.example.com")).await;
    let target = created.text("regionalDomainName");
    let label = target.strip_suffix(".execute-api.us-east-1.amazonaws.com").and_then(|label| label.strip_prefix("d-"));
    assert!(label.is_some_and(|label| label.len() == 10), "{target}");
    let mut expected = json!({
        "domainName": "api.example.com", "regionalDomainName": target, "regionalHostedZoneId": "Z1UJRXOUMOOFQ8",
        "regionalCertificateArn": CERTIFICATE, "endpointConfiguration": { "types": ["REGIONAL"], "ipAddressType": "ipv4" },
        "domainNameStatus": "AVAILABLE", "securityPolicy": "TLS_1_2",
    });
    assert_eq!(created.json, expected);
    assert_eq!(gateway.get("/domainnames").await, json!({ "item": [expected] }));
    expected["tags"] = json!({});
    assert_eq!(gateway.get("/domainnames/api.example.com").await, expected);
    let taken = "The domain name you provided already exists.";
    gateway.refused(("POST", "/domainnames", regional("api.example.com")), "ConflictException", taken).await;
    assert_eq!(gateway.get("/domainnames?resourceOwner=OTHER_ACCOUNTS").await, json!({ "item": [] }));
    let message = "1 validation error detected: Value 'ME' at 'resourceOwner' failed to satisfy constraint: Member must \
                   satisfy enum value set: [SELF, OTHER_ACCOUNTS]";
    gateway.refused(("GET", "/domainnames?resourceOwner=ME", Value::Null), "ValidationException", message).await;
    gateway.expect(202, "DELETE", "/domainnames/api.example.com", Value::Null).await;
    let unknown = "Invalid domain name identifier specified";
    for method in ["GET", "DELETE"] {
        gateway.refused((method, "/domainnames/api.example.com", Value::Null), "NotFoundException", unknown).await;
    }
    let update = ("PATCH", "/domainnames/api.example.com", patch_document(&["replace /securityPolicy TLS_1_0"]));
    gateway.refused(update, "NotFoundException", unknown).await;
}

#[tokio::test]
async fn an_edge_domain_name_is_the_default() {
    let gateway = Gateway::start();
    let body = json!({ "domainName": "*.example.com", "certificateArn": CERTIFICATE, "tags": {} });
    let created = gateway.expect(201, "POST", "/domainnames", body).await;
    let distribution = created.text("distributionDomainName");
    assert!(distribution.ends_with(".cloudfront.net"), "{distribution}");
    let expected = json!({
        "domainName": "*.example.com", "certificateArn": CERTIFICATE, "certificateUploadDate": NOW,
        "distributionDomainName": distribution, "distributionHostedZoneId": "Z2FDTNDATAQYW2",
        "endpointConfiguration": { "types": ["EDGE"], "ipAddressType": "ipv4" }, "domainNameStatus": "AVAILABLE",
        "securityPolicy": "TLS_1_2", "tags": {},
    });
    assert_eq!(created.json, expected);
    assert_eq!(gateway.get("/domainnames/%2A.example.com").await, expected);
}

#[tokio::test]
async fn a_private_domain_name_is_told_from_others_by_its_id() {
    let gateway = Gateway::start();
    gateway.expect(201, "POST", "/domainnames", regional("api.example.com")).await;
    let mut body = private("api.example.com");
    body["policy"] = json!("{\"Version\":\"2012-10-17\",\"Statement\":[]}");
    let created = gateway.expect(201, "POST", "/domainnames", body.clone()).await;
    let id = created.text("domainNameId");
    let arn = format!("arn:aws:apigateway:us-east-1:000000000000:/domainnames/api.example.com+{id}");
    let expected = json!({
        "domainName": "api.example.com", "domainNameId": id, "domainNameArn": arn, "certificateArn": CERTIFICATE,
        "certificateUploadDate": NOW, "endpointConfiguration": { "types": ["PRIVATE"], "ipAddressType": "dualstack" },
        "domainNameStatus": "AVAILABLE", "securityPolicy": "TLS_1_2", "policy": body["policy"],
    });
    assert_eq!(created.json, expected);
    let path = format!("/domainnames/api.example.com?domainNameId={id}");
    assert_eq!(gateway.get(&path).await["domainNameArn"], json!(arn));
    assert_eq!(gateway.get("/domainnames/api.example.com").await.get("domainNameId"), None);
    let unknown = "Invalid domain name identifier specified";
    for path in [
        format!("/domainnames/api.example.com%2B{id}"),
        "/domainnames/api.example.com?domainNameId=zzzzzzzzzz".to_owned(),
    ] {
        gateway.refused(("GET", &path, Value::Null), "NotFoundException", unknown).await;
    }
    let taken = "The domain name you provided already exists.";
    gateway.refused(("POST", "/domainnames", body), "ConflictException", taken).await;
    let patched = gateway.patch(&path, &["replace /managementPolicy {\"Statement\":[]}", "remove /policy"]).await;
    assert_eq!(patched.json["managementPolicy"], "{\"Statement\":[]}");
    assert_eq!(patched.json.get("policy"), None);
    let moved = ("PATCH", path.as_str(), patch_document(&["replace /endpointConfiguration/types/PRIVATE REGIONAL"]));
    let message = "A domain name cannot be changed between public and private endpoint types";
    gateway.refused(moved, "BadRequestException", message).await;
    gateway.expect(202, "DELETE", &path, Value::Null).await;
    assert_eq!(gateway.get("/domainnames").await["item"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_domain_name_that_cannot_be_is_refused() {
    let gateway = Gateway::start();
    let elsewhere = "arn:aws:acm:eu-west-1:000000000000:certificate/1";
    let with = |mut body: Value, member: &str, value: Value| {
        body[member] = value;
        body
    };
    for (body, message) in [
        (regional(""), "No Domain Name specified".to_owned()),
        (regional("localhost"), "Invalid domain name specified: localhost".to_owned()),
        (regional("127.0.0.1"), "Invalid domain name specified: 127.0.0.1".to_owned()),
        (json!({ "domainName": "a.io" }), "A certificate was not provided for the endpoint type EDGE.".to_owned()),
        (
            with(regional("a.io"), "regionalCertificateArn", Value::Null),
            "A certificate was not provided for the endpoint type REGIONAL.".to_owned(),
        ),
        (
            with(regional("a.io"), "certificateArn", json!(CERTIFICATE)),
            "Cannot import certificates for EDGE while REGIONAL is active.".to_owned(),
        ),
        (
            json!({ "domainName": "a.io", "certificateArn": CERTIFICATE, "regionalCertificateName": "n" }),
            "Cannot import certificates for REGIONAL while EDGE is active.".to_owned(),
        ),
        (
            with(regional("a.io"), "regionalCertificateArn", json!(elsewhere)),
            format!("Invalid certificate ARN: {elsewhere}. Certificate must be in 'us-east-1'."),
        ),
        (with(regional("a.io"), "regionalCertificateArn", json!("x")), "Invalid certificate ARN: x.".to_owned()),
        (
            with(regional("a.io"), "endpointConfiguration", json!({ "types": [] })),
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.".to_owned(),
        ),
        (
            with(private("a.io"), "endpointConfiguration", json!({ "types": ["PRIVATE"], "ipAddressType": "ipv4" })),
            "Only dualstack ipAddressType is supported for Private APIs.".to_owned(),
        ),
        (
            with(regional("a.io"), "policy", json!("{\"Statement\":[]}")),
            "Policies are supported only for private domain names".to_owned(),
        ),
        (
            with(private("a.io"), "policy", json!("no")),
            "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.".to_owned(),
        ),
        (
            with(regional("a.io"), "mutualTlsAuthentication", json!({ "truststoreUri": "https://x/y" })),
            "Invalid truststoreUri specified: it must be s3://bucket-name/key-name".to_owned(),
        ),
        (
            with(private("a.io"), "mutualTlsAuthentication", json!({ "truststoreUri": "s3://x/y" })),
            "Mutual TLS authentication needs the endpoint type REGIONAL and at least TLS 1.2".to_owned(),
        ),
        (
            with(regional("a.io"), "endpointAccessMode", json!("STRICT")),
            "endpointAccessMode needs a security policy that starts with SecurityPolicy_".to_owned(),
        ),
        (with(regional("a.io"), "tags", json!({ "aws:x": "y" })), "Invalid tag key specified: aws:x".to_owned()),
    ] {
        gateway.refused(("POST", "/domainnames", body), "BadRequestException", &message).await;
    }
    assert_eq!(gateway.get("/domainnames").await, json!({ "item": [] }));
    let body = json!({ "endpointConfiguration": { "types": ["WRONG"] }, "routingMode": "X" });
    let message = "3 validation errors detected: Value null at 'createDomainNameInput.domainName' failed to satisfy \
                   constraint: Member must not be null; Value '[WRONG]' at \
                   'createDomainNameInput.endpointConfiguration.types' failed to satisfy constraint: Member must satisfy \
                   constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]; Value 'X' at \
                   'createDomainNameInput.routingMode' failed to satisfy constraint: Member must satisfy enum value set: \
                   [BASE_PATH_MAPPING_ONLY, ROUTING_RULE_ONLY, ROUTING_RULE_THEN_BASE_PATH_MAPPING]";
    gateway.refused(("POST", "/domainnames", body), "ValidationException", message).await;
}

#[tokio::test]
async fn a_domain_name_moves_from_edge_to_regional() {
    let gateway = Gateway::start();
    let body = json!({ "domainName": "api.example.com", "certificateArn": CERTIFICATE, "certificateName": "edge" });
    gateway.expect(201, "POST", "/domainnames", body).await;
    let path = "/domainnames/api.example.com";
    let added = format!("add /regionalCertificateArn {OTHER_CERTIFICATE}");
    let both = gateway.patch(path, &["add /endpointConfiguration/types REGIONAL", &added]).await;
    assert_eq!(both.json["endpointConfiguration"]["types"], json!(["EDGE", "REGIONAL"]));
    let target = both.text("regionalDomainName");
    assert!(both.json.get("distributionDomainName").is_some());
    let moved = gateway.patch(path, &["remove /endpointConfiguration/types EDGE"]).await;
    let expected = json!({
        "domainName": "api.example.com", "regionalDomainName": target, "regionalHostedZoneId": "Z1UJRXOUMOOFQ8",
        "regionalCertificateArn": OTHER_CERTIFICATE,
        "endpointConfiguration": { "types": ["REGIONAL"], "ipAddressType": "ipv4" }, "domainNameStatus": "AVAILABLE",
        "securityPolicy": "TLS_1_2", "tags": {},
    });
    assert_eq!(moved.json, expected);
    let message = "A certificate was not provided for the endpoint type EDGE.";
    let back = patch_document(&["replace /endpointConfiguration/types/REGIONAL EDGE"]);
    gateway.refused(("PATCH", path, back), "BadRequestException", message).await;
    let message = "Cannot import certificates for EDGE while REGIONAL is active.";
    let early = patch_document(&[&format!("replace /certificateArn {CERTIFICATE}")]);
    gateway.refused(("PATCH", path, early), "BadRequestException", message).await;
    assert_eq!(gateway.get(path).await, expected);
}

#[tokio::test]
async fn members_of_a_domain_name_are_patched() {
    let gateway = Gateway::start();
    gateway.expect(201, "POST", "/domainnames", regional("api.example.com")).await;
    let path = "/domainnames/api.example.com";
    let patched = gateway
        .patch(
            path,
            &[
                "replace /securityPolicy SecurityPolicy_TLS13_1_3_2025_09",
                "replace /endpointAccessMode STRICT",
                "replace /routingMode BASE_PATH_MAPPING_ONLY",
                "replace /regionalCertificateName n",
                "replace /endpointConfiguration/ipAddressType dualstack",
                "replace /mutualTlsAuthentication/truststoreUri s3://trust/store.pem",
                "replace /mutualTlsAuthentication/truststoreVersion 1",
            ],
        )
        .await;
    assert_eq!(patched.status, 200, "{patched:?}");
    let mut shown = patched.json;
    assert_eq!(
        shown["mutualTlsAuthentication"],
        json!({ "truststoreUri": "s3://trust/store.pem", "truststoreVersion": "1" })
    );
    assert_eq!(
        (&shown["endpointAccessMode"], &shown["routingMode"]),
        (&json!("STRICT"), &json!("BASE_PATH_MAPPING_ONLY"))
    );
    assert_eq!(shown["endpointConfiguration"], json!({ "types": ["REGIONAL"], "ipAddressType": "dualstack" }));
    for (operation, message) in [
        ("replace /domainName x.example.com", "Invalid patch path /domainName"),
        ("add /securityPolicy TLS_1_2", "Invalid patch path /securityPolicy"),
        ("replace /endpointConfiguration/types REGIONAL", "Invalid patch path /endpointConfiguration/types"),
        ("replace /endpointConfiguration/types/EDGE REGIONAL", "Invalid patch path /endpointConfiguration/types/EDGE"),
        (
            "add /endpointConfiguration/types WRONG",
            "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE",
        ),
        ("replace /endpointConfiguration/ipAddressType ipv6", "ipAddressType must be either ipv4 or dualstack."),
        ("replace /endpointAccessMode LOOSE", "Invalid endpointAccessMode specified. Valid options are BASIC,STRICT"),
        (
            "remove /endpointConfiguration/types REGIONAL",
            "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.",
        ),
    ] {
        let document = patch_document(&["replace /securityPolicy TLS_1_2", operation]);
        gateway.refused(("PATCH", path, document), "BadRequestException", message).await;
    }
    assert_eq!(gateway.get(path).await, shown, "refused patches leave everything as it was");
    for ending in ["replace /mutualTlsAuthentication/truststoreUri", "remove /mutualTlsAuthentication"] {
        let patched = gateway.patch(path, &[ending]).await;
        assert_eq!(patched.json.get("mutualTlsAuthentication"), None, "{ending}");
        let begun = gateway.patch(path, &["replace /mutualTlsAuthentication/truststoreUri s3://trust/store.pem"]).await;
        shown["mutualTlsAuthentication"] = json!({ "truststoreUri": "s3://trust/store.pem" });
        assert_eq!(begun.json, shown);
    }
}

#[tokio::test]
async fn the_name_that_the_control_api_goes_by_stays_its_own() {
    let gateway = Gateway::start();
    for (called, host, is_taken) in [
        ("gate.internal:4566", "gate.internal", false),
        ("GATE.internal.", "gate.internal", false),
        ("gate.internal", "*.internal", false),
        ("gate.internal:4566", "api.internal", true),
        ("a.gate.internal", "*.internal", true),
        ("127.0.0.1:4566", "gate.internal", true),
        ("[::1]:4566", "*.localhost", true),
    ] {
        let body = bytes::Bytes::from(regional(host).to_string());
        let request = http::Request::post("/domainnames").header("host", called).body(body).unwrap();
        let response = gateway.control_plane.handle(&caller(), request, now()).await;
        assert_eq!(response.status(), if is_taken { 201 } else { 400 }, "{host} at {called}");
        if is_taken {
            gateway.expect(202, "DELETE", &format!("/domainnames/{host}"), Value::Null).await;
        } else {
            let said: Value = serde_json::from_slice(response.body()).unwrap();
            let message = format!("Invalid domain name specified: {host}. The control API is called by this name");
            assert_eq!(said["message"], json!(message));
        }
    }
}
