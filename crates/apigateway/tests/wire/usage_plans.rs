//! Specification, "Usage plan, plan keys, usage".

use serde_json::{Value, json};

use crate::gateway::{Api, Gateway, Reply, patch_document};

/// An API with a stage `test`.
async fn deployed(gateway: &Gateway) -> Api<'_> {
    let api = gateway.api().await;
    api.mock("GET").await;
    api.deploy("test").await;
    api
}

async fn create(gateway: &Gateway, body: Value) -> Reply {
    gateway.expect(201, "POST", "/usageplans", body).await
}

#[tokio::test]
async fn a_plan_is_what_was_given() {
    let gateway = Gateway::start();
    let api = deployed(&gateway).await;
    let bare = create(&gateway, json!({ "name": "bare" })).await;
    let mut expected = json!({ "id": bare.id(), "name": "bare", "apiStages": [] });
    assert_eq!(bare.json, expected);
    assert_eq!(bare.id().len(), 6);
    assert_eq!(gateway.get("/usageplans").await, json!({ "item": [expected.clone()] }));
    expected["tags"] = json!({});
    assert_eq!(gateway.get(&format!("/usageplans/{}", bare.id())).await, expected);

    let body = json!({
        "name": "full", "description": "d", "throttle": { "rateLimit": 1.5 }, "tags": {},
        "apiStages": [{ "apiId": api.id, "stage": "test", "throttle": { "/pets/{id}/GET": { "burstLimit": 2, "rateLimit": 3 } } }],
        "quota": { "limit": 10, "period": "MONTH" },
    });
    let full = create(&gateway, body).await;
    let expected = json!({
        "id": full.id(), "name": "full", "description": "d", "throttle": { "burstLimit": 0, "rateLimit": 1.5 }, "tags": {},
        "apiStages": [{ "apiId": api.id, "stage": "test", "throttle": { "/pets/{id}/GET": { "burstLimit": 2, "rateLimit": 3.0 } } }],
        "quota": { "limit": 10, "offset": 0, "period": "MONTH" },
    });
    assert_eq!(full.json, expected);
    assert_eq!(gateway.get(&format!("/usageplans/{}", full.id())).await, expected);
}

#[tokio::test]
async fn a_bad_creation_is_refused() {
    let gateway = Gateway::start();
    let api = deployed(&gateway).await;
    let stage = |stage: Value| json!({ "name": "p", "apiStages": [stage] });
    for (body, error, message) in [
        (
            json!({ "quota": { "period": "YEAR" } }),
            "ValidationException",
            "2 validation errors detected: Value null at 'createUsagePlanInput.name' failed to satisfy constraint: Member must \
             not be null; Value 'YEAR' at 'createUsagePlanInput.quota.period' failed to satisfy constraint: Member must satisfy \
             enum value set: [DAY, WEEK, MONTH]"
                .to_owned(),
        ),
        (json!({ "name": " " }), "BadRequestException", "Usage Plan name cannot be blank".to_owned()),
        (
            json!({ "name": "p", "quota": { "limit": 1 } }),
            "BadRequestException",
            "Usage Plan quota must have a limit and a period".to_owned(),
        ),
        (
            json!({ "name": "p", "quota": { "limit": -1, "period": "DAY" } }),
            "BadRequestException",
            "Invalid quota limit specified: -1".to_owned(),
        ),
        (
            json!({ "name": "p", "throttle": { "burstLimit": 2_147_483_648_u32 } }),
            "BadRequestException",
            "Invalid burst limit specified: 2147483648".to_owned(),
        ),
        (
            json!({ "name": "p", "throttle": { "rateLimit": -0.5 } }),
            "BadRequestException",
            "Invalid rate limit specified: -0.5".to_owned(),
        ),
        (
            stage(json!({ "apiId": api.id, "stage": "prod" })),
            "NotFoundException",
            format!("Invalid API Stage {{api: {}, stage: prod}} specified for usageplan p", api.id),
        ),
        (
            stage(json!({ "apiId": "x y", "stage": "test" })),
            "NotFoundException",
            "Invalid API Stage {api: x y, stage: test} specified for usageplan p".to_owned(),
        ),
        (stage(json!({ "stage": "test" })), "BadRequestException", "Invalid API Stage specified".to_owned()),
        (
            stage(json!({ "apiId": api.id, "stage": "test", "throttle": { "*/*": {} } })),
            "BadRequestException",
            "Invalid method throttle specified: */*".to_owned(),
        ),
        (
            json!({ "name": "p", "apiStages": [{ "apiId": api.id, "stage": "test" }, { "apiId": api.id, "stage": "test" }] }),
            "ConflictException",
            format!("API Stage {}:test is already associated with the Usage Plan", api.id),
        ),
    ] {
        gateway.refused(("POST", "/usageplans", body), error, &message).await;
    }
    assert_eq!(gateway.get("/usageplans").await, json!({ "item": [] }));
}

