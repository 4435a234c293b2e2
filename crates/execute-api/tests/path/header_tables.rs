//! Specification 1.3 to 1.5: what becomes of each header, row by row, for each type of integration.

use std::{sync::Arc, time::SystemTime};

use execute_api::{
    gateway::{AwsServices, Endpoints},
    ports::{Credentials, PortFuture, RoleCall, RoleRefusal, RoleSession, Roles},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::{
    fixture::{Answer, Api, Client, FakeFunctions, function_uri, post},
    http_backend::{Backend, backend},
};

/// The types that have a column of their own.
const TYPES: [&str; 4] = ["HTTP", "HTTP_PROXY", "AWS", "AWS_PROXY"];

/// What a backend gets under a header's name. A function gets it in its event.
#[derive(Debug, Clone, Copy)]
enum Sent {
    /// Nothing.
    Nothing,
    /// What the client sent.
    Clients,
    /// What the mapping says.
    Mapped,
    /// What the gateway says; the beginning of it, where the rest differs each time.
    Own(&'static str),
    /// No request at all: the client gets 500.
    Refused,
}

use Sent::{Clients as C, Mapped as M, Nothing as N, Own as O, Refused as R};

/// A header; what backends get when a client sends it; and when a mapping sets it, which `AWS_PROXY` overlooks unless it is illegal.
type Row = (&'static str, [Sent; 4], [Sent; 4]);

const JSON: Sent = O("application/json");
const AGENT: Sent = O("AmazonAPIGateway_abcdef1234");
const TRACE: Sent = O("Root=1-");
const HOST: Sent = O("127.0.0.1:");
const SIGNATURE: Sent = O("AWS4-HMAC-SHA256 Credential=AKID/");
const ALL_REFUSED: [Sent; 4] = [R, R, R, R];

#[rustfmt::skip]
const REQUEST_HEADERS: &[Row] = &[
    ("X-Custom",                 [N, C, N, C],                               [M, M, M, C]),
    ("Cookie",                   [N, C, N, C],                               [M, M, M, C]),
    ("Accept",                   [JSON, C, JSON, C],                         [M, M, M, C]),
    ("User-Agent",               [AGENT, C, AGENT, C],                       [M, M, M, C]),
    ("Content-Type",             [C, C, C, C],                               [M, M, M, C]),
    ("X-Amzn-Trace-Id",          [TRACE, TRACE, TRACE, TRACE],               ALL_REFUSED),
    ("X-Amzn-Apigateway-Api-Id", [O("abcdef1234"), O("abcdef1234"), O("abcdef1234"), C], ALL_REFUSED),
    ("Host",                     [HOST, HOST, HOST, C],                      [M, M, HOST, C]),
    ("Content-Encoding",         [N, N, N, C],                               [M, M, M, C]),
    // Dropped even when they are mapped.
    ("Expect",                   [N, N, N, N],                               [N, N, R, R]),
    ("Proxy-Authenticate",       [N, N, N, N],                               [N, N, R, R]),
    ("TE",                       [N, N, N, N],                               [N, N, R, R]),
    ("Connection",               [N, N, N, N],                               [N, N, R, R]),
    ("Via",                      [N, N, N, C],                               [N, N, M, C]),
    ("Referer",                  [N, C, N, C],                               [M, M, N, C]),
    // The message's own.
    ("Content-Length",           [O("4"), O("4"), O("4"), N],                ALL_REFUSED),
    ("Transfer-Encoding",        [N, N, N, N],                               ALL_REFUSED),
    ("Upgrade",                  [N, N, N, N],                               [N, N, N, N]),
    // The signature's own.
    ("Authorization",            [N, C, SIGNATURE, C],                       [M, M, R, R]),
    ("X-Amz-Date",               [N, C, O("19700101T"), C],                         [M, M, O("19700101T"), C]),
    ("X-Amz-Security-Token",     [N, C, O("session"), C],                    [M, M, O("session"), C]),
    ("X-Amz-Source-Arn",         [N, C, O("arn:aws:execute-api:"), C],       [M, M, O("arn:aws:execute-api:"), C]),
    // Removed before anything can see them.
    ("Content-MD5",              [N, N, N, N],                               [M, M, M, N]),
    ("Max-Forwards",             [N, N, N, N],                               [M, M, M, N]),
    ("Server",                   [N, N, N, N],                               [M, M, M, N]),
    ("Trailer",                  [N, N, N, N],                               [M, M, M, N]),
    ("WWW-Authenticate",         [N, N, N, N],                               [M, M, M, N]),
    // Added by the gateway.
    ("X-Forwarded-For",          [N, O("client, 203.0.113.9"), N, O("client, 203.0.113.9")], [M, M, M, O("client, 203.0.113.9")]),
    ("X-Forwarded-Port",         [N, O("443"), N, O("443")],                 [M, M, M, O("443")]),
    ("X-Forwarded-Proto",        [N, O("https"), N, O("https")],             [M, M, M, O("https")]),
];

/// What the client sends: anything, but for codings that the gateway would not understand.
fn clients(name: &str) -> &'static str {
    if name == "Content-Encoding" { "identity" } else { "client" }
}

/// Gives every role away.
struct AnyRole;

impl Roles for AnyRole {
    fn assume(&self, _call: RoleCall) -> PortFuture<'_, Result<RoleSession, RoleRefusal>> {
        let credentials = Credentials::new("AKID", "secret", Some("session".to_owned()), None, "test");
        Box::pin(std::future::ready(Ok(RoleSession { credentials, now: SystemTime::UNIX_EPOCH })))
    }
}

/// `POST /x` with an integration of a type, whose answer goes to the client with these headers mapped.
fn client(integration_type: &str, url: &str, more: Value, declared: Value, functions: Arc<FakeFunctions>) -> Client {
    let mut integration = match integration_type {
        "AWS" => {
            json!({"uri": "arn:aws:apigateway:us-east-1:iot:path/things", "credentials": "arn:aws:iam::123456789012:role/gateway"})
        }
        "AWS_PROXY" => json!({"uri": function_uri()}),
        _ => json!({"uri": url}),
    };
    integration["type"] = json!(integration_type);
    integration["httpMethod"] = json!("POST");
    for (name, value) in more.as_object().into_iter().flatten() {
        integration[name] = value.clone();
    }
    let declared = json!({"methodResponses": {"200": {"statusCode": "200", "responseParameters": declared}}});
    let Client { gateway, stage } = Api::new().method("POST", "/x", integration, declared).deploy(functions);
    let endpoints = Arc::new(Endpoints::of_aws().with_all(url.parse().expect("a URL")));
    Client { gateway: gateway.with_aws_services(AwsServices { roles: Arc::new(AnyRole), endpoints }), stage }
}

/// What a backend of a type gets under a header's name when a client sends it, and a mapping sets it or not; 500 without a request.
async fn sent(integration_type: &str, backend: &Backend, name: &str, parameters: Value) -> Result<Value, u16> {
    let functions = FakeFunctions::answering("{}");
    let more = json!({"requestParameters": parameters, "integrationResponses": {"200": {"statusCode": "200"}}});
    let client = client(integration_type, &backend.url, more, json!({}), functions.clone());
    let answer = client.send(post("/prod/x", "body").headers(&[(name, clients(name))])).await;
    if answer.status != 200 {
        return Err(answer.status);
    }
    Ok(told(integration_type, &answer, &functions, name))
}

/// What a backend of a type says that it got under a header's name.
fn told(integration_type: &str, answer: &Answer, functions: &FakeFunctions, name: &str) -> Value {
    if integration_type == "AWS_PROXY" {
        return functions.event()["headers"][name].clone();
    }
    let told: Value = serde_json::from_slice(&answer.body).expect("JSON");
    told["headers"][name.to_ascii_lowercase()].clone()
}

#[track_caller]
fn check(what: &str, name: &str, sent: Result<Value, u16>, expected: Sent) {
    let fits = match (&sent, expected) {
        (Ok(Value::Null), N) | (Err(500), R) => true,
        (Ok(Value::String(value)), C) => value == clients(name),
        (Ok(Value::String(value)), M) => value == "mapped",
        (Ok(Value::String(value)), O(own)) => value.starts_with(own),
        (Ok(_) | Err(_), _) => false,
    };
    assert!(fits, "{what} {name}: {sent:?} is not {expected:?}");
}

#[tokio::test]
async fn each_header_of_a_request_goes_as_its_row_says() {
    let backend = backend().await;
    for (name, sent_by_client, mapped) in REQUEST_HEADERS {
        for (column, integration_type) in TYPES.iter().enumerate() {
            let unmapped = sent(integration_type, &backend, name, json!({})).await;
            check(&format!("{integration_type} client"), name, unmapped, sent_by_client[column]);
            let parameters = json!({format!("integration.request.header.{name}"): "'mapped'"});
            let set = sent(integration_type, &backend, name, parameters).await;
            check(&format!("{integration_type} mapped"), name, set, mapped[column]);
        }
    }
}

#[tokio::test]
async fn what_the_client_does_not_send_has_a_default() {
    let backend = backend().await;
    for (integration_type, content_type) in [("HTTP", JSON), ("HTTP_PROXY", N), ("AWS", JSON), ("AWS_PROXY", N)] {
        let functions = FakeFunctions::answering("{}");
        let more = json!({"integrationResponses": {"200": {"statusCode": "200"}}});
        let client = client(integration_type, &backend.url, more, json!({}), functions.clone());
        let answer = client.send(post("/prod/x", "body")).await;
        let told = told(integration_type, &answer, &functions, "Content-Type");
        check(integration_type, "Content-Type", Ok(told), content_type);
    }
}

#[tokio::test]
async fn no_template_forges_what_backends_trust() {
    let backend = backend().await;
    for (name, own) in
        [("X-Amzn-Trace-Id", TRACE), ("X-Amzn-Apigateway-Api-Id", O("abcdef1234")), ("Content-Length", O("4"))]
    {
        for integration_type in ["HTTP", "AWS"] {
            let template = format!("#set($context.requestOverride.header['{name}'] = 'forged')body");
            let more = json!({"requestTemplates": {"application/json": template},
                "integrationResponses": {"200": {"statusCode": "200"}}});
            let functions = FakeFunctions::never();
            let client = client(integration_type, &backend.url, more, json!({}), functions.clone());
            let answer = client.send(post("/prod/x", "")).await;
            check(integration_type, name, Ok(told(integration_type, &answer, &functions, name)), own);
        }
    }
}

/// What a client gets of a backend's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Got {
    /// Nothing, or what the gateway itself says there.
    Dropped,
    /// The value under the name `x-amzn-Remapped-…`.
    Remapped,
    /// The value as it is.
    Passed,
}

