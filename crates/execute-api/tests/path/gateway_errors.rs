//! Specification 3.8, 3.9 and the first part of 1.1: the gateway's own answers, byte by byte.

use bytes::Bytes;
use execute_api::{
    address::Address,
    request::{ClientRequest, Headers},
};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

use crate::fixture::{API_ID, Api, FakeFunctions, NOW, Request, get, post};

#[test]
fn a_path_that_no_method_fits_is_a_missing_token() {
    let client = Api::new().lambda_proxy("GET", "/x").deploy(FakeFunctions::never());
    let answer = client.get("/prod/y");
    assert_eq!((answer.status, answer.text()), (403, "{\"message\":\"Missing Authentication Token\"}"));
    assert_eq!(answer.body.len(), 42);
    assert_eq!(answer.header("x-amzn-errortype"), Some("MissingAuthenticationTokenException"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-amzn-trace-id"), None);
}

#[test]
fn an_authorization_that_is_no_signature_is_quoted_hashed() {
    let client = Api::new().deploy(FakeFunctions::never());
    let answer = client.run(get("/prod/y").headers(&[("Authorization", "Bearer x")]));
    let expected = "{\"message\":\"Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and \
                    encoded with Base64): 'SHA'.\"}";
    let digest = "fvwPxm/oTAFJ8CIc2e43uFHYrxwR5S1Yw9jVoOFOSyM=";
    let text = answer.text().to_owned();
    let hashed = text.split('\'').nth(1).expect("a hash");
    assert_eq!(hashed.len(), digest.len());
    assert_eq!(text.replace(hashed, "SHA"), expected);
    assert_eq!((answer.status, answer.header("x-amzn-errortype")), (403, Some("IncompleteSignatureException")));
    let signed = client.run(get("/prod/y").headers(&[("Authorization", "AWS4-HMAC-SHA256 Credential=x")]));
    assert_eq!(signed.text(), "{\"message\":\"Missing Authentication Token\"}");
}

#[tokio::test]
async fn an_unknown_stage_and_a_disabled_host_are_forbidden() {
    let client = Api::new().lambda_proxy("GET", "/").deploy(FakeFunctions::never());
    let host = format!("{API_ID}.execute-api.localhost");
    let mut headers = Headers::default();
    headers.append("x-amzn-requestid", "11111111-2222-4333-8444-555555555555");
    let request = ClientRequest {
        method: http::Method::GET,
        target: "/nowhere".to_owned(),
        headers: headers.clone(),
        body: Full::new(Bytes::new()),
        source_ip: [127, 0, 0, 1].into(),
        local_port: 80,
        secure: false,
        received_at: NOW,
    };
    let address = Address::parse(&host, "/nowhere").expect("an address");
    let response = client.gateway.handle(address, None, request).await;
    assert_eq!(response.status(), 403);
    assert_eq!(response.headers()["x-amzn-errortype"], "ForbiddenException");
    assert_eq!(response.headers()["x-amzn-requestid"], "11111111-2222-4333-8444-555555555555");
    let body = response.into_body().collect().await.expect("a body").to_bytes();
    assert_eq!(body, "{\"message\":\"Forbidden\"}");
    assert_eq!(client.gateway.refuse(&http::Method::GET, &headers).status(), 403);

    let api = Api::new().set("disableExecuteApiEndpoint", json!(true)).lambda_proxy("GET", "/");
    let answer = api.deploy(FakeFunctions::never()).send(get("/prod")).await;
    assert_eq!((answer.status, answer.text()), (403, "{\"message\":\"Forbidden\"}"));
}

#[test]
fn a_clients_request_id_counts_only_if_it_is_a_uuid() {
    let client = Api::new().deploy(FakeFunctions::never());
    let own = "11111111-2222-4333-8444-555555555555";
    assert_eq!(client.run(get("/prod").headers(&[("X-Amzn-RequestId", own)])).header("x-amzn-requestid"), Some(own));
    let other = client.run(get("/prod").headers(&[("X-Amzn-RequestId", "mine")]));
    assert!(other.header("x-amzn-requestid").is_some_and(|id| id.len() == 36));
}

#[test]
fn a_head_beyond_the_limits_is_refused() {
    let client = Api::new().lambda_proxy("GET", "/").deploy(FakeFunctions::answering("{}"));
    let check = |request: Request<'_>, status: u16, body: &str| {
        let answer = client.run(request);
        assert_eq!((answer.status, answer.text()), (status, body));
    };
    // The limit is of the target alone, and of "GET … HTTP/1.1" with all values: here the Host's.
    let host_bytes = API_ID.len() + ".execute-api.us-east-1.amazonaws.com".len();
    let target_bytes = 10_240 - "GET  HTTP/1.1".len() - host_bytes;
    let target = |bytes: usize| format!("{:x<bytes$}", "/prod?");
    check(get(&target(target_bytes)), 200, "");
    check(get(&target(target_bytes + 1)), 431, "{\"message\":\"Request Header Fields Too Large\"}");
    check(get(&target(10_241)), 414, "{\"message\":\"Request URI too long\"}");
    let value = "v".repeat(target_bytes - "/prod".len() + 1);
    check(get("/prod").headers(&[("X-Long", &value)]), 431, "{\"message\":\"Request Header Fields Too Large\"}");
    check(get("/prod").headers(&[("X-Long", &value[1..])]), 200, "");
}

#[test]
fn a_query_must_encode_pipes_and_braces() {
    let client = Api::new().lambda_proxy("GET", "/").deploy(FakeFunctions::answering("{}"));
    for query in ["a|b", "a={", "a=}"] {
        let answer = client.get(&format!("/prod?{query}"));
        assert_eq!((answer.status, answer.text()), (400, "{\"message\":\"Bad Request\"}"), "{query}");
    }
    assert_eq!(client.get("/prod?a=%7B%7C%7D").status, 200);
}

#[test]
fn a_body_beyond_the_limit_is_too_long() {
    let client = Api::new().lambda_proxy("POST", "/").deploy(FakeFunctions::answering("{}"));
    let body = vec![b'x'; execute_api::request::BODY_BYTES_MAX + 1];
    let answer = client.run(Request { method: "POST", target: "/prod", headers: &[], body: &body });
    assert_eq!((answer.status, answer.text()), (413, "{\"message\":\"Request Too Long\"}"));
    assert_eq!(answer.header("x-amzn-errortype"), Some("RequestTooLargeException"));
    let answer = client.run(Request { method: "POST", target: "/prod", headers: &[], body: &body[1..] });
    assert_eq!(answer.status, 200);
}

#[test]
fn what_inflates_beyond_the_limit_is_too_long() {
    use std::io::Write as _;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&vec![0; execute_api::request::BODY_BYTES_MAX + 1]).expect("memory");
    let body = gzip.finish().expect("memory");
    let client = Api::new().lambda_proxy("POST", "/").deploy(FakeFunctions::never());
    let answer =
        client.run(Request { method: "POST", target: "/prod", headers: &[("Content-Encoding", "gzip")], body: &body });
    assert_eq!(answer.status, 413);
}

