//! Specification, "VPC link, client certificate": the links.

use serde_json::{Value, json};

use crate::gateway::{Gateway, patch_document};

const NLB: &str = "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/net/nlb/0123456789abcdef";

fn link(name: &str) -> Value {
    json!({ "name": name, "targetArns": [NLB] })
}

#[tokio::test]
async fn links_come_and_go() {
    let gateway = Gateway::start();
    let created = gateway.expect(202, "POST", "/vpclinks", link("net")).await;
    let id = created.id();
    assert_eq!(created.json, json!({ "id": id, "name": "net", "targetArns": [NLB], "status": "PENDING" }));
    let mut expected = json!({
        "id": id, "name": "net", "targetArns": [NLB], "status": "AVAILABLE",
        "statusMessage": "Your vpc link is ready for use",
    });
    assert_eq!(gateway.get("/vpclinks").await, json!({ "item": [expected] }));
    expected["tags"] = json!({});
    let path = format!("/vpclinks/{id}");
    assert_eq!(gateway.get(&path).await, expected);
    expected["name"] = json!("other");
    expected["description"] = json!("d");
    let patched = gateway.patch(&path, &["replace /name other", "replace /description d"]).await;
    assert_eq!(patched.json, expected);
    for (operation, message) in [
        ("replace /name", "Name cannot be empty"),
        ("replace /targetArns x", "Target arns are not allowed to be changed/added."),
        ("add /description x", "Invalid patch path /description"),
        ("replace /status x", "Invalid patch path /status"),
    ] {
        gateway.refused(("PATCH", &path, patch_document(&[operation])), "BadRequestException", message).await;
    }
    gateway.expect(202, "DELETE", &path, Value::Null).await;
    let unknown = "Invalid Vpc Link identifier specified";
    for method in ["GET", "DELETE"] {
        gateway.refused((method, &path, Value::Null), "NotFoundException", unknown).await;
    }
}

#[tokio::test]
async fn a_link_to_nothing_is_refused() {
    let gateway = Gateway::start();
    let application = NLB.replace("/net/", "/app/");
    for (body, message) in [
        (link(""), "Name cannot be empty"),
        (json!({ "name": "n", "targetArns": ["x"] }), "Invalid ARN. ARN is not well formed x"),
        (json!({ "name": "n", "targetArns": [application] }), "NLB ARN is malformed"),
        (json!({ "name": "n", "targetArns": [NLB, NLB] }), "More than one target arn specified for vpc link."),
        (json!({ "name": "n", "targetArns": [] }), "No target arn specified for vpc link."),
    ] {
        gateway.refused(("POST", "/vpclinks", body), "BadRequestException", message).await;
    }
    let message = "2 validation errors detected: Value null at 'createVpcLinkInput.name' failed to satisfy constraint: \
                   Member must not be null; Value null at 'createVpcLinkInput.targetArns' failed to satisfy constraint: \
                   Member must not be null";
    gateway.refused(("POST", "/vpclinks", json!({})), "ValidationException", message).await;
    for number in 0..20 {
        gateway.expect(202, "POST", "/vpclinks", link(&format!("l{number}"))).await;
    }
    let reply = gateway.expect(429, "POST", "/vpclinks", link("one more")).await;
    let message = json!({ "message": "Maximum number of VPC links for this account has been reached" });
    assert_eq!((reply.error.as_str(), reply.json), ("LimitExceededException", message));
}

#[tokio::test]
async fn a_link_that_a_stage_uses_stays() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let id = gateway.expect(202, "POST", "/vpclinks", link("net")).await.id();
    let path = format!("{}/integration", api.method(&api.root, "GET").await);
    let body = json!({
        "type": "HTTP_PROXY", "httpMethod": "GET", "uri": "http://inside.example.com/", "connectionType": "VPC_LINK",
        "connectionId": id,
    });
    gateway.expect(201, "PUT", &path, body).await;
    api.deploy("prod").await;
    let message = format!(
        "Cannot delete vpc link. Vpc link '{id}', is referenced in [{}:GET:{}:prod] in format of \
         [RESTApiId:Method:Resource:Stage].",
        api.id, api.root
    );
    let link = format!("/vpclinks/{id}");
    gateway.refused(("DELETE", &link, Value::Null), "BadRequestException", &message).await;
    gateway.expect(202, "DELETE", &api.at("/stages/prod"), Value::Null).await;
    gateway.expect(202, "DELETE", &link, Value::Null).await;
}
