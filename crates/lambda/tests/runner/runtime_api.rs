//! AWS: "Using the Lambda runtime API for custom runtimes", byte by byte as a custom runtime sees it.

use std::sync::Arc;

use lambda::runner::FunctionVersion;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::fixture::{Answer, Host, invocation, python};

/// A runtime that does with the Runtime API what each event asks for, and answers what it saw.
const RUNTIME: &str = r#"import json, os, socket, sys
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].rsplit(":", 1)
BASE = "/2018-06-01/runtime"

def call(method, path, body=None, headers="", raw=None, cut=False):
    connection = socket.create_connection((host, int(port)))
    head = f"{method} {path} HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n{headers}"
    if raw is None:
        body = body.encode() if body is not None else None
        length = f"Content-Length: {len(body) + (5 if cut else 0)}\r\n" if body is not None else ""
        connection.sendall((head + length + "\r\n").encode() + (body or b""))
    else:
        connection.sendall((head + "\r\n").encode() + raw)
    if cut:
        connection.shutdown(socket.SHUT_WR)
    answer = b""
    while chunk := connection.recv(65536):
        answer += chunk
    head, _, body = answer.decode().partition("\r\n\r\n")
    status, *lines = head.split("\r\n")
    return [int(status.split()[1]) if status else 0, lines, body]

before = [call("GET", "/2018-06-01/ping"),
          call("POST", BASE + "/invocation/8476a536-e9f4-11e8-9739-2dfe598c3fcd/response", "{}"),
          call("PUT", "/2022-07-01/telemetry", "{}"),
          call("POST", "/2020-01-01/extension/register", "{}"),
          call("GET", "/2018-06-01/nothing")]
previous = None
while True:
    status, lines, body = call("GET", BASE + "/invocation/next")
    headers = dict(line.split(": ", 1) for line in lines)
    id = headers["Lambda-Runtime-Aws-Request-Id"]
    here = f"{BASE}/invocation/{id}"
    event = json.loads(body)
    seen = None
    if event == "headers":
        seen = [status, lines]
    elif event == "before":
        seen = before
    elif event == "states":
        seen = [call("GET", BASE + "/invocation/next"), call("POST", BASE + "/init/error", "{}"),
                call("POST", f"{BASE}/invocation/{previous}/response", "{}")]
    elif event == "mode":
        previous = call("POST", here + "/response", "{}", "Lambda-Runtime-Function-Response-Mode: wild\r\n")
        continue
    elif event == "previous":
        seen = previous
    elif event == "cut":
        previous = call("POST", here + "/response", "{}", cut=True)
        continue
    elif event == "large":
        previous = call("POST", here + "/response", "x" * 6291557)
        continue
    elif event == "stream":
        chunks = b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        call("POST", here + "/response", headers="Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n", raw=chunks)
        continue
    elif event == "trailer":
        chunks = b"3\r\nabc\r\n0\r\nLambda-Runtime-Function-Error-Type: Function.Mid\r\nLambda-Runtime-Function-Error-Body: eyJhIjoxfQ==\r\n\r\n"
        call("POST", here + "/response", headers="Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\nTrailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n", raw=chunks)
        continue
    elif event == "error":
        previous = call("POST", here + "/error", '{"my":"error"}', "Lambda-Runtime-Function-Error-Type: Nonsense\r\n")
        continue
    elif event == "die":
        call("POST", here + "/response", '"last words"')
        sys.exit(3)
    answer = call("POST", here + "/response", json.dumps(seen))
    assert answer[0] == 202 and answer[2] == '{"status":"OK"}\n', answer
    previous = id
"#;

fn runtime(host: &Host) -> Arc<FunctionVersion> {
    let python = python().display();
    Arc::new(host.function("provided.al2", "", &[("bootstrap", &format!("#!{python}\n{RUNTIME}"))]))
}

async fn ask(host: &Host, function: &Arc<FunctionVersion>, event: &str) -> Answer {
    host.invoke(function, &json!(event).to_string()).await
}

/// The status and the JSON of an answer that the runtime saw.
fn answered(seen: &Value) -> (u64, Value) {
    let body = seen[2].as_str().unwrap();
    (seen[0].as_u64().unwrap(), serde_json::from_str(body).unwrap_or_else(|_| body.into()))
}

fn problem(status: u64, error_type: &str, message: &str) -> (u64, Value) {
    (status, json!({"errorMessage": message, "errorType": error_type}))
}

