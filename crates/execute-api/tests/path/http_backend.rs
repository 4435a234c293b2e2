//! Specification 5.4 and 1.4: HTTP and HTTP_PROXY integrations, against a server of the test's own.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use execute_api::gateway::Egress;
use http::{Request as Incoming, Response};
use http_body_util::{BodyExt, Full};
use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::fixture::{Api, Client, FakeFunctions, Request, get, post};

/// A backend that tells what it was sent, and how many connections it took.
pub(crate) struct Backend {
    pub(crate) url: String,
    connections: Arc<AtomicUsize>,
}

pub(crate) async fn backend() -> Backend {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&connections);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(echo)));
        }
    });
    Backend { url, connections }
}

async fn echo(request: Incoming<hyper::body::Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    let mut headers = Map::new();
    for (name, value) in &head.headers {
        let value = json!(String::from_utf8_lossy(value.as_bytes()));
        if let Some(earlier) = headers.insert(name.as_str().to_owned(), value.clone()) {
            headers.insert(name.as_str().to_owned(), json!([earlier, value]));
        }
    }
    let told = json!({
        "method": head.method.as_str(), "target": head.uri.to_string(), "headers": headers,
        "body": String::from_utf8_lossy(&body),
    });
    let status = head.uri.path().rsplit('/').next().and_then(|last| last.parse().ok()).unwrap_or(200);
    let response = Response::builder()
        .status(status)
        .header("Content-Type", "application/json;charset=x")
        .header("X-Backend", "yes")
        .header("Server", "echo")
        .header("Location", "/elsewhere")
        .header("Set-Cookie", "a=1")
        .header("Set-Cookie", "b=2")
        .header("x-amzn-RequestId", "backend")
        .body(Full::new(Bytes::from(told.to_string())));
    Ok(response.expect("a response"))
}

fn http_proxy(uri: &str, more: Value) -> Client {
    let mut integration = json!({"type": "HTTP_PROXY", "httpMethod": "ANY", "uri": uri});
    for (name, value) in more.as_object().into_iter().flatten() {
        integration[name] = value.clone();
    }
    Api::new()
        .method("ANY", "/{proxy+}", integration, Value::Null)
        .variables(json!({"base": "v1"}))
        .deploy(FakeFunctions::never())
}

async fn told(client: &Client, request: Request<'_>) -> Value {
    let answer = client.send(request).await;
    serde_json::from_slice(&answer.body).expect("JSON")
}

#[tokio::test]
async fn a_proxy_passes_the_request_on() {
    let backend = backend().await;
    let uri = format!("{}/${{stageVariables.base}}/{{proxy}}?fixed=1", backend.url);
    let client = http_proxy(
        &uri,
        json!({"requestParameters": {
            "integration.request.path.proxy": "method.request.path.proxy",
            "integration.request.header.X-Set": "'mapped'",
            "integration.request.querystring.q": "'appended'",
        }}),
    );
    let headers = [
        ("X-Dup", "1"),
        ("X-Dup", "2"),
        ("X-Set", "client"),
        ("TE", "x"),
        ("Via", "x"),
        ("Content-Encoding", "identity"),
    ];
    let told = told(&client, post("/prod/a%20b/c?q=x+y&r", "body").headers(&headers)).await;
    assert_eq!(told["method"], "POST");
    assert_eq!(told["target"], "/v1/a%20b/c?fixed=1&q=x+y&r=&q=appended");
    assert_eq!(told["body"], "body");
    let headers = &told["headers"];
    assert_eq!(headers["x-dup"], "1,2");
    assert_eq!(headers["x-set"], "mapped");
    assert_eq!(headers["host"], backend.url.strip_prefix("http://").expect("a scheme"));
    assert_eq!(headers["user-agent"], "AmazonAPIGateway_abcdef1234");
    assert_eq!(headers["x-amzn-apigateway-api-id"], "abcdef1234");
    assert_eq!(headers["x-forwarded-for"], "203.0.113.9");
    assert!(headers["x-amzn-trace-id"].as_str().is_some_and(|trace| trace.starts_with("Root=1-")));
    for absent in ["te", "via", "content-encoding", "connection"] {
        assert_eq!(headers.get(absent), None, "{absent}");
    }
}

#[tokio::test]
async fn a_proxys_answer_passes_but_for_the_gateways_own_headers() {
    let backend = backend().await;
    let client = http_proxy(&format!("{}/302", backend.url), Value::Null);
    let answer = client.send(get("/prod/x")).await;
    assert_eq!(answer.status, 302, "a redirect is not followed");
    assert_eq!(answer.header("location"), Some("/elsewhere"));
    assert_eq!(answer.header("content-type"), Some("application/json;charset=x"));
    assert_eq!(answer.header("x-amzn-remapped-server"), Some("echo"));
    assert_eq!(answer.header("x-amzn-remapped-x-amzn-requestid"), Some("backend"));
    assert_ne!(answer.header("x-amzn-requestid"), Some("backend"));
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 2);
    assert_eq!(answer.header("x-amzn-trace-id"), None);
}

#[tokio::test]
async fn connections_are_kept_between_requests() {
    let backend = backend().await;
    let client = http_proxy(&backend.url, Value::Null);
    for _ in 0..3 {
        assert_eq!(client.send(get("/prod/x")).await.status, 200);
    }
    assert_eq!(backend.connections.load(Ordering::SeqCst), 1);
}

