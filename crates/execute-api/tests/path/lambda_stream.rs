//! "Set up a Lambda proxy integration with payload response streaming in API Gateway".

use std::{
    pin::Pin,
    sync::{Arc, Mutex},
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use execute_api::{
    gateway::{BackendTls, Gateway},
    message_body::{MessageBody, StreamError},
    ports::{
        FunctionAnswer, FunctionCall, FunctionFailure, FunctionRefusal, FunctionStream, Functions, PortFuture, Ports,
    },
};
use http_body::{Body, Frame};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::fixture::{self, Answer, Api, Client, FakeFunctions, Request, function_error, get, post, success};

const ERROR: &str = "{\"message\": \"Internal server error\"}";

pub(crate) type Piece = Result<Bytes, FunctionFailure>;

/// A function whose response a test writes piece by piece.
pub(crate) struct Written {
    pieces: Mutex<Option<mpsc::UnboundedReceiver<Piece>>>,
    call: Mutex<Option<FunctionCall>>,
}

struct Pieces(mpsc::UnboundedReceiver<Piece>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = FunctionFailure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, FunctionFailure>>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }
}

impl Functions for Written {
    fn invoke(&self, call: FunctionCall) -> PortFuture<'_, Result<FunctionAnswer, FunctionRefusal>> {
        panic!("a buffered call of {}", call.function_arn)
    }

    fn invoke_streaming(&self, call: FunctionCall) -> PortFuture<'_, Result<FunctionStream, FunctionRefusal>> {
        *self.call.lock().expect("no panic") = Some(call);
        let pieces = self.pieces.lock().expect("no panic").take().expect("one call");
        let stream = FunctionStream { request_id: "lambda-request".to_owned(), body: Pieces(pieces).boxed_unsync() };
        Box::pin(std::future::ready(Ok(stream)))
    }
}

impl Written {
    /// A function and its pen.
    pub(crate) fn begin() -> (Arc<Self>, mpsc::UnboundedSender<Piece>) {
        let (pen, pieces) = mpsc::unbounded_channel();
        (Arc::new(Self { pieces: Mutex::new(Some(pieces)), call: Mutex::default() }), pen)
    }
}

/// A stage with a streaming method, its function, and the function's pen.
fn written(api: Api) -> (Client, Arc<Written>, mpsc::UnboundedSender<Piece>) {
    let (functions, pen) = Written::begin();
    let tls = BackendTls::trusting([]).expect("TLS");
    let gateway = Gateway::new(Ports::new(functions.clone()), tls);
    (Client { gateway, stage: streaming(api, json!({})).load() }, functions, pen)
}

