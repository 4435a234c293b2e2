//! Specification 6.5, 7.6, 7.7 and 10: what is told of requests, and to whom.

use std::sync::{Arc, Mutex};

use definition::time::EpochMillis;
use execute_api::{
    gateway::{BackendTls, Gateway},
    ports::{FunctionRefusal, Functions, LogEvent, LogSink, MetricDatum, MetricSink, Ports},
    trace::{
        explanation::{Explanation, Step},
        kept::{Explained, Explanations},
    },
};
use serde_json::{Value, json};

use crate::fixture::{API_ID, Answer, Api, Client, FUNCTION_ARN, FakeFunctions, NOW, function_error, get, post};

#[derive(Default)]
pub(crate) struct Logs(pub(crate) Mutex<Vec<LogEvent>>);

impl LogSink for Logs {
    fn put(&self, event: LogEvent) {
        self.0.lock().expect("no panic").push(event);
    }
}

impl Logs {
    /// The lines of a group.
    pub(crate) fn lines(&self, group: &str) -> Vec<String> {
        let events = self.0.lock().expect("no panic");
        events.iter().filter(|event| &*event.group == group).map(|event| event.text.clone()).collect()
    }
}

#[derive(Default)]
pub(crate) struct Metrics(Mutex<Vec<MetricDatum>>);

impl MetricSink for Metrics {
    fn put(&self, datum: MetricDatum) {
        self.0.lock().expect("no panic").push(datum);
    }
}

impl Metrics {
    /// The values of a metric with exactly these dimensions.
    pub(crate) fn values(&self, name: &str, dimensions: &[(&str, &str)]) -> Vec<(f64, f64)> {
        let data = self.0.lock().expect("no panic");
        let has = |datum: &&MetricDatum| {
            let known: Vec<(&str, &str)> =
                datum.dimensions.iter().map(|(name, value)| (*name, value.as_str())).collect();
            datum.name == name && known == dimensions
        };
        data.iter().filter(has).flat_map(|datum| datum.values.clone()).collect()
    }
}

/// A client whose gateway tells everyone.
pub(crate) struct Watched {
    pub(crate) client: Client,
    pub(crate) logs: Arc<Logs>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) explanations: Arc<Explanations>,
}

pub(crate) fn watch(api: &Api, functions: Arc<dyn Functions>, explained: Explained) -> Watched {
    let (logs, metrics) = (Arc::new(Logs::default()), Arc::new(Metrics::default()));
    let explanations = Arc::new(Explanations::new(explained));
    let ports = Ports {
        logs: Some(logs.clone()),
        metrics: Some(metrics.clone()),
        explanations: Some(explanations.clone()),
        ..Ports::new(functions)
    };
    let gateway = Gateway::new(ports, BackendTls::trusting([]).expect("TLS"));
    Watched { client: Client { gateway, stage: api.load() }, logs, metrics, explanations }
}

/// The story that `explain` has of an answer's request.
fn explanation(watched: &Watched, answer: &Answer) -> Explanation {
    let id = answer.header("x-amzn-requestid").expect("an id");
    let json = watched.explanations.get(Some(id)).expect("an explanation");
    serde_json::from_slice(&json).expect("an explanation")
}

fn api_with(stage: &[(&str, Value)]) -> Api {
    let mut api = Api::new().lambda_proxy("GET", "/pets/{id}");
    for (name, value) in stage {
        api.stage[*name] = value.clone();
    }
    api
}

pub(crate) fn setting(level: &str, data_trace: bool) -> Value {
    json!({"*/*": {
        "loggingLevel": level, "dataTraceEnabled": data_trace, "metricsEnabled": true, "throttlingBurstLimit": -1,
        "throttlingRateLimit": -1.0, "cachingEnabled": false, "cacheTtlInSeconds": 300, "cacheDataEncrypted": false,
        "requireAuthorizationForCacheControl": true,
        "unauthorizedCacheControlHeaderStrategy": "SUCCEED_WITH_RESPONSE_HEADER",
    }})
}

pub(crate) fn access_log(format: &str) -> Value {
    json!({"format": format, "destinationArn": "arn:aws:logs:us-east-1:123456789012:log-group:access:*"})
}

const FORMAT: &str = "$context.requestId $context.httpMethod $context.resourcePath $context.status $context.responseLength \
                      $context.integration.integrationStatus $context.integration.status $context.integration.requestId \
                      $context.error.responseType $context.error.messageString $context.authorizer.principalId \
                      $context.identity.userAgent|$context.xrayTraceId|$context.endpointType";

