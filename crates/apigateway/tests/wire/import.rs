//! Specification, "Import (OpenAPI / Swagger)"; and projects, which are imports of our own.

use apigateway::Project;
use bytes::Bytes;
use definition::ApiSnapshot;
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::gateway::{Gateway, now, scope};

fn document(title: &str, paths: &[(&str, &str)]) -> Value {
    let mut document = json!({ "openapi": "3.0.1", "info": { "title": title, "version": "1" }, "paths": {} });
    for (path, method) in paths {
        document["paths"][path][method] = json!({
            "responses": { "200": { "description": "ok" } },
            "x-amazon-apigateway-integration": { "type": "mock", "responses": { "default": { "statusCode": "200" } } },
        });
    }
    document
}

async fn paths(gateway: &Gateway, api: &str) -> Vec<(String, String)> {
    let resources = gateway.get(&format!("/restapis/{api}/resources?limit=500")).await;
    let text = |item: &Value, member: &str| item[member].as_str().unwrap().to_owned();
    let items = resources["item"].as_array().unwrap();
    let mut paths: Vec<_> = items.iter().map(|item| (text(item, "path"), text(item, "id"))).collect();
    paths.sort();
    paths
}

fn names(paths: &[(String, String)]) -> Vec<&str> {
    paths.iter().map(|(path, _)| path.as_str()).collect()
}

#[tokio::test]
async fn an_import_brings_what_its_document_says_and_no_more() {
    let gateway = Gateway::start();
    let body = document("pets", &[("/pets/{id}", "get"), ("/toys", "post")]);
    let reply = gateway.expect(201, "POST", "/restapis?mode=import", body).await;
    assert_eq!((reply.json["name"].as_str(), reply.json["version"].as_str()), (Some("pets"), Some("1")));
    let id = reply.id();
    assert_eq!(reply.text("rootResourceId").len(), 10);
    let found = paths(&gateway, &id).await;
    assert_eq!(names(&found), ["/", "/pets", "/pets/{id}", "/toys"]);
    assert_eq!(found[0].1, reply.text("rootResourceId"));
    assert_eq!(gateway.get(&format!("/restapis/{id}/models")).await, json!({ "item": [] }));
    let method = gateway.get(&format!("/restapis/{id}/resources/{}/methods/GET", found[2].1)).await;
    assert_eq!(method["methodIntegration"]["type"], "MOCK");
    assert_eq!(method["methodIntegration"]["cacheNamespace"], json!(found[2].1));
    gateway.expect(201, "POST", &format!("/restapis/{id}/deployments"), json!({ "stageName": "test" })).await;
    // What was imported is in the way of nothing, and the other way round.
    let sibling = format!("/restapis/{id}/resources/{}", found[1].1);
    let message = "A sibling ({id}) of this resource already has a variable path part -- only one is allowed";
    gateway.refused(("POST", &sibling, json!({ "pathPart": "{x}" })), "BadRequestException", message).await;
}

