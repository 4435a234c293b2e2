use IntegrationType::{Aws, AwsProxy, Http, HttpProxy, Mock};
use proptest::prelude::*;

use super::*;
use crate::context::fixture::Carried;

fn map(entries: &[(&str, &str)]) -> IndexMap<String, String> {
    entries.iter().map(|(target, source)| ((*target).to_owned(), (*source).to_owned())).collect()
}

fn carried() -> Carried {
    Carried::default()
        .path("id", "a%2Fb")
        .query("q=1&q=2&blank=&enc=a%2Bb+c")
        .header("X-One", "first")
        .header("X-One", "last")
        .header("x-one", "other case")
        .stage_variable("env", "dev")
}

/// The values that a mapping to a header gives.
fn read(source: &str, body: &str) -> Result<Vec<String>, Failure> {
    let carried = carried();
    let mapping =
        RequestMapping::compile(Some(&map(&[("integration.request.header.T", source)])), IntegrationType::Http);
    let mapped = mapping.apply(&carried.exchange(), body)?;
    assert!(mapped.query.is_empty() && mapped.path.is_empty());
    Ok(mapped
        .headers
        .into_iter()
        .map(|(name, value)| {
            assert_eq!(name, "T");
            value.into_owned()
        })
        .collect())
}

#[test]
fn request_sources_yield_what_the_request_carries() {
    let check = |source: &str, expected: &[&str]| {
        let values = read(source, r#"{"a":{"b":"text","n":1.50,"o":{"x": 1},"l":[1, 2],"z":null,"e":""}}"#);
        assert_eq!(values, Ok(expected.iter().map(|&text| text.to_owned()).collect()), "{source}");
    };
    check("method.request.path.id", &["a%2Fb"]);
    check("method.request.path.missing", &[]);
    check("method.request.querystring.q", &["2"]);
    check("method.request.querystring.enc", &["a+b c"]);
    check("method.request.querystring.blank", &[]);
    check("method.request.multivaluequerystring.q", &["1", "2"]);
    check("method.request.header.X-One", &["last"]);
    check("method.request.header.x-one", &["other case"]);
    check("method.request.header.X-ONE", &[]);
    check("method.request.multivalueheader.X-One", &["first,last"]);
    check("method.request.multivalueheader.Missing", &[]);
    check("method.request.body.a.b", &["text"]);
    check("method.request.body.a.n", &["1.50"]);
    check("method.request.body.a.o", &[r#"{"x":1}"#]);
    check("method.request.body.a.l", &["[1,2]"]);
    check("method.request.body.a.l[1]", &["2"]);
    check("method.request.body.a.z", &[]);
    check("method.request.body.a.e", &[]);
    check("method.request.body.missing", &[]);
    check("stageVariables.env", &["dev"]);
    check("stageVariables.missing", &[]);
    check("context.requestId", &["6c3a2f4e-0b1d-4f5a-8c7e-9d0f1a2b3c4d"]);
    check("context.identity.sourceIp", &["203.0.113.9"]);
    check("context.identity.userAgent", &[]);
    check("context.nope", &[]);
    check("'literal'", &["literal"]);
    check("''", &[]);
}

#[test]
fn a_body_is_parsed_only_if_it_starts_like_json() {
    let check = |source: &str, body: &str, expected: Result<&[&str], Failure>| {
        let expected = expected.map(|values| values.iter().map(|&text| text.to_owned()).collect::<Vec<_>>());
        assert_eq!(read(source, body), expected, "{source} {body}");
    };
    check("method.request.body", "any text", Ok(&["any text"]));
    check("method.request.body", "", Ok(&[]));
    check("method.request.body", "{broken", Ok(&["{broken"]));
    check("method.request.body.a", "any text", Ok(&[]));
    check("method.request.body.a", "", Ok(&[]));
    check("method.request.body.a", "12", Ok(&[]));
    check("method.request.body.a", " \n {\"a\":1}", Ok(&["1"]));
    check("method.request.body.a", "{broken", Err(Failure::InvalidJson));
    check("method.request.body.a", "[1,", Err(Failure::InvalidJson));
    check("method.request.body.a", "\"open", Err(Failure::InvalidJson));
    check("method.request.body.a", "'single'", Err(Failure::InvalidJson));
}

#[test]
fn targets_keep_their_order_and_place() {
    let carried = carried();
    let mapping = RequestMapping::compile(
        Some(&map(&[
            ("integration.request.path.p", "method.request.path.id"),
            ("integration.request.querystring.b", "'2'"),
            ("integration.request.header.H", "'h'"),
            ("integration.request.querystring.a", "method.request.multivaluequerystring.q"),
        ])),
        IntegrationType::HttpProxy,
    );
    assert!(!mapping.reads_body());
    let mapped = mapping.apply(&carried.exchange(), "").unwrap();
    let pairs = |pairs: &Pairs<'_>| pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>();
    assert_eq!(pairs(&mapped.path), ["p=a%2Fb"]);
    assert_eq!(pairs(&mapped.headers), ["H=h"]);
    assert_eq!(pairs(&mapped.query), ["b=2", "a=1", "a=2"]);
    let reads = RequestMapping::compile(
        Some(&map(&[("integration.request.header.H", "method.request.body.a")])),
        IntegrationType::Aws,
    );
    assert!(reads.reads_body());
    assert!(!RequestMapping::compile(None, IntegrationType::Aws).reads_body());
}

#[test]
fn illegal_headers_fail_each_request() {
    let check = |target: &str, integration_type, expected: Option<&str>| {
        let parameters = map(&[(target, "'x'"), ("integration.request.header.Fine", "'x'")]);
        let mapping = RequestMapping::compile(Some(&parameters), integration_type);
        let expected = expected.map_or(Ok(()), |detail| Err(Failure::ApiConfiguration { detail: detail.to_owned() }));
        assert_eq!(mapping.check(), expected, "{target} {integration_type}");
        assert_eq!(mapping.apply(&carried().exchange(), "").map(|_| ()), expected, "{target} {integration_type}");
    };
    for integration_type in [Http, Mock, AwsProxy, HttpProxy, Aws] {
        check(
            "integration.request.header.Content-Length",
            integration_type,
            Some("Content-Length header already present"),
        );
        check(
            "integration.request.header.transfer-encoding",
            integration_type,
            Some("transfer-encoding header already present"),
        );
        check(
            "integration.request.header.X-Amzn-Trace-Id",
            integration_type,
            Some("X-Amzn-Trace-Id header already present"),
        );
        check("integration.request.header.X-Custom", integration_type, None);
        check("integration.request.querystring.Content-Length", integration_type, None);
    }
    check("integration.request.header.Authorization", Http, None);
    check("integration.request.header.Authorization", Aws, Some("Authorization header already present"));
    check("integration.request.header.TE", AwsProxy, Some("TE header already present"));
    check("integration.request.header.TE", HttpProxy, None);
}

#[test]
fn what_is_no_mapping_fails_each_request() {
    let check = |target: &str, source: &str, detail: &str| {
        let mapping = RequestMapping::compile(Some(&map(&[(target, source)])), IntegrationType::Http);
        assert_eq!(mapping.check(), Err(Failure::ApiConfiguration { detail: detail.to_owned() }));
    };
    check("integration.request.header.H", "nonsense", "invalid mapping expression \"nonsense\"");
    check("integration.request.cookie.H", "'x'", "invalid mapping expression \"integration.request.cookie.H\"");
    check(
        "integration.request.header.H",
        "method.request.body.a[",
        "invalid JSONPath: expected a name in quotes, a position, '*' or '?(' at byte 2",
    );
}

fn respond(source: &str, body: &str) -> Result<Vec<String>, Failure> {
    let mut headers = Headers::default();
    headers.append("location", "/there");
    headers.append("set-cookie", "a=1");
    headers.append("set-cookie", "b=2");
    let carried = carried();
    let mapping = ResponseMapping::compile(Some(&map(&[("method.response.header.T", source)])));
    let answer = IntegrationAnswer { headers: &headers, body };
    let mapped = mapping.apply(&answer, &carried.exchange())?;
    Ok(mapped.into_iter().map(|(_, value)| value.into_owned()).collect())
}

#[test]
fn response_sources_yield_what_the_integration_answered() {
    let check = |source: &str, expected: &[&str]| {
        let values = respond(source, r#"{"a":{"b":"text"},"errorMessage":"{\"code\":409}"}"#);
        assert_eq!(values, Ok(expected.iter().map(|&text| text.to_owned()).collect()), "{source}");
    };
    check("integration.response.header.Location", &["/there"]);
    check("integration.response.header.missing", &[]);
    check("integration.response.header.Set-Cookie", &["b=2"]);
    check("integration.response.multivalueheader.Set-Cookie", &["a=1", "b=2"]);
    check("integration.response.body.a.b", &["text"]);
    check("integration.response.body.errorMessage.code", &["409"]);
    check("integration.response.body.errorMessage", &[r#"{"code":409}"#]);
    check("integration.response.body.missing", &[]);
    check("context.stage", &["prod"]);
    check("stageVariables.env", &["dev"]);
    check("'*'", &["*"]);
    assert_eq!(respond("integration.response.body", "whole"), Ok(vec!["whole".to_owned()]));
    assert_eq!(respond("integration.response.body.a", "text"), Ok(vec![]));
    assert!(matches!(respond("integration.response.body.a", "{broken"), Err(Failure::ApiConfiguration { .. })));
    assert!(matches!(respond("nonsense", ""), Err(Failure::ApiConfiguration { .. })));
}

#[test]
fn gateway_responses_map_the_request_and_never_fail() {
    let carried = carried();
    let mapping = GatewayResponseMapping::compile(&map(&[
        ("gatewayresponse.header.A", "method.request.header.X-One"),
        ("gatewayresponse.header.B", "method.request.path.missing"),
        ("gatewayresponse.header.C", "'*'"),
        ("gatewayresponse.header.D", "context.apiId"),
        ("gatewayresponse.header.E", "nonsense"),
        ("gatewayresponse.header.F", "context.error.message"),
        ("gatewayresponse.header.G", "context.error.validationErrorString"),
        ("gatewayresponse.header.H", "method.request.header.X-ONE"),
        ("gatewayresponse.querystring.I", "'x'"),
        ("gatewayresponse.path.J", "'x'"),
        ("nonsense", "'x'"),
    ]));
    let exchange = carried.exchange();
    let headers: Vec<String> = mapping
        .apply(&exchange, &Failure::ApiConfiguration { detail: "internal".to_owned() })
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(headers, ["A=last", "C=*", "D=abcdef1234", "F=Internal server error", "H=other case"]);
}

proptest! {
    #[test]
    fn no_mapping_and_no_body_make_it_panic(
        target in "(integration\\.request\\.)?(header|querystring|path|multivalueheader)?\\.\\PC{0,10}",
        source in "(method\\.request|context|stageVariables|'|body|header|path|querystring|multivalueheader|[.$*@?()\\[\\]a-c0-9' ]){0,8}",
        body in "[{}\\[\\]\",:a-c0-9 ]{0,30}",
    ) {
        let entries = map(&[(&target, &source)]);
        for integration_type in [Aws, AwsProxy, Http, HttpProxy, Mock] {
            let _ = RequestMapping::compile(Some(&entries), integration_type).apply(&carried().exchange(), &body);
        }
        let answer = IntegrationAnswer { headers: &Headers::default(), body: &body };
        let _ = ResponseMapping::compile(Some(&entries)).apply(&answer, &carried().exchange());
    }
}
