//! Specification, "Export and SDKs".

use bytes::Bytes;
use definition::ApiSnapshot;
use http::{Request, Response};
use serde_json::{Value, json};

use crate::gateway::{Gateway, caller, now, scope};

const DOCUMENTS: [&str; 3] = [
    include_str!("../../../definition/tests/documents/pets.yaml"),
    include_str!("../../../definition/tests/documents/orders.json"),
    include_str!("../../../definition/tests/documents/documented.yaml"),
];

async fn exported(gateway: &Gateway, path: &str, accept: &str) -> Response<Bytes> {
    let request = Request::builder().method("GET").uri(path).header("Accept", accept).body(Bytes::new()).unwrap();
    gateway.control_plane.handle(&caller(), request, now()).await
}

async fn document(gateway: &Gateway, path: &str) -> String {
    let response = exported(gateway, path, "application/json").await;
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(response.status().as_u16(), 200, "{body}");
    body
}

/// The definition that an API's newest deployment froze, models' schemas as what they mean.
async fn deployed(gateway: &Gateway, api: &str) -> Value {
    let body = json!({ "stageName": "test" });
    let deployment = gateway.expect(201, "POST", &format!("/restapis/{api}/deployments"), body).await.id();
    let api = api.to_owned();
    let snapshot = gateway.store.read(move |reader| reader.get::<ApiSnapshot>(&scope(), &api, &deployment)).await;
    serde_json::to_value(snapshot.unwrap().unwrap()).unwrap()
}

/// What an export says is what a stage serves: imported over it, or as a new API, it makes the same.
#[tokio::test]
async fn an_export_is_imported_to_the_same_api() {
    for text in DOCUMENTS {
        let gateway = Gateway::start();
        let id = gateway.expect(201, "POST", "/restapis?mode=import", json!(text)).await.id();
        let definition = deployed(&gateway, &id).await;
        for kind in ["oas30", "swagger"] {
            let path = format!("/restapis/{id}/stages/test/exports/{kind}?extensions=apigateway");
            let export = document(&gateway, &path).await;
            assert_eq!(document(&gateway, &path).await, export, "the same every time");
            if kind == "swagger" && text == DOCUMENTS[0] {
                // Its body has a second model, of another content type, which Swagger has no word for.
                continue;
            }
            let put = format!("/restapis/{id}?mode=overwrite&failonwarnings=true");
            gateway.expect(200, "PUT", &put, json!(export)).await;
            assert_eq!(deployed(&gateway, &id).await, definition, "{export}");

            let again =
                gateway.expect(201, "POST", "/restapis?mode=import&failonwarnings=true", json!(export)).await.id();
            deployed(&gateway, &again).await;
            let path = format!("/restapis/{again}/stages/test/exports/{kind}?extensions=apigateway");
            assert_eq!(document(&gateway, &path).await.replace(&again, &id), export);
        }
    }
}

#[tokio::test]
async fn the_answer_is_a_file() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("prod").await;
    for (kind, accept, name) in [
        ("swagger", "application/json", "swagger_2023-11-14T22:13:20Z.json"),
        ("swagger", "*/*", "swagger_2023-11-14T22:13:20Z.json"),
        ("oas30", "application/yaml", "oas30_2023-11-14T22:13:20Z.yaml"),
    ] {
        let response = exported(&gateway, &api.at(&format!("/stages/prod/exports/{kind}")), accept).await;
        assert_eq!(response.headers()["content-type"], "application/octet-stream");
        assert_eq!(response.headers()["content-disposition"], format!("attachment; filename=\"{name}\""));
        assert!(response.headers().contains_key("x-amzn-requestid"));
    }
    // A version is the user's text, and no part of a header but its name.
    let body = json!({ "openapi": "3.0.1", "info": { "title": "x", "version": "1\"\r\nA: b/é" }, "paths": {} });
    gateway.expect(200, "PUT", &api.at(""), body).await;
    api.deploy("prod").await;
    let response = exported(&gateway, &api.at("/stages/prod/exports/oas30"), "").await;
    assert_eq!(response.headers()["content-disposition"], "attachment; filename=\"oas30_1___A: b__.json\"");
}

