//! AWS: "Response streaming for Lambda functions": a response reaches its caller while the function writes it.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lambda::runner::{FunctionVersion, Outcome, ResponsePiece, ResponseStream};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use crate::fixture::{Host, changed, invocation, python};

/// Connects to the test, which lets the function go on by closing the connection.
const GATE: &str = "const gate = (port) => new Promise((open) => require('net').connect(port, '127.0.0.1').on('close', open).resume());\n";

async fn begin(host: &Host, function: &Arc<FunctionVersion>, event: &str) -> ResponseStream {
    host.runner.invoke_streaming(function, invocation(function, event)).await.unwrap()
}

async fn next(stream: &mut ResponseStream) -> Option<ResponsePiece> {
    std::future::poll_fn(|context| stream.poll_next(context)).await.transpose().unwrap()
}

/// The next bytes, as many as this text has.
async fn expect(stream: &mut ResponseStream, text: &str) {
    let mut got = Vec::new();
    while got.len() < text.len() {
        let piece = next(stream).await.unwrap();
        let ResponsePiece::Data(data) = piece else { break };
        got.extend_from_slice(&data);
    }
    assert_eq!(String::from_utf8_lossy(&got), text);
}

/// The rest of the bytes and the end.
async fn rest(mut stream: ResponseStream) -> (Vec<u8>, Outcome) {
    let mut all = Vec::new();
    loop {
        match next(&mut stream).await.unwrap() {
            ResponsePiece::Data(data) => all.extend_from_slice(&data),
            ResponsePiece::End(outcome) => {
                assert!(next(&mut stream).await.is_none());
                return (all, outcome);
            }
        }
    }
}

