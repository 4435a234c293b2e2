//! Whatever a client sends is answered, and whatever a function gets is an event.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::{Api, Client, FakeFunctions, Request, success};

/// Statuses that a client can bring about by itself.
const STATUSES: [u16; 8] = [200, 400, 403, 413, 414, 415, 429, 431];

/// A function behind everything, a validated method and a mock with templates that read the request.
fn client() -> Client {
    let functions = FakeFunctions::new(|call| {
        let event: Value = serde_json::from_slice(&call.payload).expect("an event");
        for name in ["resource", "path", "httpMethod"] {
            assert!(event[name].is_string(), "{name}");
        }
        for name in ["headers", "queryStringParameters", "pathParameters", "stageVariables"] {
            let values: Vec<&Value> = event[name].as_object().into_iter().flat_map(serde_json::Map::values).collect();
            assert!(
                event[name].is_null() || !values.is_empty() && values.iter().all(|value| value.is_string()),
                "{name}"
            );
        }
        Ok(success(&json!({"statusCode": 200, "body": event["path"]}).to_string()))
    });
    let template =
        "{\"statusCode\": 200, \"all\": \"$util.escapeJavaScript($input.params())\", \"p\": \"$input.params('p')\",
        \"b\": $input.json('$.a'), \"c\": \"$util.urlDecode($util.urlEncode($input.params('p')))\"}";
    let mock = json!({"type": "MOCK", "passthroughBehavior": "NEVER", "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
        "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": template}}}});
    let schema = json!({"type": "object", "properties": {"a": {"type": "string", "pattern": "^a+$"}}});
    let checked = json!({"requestValidatorId": "all", "requestModels": {"application/json": "Model", "$default": "Model"},
        "requestParameters": {"method.request.querystring.p": true}});
    let proxy = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": crate::fixture::function_uri()});
    Api::new()
        .set("binaryMediaTypes", json!(["image/*"]))
        .set("minimumCompressionSize", json!(1))
        .push(
            "models",
            json!({"id": "model1", "name": "Model", "contentType": "application/json", "schema": schema.to_string()}),
        )
        .push(
            "requestValidators",
            json!({"id": "all", "name": "all", "validateRequestBody": true, "validateRequestParameters": true}),
        )
        .lambda_proxy("ANY", "/{proxy+}")
        .method("ANY", "/mock", mock, json!({"methodResponses": {"200": {"statusCode": "200"}}}))
        .method("ANY", "/checked/{id}", proxy, checked)
        .deploy(functions)
}

fn method() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["GET", "POST", "HEAD", "OPTIONS", "TRACE", "get", "M-SEARCH"])
}

fn header() -> impl Strategy<Value = (String, String)> {
    let known = prop::sample::select(vec![
        "Accept",
        "Accept-Encoding",
        "Authorization",
        "Content-Encoding",
        "Content-Type",
        "X-Amzn-Trace-Id",
        "X-Forwarded-For",
        "X-HTTP-Method-Override",
        "x-amzn-RequestId",
    ]);
    let name = prop_oneof![known.prop_map(str::to_owned), "[A-Za-z][A-Za-z0-9_.-]{0,12}"];
    let value = prop_oneof!["\\PC{0,60}", "(gzip|deflate|application/json|image/png|\\*/\\*|[;,=q0-9 .]){0,6}"];
    (name, value)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn every_request_is_answered(
        method in method(),
        path in prop_oneof!["/(mock|checked/x|a)", "(/[a-zA-Z0-9%._~:@!$'()*+,;=-]{0,8}){0,6}", "/\\PC{0,30}"],
        query in prop_oneof![Just(String::new()), "\\?[a-p0-9%=&;+.-]{0,40}", "\\?\\PC{0,40}"],
        headers in prop::collection::vec(header(), 0..8),
        body in prop_oneof![Just(Vec::new()), Just(b"{\"a\":\"aaa\"}".to_vec()), prop::collection::vec(any::<u8>(), 0..200)],
    ) {
        let target = format!("/prod{}{query}", path.replace(['?', '#'], ""));
        let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let answer = client().run(Request { method, target: &target, headers: &headers, body: &body });

        prop_assert!(STATUSES.contains(&answer.status), "{} {}", answer.status, String::from_utf8_lossy(&answer.body));
        prop_assert!(answer.header("x-amzn-requestid").is_some_and(|id| id.len() == 36));
        if answer.status != 200 && method != "HEAD" && answer.header("content-encoding").is_none() {
            let message: Value = serde_json::from_slice(&answer.body).expect("JSON");
            prop_assert!(message["message"].is_string(), "{message}");
        }
    }
}