#[tokio::test]
async fn patches_change_what_they_name() {
    let gateway = Gateway::start();
    let api = deployed(&gateway).await;
    let stage = format!("{}:test", api.id);
    let path = format!("/usageplans/{}", create(&gateway, json!({ "name": "p" })).await.id());
    let with_throttle = |throttle: Value| json!([{ "apiId": api.id, "stage": "test", "throttle": throttle }]);
    let at = |rest: &str| format!("/apiStages/{stage}/throttle{rest}");
    let both = json!({ "/pets/{id}/GET": { "burstLimit": 7, "rateLimit": 0.1 }, "/pets/POST": { "burstLimit": 0, "rateLimit": 2.0 } });
    for (operations, member, value) in [
        (vec!["replace /name q".to_owned()], "name", json!("q")),
        (vec!["replace /description d".to_owned()], "description", json!("d")),
        (vec!["add /productCode c".to_owned()], "productCode", json!("c")),
        (vec!["remove /productCode".to_owned()], "productCode", Value::Null),
        (
            vec!["add /throttle/rateLimit 2.5".to_owned(), "replace /throttle/burstLimit 4".to_owned()],
            "throttle",
            json!({ "burstLimit": 4, "rateLimit": 2.5 }),
        ),
        (vec!["remove /throttle".to_owned()], "throttle", Value::Null),
        (
            vec![
                "add /quota/limit 5".to_owned(),
                "add /quota/offset 1".to_owned(),
                "add /quota/period WEEK".to_owned(),
            ],
            "quota",
            json!({ "limit": 5, "offset": 1, "period": "WEEK" }),
        ),
        (vec!["replace /quota/period DAY".to_owned()], "quota", json!({ "limit": 5, "offset": 1, "period": "DAY" })),
        (vec!["remove /quota".to_owned()], "quota", Value::Null),
        (vec![format!("add /apiStages {stage}")], "apiStages", json!([{ "apiId": api.id, "stage": "test" }])),
        (
            vec![
                format!("replace {} 0.1", at("/~1pets~1{id}/GET/rateLimit")),
                format!("replace {} 7", at("//pets/{id}/GET/burstLimit")),
                format!("add {} 2", at("/~1pets/POST/rateLimit")),
            ],
            "apiStages",
            with_throttle(both),
        ),
        (
            vec![format!("remove {}", at("/~1pets~1{id}/GET"))],
            "apiStages",
            with_throttle(json!({ "/pets/POST": { "burstLimit": 0, "rateLimit": 2.0 } })),
        ),
        (
            vec![format!("replace {} {{\"//GET\":{{\"burstLimit\":1}}}}", at(""))],
            "apiStages",
            with_throttle(json!({ "//GET": { "burstLimit": 1, "rateLimit": 0.0 } })),
        ),
        (vec![format!("remove {}", at(""))], "apiStages", json!([{ "apiId": api.id, "stage": "test" }])),
        (vec![format!("remove /apiStages {stage}")], "apiStages", json!([])),
    ] {
        let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
        let reply = gateway.patch(&path, &operations).await;
        assert_eq!(reply.status, 200, "{operations:?}: {reply:?}");
        assert_eq!(reply.json.get(member).cloned().unwrap_or_default(), value, "{operations:?}");
        assert_eq!(reply.json["tags"], json!({}), "{operations:?}");
        assert_eq!(gateway.get(&path).await, reply.json, "{operations:?}");
    }
}