pub(crate) fn streaming(api: Api, more: Value) -> Api {
    let mut integration = json!({
        "type": "AWS_PROXY", "httpMethod": "POST", "uri": fixture::streaming_function_uri(), "responseTransferMode": "STREAM",
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        integration[name] = value.clone();
    }
    api.method("ANY", "/", integration, Value::Null)
}

#[expect(clippy::unnecessary_wraps, reason = "its twin, a failure, stands beside it in lists of pieces")]
pub(crate) fn piece(text: &str) -> Piece {
    Ok(Bytes::copy_from_slice(text.as_bytes()))
}

pub(crate) fn failure() -> Piece {
    Err(FunctionFailure { payload: Bytes::from_static(br#"{"errorMessage":"late"}"#) })
}

pub(crate) async fn next(body: &mut MessageBody) -> Option<Result<Bytes, StreamError>> {
    body.frame().await.map(|frame| frame.map(|frame| frame.into_data().expect("data")))
}

/// What a client gets of a response that a function writes all at once.
#[track_caller]
fn check(request: Request<'_>, response: &str, status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    let response = response.to_owned();
    let functions = FakeFunctions::new(move |_| Ok(success(&response)));
    let answer = streaming(Api::new(), json!({})).deploy(functions).run(request);
    assert_eq!((answer.status, answer.text()), (status, body));
    for (name, value) in headers {
        assert_eq!(answer.header(name), Some(*value), "{name}");
    }
    answer
}

#[tokio::test]
async fn each_piece_reaches_the_client_when_the_function_writes_it() {
    let (client, functions, pen) = written(Api::new());
    pen.send(piece("{\"statusCode\":201,\"headers\":{\"content-type\":\"text/plain\"}}\0\0\0\0")).unwrap();
    pen.send(piece("\0\0\0\0first")).unwrap();
    let response = client.respond(post("/prod", "{}")).await;
    assert_eq!(response.status(), 201);
    assert_eq!(response.headers()["content-type"], "text/plain");
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await.unwrap().unwrap(), "first");
    for text in ["second", "third"] {
        pen.send(piece(text)).unwrap();
        assert_eq!(next(&mut body).await.unwrap().unwrap(), text);
    }
    drop(pen);
    assert_eq!(next(&mut body).await, None);
    let call = functions.call.lock().unwrap().take().unwrap();
    let event: Value = serde_json::from_slice(&call.payload).unwrap();
    assert_eq!((call.function_arn.as_str(), &event["httpMethod"]), (fixture::FUNCTION_ARN, &json!("POST")));
}

#[test]
fn metadata_shape_the_response_and_the_gateway_keeps_its_headers() {
    let metadata = r#"{"statusCode":"404","headers":{"x-foo":"bar","Server":"mine"},"multiValueHeaders":{"x-mv":["a","b"]},"cookies":["c1=blue","c2=red"]}"#;
    let answer = check(
        get("/prod"),
        &format!("{metadata}\0\0\0\0\0\0\0\0not here"),
        404,
        &[("x-foo", "bar"), ("x-amzn-remapped-server", "mine"), ("content-type", "application/json")],
        "not here",
    );
    let all =
        |name: &str| answer.headers.get_all(name).iter().map(|v| v.to_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(
        (all("set-cookie"), all("x-mv")),
        (vec!["c1=blue".to_owned(), "c2=red".to_owned()], vec!["a".to_owned(), "b".to_owned()])
    );
    assert!(answer.header("x-amzn-requestid").is_some() && answer.header("x-amzn-trace-id").is_some());
    check(Request { method: "HEAD", ..get("/prod") }, "{}\0\0\0\0\0\0\0\0body", 200, &[], "");
    check(get("/prod"), "{}\0\0\0\0\0\0\0\0", 200, &[], "");
}

#[test]
fn neither_media_types_nor_compression_touch_the_bytes() {
    let api = Api::new().set("binaryMediaTypes", json!(["*/*"])).set("minimumCompressionSize", json!(0));
    let functions = FakeFunctions::answering(&format!("{{}}\0\0\0\0\0\0\0\0{}", "aGVsbG8=".repeat(100)));
    let client = streaming(api, json!({})).deploy(functions);
    let answer = client.run(get("/prod").headers(&[("Accept-Encoding", "gzip"), ("Accept", "image/png")]));
    assert_eq!((answer.status, answer.text().len(), answer.header("content-encoding")), (200, 800, None));
}

#[test]
fn what_is_no_streamed_response_is_a_bad_gateway() {
    for response in ["", "{}", r#"{"statusCode":200,"body":"buffered"}"#, "{}\0\0\0\0\0\0\0x", "[]\0\0\0\0\0\0\0\0"] {
        check(get("/prod"), response, 502, &[("x-amzn-errortype", "InternalServerErrorException")], ERROR);
    }
    let client = streaming(Api::new(), json!({})).deploy(FakeFunctions::new(|_| Ok(function_error("boom"))));
    let answer = client.get("/prod");
    assert_eq!((answer.status, answer.text()), (502, ERROR));
}

#[test]
fn a_call_that_is_refused_is_a_server_error() {
    let refuse =
        |_: &FunctionCall| Err(FunctionRefusal::Throttled { reason: "ConcurrentInvocationLimitExceeded".to_owned() });
    let answer = streaming(Api::new(), json!({})).deploy(FakeFunctions::new(refuse)).get("/prod");
    assert_eq!((answer.status, answer.text()), (500, ERROR));
}

#[tokio::test]
async fn an_error_before_the_metadata_are_complete_is_a_bad_gateway() {
    let (client, _, pen) = written(Api::new());
    pen.send(piece("{\"statusCode\":200}\0\0\0")).unwrap();
    pen.send(failure()).unwrap();
    let answer = client.send(get("/prod")).await;
    assert_eq!((answer.status, answer.text()), (502, ERROR));
}

#[tokio::test]
async fn an_error_midway_breaks_the_response_off() {
    let (client, _, pen) = written(Api::new());
    pen.send(piece("{}\0\0\0\0\0\0\0\0some")).unwrap();
    pen.send(failure()).unwrap();
    let response = client.respond(get("/prod")).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    assert_eq!(next(&mut body).await.unwrap().unwrap(), "some");
    let broken = next(&mut body).await.unwrap().unwrap_err();
    assert_eq!(broken, StreamError::Broken { detail: "late".to_owned() });
}

#[tokio::test(start_paused = true)]
async fn the_integrations_time_covers_the_whole_response() {
    let api = |more: Value| streaming(Api::new(), more);
    // Before the metadata: a status can be sent.
    let (mut client, _, pen) = written(Api::new());
    client.stage = api(json!({"timeoutInMillis": 100})).load();
    pen.send(piece("{}")).unwrap();
    let answer = client.send(get("/prod")).await;
    assert_eq!((answer.status, answer.text()), (504, "{\"message\": \"Endpoint request timed out\"}"));
    // After: the connection breaks off, however busy the function is.
    let (mut client, _, pen) = written(Api::new());
    client.stage = api(json!({"timeoutInMillis": 900_000})).load();
    pen.send(piece("{}\0\0\0\0\0\0\0\0")).unwrap();
    let mut body = client.respond(get("/prod")).await.into_body();
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_secs(100)).await;
        pen.send(piece("tick")).unwrap();
        assert_eq!(next(&mut body).await.unwrap().unwrap(), "tick");
    }
    let broken = next(&mut body).await.unwrap().unwrap_err();
    assert_eq!(broken, StreamError::TooSlow { limit_ms: 900_000 });
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_the_stream_of_an_edge_api_sooner() {
    for (endpoint, limit_ms) in [("EDGE", 30_000), ("REGIONAL", 300_000)] {
        let api = Api::new().set("endpointConfiguration", json!({"types": [endpoint], "ipAddressType": "ipv4"}));
        let (mut client, _, pen) = written(Api::new());
        client.stage = streaming(api, json!({"timeoutInMillis": 900_000})).load();
        pen.send(piece("{}\0\0\0\0\0\0\0\0")).unwrap();
        let mut body = client.respond(get("/prod")).await.into_body();
        for _ in 0..2 {
            tokio::time::sleep(Duration::from_millis(limit_ms - 1000)).await;
            pen.send(piece("tick")).unwrap();
            assert_eq!(next(&mut body).await.unwrap().unwrap(), "tick");
        }
        let broken = next(&mut body).await.unwrap().unwrap_err();
        assert_eq!(broken, StreamError::TooSlow { limit_ms }, "{endpoint}");
        drop(pen);
    }
}