fn http_custom(uri: &str, http_method: &str, more: Value) -> Client {
    let mut integration = json!({"type": "HTTP", "httpMethod": http_method, "uri": uri});
    for (name, value) in more.as_object().into_iter().flatten() {
        integration[name] = value.clone();
    }
    let parameters = json!({"method.response.header.X-From": false});
    let declared = json!({"methodResponses": {
        "200": {"statusCode": "200", "responseParameters": parameters}, "404": {"statusCode": "404"}}});
    Api::new().method("POST", "/x", integration, declared).deploy(FakeFunctions::never())
}

#[tokio::test]
async fn a_custom_integration_sends_only_what_is_mapped() {
    let backend = backend().await;
    let responses = json!({"200": {"statusCode": "200",
        "responseParameters": {"method.response.header.X-From": "integration.response.header.X-Backend"}}});
    let client = http_custom(
        &format!("{}/{{id}}/{{unmapped}}", backend.url),
        "POST",
        json!({
            "integrationResponses": responses,
            "requestParameters": {
                "integration.request.path.id": "method.request.querystring.id",
                "integration.request.header.Host": "'other.example'",
            },
        }),
    );
    let answer = client.send(post("/prod/x?id=7&more=1", "{}").headers(&[("X-Client", "1")])).await;
    assert_eq!((answer.status, answer.header("x-from")), (200, Some("yes")));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert!(answer.header("x-amzn-trace-id").is_some());
    let told: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(told["target"], "/7/{unmapped}");
    assert_eq!(told["headers"]["host"], "other.example");
    assert_eq!(told["headers"]["accept"], "application/json");
    assert_eq!(told["headers"]["content-type"], "application/json");
    assert_eq!(told["headers"].get("x-client"), None);
    assert_eq!(told["headers"].get("x-forwarded-for"), None);
}

#[tokio::test]
async fn a_get_has_no_body_and_its_status_selects_the_response() {
    let backend = backend().await;
    let responses = json!({"200": {"statusCode": "200"}, "404": {"statusCode": "404", "selectionPattern": "4\\d{2}"}});
    let client = http_custom(&format!("{}/410", backend.url), "GET", json!({"integrationResponses": responses}));
    let answer = client.send(post("/prod/x", "body")).await;
    assert_eq!(answer.status, 404);
    let told: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!((&told["method"], &told["body"]), (&json!("GET"), &json!("")));
    assert_eq!(told["headers"].get("content-type"), None);
}

#[tokio::test]
async fn a_backend_that_cannot_be_reached_is_a_network_error() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let answer = http_proxy(&url, Value::Null).send(get("/prod/x")).await;
    assert_eq!((answer.status, answer.text()), (504, "{\"message\": \"Network error communicating with endpoint\"}"));
}

#[tokio::test]
async fn a_denied_address_is_not_reached() {
    let backend = backend().await;
    let client = http_proxy(&backend.url, Value::Null);
    let denied = Egress::denying(["127.0.0.0/8".parse().expect("a network")]);
    let client = Client { gateway: client.gateway.with_egress(denied), stage: client.stage };
    let answer = client.send(get("/prod/x")).await;
    assert_eq!((answer.status, answer.text()), (504, "{\"message\": \"Network error communicating with endpoint\"}"));
    assert_eq!(backend.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_backend_that_does_not_answer_in_time_is_a_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let answer = http_proxy(&url, json!({"timeoutInMillis": 50})).send(get("/prod/x")).await;
    assert_eq!((answer.status, answer.text()), (504, "{\"message\": \"Endpoint request timed out\"}"));
}

#[tokio::test]
async fn an_address_that_is_none_is_a_configuration_error() {
    for uri in ["nonsense", "ftp://127.0.0.1/", "http://127.0.0.1:22/", "http://", "${stageVariables.missing}"] {
        let answer = http_proxy(uri, Value::Null).send(get("/prod/x")).await;
        assert_eq!((answer.status, answer.text()), (500, "{\"message\": \"Internal server error\"}"), "{uri}");
    }
}

#[tokio::test]
async fn what_would_weaken_the_backends_trust_is_refused() {
    let backend = backend().await;
    let client = http_proxy(&backend.url, json!({"connectionType": "VPC_LINK", "connectionId": "link"}));
    assert_eq!(client.send(get("/prod/x")).await.status, 500);
    let mut api = Api::new().method(
        "GET",
        "/",
        json!({"type": "HTTP_PROXY", "httpMethod": "GET", "uri": backend.url}),
        Value::Null,
    );
    api.stage["clientCertificateId"] = json!("cert");
    assert_eq!(api.deploy(FakeFunctions::never()).send(get("/prod")).await.status, 500);
}

#[tokio::test]
async fn an_answer_that_is_no_http_or_no_final_one_is_an_internal_error() {
    for answer in ["garbage\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"] {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let serving = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut head = [0; 1024];
            let _ = stream.read(&mut head).await.expect("a request");
            stream.write_all(answer.as_bytes()).await.expect("a client");
        };
        let client = http_proxy(&url, json!({}));
        let (told, ()) = tokio::join!(client.send(get("/prod/x")), serving);
        assert_eq!((told.status, told.text()), (500, "{\"message\": \"Internal server error\"}"), "{answer}");
    }
}