#[test]
fn what_cannot_be_checked_is_refused() {
    let integration = || json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": crate::fixture::function_uri()});
    let method = |more: Value| Api::new().method("GET", "/", integration(), more);
    let apis = [
        method(json!({"authorizationType": "AWS_IAM"})),
        method(json!({"authorizationType": "CUSTOM", "authorizerId": "auth01"})),
        method(json!({"authorizationType": "COGNITO_USER_POOLS", "authorizerId": "auth01"})),
        method(json!({"authorizationType": "JWT", "authorizerId": "auth01"})),
        method(json!({"apiKeyRequired": true})),
        Api::new().set("policy", json!("{\"Statement\":[]}")).lambda_proxy("GET", "/"),
        Api::new()
            .set("endpointConfiguration", json!({"types": ["PRIVATE"], "ipAddressType": "dualstack"}))
            .lambda_proxy("GET", "/"),
    ];
    for api in apis {
        let answer = api.deploy(FakeFunctions::never()).run(get("/prod").headers(&[("X-API-Key", "key")]));
        assert_eq!((answer.status, answer.text()), (500, "{\"message\": \"Internal server error\"}"));
    }
}

#[test]
fn a_validator_that_is_gone_lets_nothing_pass() {
    let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": crate::fixture::function_uri()});
    let client = Api::new()
        .method("GET", "/", integration, json!({"requestValidatorId": "gone01"}))
        .deploy(FakeFunctions::never());
    assert_eq!(client.get("/prod").status, 500);
}

#[test]
fn a_method_without_an_integration_is_misconfigured() {
    let client = Api::new().method("GET", "/", Value::Null, Value::Null).deploy(FakeFunctions::never());
    assert_eq!(client.get("/prod").status, 500);
}

fn customised(response_type: &str, more: Value) -> Api {
    let mut response = json!({"responseType": response_type, "responseParameters": {}, "responseTemplates": {}});
    for (name, value) in more.as_object().into_iter().flatten() {
        response[name] = value.clone();
    }
    Api::new().push("gatewayResponses", response)
}