/// The columns of [`RESPONSE_HEADERS`]; the first stands for `HTTP`, too.
const RESPONSE_TYPES: [&str; 4] = ["HTTP", "AWS", "HTTP_PROXY", "AWS_PROXY"];

#[rustfmt::skip]
const RESPONSE_HEADERS: &[(&str, [Got; 3])] = {
    use Got::{Dropped as D, Passed as P, Remapped as R};
    // The custom types, whose header is mapped; HTTP_PROXY; AWS_PROXY.
    &[
        ("Authorization",       [R, R, R]),
        ("Connection",          [R, R, R]),
        ("Content-Length",      [R, R, R]),
        ("Content-MD5",         [R, R, R]),
        ("Date",                [R, R, R]),
        ("Expect",              [R, P, D]),
        ("Host",                [R, P, D]),
        ("Max-Forwards",        [R, R, R]),
        ("Proxy-Authenticate",  [R, D, D]),
        ("Server",              [R, R, R]),
        ("TE",                  [P, P, D]),
        ("Trailer",             [R, D, D]),
        ("Transfer-Encoding",   [D, D, D]),
        ("Upgrade",             [R, D, D]),
        ("User-Agent",          [R, R, R]),
        ("Via",                 [P, D, P]),
        ("WWW-Authenticate",    [R, R, R]),
        ("x-amzn-RequestId",    [D, R, D]),
        ("Accept-Ranges",       [P, P, P]),
        ("Age",                 [P, P, P]),
        ("Cache-Control",       [P, P, P]),
        ("Content-Encoding",    [P, P, P]),
        ("Content-Type",        [P, P, P]),
        ("ETag",                [P, P, P]),
        ("Location",            [P, P, P]),
        ("Pragma",              [P, P, P]),
        ("Range",               [P, P, P]),
        ("Referer",             [P, P, P]),
        ("Set-Cookie",          [P, P, P]),
        ("Warning",             [P, P, P]),
        ("X-Custom",            [P, P, P]),
        ("Access-Control-Allow-Origin", [P, P, P]),
    ]
};

