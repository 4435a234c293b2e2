//! Specification 8: TestInvokeMethod, its log and its event.

use std::sync::Arc;

use definition::{Caller, method::HttpMethod};
use execute_api::{
    ports::FunctionRefusal,
    test_invoke::{TestAnswer, TestInvocation, TestRefusal, test_invoke},
};
use indexmap::IndexMap;
use serde_json::{Value, json};

use crate::fixture::{Api, FakeFunctions, NOW, function_uri, gateway, scope};

fn invocation(resource_id: &str, http_method: HttpMethod, path: Option<&str>) -> TestInvocation {
    TestInvocation {
        caller: Caller {
            scope: scope(),
            access_key: Some("AKID".to_owned()),
            user_arn: "arn:aws:iam::123456789012:root".to_owned(),
            user_id: "123456789012".to_owned(),
        },
        resource_id: resource_id.parse().expect("an id"),
        http_method,
        path_with_query_string: path.map(str::to_owned),
        body: None,
        headers: IndexMap::new(),
        multi_value_headers: IndexMap::new(),
        stage_variables: IndexMap::new(),
        client_identity: None,
        user_agent: Some("aws-cli/2".to_owned()),
        received_at: NOW,
    }
}

fn run(api: &Api, functions: &Arc<FakeFunctions>, invocation: TestInvocation) -> Result<TestAnswer, TestRefusal> {
    fn require_send<T: Send>(value: T) -> T {
        value
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let snapshot = api.snapshot();
    let gateway = gateway(functions.clone());
    runtime.block_on(require_send(test_invoke(&gateway, &snapshot, invocation)))
}

/// The log with all that differs between two runs replaced: ids, the time after the first minute's start, latencies.
fn log(answer: &TestAnswer) -> String {
    let id = answer.log.lines().next().and_then(|line| line.rsplit(' ').next()).expect("an id").to_owned();
    let mut log = answer.log.replace(&id, "REQUEST");
    while let Some(start) = log.find("Root=1-") {
        log.replace_range(start..start + "Root=1-00000000-000000000000000000000000".len(), "TRACE");
    }
    let mut normal = String::new();
    for line in log.lines() {
        let line = match line.split_once(" : ") {
            Some((time, text)) => {
                assert!(time.starts_with("Wed Apr 09 12:3") && time.ends_with(" UTC 2025"), "{time}");
                format!("TIME : {text}")
            }
            None => line.to_owned(),
        };
        let latency = line.split_once("latency: ").map(|(before, _)| format!("{before}latency: N ms"));
        normal.push_str(&latency.unwrap_or(line));
        normal.push('\n');
    }
    normal
}

#[test]
fn a_mock_tells_its_story() {
    let integration = json!({"type": "MOCK", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
        "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": "ok"}}}});
    let api = Api::new().method(
        "GET",
        "/pets/{petId}",
        integration,
        json!({"methodResponses": {"200": {"statusCode": "200"}}}),
    );
    let answer = run(&api, &FakeFunctions::never(), invocation("res001", HttpMethod::Get, Some("/pets/1?a=b")))
        .expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (200, "ok"));
    assert_eq!(answer.headers, IndexMap::from([("Content-Type".to_owned(), "application/json".to_owned())]));
    assert_eq!(log(&answer), include_str!("test_invocation_mock.log"));
}