#[tokio::test]
async fn what_is_no_document_is_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    for (method, path) in [("POST", "/restapis?mode=import".to_owned()), ("PUT", api.at("?mode=overwrite"))] {
        for body in [Value::Null, json!("\u{0}"), json!({})] {
            let reply = gateway.call(method, &path, body.clone()).await;
            assert_eq!((reply.status, reply.error.as_str()), (400, "BadRequestException"), "{body}: {reply:?}");
        }
    }
    let mode = ("PUT", api.at("?mode=other"), document("x", &[]));
    let message = "1 validation error detected: Value 'other' at 'mode' failed to satisfy constraint: Member must satisfy \
                   enum value set: [merge, overwrite]";
    gateway.refused((mode.0, &mode.1, mode.2), "ValidationException", message).await;
    assert_eq!(gateway.get("/restapis").await["item"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_merge_keeps_what_is_not_mentioned_and_an_overwrite_does_not() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let pets = api.resource(&api.root, "pets").await;
    api.method(&pets, "GET").await;
    let merged = gateway.expect(200, "PUT", &api.at(""), document("a", &[("/pets", "post"), ("/b", "get")])).await;
    assert_eq!(merged.json["name"], "a");
    let found = paths(&gateway, &api.id).await;
    assert_eq!(names(&found), ["/", "/b", "/pets"]);
    assert_eq!((&found[0].1, &found[2].1), (&api.root, &pets));
    let shown = gateway.get(&api.at(&format!("/resources/{pets}"))).await;
    assert_eq!(shown["resourceMethods"], json!({ "GET": {}, "POST": {} }));

    let body = document("c", &[("/pets/{id}", "get")]);
    gateway.expect(200, "PUT", &api.at("?mode=overwrite"), body).await;
    let found = paths(&gateway, &api.id).await;
    assert_eq!(names(&found), ["/", "/pets", "/pets/{id}"]);
    assert_eq!(found[1].1, pets);
    assert_eq!(gateway.get(&api.at(&format!("/resources/{pets}"))).await.get("resourceMethods"), None);
    assert_eq!(gateway.get(&api.at("/models")).await, json!({ "item": [] }));
    // The name of a resource that went is free.
    api.resource(&api.root, "b").await;

    let sibling = "A sibling ({id}) of this resource already has a variable path part -- only one is allowed";
    let body = document("d", &[("/pets/{other}", "get")]);
    gateway.refused(("PUT", &api.at(""), body), "BadRequestException", sibling).await;
    assert_eq!(gateway.get(&api.at("")).await["name"], "c");
}

/// A document declares nothing that the operations for its parts would refuse.
#[tokio::test]
async fn an_import_is_under_the_rules_of_the_single_operations() {
    let gateway = Gateway::start();
    let errors = |text: &str| format!("Errors found during import:\n\tUnable to {text}");
    let integration = |integration: Value| {
        let mut document = document("x", &[("/pets", "get")]);
        document["paths"]["/pets"]["get"]["x-amazon-apigateway-integration"] = integration;
        document
    };
    let at = "'GET' for resource at path '/pets': ";
    let expression = |text: &str| {
        format!(
            "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression {text}]"
        )
    };
    let lambda = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations";
    let cases = [
        (
            integration(json!({ "type": "aws_proxy", "uri": "not an arn" })),
            errors(&format!("put integration on {at}Invalid ARN specified in the request")),
        ),
        (
            integration(
                json!({ "type": "aws_proxy", "uri": lambda, "credentials": "arn:aws:iam::111111111111:role/r" }),
            ),
            errors(&format!("put integration on {at}Cross-account pass role is not allowed.")),
        ),
        (
            integration(
                json!({ "type": "mock", "requestParameters": { "integration.request.path.id": "method.request.path.id" } }),
            ),
            errors(&format!("put integration on {at}{}", expression("parameter specified: method.request.path.id"))),
        ),
        (
            integration(json!({ "type": "mock", "responses": { "default": { "statusCode": "200",
                "responseParameters": { "method.response.header.X": "'x'" } } } })),
            errors(&format!(
                "put integration response on {at}{}",
                expression("parameter specified: method.response.header.X")
            )),
        ),
        (
            json!({ "openapi": "3.0.1", "info": { "title": "x" }, "x-amazon-apigateway-gateway-responses": { "NO_SUCH": {} } }),
            errors("put gateway response 'NO_SUCH': Invalid response type specified: NO_SUCH"),
        ),
        (
            json!({ "openapi": "3.0.1", "info": { "title": "x" }, "components": { "securitySchemes": { "a": {
                "x-amazon-apigateway-authorizer": { "type": "jwt" } } } } }),
            errors("create authorizer 'a': Authorizers of type JWT are not available in this version of LambdaGate"),
        ),
    ];
    for (document, message) in cases {
        gateway.refused(("POST", "/restapis?mode=import", document), "BadRequestException", &message).await;
    }
    assert_eq!(gateway.get("/restapis").await["item"], json!([]));
}

/// A merge leaves alone what its document does not mention, the API's own settings included.
#[tokio::test]
async fn a_merge_does_not_open_a_closed_endpoint() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let patch =
        json!({ "patchOperations": [{ "op": "replace", "path": "/disableExecuteApiEndpoint", "value": "true" }] });
    gateway.expect(200, "PATCH", &api.at(""), patch).await;
    let merged = gateway.expect(200, "PUT", &api.at(""), document("a", &[("/b", "get")])).await;
    assert_eq!(merged.json["disableExecuteApiEndpoint"], true);
    let replaced = gateway.expect(200, "PUT", &api.at("?mode=overwrite"), document("a", &[("/b", "get")])).await;
    assert_eq!(replaced.json["disableExecuteApiEndpoint"], false);
}

#[tokio::test]
async fn a_project_keeps_its_id_and_is_served_at_once() {
    let gateway = Gateway::start();
    let project = |paths: &[(&str, &str)]| Project {
        scope: scope(),
        rest_api_id: "stableapi0".parse().unwrap(),
        name: "calc".to_owned(),
        document: Bytes::from(document("", paths).to_string()),
        stage_name: "test".parse().unwrap(),
        variables: IndexMap::from([("env".to_owned(), "dev".to_owned())]),
    };
    let first = gateway.control_plane.apply_project(project(&[("/calc", "get")]), now()).await.unwrap();
    assert_eq!(first.snapshot.rest_api.name, "calc");
    let second = gateway.control_plane.apply_project(project(&[("/calc", "get"), ("/b", "get")]), now()).await.unwrap();
    let stage = gateway.get("/restapis/stableapi0/stages/test").await;
    assert_eq!(stage["deploymentId"], json!(second.deployment.id.as_str()));
    assert_eq!(stage["variables"], json!({ "env": "dev" }));
    let deployments = gateway.get("/restapis/stableapi0/deployments").await;
    assert_eq!(deployments["item"].as_array().unwrap().len(), 1);
    let id = second.deployment.id.to_string();
    let frozen = gateway.store.read(move |reader| reader.get::<ApiSnapshot>(&scope(), "stableapi0", &id));
    assert_eq!(frozen.await.unwrap(), Some(second.snapshot.clone()));
    let calc = |snapshot: &ApiSnapshot| snapshot.resources.iter().find(|r| r.path == "/calc").unwrap().id.clone();
    assert_eq!(calc(&first.snapshot), calc(&second.snapshot));

    let broken = Project { document: Bytes::from_static(b"nothing"), ..project(&[]) };
    assert!(gateway.control_plane.apply_project(broken, now()).await.is_err());
    assert_eq!(gateway.get("/restapis/stableapi0/stages/test").await, stage);
}
