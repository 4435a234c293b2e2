//! Specification 5.1: the event of a proxy function, and what its answers become.

use execute_api::ports::{Authority, FunctionRefusal, InvocationType};
use serde_json::{Value, json};

use crate::fixture::{self, Answer, Api, FUNCTION_ARN, FakeFunctions, Request, function_error, get, post, success};

const ERROR: &str = "{\"message\": \"Internal server error\"}";

#[test]
fn an_event_holds_the_whole_request_in_the_order_of_aws() {
    let functions = FakeFunctions::answering("{}");
    let client =
        Api::new().lambda_proxy("POST", "/pets/{id}").variables(json!({"env": "dev"})).deploy(functions.clone());
    let headers = [
        ("X-Dup", "1"),
        ("Connection", "keep-alive"),
        ("Content-Length", "2"),
        ("x-amzn-RequestId", "11111111-2222-4333-8444-555555555555"),
        ("User-Agent", "curl/8"),
        ("X-Dup", "2"),
        ("X-Amzn-Trace-Id", "root=1-67f66a70-0123456789abcdef01234567;Sampled=1;Other=x"),
        ("X-Forwarded-For", "198.51.100.7"),
    ];
    client.run(post("/prod/pets/a%2Fb?a=first&a=la%20st&b", "hi\u{e9}\"").headers(&headers));

    let calls = functions.calls();
    let extended = functions.event()["requestContext"]["extendedRequestId"].as_str().expect("text").to_owned();
    assert!(extended.len() == 16 && extended.ends_with('='), "{extended}");
    let event = std::str::from_utf8(&calls[0].payload).expect("UTF-8").replace(&extended, "EXTENDED");
    assert_eq!(event, include_str!("lambda_proxy_event.json").trim_end());
    assert_eq!(calls[0].trace_id, "Root=1-67f66a70-0123456789abcdef01234567;Sampled=1");
}

#[test]
fn what_a_request_does_not_have_is_null() {
    let functions = FakeFunctions::answering("{}");
    let client = Api::new().lambda_proxy("GET", "/").deploy(functions.clone());
    client.get("/prod");
    let event = functions.event();
    for name in ["queryStringParameters", "multiValueQueryStringParameters", "pathParameters", "stageVariables", "body"]
    {
        assert_eq!(event[name], Value::Null, "{name}");
    }
    assert_eq!(event["requestContext"]["identity"]["userAgent"], Value::Null);
    let identity = event["requestContext"]["identity"].as_object().expect("an object");
    assert!(!identity.contains_key("apiKey") && !identity.contains_key("apiKeyId"));
}

#[test]
fn a_binary_body_is_base64_in_the_event() {
    let functions = FakeFunctions::answering("{}");
    let api = Api::new().set("binaryMediaTypes", json!(["image/*"])).lambda_proxy("POST", "/");
    let client = api.deploy(functions.clone());
    client.run(Request {
        method: "POST",
        target: "/prod",
        headers: &[("Content-Type", "image/png")],
        body: &[0xff, 0],
    });
    assert_eq!((&functions.event()["body"], &functions.event()["isBase64Encoded"]), (&json!("/wA="), &json!(true)));

    let functions = FakeFunctions::answering("{}");
    let client = api.deploy(functions.clone());
    client.run(Request {
        method: "POST",
        target: "/prod",
        headers: &[("Content-Type", "text/plain")],
        body: &[0xff, b'x'],
    });
    assert_eq!(
        (&functions.event()["body"], &functions.event()["isBase64Encoded"]),
        (&json!("\u{fffd}x"), &json!(false))
    );
}

#[test]
fn the_call_names_the_function_and_the_gateways_right_to_call_it() {
    let functions = FakeFunctions::answering("{}");
    let client = Api::new().lambda_proxy("ANY", "/pets/{id}").deploy(functions.clone());
    client.get("/prod/pets/1");
    let [call] = functions.calls().try_into().expect("one call");
    assert_eq!(call.function_arn, FUNCTION_ARN);
    assert_eq!(call.invocation_type, InvocationType::RequestResponse);
    let source_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/pets/{id}".to_owned();
    assert_eq!(call.authority, Authority::Gateway { source_arn, source_account: "123456789012".to_owned() });
}

