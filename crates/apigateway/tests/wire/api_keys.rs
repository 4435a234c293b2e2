//! Specification, "API key".

use serde_json::{Value, json};

use crate::gateway::{Gateway, NOW, patch_document};

const VALUE: &str = "0123456789abcdefghij";

/// The names of the keys of a page, and where the next one starts.
async fn names(gateway: &Gateway, query: &str) -> (Vec<String>, Option<String>) {
    let page = gateway.get(&format!("/apikeys?{query}")).await;
    let name = |key: &Value| key["name"].as_str().unwrap_or_default().to_owned();
    let names = page["item"].as_array().unwrap().iter().map(name).collect();
    (names, page["position"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn a_new_key_shows_its_value_once() {
    let gateway = Gateway::start();
    let reply = gateway.expect(201, "POST", "/apikeys", json!({ "name": "" })).await;
    let (id, value) = (reply.id(), reply.text("value"));
    let mut expected = json!({
        "id": id, "value": value, "enabled": false, "createdDate": NOW, "lastUpdatedDate": NOW, "stageKeys": [],
    });
    assert_eq!(reply.json, expected);
    assert_eq!((id.len(), value.len()), (10, 40));
    assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()));

    assert_eq!(gateway.get("/apikeys?includeValues=true").await, json!({ "item": [expected.clone()] }));
    expected["tags"] = json!({});
    assert_eq!(gateway.get(&format!("/apikeys/{id}?includeValue=true")).await, expected);
    expected.as_object_mut().unwrap().shift_remove("value");
    assert_eq!(gateway.get(&format!("/apikeys/{id}")).await, expected);
    assert_eq!(gateway.get(&format!("/apikeys/{id}?includeValue=false")).await, expected);
    expected.as_object_mut().unwrap().shift_remove("tags");
    assert_eq!(gateway.get("/apikeys").await, json!({ "item": [expected] }));
}

#[tokio::test]
async fn what_was_given_is_shown() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let body = json!({
        "name": "n", "description": "d", "enabled": true, "generateDistinctId": true, "value": VALUE, "customerId": "c",
        "stageKeys": [{ "restApiId": api.id, "stageName": "test" }], "tags": { "a": "b" },
    });
    let reply = gateway.expect(201, "POST", "/apikeys", body).await;
    let expected = json!({
        "id": reply.id(), "value": VALUE, "name": "n", "customerId": "c", "description": "d", "enabled": true,
        "createdDate": NOW, "lastUpdatedDate": NOW, "stageKeys": [format!("{}/test", api.id)], "tags": { "a": "b" },
    });
    assert_eq!(reply.json, expected);
    assert_eq!(gateway.get("/apikeys").await["item"][0]["tags"], json!({ "a": "b" }));
}

#[tokio::test]
async fn a_bad_creation_is_refused() {
    let gateway = Gateway::start();
    gateway.expect(201, "POST", "/apikeys", json!({ "value": VALUE })).await;
    let api = gateway.api().await;
    for (body, error, message) in [
        (
            json!({ "name": "n".repeat(1025) }),
            "BadRequestException",
            "Invalid API Key name, can be at most 1024 characters.".to_owned(),
        ),
        (
            json!({ "value": "short" }),
            "BadRequestException",
            "API Key value should be at least 20 characters".to_owned(),
        ),
        (
            json!({ "value": "v".repeat(129) }),
            "BadRequestException",
            "API Key value exceeds maximum size of 128 characters".to_owned(),
        ),
        (
            json!({ "value": format!("{VALUE}\r\nX-Other: 1") }),
            "BadRequestException",
            "API Key value should consist of visible ASCII characters".to_owned(),
        ),
        (
            json!({ "description": "d".repeat(125_001) }),
            "BadRequestException",
            "Invalid API Key description specified.".to_owned(),
        ),
        (json!({ "value": VALUE }), "ConflictException", "API Key already exists".to_owned()),
        (
            json!({ "stageKeys": [{ "restApiId": "zzzzzzzzzz", "stageName": "test" }] }),
            "NotFoundException",
            "Invalid API identifier specified 000000000000:zzzzzzzzzz".to_owned(),
        ),
        (
            json!({ "stageKeys": [{ "restApiId": api.id, "stageName": "test" }] }),
            "NotFoundException",
            "Invalid stage identifier specified".to_owned(),
        ),
        (
            json!({ "stageKeys": [{ "restApiId": api.id }] }),
            "BadRequestException",
            format!("Invalid stage key specified: {}/", api.id),
        ),
        (
            json!({ "enabled": "true" }),
            "SerializationException",
            "class java.lang.String can not be converted to an Boolean".to_owned(),
        ),
    ] {
        gateway.refused(("POST", "/apikeys", body), error, &message).await;
    }
    assert_eq!(names(&gateway, "").await, (vec![String::new()], None));
    // An empty value asks for a new one.
    let generated = gateway.expect(201, "POST", "/apikeys", json!({ "value": "" })).await;
    assert_eq!(generated.text("value").len(), 40);
}