/// Patches of a plan that are refused, and leave it as it is.
async fn check_refusals(gateway: &Gateway, plan: &str, refusals: &[(String, &str, String)]) {
    let path = format!("/usageplans/{plan}");
    let before = gateway.get(&path).await;
    for (operation, error, message) in refusals {
        let body = patch_document(&["replace /description changed", operation]);
        gateway.refused(("PATCH", &path, body), error, message).await;
    }
    assert_eq!(gateway.get(&path).await, before);
}

#[tokio::test]
async fn bad_patches_change_nothing() {
    let gateway = Gateway::start();
    let id = create(&gateway, json!({ "name": "p" })).await.id();
    let refusals = [
        ("copy /name /description", "Invalid patch path  '/name' specified for op 'copy'. Must be one of: []"),
        ("replace /name", "Usage Plan name cannot be blank"),
        ("add /quota/limit 5", "Usage Plan quota must have a limit and a period"),
        ("add /quota/limit many", "Invalid quota limit specified: many"),
        ("add /quota/period YEAR", "Invalid quota period specified. Must be one of: [DAY, WEEK, MONTH]"),
        ("add /throttle/rateLimit NaN", "Invalid rate limit specified: NaN"),
        ("add /throttle/burstLimit -1", "Invalid burst limit specified: -1"),
    ];
    let refusals =
        refusals.map(|(operation, message)| (operation.to_owned(), "BadRequestException", message.to_owned()));
    check_refusals(&gateway, &id, &refusals).await;
}

#[tokio::test]
async fn bad_patches_of_stages_change_nothing() {
    let gateway = Gateway::start();
    let api = deployed(&gateway).await;
    let stage = format!("{}:test", api.id);
    let id = create(&gateway, json!({ "name": "p", "apiStages": [{ "apiId": api.id, "stage": "test" }] })).await.id();
    let refusals = [
        (
            format!("remove /apiStages/{stage}"),
            "BadRequestException",
            format!(
                "Invalid patch path  '/apiStages/{stage}' specified for op 'remove'. Must be one of: [/apiStages, /quota, \
                 /throttle, /productCode, /apiStages/<apidId:stageName>/throttle/<resourcePath>/<httpMethod>, \
                 /apiStages/<apidId:stageName>/throttle]"
            ),
        ),
        ("remove /apiStages".to_owned(), "BadRequestException", "Invalid API Stage specified".to_owned()),
        ("add /apiStages nothing".to_owned(), "BadRequestException", "Invalid API Stage specified".to_owned()),
        (
            format!("add /apiStages {}:prod", api.id),
            "NotFoundException",
            format!("Invalid API Stage {{api: {}, stage: prod}} specified for usageplan {id}", api.id),
        ),
        (
            "remove /apiStages zzzzzzzzzz:test".to_owned(),
            "NotFoundException",
            format!("Invalid API Stage {{api: zzzzzzzzzz, stage: test}} specified for usageplan {id}"),
        ),
        (
            format!("add /apiStages {stage}"),
            "ConflictException",
            format!("API Stage {stage} is already associated with the Usage Plan"),
        ),
        (
            format!("replace /apiStages/{stage}/throttle/~1pets/LOOK/rateLimit 1"),
            "BadRequestException",
            "Invalid method throttle specified: /pets/LOOK".to_owned(),
        ),
        (
            format!("replace /apiStages/{stage}/throttle [1]"),
            "BadRequestException",
            "Invalid method throttles specified: [1]".to_owned(),
        ),
        (
            format!("remove /apiStages/{stage}/throttle/~1pets/GET"),
            "NotFoundException",
            "Invalid method throttle specified".to_owned(),
        ),
    ];
    check_refusals(&gateway, &id, &refusals).await;
}

#[tokio::test]
async fn a_stage_has_at_most_twenty_method_throttles() {
    let gateway = Gateway::start();
    let api = deployed(&gateway).await;
    let throttles = |count: usize| -> Value {
        let throttles: serde_json::Map<String, Value> = (0..count).map(|n| (format!("/{n}/GET"), json!({}))).collect();
        json!({ "name": "p", "apiStages": [{ "apiId": api.id, "stage": "test", "throttle": throttles }] })
    };
    create(&gateway, throttles(20)).await;
    let message = "An API Stage of a Usage Plan has at most 20 method throttles";
    gateway.refused(("POST", "/usageplans", throttles(21)), "BadRequestException", message).await;
}