#[test]
fn a_gateway_response_replaces_status_headers_and_body() {
    let api = customised(
        "MISSING_AUTHENTICATION_TOKEN",
        json!({
            "statusCode": "404",
            "responseParameters": {
                "gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
                "gatewayresponse.header.X-Asked": "method.request.querystring.q",
                "gatewayresponse.header.X-Absent": "method.request.header.absent",
                "gatewayresponse.header.X-Stage": "context.stage",
                "gatewayresponse.header.x-amzn-ErrorType": "'Mine'",
                "gatewayresponse.header.Transfer-Encoding": "'chunked'",
            },
            "responseTemplates": {
                "application/json": "{\"m\":$context.error.messageString,\"r\":\"$context.error.message $context.stage\",#if,$unknown $stageVariables.env.$method.request.querystring.q}",
                "text/plain": "$context.error.responseType",
            },
        }),
    )
    .variables(json!({"env": "dev"}));
    let client = api.deploy(FakeFunctions::never());
    let answer = client.get("/prod/nowhere?q=1");
    let body =
        "{\"m\":\"Missing Authentication Token\",\"r\":\"Missing Authentication Token prod\",#if,$unknown dev.1}";
    assert_eq!((answer.status, answer.text()), (404, body));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("x-asked"), Some("1"));
    assert_eq!((answer.header("x-absent"), answer.header("transfer-encoding")), (None, None));
    assert_eq!(answer.header("x-stage"), Some("prod"));
    assert_eq!(answer.header("x-amzn-errortype"), Some("Mine"));
    let text = client.run(get("/prod/nowhere").headers(&[("Accept", "text/plain, */*")]));
    assert_eq!(text.text(), "MISSING_AUTHENTICATION_TOKEN");
    let bearer = client.run(get("/prod/nowhere").headers(&[("Authorization", "Bearer x")]));
    assert_eq!((bearer.status, bearer.header("x-stage")), (404, Some("prod")));
}

#[test]
fn the_answer_to_a_body_that_is_too_long_is_nobodys_to_customise() {
    let body = vec![b'x'; execute_api::request::BODY_BYTES_MAX + 1];
    for response_type in ["REQUEST_TOO_LARGE", "DEFAULT_4XX"] {
        let settings = json!({"statusCode": "418", "responseTemplates": {"application/json": "mine"},
            "responseParameters": {"gatewayresponse.header.X-Mine": "'x'"}});
        let client = customised(response_type, settings).lambda_proxy("POST", "/").deploy(FakeFunctions::never());
        let answer = client.run(Request { method: "POST", target: "/prod", headers: &[], body: &body });
        assert_eq!((answer.status, answer.text()), (413, "{\"message\":\"Request Too Long\"}"));
        assert_eq!(answer.header("x-mine"), None);
    }
}

#[test]
fn a_family_lends_its_settings_to_types_without_their_own() {
    let api = customised("DEFAULT_4XX", json!({"statusCode": "418", "responseTemplates": {"application/json": "4xx"}}))
        .push(
            "gatewayResponses",
            json!({"responseType": "UNSUPPORTED_MEDIA_TYPE", "responseParameters": {}, "responseTemplates": {}}),
        )
        .lambda_proxy("POST", "/");
    let client = api.deploy(FakeFunctions::answering("1"));
    let answer = client.get("/prod/nowhere");
    assert_eq!((answer.status, answer.text()), (418, "4xx"));
    let answer = client.run(post("/prod", "x").headers(&[("Content-Encoding", "br")]));
    assert_eq!((answer.status, answer.text()), (415, "{\"message\": \"Unsupported Media Type\"}"));
    assert_eq!(client.run(post("/prod", "")).status, 502);
}

#[test]
fn a_limit_of_zero_admits_nothing() {
    let setting = |limit: i64| {
        json!({"metricsEnabled": false, "dataTraceEnabled": false, "throttlingBurstLimit": limit, "throttlingRateLimit": limit,
            "cachingEnabled": true, "cacheTtlInSeconds": 300, "cacheDataEncrypted": false,
            "requireAuthorizationForCacheControl": true, "unauthorizedCacheControlHeaderStrategy": "FAIL_WITH_403"})
    };
    let mut api = Api::new().lambda_proxy("GET", "/").lambda_proxy("GET", "/a/b").lambda_proxy("GET", "/c");
    api.stage["methodSettings"] = json!({"*/*": setting(0), "~1/GET": setting(-1), "~1a~1b/GET": setting(5)});
    let client = api.deploy(FakeFunctions::answering("{}"));
    assert_eq!((client.get("/prod").status, client.get("/prod/a/b").status), (200, 200));
    // The key comes before the limit: what would be metered by it is refused first.
    let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": crate::fixture::function_uri()});
    let keyed =
        api.method("GET", "/keyed", integration, json!({"apiKeyRequired": true})).deploy(FakeFunctions::never());
    assert_eq!(keyed.get("/prod/keyed").status, 500);
    let answer = client.get("/prod/c");
    assert_eq!((answer.status, answer.text()), (429, "{\"message\":\"Too Many Requests\"}"));
    assert_eq!(answer.header("x-amzn-errortype"), Some("TooManyRequestsException"));
}