#[test]
fn credentials_and_stage_variables_name_role_and_function() {
    let uri = fixture::function_uri().replace("calc", "${stageVariables.fn}:${stageVariables.alias}");
    let role = "arn:aws:iam::123456789012:role/gateway";
    let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": uri, "credentials": role});
    let functions = FakeFunctions::answering("{}");
    let api = Api::new().method("GET", "/", integration, Value::Null).variables(json!({"fn": "calc", "alias": "live"}));
    api.deploy(functions.clone()).get("/prod");
    let [call] = functions.calls().try_into().expect("one call");
    assert_eq!(call.function_arn, format!("{FUNCTION_ARN}:live"));
    let source_arn = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/".to_owned();
    let source_account = "123456789012".to_owned();
    assert_eq!(call.authority, Authority::Role { arn: role.to_owned(), source_arn, source_account });
}

fn answer_to(payload: &str) -> Answer {
    Api::new().lambda_proxy("GET", "/").deploy(FakeFunctions::answering(payload)).get("/prod")
}

#[track_caller]
fn check(payload: &Value, status: u16, body: &str) {
    let answer = answer_to(&payload.to_string());
    assert_eq!((answer.status, answer.text()), (status, body), "{payload}");
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("x-amzn-trace-id").is_some_and(|trace| trace.starts_with("Root=1-")) || status >= 500);
}

#[test]
fn a_function_shapes_status_and_body() {
    check(&json!({"headers": {"a": "b"}}), 200, "");
    check(&json!({"statusCode": 201, "body": "made"}), 201, "made");
    check(&json!({"statusCode": "201"}), 201, "");
    check(&json!({"statusCode": null, "headers": null, "multiValueHeaders": null, "body": null}), 200, "");
    check(&json!({"statusCode": 404, "body": "", "isBase64Encoded": false}), 404, "");
    check(&json!({"body": "aGk=", "isBase64Encoded": true}), 200, "aGk=");
}

#[test]
fn an_answer_of_another_form_is_a_bad_gateway() {
    let cases = [
        json!("text"),
        json!([1]),
        json!([200, {}, {}, "", false]),
        json!(1),
        json!(null),
        json!({"statusCode": "abc"}),
        json!({"statusCode": 201.5}),
        json!({"statusCode": {}}),
        json!({"statusCode": 100}),
        json!({"statusCode": 1000}),
        json!({"statusCode": -200}),
        json!({"headers": {"a": []}}),
        json!({"headers": {"a": {}}}),
        json!({"headers": []}),
        json!({"multiValueHeaders": {"a": "b"}}),
        json!({"body": {}}),
        json!({"body": 1}),
        json!({"extra": 1}),
        json!({"isBase64Encoded": "maybe"}),
    ];
    for payload in cases {
        let answer = answer_to(&payload.to_string());
        assert_eq!((answer.status, answer.text()), (502, ERROR), "{payload}");
        assert_eq!(answer.header("x-amzn-errortype"), Some("InternalServerErrorException"));
        assert_eq!(answer.header("x-amzn-trace-id"), None);
    }
    for payload in ["", "{", "{\"body\":\"a\"} x"] {
        assert_eq!(answer_to(payload).status, 502, "{payload}");
    }
}