/// What the backend says under a header's name: anything, unless it frames the message.
fn backends(name: &str) -> &'static str {
    match name {
        "Content-Length" => "4",
        "Transfer-Encoding" => "chunked",
        _ => "backend",
    }
}

/// A backend that answers one request, byte by byte as told.
async fn answering(name: &str) -> (String, impl Future<Output = ()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let framing = match name {
        "Content-Length" | "Transfer-Encoding" => "",
        _ => "Content-Length: 4\r\n",
    };
    let body = if name == "Transfer-Encoding" { "4\r\nbody\r\n0\r\n\r\n" } else { "body" };
    let answer = format!("HTTP/1.1 200 OK\r\n{name}: {}\r\n{framing}\r\n{body}", backends(name));
    let serving = async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\nbody") {
            assert!(stream.read_buf(&mut read).await.expect("a request") > 0, "{read:?}");
        }
        stream.write_all(answer.as_bytes()).await.expect("a client");
    };
    (url, serving)
}

/// What a client gets of a header of a backend of a type.
async fn got(integration_type: &str, name: &str) -> Got {
    let (url, serving) = answering(name).await;
    let target = format!("method.response.header.{name}");
    let mapping = json!({&target: format!("integration.response.header.{name}")});
    let more = json!({"integrationResponses": {"200": {"statusCode": "200", "responseParameters": mapping}}});
    let payload = json!({"headers": {name: backends(name)}, "body": "body"}).to_string();
    let client = client(integration_type, &url, more, json!({target: false}), FakeFunctions::answering(&payload));
    let request = client.send(post("/prod/x", "body"));
    let answer = if integration_type == "AWS_PROXY" { request.await } else { tokio::join!(request, serving).0 };
    assert_eq!((answer.status, answer.text()), (200, "body"), "{integration_type} {name}");
    let is_there = |name: &str, value: &str| answer.header(name) == Some(value);
    match (is_there(&format!("x-amzn-remapped-{name}"), backends(name)), is_there(name, backends(name))) {
        (false, false) => Got::Dropped,
        (true, false) => Got::Remapped,
        (false, true) => Got::Passed,
        (true, true) => panic!("{integration_type} {name} is there twice"),
    }
}

#[tokio::test]
async fn each_header_of_a_response_goes_as_its_row_says() {
    for (name, [custom, http_proxy, aws_proxy]) in RESPONSE_HEADERS {
        let expected = [custom, custom, http_proxy, aws_proxy];
        for (integration_type, expected) in RESPONSE_TYPES.iter().zip(expected) {
            assert_eq!(got(integration_type, name).await, *expected, "{integration_type} {name}");
        }
    }
}

#[tokio::test]
async fn an_unmapped_header_of_a_custom_integration_stays_behind() {
    let (url, serving) = answering("X-Custom").await;
    let more = json!({"integrationResponses": {"200": {"statusCode": "200"}}});
    let client = client("HTTP", &url, more, json!({}), FakeFunctions::never());
    let (answer, ()) = tokio::join!(client.send(post("/prod/x", "body")), serving);
    assert_eq!((answer.status, answer.header("x-custom")), (200, None));
}
