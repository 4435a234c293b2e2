//! Specification, "Stage".

use serde_json::{Value, json};

use crate::gateway::{Gateway, NOW, patch_document};

#[tokio::test]
async fn a_stage_has_its_defaults() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    let deployment = gateway.expect(201, "POST", &api.at("/deployments"), Value::Null).await.id();
    let body = json!({ "stageName": "test", "deploymentId": deployment });
    let created = gateway.expect(201, "POST", &api.at("/stages"), body.clone()).await.json;
    let expected = json!({
        "stageName": "test", "deploymentId": deployment, "cacheClusterEnabled": false,
        "cacheClusterStatus": "NOT_AVAILABLE", "methodSettings": {}, "tracingEnabled": false, "createdDate": NOW,
        "lastUpdatedDate": NOW,
    });
    assert_eq!(created, expected);
    assert_eq!(gateway.get(&api.at("/stages/test")).await, expected);
    assert_eq!(gateway.get(&api.at("/stages")).await, json!({ "item": [expected] }));
    assert_eq!(gateway.get(&api.at("/stages?deploymentId=zzzzzz")).await, json!({ "item": [] }));
    gateway.refused(("POST", &api.at("/stages"), body), "ConflictException", "Stage already exists").await;
    let unknown = json!({ "stageName": "other", "deploymentId": "zzzzzz" });
    let message = "Deployment id does not exist";
    gateway.refused(("POST", &api.at("/stages"), unknown), "BadRequestException", message).await;
    for cache in ["data", "authorizers"] {
        gateway.expect(202, "DELETE", &api.at(&format!("/stages/test/cache/{cache}")), Value::Null).await;
    }
    gateway.expect(202, "DELETE", &api.at("/stages/test"), Value::Null).await;
    let message = "Invalid stage identifier specified";
    gateway.refused(("GET", &api.at("/stages/test"), Value::Null), "NotFoundException", message).await;
}

#[tokio::test]
async fn the_first_touch_of_a_method_setting_fills_in_the_rest() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let path = api.at("/stages/test");
    let operations = ["replace /*/*/metrics/enabled true", "replace /~1pets~1{id}/GET/logging/loglevel INFO"];
    let settings = gateway.patch(&path, &operations).await.json["methodSettings"].clone();
    let filled = |member: &str, value: Value| {
        let mut setting = json!({
            "metricsEnabled": false, "dataTraceEnabled": false, "throttlingBurstLimit": 5000,
            "throttlingRateLimit": 10000.0, "cachingEnabled": true, "cacheTtlInSeconds": 300,
            "cacheDataEncrypted": false, "requireAuthorizationForCacheControl": true,
            "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
        });
        setting[member] = value;
        setting
    };
    let expected = json!({
        "*/*": filled("metricsEnabled", json!(true)), "pets~1{id}/GET": filled("loggingLevel", json!("INFO")),
    });
    assert_eq!(settings, expected);
    let removed = gateway.patch(&path, &["remove /~1pets~1{id}/GET", "remove /*/*"]).await;
    assert_eq!(removed.json["methodSettings"], json!({}));
}

