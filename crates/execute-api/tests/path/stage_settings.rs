//! What acts per stage: throttling, the response cache, canaries.

use std::{sync::Arc, time::Duration};

use definition::id::{RestApiId, StageName};
use execute_api::{
    ports::Authority,
    stage::{LoadedStage, StageLimits, StageSource, Stages},
    throttle::RateLimit,
};
use serde_json::{Value, json};

use crate::fixture::{API_ID, Answer, Api, Client, FakeFunctions, Request, gateway, get, scope, stages, success};

fn setting(more: Value) -> Value {
    let mut setting = json!({
        "metricsEnabled": false, "dataTraceEnabled": false, "throttlingBurstLimit": -1, "throttlingRateLimit": -1.0,
        "cachingEnabled": true, "cacheTtlInSeconds": 300, "cacheDataEncrypted": false,
        "requireAuthorizationForCacheControl": true,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        setting[name] = value.clone();
    }
    setting
}

fn throttled(rate: f64, burst: i32) -> Value {
    setting(json!({"throttlingRateLimit": rate, "throttlingBurstLimit": burst}))
}

fn with_settings(mut api: Api, settings: Value) -> Api {
    api.stage["methodSettings"] = settings;
    api
}

fn cached(mut api: Api, more: Value) -> Api {
    api.stage["cacheClusterEnabled"] = json!(true);
    api.stage["cacheClusterSize"] = json!("0.5");
    with_settings(api, json!({"*/*": setting(more)}))
}

/// A proxy function whose body says how often it was called.
fn counting() -> Arc<FakeFunctions> {
    let calls = std::sync::atomic::AtomicU32::new(0);
    FakeFunctions::new(move |_| {
        let call = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1;
        Ok(success(
            &json!({"statusCode": 200, "headers": {"X-Call": call.to_string()}, "body": call.to_string()}).to_string(),
        ))
    })
}

fn client(stage: Arc<LoadedStage>, functions: &Arc<FakeFunctions>) -> Client {
    Client { gateway: gateway(Arc::clone(functions)), stage }
}

fn statuses(client: &Client, target: &str, requests: usize) -> Vec<u16> {
    (0..requests).map(|_| client.get(target).status).collect()
}

#[test]
fn a_method_admits_its_burst_and_then_says_so() {
    let api = Api::new().lambda_proxy("GET", "/").lambda_proxy("GET", "/free").lambda_proxy("GET", "/other");
    let settings = json!({"~1/GET": throttled(0.001, 3), "*/*": throttled(0.001, 2), "free/GET": throttled(-1.0, -1)});
    let client = with_settings(api, settings).deploy(FakeFunctions::answering("{}"));
    assert_eq!(statuses(&client, "/prod", 5), [200, 200, 200, 429, 429]);
    assert_eq!(statuses(&client, "/prod/other", 3), [200, 200, 429]);
    assert_eq!(statuses(&client, "/prod/free", 9), [200; 9]);

    let answer = client.get("/prod");
    assert_eq!(answer.text(), "{\"message\":\"Too Many Requests\"}");
    assert_eq!(answer.header("x-amzn-errortype"), Some("TooManyRequestsException"));
    assert_eq!(answer.header("retry-after"), None);
}

#[test]
fn methods_behind_an_any_share_its_bucket_unless_they_have_a_setting() {
    let api = Api::new().lambda_proxy("ANY", "/a");
    let settings = json!({"*/*": throttled(0.001, 2), "a/POST": throttled(0.001, 1)});
    let client = with_settings(api, settings).deploy(FakeFunctions::answering("{}"));
    let send = |method| client.run(Request { method, target: "/prod/a", headers: &[], body: b"" }).status;
    assert_eq!(["POST", "GET", "PUT", "DELETE", "POST"].map(send), [200, 200, 200, 429, 429]);
}

#[test]
fn all_apis_of_a_region_draw_from_the_account() {
    let account = RateLimit::new(0.001, 3);
    let stages = Stages::new(StageLimits { account, cache_bytes_max: 0 });
    let functions = FakeFunctions::answering("{}");
    let first = client(Api::new().lambda_proxy("GET", "/").load_in(&stages), &functions);
    let second =
        client(Api::new().set("id", json!("zzzzzz1234")).lambda_proxy("GET", "/").load_in(&stages), &functions);
    assert_eq!([first.get("/prod").status, second.get("/prod").status, first.get("/prod").status], [200; 3]);
    assert_eq!(second.get("/prod").status, 429);
}

#[test]
fn a_reload_refills_no_bucket_whose_limit_is_the_same() {
    let stages = stages();
    let functions = FakeFunctions::answering("{}");
    let load = |settings: Value| {
        client(with_settings(Api::new().lambda_proxy("GET", "/"), settings).load_in(&stages), &functions)
    };
    let settings = json!({"*/*": throttled(0.001, 2)});
    assert_eq!(statuses(&load(settings.clone()), "/prod", 3), [200, 200, 429]);
    stages.invalidate(&API_ID.parse::<RestApiId>().expect("an id"));
    assert_eq!(load(settings.clone()).get("/prod").status, 429);
    assert_eq!(statuses(&load(json!({"*/*": throttled(0.001, 1)})), "/prod", 2), [200, 429]);
    stages.forget(&API_ID.parse().expect("an id"), &"prod".parse().expect("a name"));
    assert_eq!(load(settings).get("/prod").status, 200);
}

#[test]
fn a_cached_response_is_given_again_as_it_was() {
    let functions = counting();
    let client = cached(Api::new().lambda_proxy("GET", "/"), json!({})).deploy(Arc::clone(&functions));
    let first = client.get("/prod?a=1");
    let second = client.get("/prod?a=2");
    assert_eq!((first.text(), second.text(), functions.calls().len()), ("1", "1", 1));
    assert_eq!(second.header("x-call"), Some("1"));
    assert_ne!(first.header("x-amzn-requestid"), second.header("x-amzn-requestid"));
    assert_ne!(first.header("x-amzn-trace-id"), second.header("x-amzn-trace-id"));
    assert_eq!(second.header("warning"), None);
}

#[test]
fn only_what_the_settings_name_is_cached() {
    let check = |method: &str, api: Api, settings: Value, expected: [&str; 2]| {
        let mut api = cached(api, json!({}));
        api.stage["methodSettings"] = settings.clone();
        let client = api.deploy(counting());
        let send = || client.run(Request { method, target: "/prod", headers: &[], body: b"" });
        assert_eq!([send().text(), send().text()], expected, "{method} {settings}");
    };
    let all = || json!({"*/*": setting(json!({}))});
    let declared = |method: &str| Api::new().lambda_proxy(method, "/");
    check("GET", declared("GET"), all(), ["1", "1"]);
    check("POST", declared("POST"), all(), ["1", "2"]);
    check("GET", declared("ANY"), all(), ["1", "1"]);
    check("POST", declared("ANY"), all(), ["1", "2"]);
    check("POST", declared("POST"), json!({"~1/POST": setting(json!({}))}), ["1", "1"]);
    check("GET", declared("GET"), json!({}), ["1", "2"]);
    let off = setting(json!({"cachingEnabled": false}));
    check("GET", declared("GET"), json!({"*/*": setting(json!({})), "~1/GET": off}), ["1", "2"]);
    check("GET", declared("GET"), json!({"*/*": setting(json!({"cacheTtlInSeconds": 0}))}), ["1", "2"]);
    let no_cluster = with_settings(declared("GET"), all()).deploy(counting());
    assert_eq!([no_cluster.get("/prod").text(), no_cluster.get("/prod").text()], ["1", "2"]);
}

#[test]
fn faults_and_what_is_too_large_are_not_cached() {
    let check = |status: u16, body_bytes: usize, calls: usize| {
        let answer = json!({"statusCode": status, "body": "x".repeat(body_bytes)}).to_string();
        let functions = FakeFunctions::answering(&answer);
        let client = cached(Api::new().lambda_proxy("GET", "/"), json!({})).deploy(Arc::clone(&functions));
        assert_eq!(statuses(&client, "/prod", 2), [status; 2]);
        assert_eq!(functions.calls().len(), calls, "{status}, {body_bytes} bytes");
    };
    check(200, 1_048_576, 1);
    check(200, 1_048_577, 2);
    check(404, 1, 1);
    check(500, 1, 2);
    let malformed = FakeFunctions::answering("[]");
    let client = cached(Api::new().lambda_proxy("GET", "/"), json!({})).deploy(Arc::clone(&malformed));
    assert_eq!((statuses(&client, "/prod", 2), malformed.calls().len()), (vec![502, 502], 2));
}

#[test]
fn a_response_is_cached_as_long_as_its_setting_says() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    let client = cached(Api::new().lambda_proxy("GET", "/"), json!({"cacheTtlInSeconds": 60})).deploy(counting());
    runtime.expect("a runtime").block_on(async {
        let mut bodies = Vec::new();
        for pause_s in [0, 59, 1, 59] {
            tokio::time::advance(Duration::from_secs(pause_s)).await;
            bodies.push(client.send(get("/prod")).await.text().to_owned());
        }
        assert_eq!(bodies, ["1", "1", "2", "2"]);
    });
}

