use std::time::Duration;

use bytes::Bytes;

use super::*;
use crate::trace::fact::{
    Answer, Candidate, IntegrationRequest, IntegrationResponse, MappedBy, Refusal, RejectedRoute, Route,
};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:calc";
const SOURCE: &str = "arn:aws:execute-api:us-east-1:123456789012:abcdef1234/prod/GET/x";

fn routed(method: &str, is_preflight: bool, rejected: &[(&str, &str, RejectedBecause)]) -> Fact {
    let rejected = rejected.iter().map(|(method, path, reason)| RejectedRoute {
        route: Route { http_method: (*method).to_owned(), resource_path: (*path).to_owned() },
        reason: reason.clone(),
    });
    Fact::Routed(Routing {
        http_method: method.to_owned(),
        path: "/pet".to_owned(),
        is_preflight,
        chosen: None,
        rejected: rejected.collect(),
    })
}

fn called(role: Option<&str>) -> Fact {
    let function = CalledFunction { arn: ARN.to_owned(), source_arn: SOURCE.to_owned(), role: role.map(str::to_owned) };
    Fact::Called(IntegrationRequest {
        url: "https://lambda".to_owned(),
        headers: Vec::new(),
        body: Bytes::new(),
        function: Some(function),
    })
}

fn answered(body: &'static str) -> Fact {
    let answer = Answer { headers: Vec::new(), body: Some(Bytes::from_static(body.as_bytes())), request_id: None };
    Fact::Answered(IntegrationResponse { status: 200, latency: Duration::ZERO, answer })
}

fn failed(failure: Failure) -> Fact {
    Fact::Failed(Refusal { status: failure.status(), failure })
}

fn malformed(answer: &'static str) -> Vec<Fact> {
    vec![called(None), answered(answer), failed(Failure::MalformedProxyResponse { detail: "why".to_owned() })]
}

fn selected(candidates: &[(u16, Option<&str>, bool)], chosen: Option<u16>) -> Fact {
    let candidates = candidates.iter().map(|(status, pattern, declared)| Candidate {
        status: *status,
        pattern: pattern.map(str::to_owned),
        declared: *declared,
    });
    Fact::Selected(Selection { text: "boom now".to_owned(), candidates: candidates.collect(), chosen })
}

/// The facts lead to exactly one sentence, and all of `parts` are in it.
#[track_caller]
fn check(facts: Vec<Fact>, parts: &[&str]) {
    let events: Vec<Event> = facts.into_iter().map(|fact| Event { at: Duration::ZERO, fact }).collect();
    let advice = advice(&events);
    assert_eq!(advice.len(), 1, "{advice:?}");
    for part in parts {
        assert!(advice[0].contains(part), "{part:?} in {:?}", advice[0]);
    }
}