#[tokio::test]
async fn a_plan_has_at_most_five_hundred_stages() {
    let gateway = Gateway::start();
    let path = format!("/usageplans/{}", create(&gateway, json!({ "name": "p" })).await.id());
    let operations: Vec<String> = (0..501).map(|number| format!("add /apiStages a1b2c3d4e5:s{number}")).collect();
    let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
    let refused = ("PATCH", path.as_str(), patch_document(&operations));
    gateway.refused(refused, "BadRequestException", "A Usage Plan has at most 500 API Stages").await;
}

#[tokio::test]
async fn a_plan_with_stages_cannot_be_deleted() {
    let gateway = Gateway::start();
    let api = deployed(&gateway).await;
    let stages = json!([{ "apiId": api.id, "stage": "test" }]);
    let id = create(&gateway, json!({ "name": "p", "apiStages": stages })).await.id();
    let path = format!("/usageplans/{id}");
    let message = format!(
        "Cannot delete Usage Plan {id} because there are API Stages associated with it, including {}:test",
        api.id
    );
    gateway.refused(("DELETE", &path, Value::Null), "BadRequestException", &message).await;
    gateway.patch(&path, &[&format!("remove /apiStages {}:test", api.id)]).await;
    gateway.expect(202, "DELETE", &path, Value::Null).await;
    for method in ["GET", "DELETE"] {
        gateway.refused((method, &path, Value::Null), "NotFoundException", "Invalid Usage Plan ID specified").await;
    }
}

#[tokio::test]
async fn what_is_deleted_leaves_its_plans() {
    let gateway = Gateway::start();
    let (first, second) = (deployed(&gateway).await, deployed(&gateway).await);
    first.deploy("prod").await;
    let stage = |api: &Api<'_>, stage: &str| json!({ "apiId": api.id, "stage": stage });
    let all = [stage(&first, "test"), stage(&first, "prod"), stage(&second, "test")];
    let mut paths = Vec::new();
    for _ in 0..2 {
        paths.push(format!("/usageplans/{}", create(&gateway, json!({ "name": "p", "apiStages": all })).await.id()));
    }
    gateway.expect(202, "DELETE", &first.at("/stages/test"), Value::Null).await;
    for path in &paths {
        assert_eq!(gateway.get(path).await["apiStages"], json!(all[1..]));
    }
    gateway.expect(202, "DELETE", &first.at(""), Value::Null).await;
    for path in &paths {
        assert_eq!(gateway.get(path).await["apiStages"], json!(all[2..]));
    }
    // A stage of the same name that is made later is in no plan.
    second.deploy("later").await;
    gateway.expect(202, "DELETE", &second.at("/stages/test"), Value::Null).await;
    second.deploy("test").await;
    assert_eq!(gateway.get(&paths[0]).await["apiStages"], json!([]));
}

#[tokio::test]
async fn plans_are_listed_in_pages() {
    let gateway = Gateway::start();
    for name in ["a", "b", "c"] {
        create(&gateway, json!({ "name": name })).await;
    }
    let first = gateway.get("/usageplans?limit=2").await;
    let second = gateway.get(&format!("/usageplans?limit=2&position={}", first["position"].as_str().unwrap())).await;
    let pages: Vec<Value> = [first, second]
        .iter()
        .map(|page| page["item"].as_array().unwrap().iter().map(|plan| plan["name"].clone()).collect())
        .collect();
    assert_eq!(json!(pages), json!([["a", "b"], ["c"]]));
}

#[tokio::test]
async fn an_account_has_three_hundred_plans_at_most() {
    let gateway = Gateway::start();
    for _ in 0..300 {
        create(&gateway, json!({ "name": "p" })).await;
    }
    let message = "Maximum number of usage plans for this account has been reached";
    gateway.refused(("POST", "/usageplans", json!({ "name": "p" })), "LimitExceededException", message).await;
}
