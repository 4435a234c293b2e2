//! Specification 5.2: functions behind mappings.

use bytes::Bytes;
use execute_api::ports::{FunctionAnswer, InvocationType};
use serde_json::{Value, json};

use crate::fixture::{Api, FakeFunctions, function_error, function_uri, get, post, success};

fn custom(integration: Value, statuses: &[&str]) -> Api {
    let mut base = json!({"type": "AWS", "httpMethod": "POST", "uri": function_uri()});
    for (name, value) in integration.as_object().into_iter().flatten() {
        base[name] = value.clone();
    }
    let declared: serde_json::Map<String, Value> = statuses
        .iter()
        .map(|status| {
            let parameters = json!({"method.response.header.X-Kind": false});
            ((*status).to_owned(), json!({"statusCode": status, "responseParameters": parameters}))
        })
        .collect();
    Api::new().method("ANY", "/calc", base, json!({"methodResponses": declared}))
}

fn default_response() -> Value {
    json!({"200": {"statusCode": "200"}})
}

#[test]
fn a_body_passes_as_it_is_and_an_empty_one_as_an_empty_object() {
    let functions = FakeFunctions::answering("{\"c\":3}");
    let client = custom(json!({"integrationResponses": default_response()}), &["200"]).deploy(functions.clone());
    let answer = client.run(post("/prod/calc", "{\"a\": 1}"));
    assert_eq!((answer.status, answer.text()), (200, "{\"c\":3}"));
    assert!(answer.header("x-amzn-trace-id").is_some());
    client.get("/prod/calc");
    let payloads: Vec<Bytes> = functions.calls().into_iter().map(|call| call.payload).collect();
    assert_eq!(payloads, ["{\"a\": 1}", "{}"]);
}

#[test]
fn templates_make_the_payload_and_the_body() {
    let api = custom(
        json!({
            "requestTemplates": {"application/json": "{\"op\": \"$input.params('op')\"}"},
            "integrationResponses": {"200": {"statusCode": "200",
                "responseTemplates": {"application/json": "{\"result\": $input.json('$.c')}"}}},
        }),
        &["200"],
    );
    let functions = FakeFunctions::answering("{\"c\":3}");
    let answer = api.deploy(functions.clone()).get("/prod/calc?op=add");
    assert_eq!(answer.text(), "{\"result\": 3}");
    assert_eq!(functions.calls()[0].payload, "{\"op\": \"add\"}");
}

#[test]
fn the_error_message_selects_the_response() {
    let responses = json!({
        "200": {"statusCode": "200"},
        "400": {"statusCode": "400", "selectionPattern": "Missing.*", "responseParameters": {"method.response.header.X-Kind": "'bad'"}},
        "500": {"statusCode": "500", "selectionPattern": ".+"},
    });
    let api = custom(json!({"integrationResponses": responses}), &["200", "400", "500"]);
    let cases = [
        (success("\"fine\""), 200, "\"fine\"", None),
        (
            function_error("Missing parameter"),
            400,
            r#"{"errorMessage":"Missing parameter","errorType":"Error","stackTrace":[]}"#,
            Some("bad"),
        ),
        (
            function_error("is Missing"),
            500,
            r#"{"errorMessage":"is Missing","errorType":"Error","stackTrace":[]}"#,
            None,
        ),
        (
            function_error("two\nlines"),
            200,
            r#"{"errorMessage":"two\nlines","errorType":"Error","stackTrace":[]}"#,
            None,
        ),
    ];
    for (answer, status, body, kind) in cases {
        let client = api.deploy(FakeFunctions::new(move |_| Ok(answer.clone())));
        let answer = client.get("/prod/calc");
        assert_eq!((answer.status, answer.text(), answer.header("x-kind")), (status, body, kind));
    }
}

#[test]
fn a_pattern_that_matches_nothing_matches_success() {
    let responses = json!({"200": {"statusCode": "200", "selectionPattern": ".+"}, "202": {"statusCode": "202", "selectionPattern": ".*"}});
    let client =
        custom(json!({"integrationResponses": responses}), &["200", "202"]).deploy(FakeFunctions::answering("1"));
    assert_eq!(client.get("/prod/calc").status, 202);
}

