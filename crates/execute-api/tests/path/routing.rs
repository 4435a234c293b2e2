//! Specification 2: which resource serves a path, and what its function is told of it.

use serde_json::{Value, json};

use crate::fixture::{Api, FakeFunctions, get};

#[track_caller]
fn check_event(target: &str, path: &str, proxy: &str, context_path: &str) {
    let functions = FakeFunctions::answering("{}");
    let client = Api::new().lambda_proxy("ANY", "/{proxy+}").deploy(functions.clone());
    assert_eq!(client.get(target).status, 200, "{target}");
    let event = functions.event();
    assert_eq!(event["path"], path);
    assert_eq!(event["pathParameters"]["proxy"], proxy);
    assert_eq!(event["requestContext"]["path"], context_path);
    assert_eq!(event["resource"], "/{proxy+}");
}

#[test]
fn a_proxy_resource_is_told_the_raw_path() {
    check_event("/prod/proxy-value", "/proxy-value", "proxy-value", "/prod/proxy-value");
    check_event("/prod/proxy-value/", "/proxy-value/", "proxy-value", "/prod/proxy-value/");
    check_event("/prod//proxy-value", "/proxy-value", "proxy-value", "/prod//proxy-value");
    check_event("//prod/proxy-value", "/proxy-value", "proxy-value", "/prod/proxy-value");
    check_event("/prod/proxy-value//x", "/proxy-value//x", "proxy-value//x", "/prod/proxy-value//x");
    check_event("/prod/a%2Fb%20c+d", "/a%2Fb%20c+d", "a%2Fb%20c+d", "/prod/a%2Fb%20c+d");
}

/// The resource that serves, by the event's `resource`; empty when none does.
fn resource(api: &Api, functions: &std::sync::Arc<FakeFunctions>, method: &str, target: &str) -> String {
    let client = api.deploy(functions.clone());
    let before = functions.calls().len();
    let answer = client.run(crate::fixture::Request { method, ..get(target) });
    if let Some(call) = functions.calls().get(before) {
        let event: Value = serde_json::from_slice(&call.payload).expect("JSON");
        return event["resource"].as_str().expect("text").to_owned();
    }
    let refused = (answer.status, answer.header("x-amzn-errortype"));
    assert_eq!(refused, (403, Some("MissingAuthenticationTokenException")));
    String::new()
}

#[test]
fn the_most_specific_resource_with_a_usable_method_serves() {
    let api = Api::new()
        .lambda_proxy("GET", "/")
        .lambda_proxy("POST", "/test")
        .lambda_proxy("OPTIONS", "/{proxy+}")
        .lambda_proxy("GET", "/pets/{id}")
        .lambda_proxy("GET", "/pets/first")
        .lambda_proxy("ANY", "/pets/{id}/toys/{proxy+}")
        .lambda_proxy("GET", "/pets/{id}/toys/{proxy+}")
        .lambda_proxy("GET", "/part1/x");
    let functions = FakeFunctions::answering("{}");
    let cases = [
        ("GET", "/prod", "/"),
        ("GET", "/prod/", "/"),
        ("POST", "/prod/test", "/test"),
        ("OPTIONS", "/prod/test", "/{proxy+}"),
        ("GET", "/prod/test", ""),
        ("GET", "/prod/pets/first", "/pets/first"),
        ("GET", "/prod/pets/First", "/pets/{id}"),
        ("GET", "/prod/pets/1", "/pets/{id}"),
        ("GET", "/prod/pets/1/", "/pets/{id}"),
        ("GET", "/prod/pets//", ""),
        ("OPTIONS", "/prod/pets/first", "/{proxy+}"),
        ("PUT", "/prod/pets/1/toys/a/b", "/pets/{id}/toys/{proxy+}"),
        ("GET", "/prod/pets/1/toys", ""),
        ("GET", "/prod/pets/1/toys/", ""),
        ("OPTIONS", "/prod/pets/1/toys/", "/{proxy+}"),
        ("OPTIONS", "/prod/part1/random", "/{proxy+}"),
        ("OPTIONS", "/prod", ""),
        ("HEAD", "/prod", ""),
        ("TRACE", "/prod/pets/1/toys/a", ""),
        ("ANY", "/prod/pets/1/toys/a", ""),
    ];
    for (method, target, expected) in cases {
        assert_eq!(resource(&api, &functions, method, target), expected, "{method} {target}");
    }
}

#[test]
fn the_method_of_the_override_header_is_routed() {
    let functions = FakeFunctions::answering("{}");
    let client = Api::new().lambda_proxy("PUT", "/x").deploy(functions.clone());
    let answer = client.run(crate::fixture::post("/prod/x", "").headers(&[("x-http-method-override", "PUT")]));
    assert_eq!(answer.status, 200);
    assert_eq!(functions.event()["httpMethod"], "PUT");
    assert_eq!(functions.event()["requestContext"]["httpMethod"], json!("PUT"));
}

#[test]
fn a_response_is_framed_for_the_method_of_the_request_line() {
    let functions = FakeFunctions::answering(r#"{"body": "hello"}"#);
    let client = Api::new().lambda_proxy("HEAD", "/x").lambda_proxy("GET", "/x").deploy(functions);
    for (method, other, body, length) in [("GET", "HEAD", "hello", None), ("HEAD", "GET", "", Some("5"))] {
        let request = crate::fixture::Request { method, ..get("/prod/x") };
        let answer = client.run(request.headers(&[("X-HTTP-Method-Override", other)]));
        assert_eq!((answer.text(), answer.header("content-length")), (body, length), "{method} as {other}");
    }
}