const FRESH: &[(&str, &str)] = &[("Cache-Control", "no-transform, Max-Age=0")];

#[test]
fn a_client_may_ask_for_a_fresh_response_if_no_authorization_is_required() {
    let more = json!({"requireAuthorizationForCacheControl": false});
    let client = cached(Api::new().lambda_proxy("GET", "/"), more).deploy(counting());
    let send = |headers| client.run(get("/prod").headers(headers)).text().to_owned();
    let headers: [&[(&str, &str)]; 5] = [&[], &[], FRESH, &[], &[("Cache-Control", "max-age=01, no-cache")]];
    assert_eq!(headers.map(send), ["1", "1", "2", "2", "2"]);
}

#[test]
fn who_may_not_ask_for_a_fresh_response_is_treated_as_the_strategy_says() {
    let ask = |strategy: &str, headers| {
        let more = json!({"unauthorizedCacheControlHeaderStrategy": strategy});
        let client = cached(Api::new().lambda_proxy("GET", "/"), more).deploy(counting());
        client.get("/prod");
        client.run(get("/prod").headers(headers))
    };
    let signed: &[(&str, &str)] = &[("Cache-Control", "max-age=0"), ("Authorization", "AWS4-HMAC-SHA256 Credential=x")];
    for headers in [FRESH, signed] {
        let warned = ask("SUCCEED_WITH_RESPONSE_HEADER", headers);
        let warning = "199 Cache-control headers were ignored because the caller was unauthorized.";
        assert_eq!((warned.text(), warned.header("warning")), ("1", Some(warning)));
        let served = ask("SUCCEED_WITHOUT_RESPONSE_HEADER", headers);
        assert_eq!((served.text(), served.header("warning")), ("1", None));
        let refused = ask("FAIL_WITH_403", headers);
        assert_eq!((refused.status, refused.header("x-amzn-errortype")), (403, Some("AccessDeniedException")));
    }
    let missed = cached(Api::new().lambda_proxy("GET", "/"), json!({})).deploy(counting());
    assert!(missed.run(get("/prod").headers(FRESH)).header("warning").is_some());
    assert_eq!(missed.get("/prod").header("warning"), None);
}