#[test]
fn without_a_fitting_response_or_its_declaration_the_api_is_misconfigured() {
    let cases = [
        (json!({}), vec!["200"]),
        (json!({"200": {"statusCode": "200", "selectionPattern": ".+"}}), vec!["200"]),
        (default_response(), vec![]),
        (json!({"200": {"statusCode": "200", "selectionPattern": "("}}), vec!["200"]),
    ];
    for (responses, declared) in cases {
        let client =
            custom(json!({"integrationResponses": responses}), &declared).deploy(FakeFunctions::answering("1"));
        let answer = client.get("/prod/calc");
        assert_eq!((answer.status, answer.text()), (500, "{\"message\": \"Internal server error\"}"), "{responses}");
    }
}

#[test]
fn the_invocation_type_is_a_mapped_header() {
    let answer = FunctionAnswer { status: 202, payload: Bytes::new(), ..success("") };
    for (value, expected) in [("'Event'", InvocationType::Event), ("'DryRun'", InvocationType::DryRun)] {
        let answer = answer.clone();
        let functions = FakeFunctions::new(move |_| Ok(answer.clone()));
        let integration = json!({
            "requestParameters": {"integration.request.header.X-Amz-Invocation-Type": value},
            "integrationResponses": default_response(),
        });
        let answer = custom(integration, &["200"]).deploy(functions.clone()).get("/prod/calc");
        assert_eq!((answer.status, answer.text()), (200, ""));
        assert_eq!(functions.calls()[0].invocation_type, expected);
    }
}

#[test]
fn a_client_may_choose_the_invocation_type_where_the_api_lets_it() {
    let integration = json!({
        "requestParameters": {"integration.request.header.X-Amz-Invocation-Type": "method.request.header.InvocationType"},
        "integrationResponses": default_response(),
    });
    let functions = FakeFunctions::answering("1");
    let client = custom(integration, &["200"]).deploy(functions.clone());
    client.run(get("/prod/calc").headers(&[("InvocationType", "Event")]));
    client.get("/prod/calc");
    let types: Vec<InvocationType> = functions.calls().iter().map(|call| call.invocation_type).collect();
    assert_eq!(types, [InvocationType::Event, InvocationType::RequestResponse]);
    assert_eq!(client.run(get("/prod/calc").headers(&[("InvocationType", "Later")])).status, 500);
}

#[test]
fn validation_comes_before_the_call() {
    let integration =
        json!({"type": "AWS", "httpMethod": "POST", "uri": function_uri(), "integrationResponses": default_response()});
    let more = json!({
        "methodResponses": {"200": {"statusCode": "200"}},
        "requestValidatorId": "val001",
        "requestParameters": {"method.request.querystring.b": true, "method.request.querystring.a": true,
            "method.request.header.X-H": true, "method.request.querystring.optional": false},
        "requestModels": {"application/json": "Input"},
    });
    let client = Api::new()
        .push(
            "requestValidators",
            json!({"id": "val001", "validateRequestBody": true, "validateRequestParameters": true}),
        )
        .push(
            "models",
            json!({"id": "mod001", "name": "Input", "contentType": "application/json",
            "schema": "{\"type\":\"object\",\"required\":[\"a\"]}"}),
        )
        .method("POST", "/calc", integration, more)
        .deploy(FakeFunctions::answering("1"));
    let answer = client.run(post("/prod/calc", "{}"));
    assert_eq!(
        (answer.status, answer.text()),
        (400, "{\"message\": \"Missing required request parameters: [X-H, a, b]\"}")
    );
    assert_eq!(answer.header("x-amzn-errortype"), Some("BadRequestException"));
    let answer = client.run(post("/prod/calc?a=1&b=2", "{}").headers(&[("X-H", "1")]));
    assert_eq!((answer.status, answer.text()), (400, "{\"message\": \"Invalid request body\"}"));
    assert_eq!(client.run(post("/prod/calc?a=1&b=2", "{\"a\":1}").headers(&[("X-H", "1")])).status, 200);
}
