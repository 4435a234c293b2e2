//! Specification 5.5: mock integrations.

use serde_json::{Value, json};

use crate::fixture::{Api, FakeFunctions, get, post};

fn mock(template: Option<&str>, responses: Value) -> Api {
    let mut integration = json!({"type": "MOCK", "integrationResponses": responses});
    if let Some(template) = template {
        integration["requestTemplates"] = json!({"application/json": template});
    }
    let declared = ["200", "404"].map(|status| {
        (
            status,
            json!({"statusCode": status, "responseParameters": {
                "method.response.header.Access-Control-Allow-Origin": false, "method.response.header.Date": false,
            }}),
        )
    });
    let more = json!({"methodResponses": declared.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<serde_json::Map<_, _>>()});
    Api::new().method("ANY", "/", integration, more)
}

fn response(status: &str, more: Value) -> Value {
    let mut response = json!({"statusCode": status});
    for (name, value) in more.as_object().into_iter().flatten() {
        response[name] = value.clone();
    }
    json!({status: response})
}

#[track_caller]
fn check(api: &Api, status: u16, body: &str) {
    let answer = api.deploy(FakeFunctions::never()).get("/prod");
    assert_eq!((answer.status, answer.text()), (status, body));
    assert_eq!(answer.header("x-amzn-trace-id"), None);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("x-amzn-requestid").is_some_and(|id| id.len() == 36));
    assert!(answer.header("x-amz-apigw-id").is_some());
}

#[test]
fn the_status_of_the_template_selects_a_response() {
    check(&mock(Some("{\"statusCode\": 200}"), response("200", json!({}))), 200, "");
    check(&mock(Some("{statusCode: 200,,}"), response("200", json!({}))), 200, "");
    let templates = json!({"responseTemplates": {"application/json": "{\"ok\":true}"}});
    check(&mock(Some("{\"statusCode\": 200}"), response("200", templates)), 200, "{\"ok\":true}");
}

#[test]
fn a_pattern_is_matched_with_the_status_and_the_rest_goes_to_the_default() {
    let mut responses = response("404", json!({"selectionPattern": "4\\d{2}"}));
    responses["200"] = json!({"statusCode": "200"});
    check(&mock(Some("{\"statusCode\": 418}"), responses.clone()), 404, "");
    check(&mock(Some("{\"statusCode\": 4180}"), responses), 200, "");
}

#[test]
fn a_status_that_is_no_integer_is_a_configuration_error() {
    for template in ["{\"statusCode\": \"200\"}", "{}", "{\"statusCode\": 200", "text"] {
        let api = mock(Some(template), response("200", json!({})));
        check(&api, 500, "{\"message\": \"Internal server error\"}");
    }
}

#[test]
fn without_a_template_the_clients_body_is_the_document() {
    let client = mock(None, response("200", json!({}))).deploy(FakeFunctions::never());
    assert_eq!(client.run(post("/prod", "{\"statusCode\": 200}")).status, 200);
    assert_eq!(client.get("/prod").status, 500);
}

#[test]
fn static_headers_are_set_and_reserved_names_remapped() {
    let parameters = json!({"responseParameters": {
        "method.response.header.Access-Control-Allow-Origin": "'*'",
        "method.response.header.Date": "'now'",
        "method.response.header.Undeclared": "'x'",
    }});
    let client = mock(Some("{\"statusCode\": 200}"), response("200", parameters)).deploy(FakeFunctions::never());
    let answer = client.get("/prod");
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(answer.header("x-amzn-remapped-date"), Some("now"));
    assert_eq!(answer.header("undeclared"), None);
}

#[test]
fn overrides_of_the_request_template_stay_in_force() {
    let template = "#set($context.responseOverride.status = 404)#set($context.responseOverride.header.x = \"y\"){\"statusCode\": 200}";
    let answer = mock(Some(template), response("200", json!({}))).deploy(FakeFunctions::never()).get("/prod");
    assert_eq!((answer.status, answer.header("x")), (404, Some("y")));
}

#[test]
fn a_content_type_without_a_template_is_refused_where_nothing_may_pass() {
    let integration = json!({"type": "MOCK", "passthroughBehavior": "NEVER",
        "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
        "integrationResponses": {"200": {"statusCode": "200"}}});
    let client = Api::new()
        .method("GET", "/", integration, json!({"methodResponses": {"200": {"statusCode": "200"}}}))
        .deploy(FakeFunctions::never());
    assert_eq!(client.get("/prod").status, 200);
    let answer = client.run(get("/prod").headers(&[("Content-Type", "text/plain")]));
    assert_eq!((answer.status, answer.text()), (415, "{\"message\": \"Unsupported Media Type\"}"));
    assert_eq!(answer.header("x-amzn-errortype"), Some("BadRequestException"));
}

#[test]
fn a_broken_template_breaks_its_method_and_no_other() {
    let broken = json!({"type": "MOCK", "requestTemplates": {"application/json": "#if($x) {\"statusCode\": 200}"},
        "integrationResponses": {"200": {"statusCode": "200"}}});
    let client = mock(Some("{\"statusCode\": 200}"), response("200", json!({})))
        .method("GET", "/broken", broken, json!({"methodResponses": {"200": {"statusCode": "200"}}}))
        .deploy(FakeFunctions::never());
    assert_eq!(client.get("/prod/broken").status, 500);
    assert_eq!(client.get("/prod").status, 200);
}

#[test]
fn a_status_that_only_announces_a_response_is_a_configuration_error() {
    for status in [100, 101, 199] {
        let template = format!("#set($context.responseOverride.status = {status}){{\"statusCode\": 200}}");
        check(&mock(Some(&template), response("200", json!({}))), 500, "{\"message\": \"Internal server error\"}");
    }
    let fallback =
        json!({"responseType": "DEFAULT_5XX", "statusCode": "101", "responseParameters": {}, "responseTemplates": {}});
    check(&mock(None, json!({})).push("gatewayResponses", fallback), 500, "{\"message\": \"Internal server error\"}");
}