#[test]
fn a_flush_empties_the_cache_and_a_reload_does_not() {
    let stages = stages();
    let functions = counting();
    let load = |api: Api| client(api.load_in(&stages), &functions);
    let api = || cached(Api::new().lambda_proxy("GET", "/"), json!({}));
    let first = load(api());
    assert_eq!(first.get("/prod").text(), "1");
    assert_eq!(load(api()).get("/prod").text(), "1");
    let name: StageName = "prod".parse().expect("a name");
    stages.flush_cache(&API_ID.parse().expect("an id"), &name);
    assert_eq!([first.get("/prod").text(), load(api()).get("/prod").text()], ["2", "2"]);

    let mut larger = api();
    larger.stage["cacheClusterSize"] = json!("1.6");
    assert_eq!(load(larger).get("/prod").text(), "3");
    let mut redeployed = api();
    redeployed.stage["deploymentId"] = json!("d9e9f9");
    assert_eq!(load(redeployed).get("/prod").text(), "4");
}

/// Developer Guide, "API Gateway stage variables reference for REST APIs in API Gateway": Lambda functions, credentials.
#[test]
fn stage_variables_name_a_function_its_alias_and_a_role() {
    let uri = format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{VARIABLE_FUNCTION}/invocations");
    let credentials = "arn:aws:iam::123456789012:${stageVariables.role}";
    let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri, "credentials": credentials});
    let functions = FakeFunctions::answering("{}");
    let variables = json!({"function": "calc", "alias": "live", "role": "role/caller"});
    let client =
        Api::new().method("GET", "/", integration, Value::Null).variables(variables).deploy(Arc::clone(&functions));
    assert_eq!(client.get("/prod").status, 200);
    let calls = functions.calls();
    assert_eq!(calls[0].function_arn, "arn:aws:lambda:us-east-1:123456789012:function:calc:live");
    let Authority::Role { arn, .. } = &calls[0].authority else { panic!("{:?}", calls[0].authority) };
    assert_eq!(arn, "arn:aws:iam::123456789012:role/caller");
}

