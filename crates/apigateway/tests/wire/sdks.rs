//! Specification, "Export and SDKs": the package as bytes; the conformance suite runs it.

use std::io::{Cursor, Read as _};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use zip::ZipArchive;

use crate::gateway::{Api, Gateway, caller, now};

/// `GetSdk` of the stage `test`, sent to `host`.
async fn get_sdk(api: &Api<'_>, host: &str) -> Response<Bytes> {
    let uri = api.at("/stages/test/sdks/javascript");
    let request = Request::builder().uri(uri).header("host", host).body(Bytes::new()).unwrap();
    api.gateway.control_plane.handle(&caller(), request, now()).await
}

/// A file of the package.
fn file(zip: &Bytes, name: &str) -> String {
    let mut archive = ZipArchive::new(Cursor::new(zip.clone())).unwrap();
    let mut text = String::new();
    archive.by_name(&format!("apiGateway-js-sdk/{name}")).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// What the module says of the API.
fn table(zip: &Bytes) -> Value {
    let module = file(zip, "apigClient.js");
    let (_, rest) = module.split_once("const api = ").unwrap();
    let (json, _) = rest.split_once(";\n\n").unwrap();
    serde_json::from_str(json).unwrap()
}

#[tokio::test]
async fn a_package_is_a_file_of_what_the_stage_serves() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.mock("GET").await;
    api.deploy("test").await;
    assert_eq!(gateway.patch(&path, &["replace /operationName later"]).await.status, 200);

    let answer = get_sdk(&api, "127.0.0.1:4566").await;

    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["content-type"], "application/octet-stream");
    let disposition = "attachment; filename=\"javascript_2023-11-14_22-13Z.zip\"";
    assert_eq!(answer.headers()["content-disposition"], disposition);
    let method = json!({
        "verb": "GET", "path": "/", "pathParams": [], "queryParams": [], "headerParams": [], "required": [],
    });
    let expected = json!({
        "invokeUrl": format!("http://127.0.0.1:4566/_aws/execute-api/{}/test", api.id), "region": "us-east-1",
        "methods": { "rootGet": method },
    });
    assert_eq!(table(answer.body()), expected);
    assert_eq!(answer.body(), get_sdk(&api, "127.0.0.1:4566").await.body());
}

#[tokio::test]
async fn a_client_is_told_the_host_that_it_was_asked_from() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let at_aws = format!("https://{}.execute-api.us-east-1.amazonaws.com/test", api.id);
    for (host, origin) in [
        ("localhost:4566", Some("http://localhost:4566")),
        ("[::1]:4566", Some("http://[::1]:4566")),
        ("apigateway.us-east-1.amazonaws.com", None),
        ("apigateway.us-east-1.amazonaws.com:443", None),
        ("\"};evil()//", None),
        ("", None),
    ] {
        let expected = origin.map(|origin| format!("{origin}/_aws/execute-api/{}/test", api.id));
        let url = table(get_sdk(&api, host).await.body())["invokeUrl"].as_str().unwrap().to_owned();
        assert_eq!(url, expected.unwrap_or_else(|| at_aws.clone()), "{host}");
    }
}

#[tokio::test]
async fn two_methods_never_share_a_name() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    for part in ["a-b", "a_b", "a.b"] {
        let resource = api.resource(&api.root, part).await;
        let path = api.method(&resource, "GET").await;
        gateway.expect(201, "PUT", &format!("{path}/integration"), json!({ "type": "MOCK" })).await;
    }
    api.deploy("test").await;

    let methods = table(get_sdk(&api, "localhost").await.body())["methods"].clone();

    let paths: Vec<(&String, &Value)> =
        methods.as_object().unwrap().iter().map(|(name, method)| (name, &method["path"])).collect();
    let expected = [("aBGet", "/a-b"), ("aBGet2", "/a_b"), ("aBGet3", "/a.b")];
    assert_eq!(paths.len(), expected.len());
    for ((name, path), (expected_name, expected_path)) in paths.into_iter().zip(expected) {
        assert_eq!((name.as_str(), path.as_str()), (expected_name, Some(expected_path)));
    }
}

#[tokio::test]
async fn a_package_has_a_name_and_version_that_npm_takes() {
    let gateway = Gateway::start();
    for (name, version, expected) in [
        ("Pet Store!", Some("2.1.0"), ("pet-store-sdk".to_owned(), "2.1.0")),
        ("pets", Some("2026-01"), ("pets-sdk".to_owned(), "1.0.0")),
        ("…", None, (String::new(), "1.0.0")),
    ] {
        let body = json!({ "name": name, "version": version });
        let reply = gateway.expect(201, "POST", "/restapis", body).await;
        let api = Api { gateway: &gateway, id: reply.id(), root: reply.text("rootResourceId") };
        api.mock("GET").await;
        api.deploy("test").await;
        let manifest: Value =
            serde_json::from_str(&file(get_sdk(&api, "localhost").await.body(), "package.json")).unwrap();
        let (expected_name, expected_version) = expected;
        let expected_name = if expected_name.is_empty() { format!("api-{}-sdk", api.id) } else { expected_name };
        assert_eq!(manifest["name"], json!(expected_name));
        assert_eq!(manifest["version"], json!(expected_version));
    }
}