#[test]
fn headers_are_joined_remapped_and_dropped() {
    let payload = json!({
        "headers": {"x-both": "single", "X-Flag": true, "X-Number": 1.5, "Date": "then", "TE": "x", "Content-Type": "text/plain",
            "Connection": "close", "bad name": "x", "X-Null": null},
        "multiValueHeaders": {"X-Both": ["one", "two"], "Set-Cookie": ["a=1", "b=2"]},
        "body": "hello",
    });
    let answer = answer_to(&payload.to_string());
    let all = |name: &str| answer.headers.get_all(name).iter().map(|v| v.to_str().expect("text")).collect::<Vec<_>>();
    assert_eq!(all("x-both"), ["one", "two", "single"]);
    assert_eq!(all("set-cookie"), ["a=1", "b=2"]);
    assert_eq!(all("x-flag"), ["true"]);
    assert_eq!(all("x-number"), ["1.5"]);
    assert_eq!(all("x-amzn-remapped-date"), ["then"]);
    assert_eq!(all("x-amzn-remapped-connection"), ["close"]);
    assert_eq!(all("content-type"), ["text/plain"]);
    for absent in ["te", "date", "connection", "x-null"] {
        assert!(all(absent).is_empty(), "{absent}");
    }
}

#[track_caller]
fn check_binary(media_types: &[&str], accept: Option<&str>, status: u16, body: &[u8]) {
    let api = Api::new().set("binaryMediaTypes", json!(media_types)).lambda_proxy("GET", "/");
    let client = api.deploy(FakeFunctions::answering(r#"{"body":"/wA=","isBase64Encoded":true}"#));
    let headers: Vec<(&str, &str)> = accept.map(|accept| ("Accept", accept)).into_iter().collect();
    let answer = client.run(get("/prod").headers(&headers));
    assert_eq!((answer.status, &answer.body[..]), (status, body), "{media_types:?} {accept:?}");
}

#[test]
fn the_first_accept_type_decides_whether_base64_is_decoded() {
    check_binary(&["image/png"], Some("image/png, */*"), 200, &[0xff, 0]);
    check_binary(&["image/png"], Some("text/html, image/png"), 200, b"/wA=");
    check_binary(&["image/png"], None, 200, b"/wA=");
    check_binary(&["image/*"], Some("image/webp;q=1"), 200, &[0xff, 0]);
    check_binary(&["*/*"], None, 200, &[0xff, 0]);
    check_binary(&["*/*"], Some("text/html"), 200, &[0xff, 0]);
    check_binary(&[], Some("*/*"), 200, b"/wA=");
}

#[test]
fn base64_that_is_none_is_a_failure_only_where_it_would_be_decoded() {
    let api = Api::new().set("binaryMediaTypes", json!(["*/*"])).lambda_proxy("GET", "/");
    let client = api.deploy(FakeFunctions::answering(r#"{"body":"~","isBase64Encoded":true}"#));
    let answer = client.get("/prod");
    assert_eq!((answer.status, answer.text()), (500, ERROR));
}

#[test]
fn failures_of_the_function_are_a_bad_gateway_and_refusals_an_internal_error() {
    let failed = FakeFunctions::new(|_| Ok(function_error("boom")));
    let answer = Api::new().lambda_proxy("GET", "/").deploy(failed).get("/prod");
    assert_eq!((answer.status, answer.text()), (502, ERROR));

    let refusals = [
        FunctionRefusal::Permission { detail: "none".to_owned() },
        FunctionRefusal::Throttled { reason: "ReservedFunctionConcurrentInvocationLimitExceeded".to_owned() },
        FunctionRefusal::NotFound { arn: FUNCTION_ARN.to_owned() },
        FunctionRefusal::Role { arn: "arn".to_owned() },
    ];
    for refusal in refusals {
        let functions = FakeFunctions::new(move |_| Err(refusal.clone()));
        let answer = Api::new().lambda_proxy("GET", "/").deploy(functions).get("/prod");
        assert_eq!((answer.status, answer.text()), (500, ERROR));
        assert_eq!(answer.header("x-amzn-errortype"), Some("InternalServerErrorException"));
    }
}

#[test]
fn a_head_request_gets_the_length_without_the_body() {
    let client = Api::new().lambda_proxy("ANY", "/").deploy(FakeFunctions::answering(r#"{"body":"hello"}"#));
    let answer = client.run(Request { method: "HEAD", ..get("/prod") });
    assert_eq!((answer.status, answer.text(), answer.header("content-length")), (200, "", Some("5")));
}

#[test]
fn an_integration_that_is_not_posted_or_maps_an_illegal_header_fails_every_request() {
    let cases = [
        json!({"type": "AWS_PROXY", "httpMethod": "GET", "uri": fixture::function_uri()}),
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": "arn:aws:apigateway:us-east-1:lambda:path/nonsense"}),
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": fixture::function_uri(),
            "requestParameters": {"integration.request.header.TE": "'x'"}}),
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": fixture::function_uri(), "responseTransferMode": "STREAM"}),
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": fixture::streaming_function_uri()}),
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": fixture::function_uri(),
            "credentials": "arn:aws:iam::*:user/*"}),
    ];
    for integration in cases {
        let client = Api::new().method("GET", "/", integration.clone(), Value::Null).deploy(FakeFunctions::never());
        let answer = client.get("/prod");
        assert_eq!((answer.status, answer.text()), (500, ERROR), "{integration}");
    }
}

/// A function that never answers.
struct Silent;

impl execute_api::ports::Functions for Silent {
    fn invoke(
        &self,
        _call: execute_api::ports::FunctionCall,
    ) -> execute_api::ports::PortFuture<'_, Result<execute_api::ports::FunctionAnswer, FunctionRefusal>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_a_timeout() {
    let integration =
        json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": fixture::function_uri(), "timeoutInMillis": 50});
    let api = Api::new().method("GET", "/", integration, Value::Null);
    let tls = execute_api::gateway::BackendTls::trusting([]).expect("TLS");
    let gateway = execute_api::gateway::Gateway::new(execute_api::ports::Ports::new(std::sync::Arc::new(Silent)), tls);
    let client = fixture::Client { gateway, stage: api.load() };
    let answer = client.send(get("/prod")).await;
    assert_eq!((answer.status, answer.text()), (504, "{\"message\": \"Endpoint request timed out\"}"));
}

#[test]
fn a_compressed_request_body_is_decoded_first() {
    use std::io::Write as _;
    let functions = FakeFunctions::new(|_| Ok(success("{}")));
    let client = Api::new().lambda_proxy("POST", "/").deploy(functions.clone());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"plain").expect("memory");
    let body = gzip.finish().expect("memory");
    client.run(Request { method: "POST", target: "/prod", headers: &[("Content-Encoding", "gzip")], body: &body });
    assert_eq!(functions.event()["body"], "plain");

    for (coding, body) in [("br", &body[..]), ("gzip", b"junk")] {
        let answer =
            client.run(Request { method: "POST", target: "/prod", headers: &[("Content-Encoding", coding)], body });
        assert_eq!((answer.status, answer.text()), (415, "{\"message\": \"Unsupported Media Type\"}"));
    }
}

#[test]
fn a_large_answer_is_compressed_for_clients_that_name_a_coding() {
    let api = Api::new().set("minimumCompressionSize", json!(10)).lambda_proxy("GET", "/");
    let client = api.deploy(FakeFunctions::answering(&json!({"body": "x".repeat(100)}).to_string()));
    let answer = client.run(get("/prod").headers(&[("Accept-Encoding", "gzip")]));
    assert_eq!(answer.header("content-encoding"), Some("gzip"));
    let mut plain = String::new();
    std::io::Read::read_to_string(&mut flate2::read::GzDecoder::new(&answer.body[..]), &mut plain).expect("gzip");
    assert_eq!(plain, "x".repeat(100));
    assert_eq!(client.get("/prod").body.len(), 100);
    let two_fields = client.run(get("/prod").headers(&[("Accept-Encoding", "gzip"), ("Accept-Encoding", "br")]));
    assert_eq!(two_fields.header("content-encoding"), Some("gzip"));
}