const VARIABLE_FUNCTION: &str =
    "arn:aws:lambda:us-east-1:123456789012:function:${stageVariables.function}:${stageVariables.alias}";

/// A stage with a canary, and mocks that say which release answers.
fn with_canary(canary: Value, more: Value) -> Arc<LoadedStage> {
    let template = "$context.deploymentId $context.isCanaryRequest $stageVariables.a $stageVariables.b";
    let api = |method: &str| {
        let integration = json!({
            "type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\":200}"},
            "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": template}}},
        });
        let responses = json!({"methodResponses": {"200": {"statusCode": "200"}}});
        Api::new().method(method, "/", integration, responses).variables(json!({"a": "stage", "b": "stage"}))
    };
    let mut stage = api("GET").stage;
    stage["canarySettings"] = canary;
    for (name, value) in more.as_object().into_iter().flatten() {
        stage[name] = value.clone();
    }
    let (scope, stage) = (scope(), serde_json::from_value(stage).expect("a stage"));
    let (snapshot, canary_snapshot) = (api("GET").snapshot(), api("ANY").snapshot());
    let source = StageSource {
        scope: &scope,
        stage: &stage,
        snapshot: &snapshot,
        canary_snapshot: Some(&canary_snapshot),
        client_identity: None,
    };
    stages().compile(&source)
}

#[test]
fn a_canary_serves_its_own_deployment_with_its_own_variables() {
    let settings = |percent: f64| {
        json!({"deploymentId": "canary", "percentTraffic": percent, "stageVariableOverrides": {"b": "canary"},
               "useStageCache": false})
    };
    let functions = FakeFunctions::never();
    let stage = client(with_canary(settings(0.0), Value::Null), &functions);
    assert_eq!(stage.get("/prod").text(), "d1e2f3 false stage stage");
    let post = || Request { method: "POST", target: "/prod", headers: &[], body: b"" };
    assert_eq!(stage.run(post()).status, 403);
    let canary = client(with_canary(settings(100.0), Value::Null), &functions);
    assert_eq!(canary.get("/prod").text(), "canary true stage canary");
    assert_eq!(canary.run(post()).status, 200);
}

#[test]
fn a_canary_uses_the_stage_s_cache_only_if_told_and_shares_entries_of_its_deployment() {
    let ask = |deployment: &str, use_stage_cache: bool| {
        let canary = json!({"deploymentId": deployment, "percentTraffic": 50.0, "useStageCache": use_stage_cache});
        let cache = json!({"cacheClusterEnabled": true, "cacheClusterSize": "0.5", "methodSettings": {"*/*": setting(json!({}))}});
        let client = client(with_canary(canary, cache), &FakeFunctions::never());
        let mut texts: Vec<String> = (0..64).map(|_| client.get("/prod").text().to_owned()).collect();
        texts.sort();
        texts.dedup();
        texts
    };
    // Same deployment: whoever came first answers for both. In 64 requests of one half each, both releases are met.
    assert_eq!(ask("d1e2f3", true).len(), 1);
    assert_eq!(ask("d1e2f3", false).len(), 2);
    assert_eq!(ask("canary", true), ["canary true stage stage", "d1e2f3 false stage stage"]);
}

#[test]
fn a_canary_keeps_the_limits_of_its_stage() {
    let canary = json!({"deploymentId": "canary", "percentTraffic": 50.0, "useStageCache": false});
    let settings = json!({"methodSettings": {"~1/GET": throttled(0.001, 10)}});
    let client = client(with_canary(canary, settings), &FakeFunctions::never());
    let admitted = (0..32).map(|_| client.get("/prod")).filter(|answer: &Answer| answer.status == 200).count();
    // Both releases draw from the bucket of GET, whichever method they declare.
    assert_eq!(admitted, 10);
}