#[test]
fn a_function_is_called_with_the_event_of_a_test() {
    let functions = FakeFunctions::answering(r#"{"statusCode":200,"body":"hi"}"#);
    let api = Api::new().lambda_proxy("ANY", "/pets/{petId}");
    let answer = run(&api, &functions, invocation("res001", HttpMethod::Get, None)).expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (200, "hi"));
    let names: Vec<&str> = answer.multi_value_headers.keys().map(String::as_str).collect();
    assert_eq!(names, ["X-Amzn-Trace-Id", "Content-Type"]);

    let event = functions.event();
    assert_eq!((&event["path"], &event["pathParameters"]), (&json!("/pets/{petId}"), &json!({"petId": "{petId}"})));
    assert_eq!((&event["headers"], &event["multiValueHeaders"]), (&Value::Null, &Value::Null));
    let context = &event["requestContext"];
    assert_eq!(context["stage"], "test-invoke-stage");
    assert_eq!(context["path"], "/pets/{petId}");
    assert_eq!(context["domainName"], "testPrefix.testDomainName");
    assert_eq!(context["domainPrefix"], "testPrefix");
    assert_eq!(context.get("deploymentId"), None);
    let identity = &context["identity"];
    assert_eq!(identity["sourceIp"], "test-invoke-source-ip");
    assert_eq!(identity["apiKey"], "test-invoke-api-key");
    assert_eq!(identity["apiKeyId"], "test-invoke-api-key-id");
    assert_eq!(identity["accessKey"], "AKID");
    assert_eq!(identity["userArn"], "arn:aws:iam::123456789012:root");
    assert_eq!(identity["userAgent"], "aws-cli/2");
    assert!(matches!(
        &functions.calls()[0].authority,
        execute_api::ports::Authority::Gateway { source_arn, .. }
            if source_arn == "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/test-invoke-stage/GET/pets/{petId}"
    ));
    let payload = String::from_utf8(functions.calls()[0].payload.to_vec()).expect("UTF-8");
    let sent = "Endpoint request body after transformations: ";
    let logged = answer.log.lines().find_map(|line| line.split_once(sent)).expect("the event").1;
    assert_eq!(logged, format!("{} [TRUNCATED]", &payload[..1024 - sent.len()]));
    let log = log(&answer);
    let lines: Vec<&str> = log.lines().filter(|line| !line.contains(sent)).collect();
    assert_eq!(lines, include_str!("test_invocation_lambda.log").lines().collect::<Vec<_>>());
}

#[test]
fn a_refused_call_ends_the_story_with_its_reason() {
    let functions = FakeFunctions::new(|_| Err(FunctionRefusal::Permission { detail: "none".to_owned() }));
    let integration = json!({"type": "AWS", "httpMethod": "POST", "uri": function_uri(),
        "integrationResponses": {"200": {"statusCode": "200"}}});
    let more = json!({"methodResponses": {"200": {"statusCode": "200"}}, "authorizationType": "CUSTOM", "apiKeyRequired": true});
    let api = Api::new().method("POST", "/x", integration, more);
    let mut asked = invocation("res001", HttpMethod::Post, Some("/other"));
    asked.body = Some("{}".to_owned());
    asked.headers.insert("Authorization".to_owned(), "Bearer secret-token".to_owned());
    let answer = run(&api, &functions, asked).expect("an answer");
    assert_eq!((answer.status, answer.body.as_str()), (500, "{\"message\": \"Internal server error\"}"));
    assert_eq!(
        answer.headers,
        IndexMap::from([("x-amzn-ErrorType".to_owned(), "InternalServerErrorException".to_owned())])
    );
    assert_eq!(log(&answer), include_str!("test_invocation_refused.log"));
}

#[test]
fn nothing_that_a_client_sends_makes_a_line_of_its_own() {
    let integration = json!({"type": "AWS", "httpMethod": "POST", "uri": function_uri(),
        "requestParameters": {"integration.request.header.X-Amz-Invocation-Type": "method.request.querystring.type"}});
    let api = Api::new().method("POST", "/x", integration, Value::Null);
    let asked = invocation("res001", HttpMethod::Post, Some("/x?type=Event%0AForged"));
    let answer = run(&api, &FakeFunctions::never(), asked).expect("an answer");
    let told = answer.log.lines().find(|line| line.contains("Invalid X-Amz-Invocation-Type")).expect("the reason");
    assert!(told.ends_with("Invalid X-Amz-Invocation-Type: Event\\nForged"), "{told}");
}

#[test]
fn a_method_that_is_not_there_cannot_be_tested() {
    let api = Api::new().lambda_proxy("GET", "/x");
    for (resource, method) in [("res001", HttpMethod::Post), ("res009", HttpMethod::Get)] {
        assert_eq!(
            run(&api, &FakeFunctions::never(), invocation(resource, method, None)),
            Err(TestRefusal::NoSuchMethod)
        );
    }
}