#[tokio::test]
async fn an_export_has_the_extensions_that_are_asked_for() {
    let gateway = Gateway::start();
    let id = gateway.expect(201, "POST", "/restapis?mode=import", json!(DOCUMENTS[0])).await.id();
    deployed(&gateway, &id).await;
    for (query, integrations, authorizers, settings, postman) in [
        ("", false, false, false, false),
        ("?extensions=integrations", true, false, false, false),
        ("?extensions=authorizers&extensions=postman", false, true, false, true),
        ("?extensions=integrations,authorizers", true, true, false, false),
        ("?extensions=apigateway", true, true, true, false),
        ("?extensions=apigateway,postman", true, true, true, true),
    ] {
        let export = document(&gateway, &format!("/restapis/{id}/stages/test/exports/oas30{query}")).await;
        let has = |text: &str| export.contains(text);
        assert_eq!(has("\"x-amazon-apigateway-integration\""), integrations, "{query}");
        assert_eq!(has("\"x-amazon-apigateway-authorizer\""), authorizers, "{query}");
        assert_eq!(has("\"x-amazon-apigateway-policy\""), settings, "{query}");
        assert_eq!(has("\"x-postman-meta\""), postman, "{query}");
    }
}

#[tokio::test]
async fn what_a_stage_publishes_is_exported() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("prod").await;
    let part =
        |location: Value, properties: Value| json!({ "location": location, "properties": properties.to_string() });
    for body in [
        part(json!({ "type": "API" }), json!({ "info": { "contact": { "name": "N" }, "version": "9" }, "mine": 1 })),
        part(
            json!({ "type": "METHOD" }),
            json!({ "summary": "S", "x-kind": "k", "x-amazon-apigateway-auth": {}, "mine": 1 }),
        ),
    ] {
        gateway.expect(201, "POST", &api.at("/documentation/parts"), body).await;
    }
    let path = api.at("/stages/prod/exports/oas30?extensions=documentation");
    let export = async || -> Value { serde_json::from_str(&document(&gateway, &path).await).unwrap() };
    let before = export().await;
    assert_eq!(before["info"].get("contact"), None, "no version, no documentation");
    let body = json!({ "documentationVersion": "v1", "stageName": "prod" });
    gateway.expect(201, "POST", &api.at("/documentation/versions"), body).await;
    let parts = gateway.get(&api.at("/documentation/parts")).await;
    for part in parts["item"].as_array().unwrap() {
        let path = api.at(&format!("/documentation/parts/{}", part["id"].as_str().unwrap()));
        gateway.expect(202, "DELETE", &path, Value::Null).await;
    }
    let after = export().await;
    assert_eq!(after["info"]["contact"], json!({ "name": "N" }));
    assert_eq!(after["info"]["version"], before["info"]["version"]);
    let get = &after["paths"]["/"]["get"];
    assert_eq!((&get["summary"], &get["x-kind"]), (&json!("S"), &json!("k")));
    assert_eq!((get.get("mine"), get.get("x-amazon-apigateway-auth")), (None, None));
    let extension = &after["x-amazon-apigateway-documentation"];
    assert_eq!((&extension["version"], &extension["createdDate"]), (&json!("v1"), &json!("2023-11-14T22:13:20Z")));
    assert_eq!(extension["documentationParts"][1]["location"], json!({ "type": "METHOD" }));
    assert_eq!(extension["documentationParts"][1]["properties"]["mine"], 1);
}

#[tokio::test]
async fn what_cannot_be_exported_is_refused() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let method = api.mock("POST").await;
    api.deploy("prod").await;
    let refused = async |path: &str, error: &str, message: &str| {
        gateway.refused(("GET", &api.at(path), Value::Null), error, message).await;
    };
    refused("/stages/prod/exports/raml", "BadRequestException", "No API exporter for type 'raml'").await;
    refused("/stages/none/exports/oas30", "NotFoundException", "Invalid stage identifier specified").await;
    let unknown = "Invalid API identifier specified 000000000000:nosuchapi0";
    let call = ("GET", "/restapis/nosuchapi0/stages/prod/exports/oas30", Value::Null);
    gateway.refused(call, "NotFoundException", unknown).await;
    let patched = gateway.patch(&method, &["add /requestModels/text~1xml Empty"]).await;
    assert_eq!(patched.status, 200);
    document(&gateway, &api.at("/stages/prod/exports/oas30")).await;
    api.deploy("prod").await;
    let message = "Only found non-JSON body models for method POST of resource /";
    refused("/stages/prod/exports/oas30", "BadRequestException", message).await;
    refused("/stages/prod/exports/swagger", "BadRequestException", message).await;
}