#[tokio::test]
async fn keys_are_listed_newest_first() {
    let gateway = Gateway::start();
    for name in ["ant", "bee", "ape", "Ant", "ant-2"] {
        let customer = if name.len() == 3 { "short" } else { "long" };
        gateway.expect(201, "POST", "/apikeys", json!({ "name": name, "customerId": customer })).await;
    }
    for (query, expected) in [
        ("limit=500", &["ant-2", "Ant", "ape", "bee", "ant"][..]),
        ("name=ant", &["ant-2", "ant"]),
        ("name=a&customerId=short", &["ape", "ant"]),
        ("name=", &["ant-2", "Ant", "ape", "bee", "ant"]),
        ("name=nt", &[]),
        ("customerId=nobody", &[]),
    ] {
        assert_eq!(names(&gateway, query).await.0, expected, "{query}");
    }
    let (first, position) = names(&gateway, "name=a&limit=2").await;
    assert_eq!(first, ["ant-2", "ape"]);
    let next = format!("name=a&limit=2&position={}", position.unwrap());
    // What is new meanwhile is not on the pages behind.
    gateway.expect(201, "POST", "/apikeys", json!({ "name": "asp" })).await;
    assert_eq!(names(&gateway, &next).await, (vec!["ant".to_owned()], None));
    let beyond = ("GET", "/apikeys?position=x", Value::Null);
    gateway.refused(beyond, "BadRequestException", "Invalid position specified").await;
}

#[tokio::test]
async fn patches_change_what_they_name() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let id = gateway.expect(201, "POST", "/apikeys", json!({ "name": "n" })).await.id();
    let path = format!("/apikeys/{id}");
    let stage_key = format!("{}/test", api.id);
    for (operation, member, value) in [
        ("replace /name m".to_owned(), "name", json!("m")),
        ("replace /name".to_owned(), "name", Value::Null),
        ("replace /description d".to_owned(), "description", json!("d")),
        ("replace /enabled TRUE".to_owned(), "enabled", json!(true)),
        ("replace /enabled yes".to_owned(), "enabled", json!(false)),
        ("replace /customerId c".to_owned(), "customerId", json!("c")),
        (format!("add /stages {stage_key}"), "stageKeys", json!([stage_key])),
        (format!("remove /stages {stage_key}"), "stageKeys", json!([])),
        ("add /labels x".to_owned(), "labels", Value::Null),
    ] {
        let reply = gateway.patch(&path, &[&operation]).await;
        assert_eq!(reply.status, 200, "{operation}: {reply:?}");
        assert_eq!(reply.json.get(member).cloned().unwrap_or_default(), value, "{operation}");
        assert_eq!((reply.json.get("value"), &reply.json["tags"]), (None, &json!({})), "{operation}");
        assert_eq!(gateway.get(&path).await, reply.json, "{operation}");
    }
}

#[tokio::test]
async fn bad_patches_change_nothing() {
    let gateway = Gateway::start();
    let id = gateway.expect(201, "POST", "/apikeys", json!({ "name": "n" })).await.id();
    let path = format!("/apikeys/{id}");
    let before = gateway.get(&path).await;
    let long = format!("replace /name {}", "n".repeat(1025));
    for (operation, error, message) in [
        (
            "replace /value 0123456789abcdefghij",
            "BadRequestException",
            "Invalid patch path  '/value' specified for op 'replace'. Must be one of: [/description, /enabled, /name, \
             /customerId]",
        ),
        (
            "add /name x",
            "BadRequestException",
            "Invalid patch path  '/name' specified for op 'add'. Please choose supported operations",
        ),
        (long.as_str(), "BadRequestException", "Invalid API Key name, can be at most 1024 characters."),
        ("add /stages x", "BadRequestException", "Invalid stage key specified: x"),
        (
            "add /stages zzzzzzzzzz/test",
            "NotFoundException",
            "Invalid API identifier specified 000000000000:zzzzzzzzzz",
        ),
    ] {
        let body = patch_document(&["replace /enabled true", operation]);
        gateway.refused(("PATCH", &path, body), error, message).await;
    }
    assert_eq!(gateway.get(&path).await, before);
}

#[tokio::test]
async fn a_deleted_key_is_gone_and_its_value_is_free() {
    let gateway = Gateway::start();
    let id = gateway.expect(201, "POST", "/apikeys", json!({ "value": VALUE })).await.id();
    let path = format!("/apikeys/{id}");
    let reply = gateway.expect(202, "DELETE", &path, Value::Null).await;
    assert_eq!(reply.json, Value::Null);
    for method in ["GET", "DELETE"] {
        let call = (method, path.as_str(), Value::Null);
        gateway.refused(call, "NotFoundException", "Invalid API Key identifier specified").await;
    }
    let change = ("PATCH", path.as_str(), patch_document(&["replace /name x"]));
    gateway.refused(change, "NotFoundException", "Invalid API Key identifier specified").await;
    gateway.expect(201, "POST", "/apikeys", json!({ "value": VALUE })).await;
}