#[test]
fn an_access_log_has_a_line_per_request_that_reached_the_stage() {
    let api = api_with(&[("accessLogSettings", access_log(FORMAT))]);
    let functions = FakeFunctions::answering(r#"{"statusCode": 201, "body": "hello"}"#);
    let watched = watch(&api, functions, Explained::OnRequest);
    let root = "1-67f66568-0123456789abcdef01234567";
    let headers = [("User-Agent", "a \"b\""), ("X-Amzn-Trace-Id", "Root=1-67f66568-0123456789abcdef01234567")];
    let served = watched.client.run(get("/prod/pets/1").headers(&headers));
    let unknown = watched.client.run(post("/prod/nowhere", ""));
    let id = |answer: &Answer| answer.header("x-amzn-requestid").expect("an id").to_owned();
    let lines = watched.logs.lines("access");
    let served =
        format!("{} GET /pets/{{id}} 201 5 200 201 lambda-request - - - a \\\"b\\\"|{root}|REGIONAL", id(&served));
    let unknown = format!(
        "{} POST - 403 42 - - - MISSING_AUTHENTICATION_TOKEN \"Missing Authentication Token\" - -|",
        id(&unknown)
    );
    assert_eq!(lines[0], served);
    assert!(lines[1].starts_with(&unknown), "{lines:?}");
    assert_eq!(lines.len(), 2);
    let events = watched.logs.0.lock().expect("no panic");
    assert_eq!((&*events[0].account, &*events[0].region), ("123456789012", "us-east-1"));
    assert!(events[0].stream.len() == 32 && events[0].stream.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert!(events[0].at >= NOW);
}

#[test]
fn a_delivery_stream_gets_no_access_log() {
    let settings = json!({"format": "$context.requestId", "destinationArn": "arn:aws:firehose:us-east-1:123456789012:deliverystream/x"});
    let api = api_with(&[("accessLogSettings", settings)]);
    let watched = watch(&api, FakeFunctions::answering("{}"), Explained::OnRequest);
    assert_eq!(watched.client.get("/prod/pets/1").status, 200);
    assert!(watched.logs.0.lock().expect("no panic").is_empty());
}

/// The execution log of one request, without its prefix and ids.
fn execution_log(level: &str, data_trace: bool, functions: Arc<FakeFunctions>) -> Vec<String> {
    let api = api_with(&[("methodSettings", setting(level, data_trace))]);
    let watched = watch(&api, functions, Explained::OnRequest);
    let answer = watched.client.run(get("/prod/pets/1").headers(&[("Authorization", "Bearer topsecret-123456")]));
    let id = answer.header("x-amzn-requestid").expect("an id");
    let lines = watched.logs.lines(&format!("API-Gateway-Execution-Logs_{API_ID}/prod"));
    let prefix = format!("({id}) ");
    let texts = lines.iter().map(|line| line.strip_prefix(&prefix).expect("the prefix").replace(id, "REQUEST"));
    texts.collect()
}

/// Only the start of each line counts.
#[track_caller]
fn check_lines(lines: &[String], expected: &[&str]) {
    let fits = |(line, start): (&String, &&str)| line.starts_with(*start);
    assert!(lines.len() == expected.len() && lines.iter().zip(expected).all(fits), "{lines:#?}");
}

#[test]
fn an_execution_log_at_info_tells_the_steps() {
    let lines = execution_log("INFO", false, FakeFunctions::answering("{}"));
    check_lines(
        &lines,
        &[
            "Extended Request Id: ",
            "Verifying Usage Plan for request: REQUEST. API Key:  API Stage: abcdef1234/prod",
            "API Key  authorized because method 'GET /pets/{id}' does not require API Key.",
            "Usage Plan check succeeded for API Key  and API Stage abcdef1234/prod",
            "Starting execution for request: REQUEST",
            "HTTP Method: GET, Resource Path: /pets/1",
            "Sending request to https://lambda",
            "Received response. Status: 200, Integration latency: ",
            "AWS Integration Endpoint RequestId : lambda-request",
            "Successfully completed execution",
            "Method completed with status: 200",
        ],
    );
}

#[test]
fn with_data_trace_it_tells_headers_and_bodies_but_no_secrets() {
    let lines = execution_log("INFO", true, FakeFunctions::answering("{}"));
    check_lines(
        &lines,
        &[
            "Extended Request Id: ",
            "Verifying Usage Plan",
            "API Key  authorized",
            "Usage Plan check succeeded",
            "Starting execution",
            "HTTP Method: GET",
            "Method request path: {id=1}",
            "Method request query string: {}",
            "Method request headers: {",
            "Method request body before transformations: ",
            "Endpoint request URI: https://lambda",
            "Endpoint request headers: {",
            "Endpoint request body after transformations: {\"resource\":",
            "Sending request to",
            "Received response.",
            "Endpoint response headers: {",
            "Endpoint response body before transformations: {}",
            "AWS Integration Endpoint RequestId",
            "Method response body after transformations: ",
            "Method response headers: {",
            "Successfully completed execution",
            "Method completed with status: 200",
        ],
    );
    assert!(!lines.concat().contains("topsecret"), "{lines:#?}");
    assert!(lines[12].contains("*****************123456"), "{lines:#?}");
}

#[test]
fn at_error_it_tells_failures_only() {
    check_lines(&execution_log("ERROR", true, FakeFunctions::answering("{}")), &[]);
    check_lines(&execution_log("OFF", true, FakeFunctions::answering("[]")), &[]);
    check_lines(
        &execution_log("ERROR", false, FakeFunctions::answering("[]")),
        &[
            "Execution failed due to configuration error: Malformed Lambda proxy response",
            "Method completed with status: 502",
        ],
    );
}

#[test]
fn metrics_are_summed_up_per_dimension() {
    let api = api_with(&[("methodSettings", setting("OFF", false))]);
    let functions = FakeFunctions::new(|call| {
        let fails = String::from_utf8_lossy(&call.payload).contains("/pets/2");
        Ok(if fails { function_error("no") } else { crate::fixture::success("{}") })
    });
    let watched = watch(&api, functions, Explained::OnRequest);
    for path in ["/prod/pets/1", "/prod/pets/2", "/prod/nowhere", "/prod/pets/3"] {
        watched.client.get(path);
    }
    assert!(watched.metrics.0.lock().expect("no panic").is_empty(), "nothing is handed over per request");
    watched.client.gateway.hand_over_metrics(NOW);
    let (api, stage) = ([("ApiName", "test")], [("ApiName", "test"), ("Stage", "prod")]);
    let method = [("ApiName", "test"), ("Stage", "prod"), ("Resource", "/pets/{id}"), ("Method", "GET")];
    for dimensions in [&api[..], &stage] {
        assert_eq!(watched.metrics.values("Count", dimensions), [(1.0, 4.0)]);
        assert_eq!(watched.metrics.values("4XXError", dimensions), [(1.0, 1.0), (0.0, 3.0)]);
        assert_eq!(watched.metrics.values("5XXError", dimensions), [(1.0, 1.0), (0.0, 3.0)]);
        let latencies = watched.metrics.values("Latency", dimensions);
        assert!((latencies.iter().map(|(_, count)| count).sum::<f64>() - 4.0).abs() < f64::EPSILON);
    }
    assert_eq!(watched.metrics.values("Count", &method), [(1.0, 3.0)]);
    assert_eq!(watched.metrics.values("4XXError", &method), [(0.0, 3.0)]);
    assert_eq!(watched.metrics.values("CacheHitCount", &method), []);
    let calls = watched.metrics.values("IntegrationLatency", &method);
    assert!((calls.iter().map(|(_, count)| count).sum::<f64>() - 3.0).abs() < f64::EPSILON);
    let data = watched.metrics.0.lock().expect("no panic").len();
    watched.client.gateway.hand_over_metrics(EpochMillis(NOW.0 + 60_000));
    assert_eq!(
        watched.metrics.0.lock().expect("no panic").len(),
        data,
        "what was handed over is not handed over again"
    );
}

#[test]
fn an_explanation_tells_the_whole_story() {
    let integration = json!({"type": "AWS", "httpMethod": "POST", "uri": crate::fixture::function_uri(),
    "requestTemplates": {"application/json": "{\"id\": \"$input.params('id')\"}"},
    "integrationResponses": {
        "200": {"statusCode": "200", "responseTemplates": {"application/json": "#set($context.responseOverride.status = 202)got $input.path('$.a')"}},
        "404": {"statusCode": "404", "selectionPattern": "missing.*"},
    }});
    let more = json!({"methodResponses": {"200": {"statusCode": "200"}, "404": {"statusCode": "404"}}});
    let api = Api::new().method("GET", "/pets/{id}", integration, more).lambda_proxy("POST", "/pets");
    let watched = watch(&api, FakeFunctions::answering(r#"{"a": 7}"#), Explained::Always);
    let answer = watched.client.run(get("/prod/pets/1").headers(&[("X-Api-Key", "key-0123456789")]));
    let explanation = explanation(&watched, &answer);
    let text = explanation.to_string();
    assert_eq!((explanation.status, explanation.path.as_str(), explanation.advice.len()), (202, "/prod/pets/1", 0));
    let mut steps = explanation.steps.iter().map(|timed| &timed.step);
    assert!(matches!(steps.next(), Some(Step::Route { chosen: Some(chosen), rejected })
        if chosen == "GET /pets/{id}" && rejected[0].method == "POST /pets"));
    for part in [
        "route: GET /pets/{id}",
        "not POST /pets: segments: 2 in the path, 1 in the resource",
        "authorize: NONE",
        "header X-Api-Key: ********456789",
        "request template",
        "{\"id\": \"$input.params('id')\"}",
        "{\"id\": \"1\"}",
        "call https://lambda.us-east-1.amazonaws.com",
        "as arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/pets/{id}",
        "answer 200 after ",
        "select an integration response for \"\"",
        "200 (default): chosen",
        "404 (\"missing.*\"): not chosen",
        "set responseOverride.status: 202",
        "got 7",
        "response 202",
    ] {
        assert!(text.contains(part), "{part:?} in\n{text}");
    }
    assert!(!text.contains("key-0123"), "{text}");
}

#[test]
fn a_failure_is_explained_with_advice() {
    let functions = FakeFunctions::new(|_| Err(FunctionRefusal::Permission { detail: "none".to_owned() }));
    let watched = watch(&api_with(&[]), functions, Explained::Always);
    let answer = watched.client.get("/prod/pets/1");
    let advice = explanation(&watched, &answer).advice;
    assert!(advice[0].contains("aws lambda add-permission") && advice[0].contains(FUNCTION_ARN), "{advice:?}");

    let answer = watched.client.get("/prod/pet/1");
    let explanation = explanation(&watched, &answer);
    assert!(explanation.advice[0].contains("GET /pets/{id}"), "{explanation:?}");
    assert!(explanation.to_string().contains("segment 1 of the path is \"pet\", not \"pets\""), "{explanation}");
}

#[test]
fn advice_is_as_discreet_and_as_short_as_the_rest() {
    let integration = json!({"type": "AWS", "httpMethod": "POST", "uri": crate::fixture::function_uri(),
        "integrationResponses": {"200": {"statusCode": "200"}}});
    let declared = json!({"methodResponses": {"200": {"statusCode": "200"}}});
    let api = Api::new().method("GET", "/", integration, declared);
    let message = format!("no access with very-secret-token {}", "x".repeat(100_000));
    let watched = watch(&api, FakeFunctions::new(move |_| Ok(function_error(&message))), Explained::Always);
    let answer = watched.client.run(get("/prod").headers(&[("Authorization", "Bearer very-secret-token")]));
    let explanation = explanation(&watched, &answer);
    assert!(explanation.advice[0].starts_with("The function failed"), "{:?}", explanation.advice);
    assert!(explanation.advice[0].len() < 10_000, "{}", explanation.advice[0].len());
    let story = serde_json::to_string(&explanation).expect("JSON");
    assert!(!story.contains("very-secret"), "{story}");
}

#[test]
fn a_throttled_request_is_not_said_to_be_within_its_limits() {
    let mut settings = setting("OFF", false);
    settings["*/*"]["throttlingBurstLimit"] = json!(1);
    settings["*/*"]["throttlingRateLimit"] = json!(0.001);
    let watched = watch(&api_with(&[("methodSettings", settings)]), FakeFunctions::answering("{}"), Explained::Always);
    for (status, expected) in [(200, true), (429, false)] {
        let answer = watched.client.get("/prod/pets/1");
        let explanation = explanation(&watched, &answer);
        assert_eq!(answer.status, status);
        let is_within = explanation.steps.iter().any(|timed| timed.step == Step::Throttle);
        assert_eq!(is_within, expected, "{explanation}");
    }
}

#[test]
fn a_request_that_nobody_asked_about_is_not_explained() {
    let functions = FakeFunctions::answering("{}");
    let watched = watch(&api_with(&[]), functions.clone(), Explained::OnRequest);
    // It comes from another machine, so that asking is not enough.
    watched.client.run(get("/prod/pets/1").headers(&[("X-LambdaGate-Explain", "1")]));
    assert_eq!(watched.explanations.get(None), None);
    assert_eq!(functions.event()["headers"].get("X-LambdaGate-Explain"), None);
}