#[tokio::test(flavor = "multi_thread")]
async fn next_carries_the_headers_that_clients_look_up_verbatim() {
    let host = Host::start();
    let function = runtime(&host);
    let mut call = invocation(&function, "\"headers\"");
    call.invoked_function_arn = format!("{}:prod", function.arn);
    call.client_context = Some(r#"{"custom":{}}"#.into());
    call.cognito_identity = Some(r#"{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}"#.into());
    let trace = call.trace_id.clone();
    let answer = host.try_invoke(&function, call).await.unwrap();
    let seen = answer.success();
    assert_eq!(seen[0], 200);
    let lines: Vec<_> = seen[1].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let expected = [
        format!("Lambda-Runtime-Aws-Request-Id: {}", answer.request_id),
        format!("Lambda-Runtime-Invoked-Function-Arn: {}:prod", function.arn),
        format!("Lambda-Runtime-Trace-Id: {trace}"),
        r#"Lambda-Runtime-Client-Context: {"custom":{}}"#.to_owned(),
        r#"Lambda-Runtime-Cognito-Identity: {"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}"#.to_owned(),
        "Content-Type: application/json".to_owned(),
        "Content-Length: 9".to_owned(),
    ];
    for line in expected {
        assert!(lines.contains(&line.as_str()), "{line} in {lines:?}");
    }
    let deadline = lines.iter().find_map(|line| line.strip_prefix("Lambda-Runtime-Deadline-Ms: ")).unwrap();
    assert_eq!(deadline.len(), "1700000000000".len());
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_outside_of_an_invocation_are_answered() {
    let host = Host::start();
    let function = runtime(&host);
    let answer = ask(&host, &function, "before").await;
    let seen = answer.success();
    assert_eq!(answered(&seen[0]), (200, "pong".into()));
    assert_eq!(answered(&seen[1]), problem(400, "InvalidRequestID", "Invalid request ID"));
    assert_eq!(answered(&seen[2]), problem(202, "Telemetry.NotSupported", "Telemetry API is not supported"));
    assert_eq!(answered(&seen[3]).0, 403);
    assert_eq!(answered(&seen[4]).0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_in_the_wrong_state_are_refused() {
    let host = Host::start();
    let function = runtime(&host);
    ask(&host, &function, "headers").await.success();
    let answer = ask(&host, &function, "states").await;
    let seen = answer.success();
    let transition = |to: &str| {
        let text =
            format!("State transition from Running to {to} failed for runtime. Error: State transition is not allowed");
        problem(403, "InvalidStateTransition", &text)
    };
    assert_eq!(answered(&seen[0]), transition("Ready"));
    assert_eq!(answered(&seen[1]), transition("InitError"));
    assert_eq!(answered(&seen[2]), problem(400, "InvalidRequestID", "Invalid request ID"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfit_response_fails_for_both_sides() {
    let host = Host::start();
    let function = runtime(&host);
    let cases = [
        (
            "mode",
            r#"{"errorType":"Runtime.InvalidResponseModeHeader","errorMessage":"RequestId: {id} Error: Invalid function response mode"}"#,
            problem(400, "InvalidFunctionResponseMode", "Invalid function response mode"),
        ),
        (
            "cut",
            r#"{"errorType":"Runtime.TruncatedResponse","errorMessage":"RequestId: {id} Error: Response body is shorter than announced"}"#,
            problem(400, "TruncatedHTTPRequest", "HTTP request detected as truncated"),
        ),
        (
            "large",
            r#"{"errorMessage":"Response payload size exceeded maximum allowed payload size (6291556 bytes).","errorType":"Function.ResponseSizeTooLarge"}"#,
            problem(413, "RequestEntityTooLarge", "Exceeded maximum allowed payload size (6291556 bytes)."),
        ),
    ];
    for (event, to_caller, to_runtime) in cases {
        ask(&host, &function, event).await.assert_error(to_caller);
        let seen = ask(&host, &function, "previous").await;
        assert_eq!(answered(seen.success()), to_runtime, "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_passes_untouched_and_its_type_is_filtered() {
    let host = Host::start();
    let function = runtime(&host);
    let answer = ask(&host, &function, "error").await;
    answer.assert_error(r#"{"my":"error"}"#);
    assert_eq!(answer.outcome.function_error.unwrap().error_type, "Function.Unknown");
    assert_eq!(answered(ask(&host, &function, "previous").await.success()), (202, json!({"status": "OK"})));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_streamed_response_is_collected() {
    let host = Host::start();
    let function = runtime(&host);
    let answer = ask(&host, &function, "stream").await;
    assert_eq!(answer.text(), "abcde");
    assert_eq!(answer.outcome.function_error, None);
    let broken = ask(&host, &function, "trailer").await;
    broken.assert_error(r#"{"a":1}"#);
    assert_eq!(broken.outcome.function_error.unwrap().error_type, "Function.Mid");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_counts_even_if_the_process_ends_right_after() {
    let host = Host::start();
    let function = runtime(&host);
    for _ in 0..5 {
        let answer = ask(&host, &function, "die").await;
        assert_eq!(answer.success(), "last words");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_workers_own_processes_are_answered() {
    let host = Host::start();
    let function = host.python(
        "import os, subprocess, sys
CALL = '''import http.client, os
connection = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
connection.request('GET', '/2018-06-01/ping')
print(connection.getresponse().read().decode(), end='')
'''
def handler(event, context):
    child = subprocess.run([sys.executable, '-c', CALL], capture_output=True, text=True)
    return [os.environ['AWS_LAMBDA_RUNTIME_API'], child.stdout]
",
    );
    let answer = host.invoke(&function, "{}").await;
    let seen = answer.success();
    assert_eq!(seen[1], "pong");
    // This process is none of them: it must not take the next event.
    let mut outsider = TcpStream::connect(seen[0].as_str().unwrap()).await.unwrap();
    outsider.write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: gate\r\n\r\n").await.unwrap();
    let mut taken = Vec::new();
    // The connection ends, whether by a reset or in order.
    let _ = outsider.read_to_end(&mut taken).await;
    assert_eq!(String::from_utf8_lossy(&taken), "");
    assert_eq!(host.invoke(&function, "{}").await.success(), seen);
    assert_eq!(host.runner.worker_count(), 1);
}