async fn ended(host: &Host, function: &Arc<FunctionVersion>) -> (String, Outcome) {
    let (all, outcome) = rest(begin(host, function, "{}").await).await;
    (String::from_utf8(all).unwrap(), outcome)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_bytes_arrive_before_the_function_has_finished() {
    let host = Host::start();
    let function = host.node(&format!(
        "{GATE}exports.handler = awslambda.streamifyResponse(async (event, stream, context) => {{
           stream.write('first ');
           await gate(event.port);
           stream.write(Buffer.from('second '));
           stream.write({{ a: 1 }});
           stream.end(` of ${{context.functionVersion}}`);
         }});"
    ));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut stream = begin(&host, &function, &json!({ "port": port }).to_string()).await;
    expect(&mut stream, "first ").await;
    let (mut gate, _) = listener.accept().await.unwrap();
    gate.shutdown().await.unwrap();
    drop(gate);
    let (all, outcome) = rest(stream).await;
    assert_eq!(String::from_utf8_lossy(&all), "second {\"a\":1} of $LATEST");
    assert_eq!((outcome.function_error, outcome.payload), (None, Bytes::new()));
    // The worker is free again: the next event needs no other.
    let event = json!({ "port": port }).to_string();
    let whole = host.invoke(&function, &event);
    let open = async { drop(listener.accept().await.unwrap()) };
    let (whole, ()) = tokio::join!(whole, open);
    assert_eq!(whole.text(), "first second {\"a\":1} of $LATEST");
    assert_eq!(host.runner.worker_count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_http_response_begins_with_its_metadata_and_eight_nuls() {
    let host = Host::start();
    let pipeline = "const { pipeline } = require('stream/promises'); const { Readable } = require('stream');
         exports.handler = awslambda.streamifyResponse(async (event, stream) => {
           stream = awslambda.HttpResponseStream.from(stream, { statusCode: 201, cookies: ['a=b'] });
           await pipeline(Readable.from(['one ', 'two']), stream);
         });";
    let (all, _) = ended(&host, &host.node(pipeline)).await;
    assert_eq!(all, "{\"statusCode\":201,\"cookies\":[\"a=b\"]}\0\0\0\0\0\0\0\0one two");
    // An empty write is a write: handlers without a body send their metadata so.
    let empty = "exports.handler = awslambda.streamifyResponse(async (event, stream) => {
           stream = awslambda.HttpResponseStream.from(stream, { statusCode: 204 }); stream.write(''); stream.end();
         });";
    let (all, _) = ended(&host, &host.node(empty)).await;
    assert_eq!(all, "{\"statusCode\":204}\0\0\0\0\0\0\0\0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_before_the_first_byte_is_the_whole_response() {
    let host = Host::start();
    let streamed = |body: &str| host.node(&format!("exports.handler = awslambda.streamifyResponse({body});"));
    let cases = [
        ("async () => { throw new TypeError('no'); }", "TypeError", "no"),
        ("async () => {}", "Error", "Response stream is not finished."),
        (
            "(event, stream) => { stream.end('x'); }",
            "Runtime.MalformedStreamingHandler",
            "Streaming does not support non-async handlers.",
        ),
        (
            "async () => { await new Promise(() => {}); }",
            "Runtime.NodeJsExit",
            "the event loop ended before the handler's promise was settled",
        ),
        ("async (event, stream) => { stream.destroy(new RangeError('far')); }", "RangeError", "far"),
    ];
    for (body, error_type, message) in cases {
        let (all, outcome) = ended(&host, &streamed(body)).await;
        // What a malformed handler wrote has gone out before it is known to be malformed.
        assert!(all.is_empty() || error_type == "Runtime.MalformedStreamingHandler", "{body}: {all:?}");
        if outcome.function_error.is_some() || all.is_empty() {
            let error: serde_json::Value = serde_json::from_slice(&outcome.payload).unwrap();
            assert_eq!((&error["errorType"], &error["errorMessage"]), (&json!(error_type), &json!(message)), "{body}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_midway_follows_what_was_written() {
    let host = Host::start();
    let cases = [
        "async (event, stream) => { stream.write('some'); throw new Error('late'); }",
        "async (event, stream) => { stream.write('some'); await new Promise((r) => setImmediate(r)); throw new Error('late'); }",
        "async (event, stream) => { stream.write('some'); setImmediate(() => { throw new Error('late'); }); await new Promise(() => {}); }",
        "async (event, stream) => { const { Readable } = require('stream'); \
           const source = Readable.from((async function* () { yield 'some'; throw new Error('late'); })()); \
           await require('stream/promises').pipeline(source, stream); }",
    ];
    for body in cases {
        let function = host.node(&format!("exports.handler = awslambda.streamifyResponse({body});"));
        let (all, outcome) = ended(&host, &function).await;
        let error: serde_json::Value = serde_json::from_slice(&outcome.payload).unwrap();
        assert_eq!((all.as_str(), &error["errorMessage"]), ("some", &json!("late")), "{body}");
        assert!(outcome.function_error.is_some(), "{body}");
        // A buffered call has the error alone.
        let whole = host.invoke(&function, "{}").await;
        assert_eq!(whole.json["errorMessage"], "late");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_bounded_and_waits_for_its_reader() {
    let host = Host::start_with(|config| config.streamed_response_bytes_max = 9 * 1024 * 1024);
    let function = host.node(
        "exports.handler = awslambda.streamifyResponse(async (event, stream) => {
           const piece = Buffer.alloc(1024 * 1024, 'x');
           for (let n = 0; n < event.pieces; n += 1) {
             if (!stream.write(piece)) await require('events').once(stream, 'drain');
           }
           stream.end();
         });",
    );
    let (all, outcome) = rest(begin(&host, &function, r#"{"pieces":9}"#).await).await;
    assert_eq!((all.len(), outcome.function_error), (9 * 1024 * 1024, None));
    let (all, outcome) = rest(begin(&host, &function, r#"{"pieces":10}"#).await).await;
    assert!(all.len() <= 9 * 1024 * 1024 && outcome.function_error.is_some(), "{}", all.len());
    assert_eq!(
        outcome.payload,
        "{\"errorMessage\":\"Response payload size exceeded maximum allowed payload size (9437184 bytes).\",\
         \"errorType\":\"Function.ResponseSizeTooLarge\"}"
    );
    // A buffered call takes no more than a buffered response.
    let whole = host.invoke(&function, r#"{"pieces":7}"#).await;
    assert_eq!(whole.json["errorType"], "Function.ResponseSizeTooLarge");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_that_goes_away_does_not_stop_the_function() {
    let host = Host::start();
    let function = host.node(&format!(
        "{GATE}exports.handler = awslambda.streamifyResponse(async (event, stream) => {{
           stream.write('first');
           await gate(event.port);
           for (let n = 0; n < 64; n += 1) {{
             if (!stream.write(Buffer.alloc(262144))) await require('events').once(stream, 'drain');
           }}
           stream.end();
           await require('stream/promises').finished(stream);
           await gate(event.port);
         }});"
    ));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut stream = begin(&host, &function, &json!({ "port": port }).to_string()).await;
    expect(&mut stream, "first").await;
    drop(stream);
    drop(listener.accept().await.unwrap());
    // The function knocks again when all of its 16 MiB are written.
    drop(listener.accept().await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_functions_time_covers_its_response() {
    let host = Host::start();
    let function = host.node(
        "exports.handler = awslambda.streamifyResponse(async (event, stream) => { stream.write('some'); setInterval(() => {}, 1000); await new Promise(() => {}); });",
    );
    let function = changed(&function, |function| function.timeout = Duration::from_secs(1));
    let (all, outcome) = ended(&host, &function).await;
    assert_eq!(all, "some");
    assert_eq!(outcome.function_error.unwrap().error_type, "Sandbox.Timedout");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_that_does_not_stream_answers_in_one_piece() {
    let host = Host::start();
    let node = host.node("exports.handler = async () => ({ a: 1 });");
    let python = host.python("def handler(event, context):\n    return {'a': 1}\n");
    for function in [node, python] {
        let (all, outcome) = ended(&host, &function).await;
        assert_eq!(all.replace(' ', ""), r#"{"a":1}"#);
        assert_eq!(outcome.function_error, None);
    }
    let failing = host.python("def handler(event, context):\n    raise ValueError('no')\n");
    let (all, outcome) = ended(&host, &failing).await;
    assert_eq!((all.as_str(), outcome.function_error.is_some()), ("", true));
}

/// A custom runtime that streams: what it sends per chunk comes from the event.
const RUNTIME: &str = r#"import http.client, json, os, socket
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
connection = http.client.HTTPConnection(host, int(port))
while True:
    connection.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = connection.getresponse()
    event = json.loads(answer.read())
    path = f"/2018-06-01/runtime/invocation/{answer.headers['Lambda-Runtime-Aws-Request-Id']}/response"
    connection.putrequest("POST", path)
    connection.putheader("Lambda-Runtime-Function-Response-Mode", "streaming")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    for piece in event["pieces"]:
        connection.send(b"%x\r\n%s\r\n" % (len(piece), piece.encode()))
        gate = socket.create_connection(("127.0.0.1", event["port"]))
        gate.recv(1)
    if event["cut"]:
        os._exit(1)
    connection.send(b"0\r\n" + event["trailers"].encode() + b"\r\n")
    assert connection.getresponse().read() == b'{"status":"OK"}\n'
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_custom_runtime_streams_through_the_runtime_api() {
    let host = Host::start();
    let source = format!("#!{}\n{RUNTIME}", python().display());
    let function = Arc::new(host.function("provided.al2023", "", &[("bootstrap", &source)]));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let failed =
        "Lambda-Runtime-Function-Error-Type: Function.Mid\r\nLambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\r\n";
    for (cut, trailers, error) in [
        (false, "", None),
        (false, failed, Some(("Function.Mid", "{\"a\":1}"))),
        (true, "", Some(("Runtime.TruncatedResponse", ""))),
    ] {
        let event = json!({ "pieces": ["one", "two"], "port": port, "cut": cut, "trailers": trailers });
        let mut stream = begin(&host, &function, &event.to_string()).await;
        for piece in ["one", "two"] {
            expect(&mut stream, piece).await;
            drop(listener.accept().await.unwrap());
        }
        let (all, outcome) = rest(stream).await;
        assert_eq!(all, b"");
        let payload = String::from_utf8_lossy(&outcome.payload).into_owned();
        let got = outcome.function_error.map(|error| error.error_type);
        assert_eq!(got.as_deref(), error.map(|(error_type, _)| error_type));
        assert!(payload.contains(error.map_or("", |(_, text)| text)), "{payload}");
    }
}