#[test]
fn what_a_proxy_function_returned_is_named() {
    check(malformed(r#""hello""#), &["returned a string;", "statusCode"]);
    check(malformed("5"), &["returned a number;"]);
    check(malformed("null"), &["nothing (null)"]);
    check(malformed("[1]"), &["a list"]);
    check(malformed("oops"), &["not JSON"]);
    check(malformed(r#"{"result": 1, "b": 2}"#), &["(result, b)", "JSON.stringify"]);
    check(malformed(r#"{"statusCode": 200, "extra": 1}"#), &["members that no response has (extra)"]);
    check(malformed(r#"{"statusCode": 200, "body": {"a": 1}}"#), &["an object as body", "must be a string"]);
    check(malformed(r#"{"statusCode": "x"}"#), &["not of a response's form: why"]);
}

#[test]
fn a_refused_call_says_what_would_allow_it() {
    let permission = || failed(FunctionRefusal::Permission { detail: String::new() }.into());
    check(vec![called(None), permission()], &["add-permission", ARN, SOURCE, "apigateway.amazonaws.com"]);
    check(vec![called(Some("arn:role")), permission()], &["Let the role arn:role", "lambda:InvokeFunction", ARN]);
    let role = failed(FunctionRefusal::Role { arn: "arn:role".to_owned() }.into());
    check(vec![called(Some("arn:role")), role], &["trust policy of arn:role", "sts:AssumeRole"]);
    let missing = failed(FunctionRefusal::NotFound { arn: ARN.to_owned() }.into());
    check(vec![called(None), missing], &["no function, version or alias", ARN]);
}

#[test]
fn an_unknown_route_names_its_neighbours() {
    let unknown = |rejected: &[_]| vec![routed("GET", false, rejected), failed(Failure::MissingAuthenticationToken)];
    let segment = RejectedBecause::Segment { number: 1, wanted: "pets".to_owned(), found: "pet".to_owned() };
    check(unknown(&[("GET", "/pets", segment)]), &["nearest are GET /pets", "deployment"]);
    check(unknown(&[("POST", "/pet", RejectedBecause::HttpMethod)]), &["/pet is there, but not for GET", "POST"]);
    check(unknown(&[]), &["no method at all"]);
    check(
        vec![routed("OPTIONS", true, &[]), failed(Failure::MissingAuthenticationToken)],
        &["CORS", "OPTIONS", "/pet"],
    );
}

#[test]
fn an_integration_response_that_is_missing_is_described() {
    let configuration = || failed(Failure::configuration("why"));
    check(
        vec![selected(&[(400, Some("Bad.*"), true)], None), configuration()],
        &["fits \"boom now\"", "\"Bad.*\"", "default"],
    );
    check(
        vec![selected(&[(200, None, false)], Some(200)), configuration()],
        &["declares no response 200", "put-method-response"],
    );
    let error = Fact::FunctionFailed { message: "boom now".to_owned(), request_id: "l".to_owned() };
    check(vec![error, selected(&[(200, None, true)], Some(200))], &["default response 200", "\".*boom.*\""]);
}

#[test]
fn the_other_usual_mistakes_are_named() {
    let started = Fact::Started(MethodRequest {
        request_id: "r".to_owned(),
        http_method: "POST".to_owned(),
        path: "/x".to_owned(),
        path_parameters: Vec::new(),
        query: Vec::new(),
        headers: vec![("Content-Type".to_owned(), "text/plain".to_owned())],
        body: Bytes::new(),
    });
    let no_template = Fact::NoTemplate { templates: vec!["application/json".to_owned()] };
    check(
        vec![started, no_template, failed(Failure::UnsupportedMediaType)],
        &["text/plain", "templates for: application/json"],
    );
    check(
        vec![called(None), failed(Failure::IntegrationTimeout { timeout_ms: 50 })],
        &["The function took longer", "timeoutInMillis of 50"],
    );
    check(
        vec![called(None), failed(Failure::IntegrationFailure { detail: "refused".to_owned() })],
        &["https://lambda", "refused"],
    );
    check(vec![failed(Failure::configuration("Unable to base64 decode the body."))], &["isBase64Encoded"]);
    let broken = BodyMapping {
        phase: Phase::Request,
        by: MappedBy::Template { source: "#if".to_owned() },
        input: Bytes::new(),
        output: Err("line 1\n#if\n^^^".to_owned()),
        overridden: Vec::new(),
        took: Duration::ZERO,
    };
    check(vec![Fact::Mapped(broken), failed(Failure::configuration("why"))], &["request template", "#if\n^^^"]);
    check(
        vec![failed(Failure::BadRequestParameters { missing: vec!["name".to_owned()] })],
        &["requires name", "exactly these letters"],
    );
    check(vec![failed(Failure::FunctionFailed { message: "m".to_owned(), request_id: "id7".to_owned() })], &["id7"]);
}

#[test]
fn a_request_that_went_well_needs_no_advice() {
    let events = [answered("{}"), selected(&[(200, None, true)], Some(200)), Fact::Completed { status: 200 }];
    let events: Vec<Event> = events.into_iter().map(|fact| Event { at: Duration::ZERO, fact }).collect();
    assert_eq!(advice(&events), Vec::<String>::new());
}