#[tokio::test]
async fn patches_of_stages() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    let first = api.deploy("test").await;
    let second = gateway.expect(201, "POST", &api.at("/deployments"), Value::Null).await.id();
    let path = api.at("/stages/test");
    for (operations, member, value) in [
        (vec!["replace /description d".to_owned()], "description", json!("d")),
        (
            vec!["add /variables/a 1".to_owned(), "replace /variables/b 2".to_owned()],
            "variables",
            json!({ "a": "1", "b": "2" }),
        ),
        (vec!["remove /variables/a".to_owned()], "variables", json!({ "b": "2" })),
        (vec!["replace /tracingEnabled true".to_owned()], "tracingEnabled", json!(true)),
        (vec!["replace /cacheClusterEnabled true".to_owned()], "cacheClusterSize", json!("0.5")),
        (
            vec!["replace /accessLogSettings/format $context.requestId".to_owned()],
            "accessLogSettings",
            json!({ "format": "$context.requestId" }),
        ),
        (vec!["remove /accessLogSettings".to_owned()], "accessLogSettings", Value::Null),
        (
            vec!["replace /canarySettings/percentTraffic 50".to_owned()],
            "canarySettings",
            json!({ "deploymentId": first, "percentTraffic": 50.0, "useStageCache": false }),
        ),
        (
            vec![
                format!("replace /canarySettings/deploymentId {second}"),
                "add /canarySettings/stageVariableOverrides/c 3".to_owned(),
            ],
            "canarySettings",
            json!({
                "deploymentId": second, "percentTraffic": 50.0, "stageVariableOverrides": { "c": "3" },
                "useStageCache": false,
            }),
        ),
        (
            vec![
                "copy /deploymentId /canarySettings/deploymentId".to_owned(),
                "copy /variables /canarySettings/stageVariableOverrides".to_owned(),
            ],
            "variables",
            json!({ "b": "2", "c": "3" }),
        ),
        (vec!["remove /canarySettings".to_owned()], "deploymentId", json!(second)),
    ] {
        let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
        let reply = gateway.patch(&path, &operations).await;
        assert_eq!(reply.status, 200, "{operations:?}: {reply:?}");
        assert_eq!(reply.json.get(member).cloned().unwrap_or_default(), value, "{operations:?}");
    }
}

#[tokio::test]
async fn bad_patches_of_stages_change_nothing() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    let path = api.at("/stages/test");
    let before = gateway.get(&path).await;
    let copy = "Valid copy:path are [/deploymentId, /variables] and valid copy:from are [/canarySettings/deploymentId, \
                /canarySettings/stageVariableOverrides]";
    for (operation, message) in [
        (
            "replace /accessLogSettings/nothing x",
            "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, \
             /accessLogSettings/format]"
                .to_owned(),
        ),
        ("replace /accessLogSettings/format", "Access Log value must not be empty".to_owned()),
        ("replace /deploymentId zzzzzz", "Deployment id does not exist".to_owned()),
        (
            "add /canarySettings/deploymentId zzzzzz",
            "Invalid add operation with path: /canarySettings/deploymentId".to_owned(),
        ),
        (
            "remove /*/*",
            "Cannot remove method setting */* because there is no method setting for this method ".to_owned(),
        ),
        (
            "remove /accessLogSettings/destinationArn",
            "Cannot remove method setting accessLogSettings/destinationArn because there is no method setting for this \
             method "
                .to_owned(),
        ),
        (
            "remove /canarySettings/stageVariableOverrides",
            "Cannot remove method setting canarySettings/stageVariableOverrides because there is no method setting for \
             this method "
                .to_owned(),
        ),
        (
            "copy /deploymentId /canarySettings/deploymentId",
            "Promotion not available. Canary does not exist.".to_owned(),
        ),
        (
            "copy /description /canarySettings/deploymentId",
            format!("Invalid copy operation with path: /description and from /canarySettings/deploymentId. {copy}"),
        ),
        (
            "copy /deploymentId /variables",
            format!("Invalid copy operation with path: /deploymentId and from /variables. {copy}"),
        ),
    ] {
        let body = patch_document(&["replace /description changed", operation]);
        gateway.refused(("PATCH", &path, body), "BadRequestException", &message).await;
    }
    for unknown in ["/documentation_version", "/tags/x", "/canarySettings", "/nothing"] {
        let operation = format!("replace {unknown} x");
        let reply = gateway.patch(&path, &["replace /description changed", &operation]).await;
        let message = reply.text("message");
        let start = format!("Invalid method setting path: {unknown}. Must be one of: [/deploymentId, /description, ");
        assert!(message.starts_with(&start), "{message}");
        assert!(
            message.contains("/throttling/burstLimit/{resourcePath}/{httpMethod}/throttling/rateLimit/{resourcePath}")
        );
        assert!(message.contains("/*/*/throttling/burstLimit /*/*/throttling/rateLimit /*/*/caching/ttlInSeconds, "));
        assert!(message.ends_with("/variables/{variable_name}, /tracingEnabled]"), "{message}");
    }
    assert_eq!(gateway.get(&path).await, before);
}
