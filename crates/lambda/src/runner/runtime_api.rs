//! The Runtime API as one worker's process sees it: HTTP on a loopback port of its own.
//!
//! The port is the worker's identity, since `AWS_LAMBDA_RUNTIME_API` can carry neither a path nor a token. Whoever runs on this
//! machine can connect to it; only the worker's own processes are answered (`peer`). Extensions are refused, telemetry
//! subscriptions are answered as AWS's emulator answers them.
//!
//! AWS: Lambda Developer Guide, "Using the Lambda runtime API for custom runtimes".

use std::convert::Infallible;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::Instant;

use super::platform_error::PlatformError;
use super::report::End;
use super::worker::{Answering, Begun, Event, Refusal, Worker};

mod body;

use body::{collect, pass_on};

const REQUEST_ID: HeaderName = HeaderName::from_static("lambda-runtime-aws-request-id");
const DEADLINE_MS: HeaderName = HeaderName::from_static("lambda-runtime-deadline-ms");
const INVOKED_FUNCTION_ARN: HeaderName = HeaderName::from_static("lambda-runtime-invoked-function-arn");
const TRACE_ID: HeaderName = HeaderName::from_static("lambda-runtime-trace-id");
const CLIENT_CONTEXT: HeaderName = HeaderName::from_static("lambda-runtime-client-context");
const COGNITO_IDENTITY: HeaderName = HeaderName::from_static("lambda-runtime-cognito-identity");
const ERROR_TYPE: &str = "lambda-runtime-function-error-type";
const ERROR_BODY: &str = "lambda-runtime-function-error-body";
const RESPONSE_MODE: &str = "lambda-runtime-function-response-mode";
const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// The answer to everything accepted.
const STATUS_OK: &[u8] = b"{\"status\":\"OK\"}\n";

type Answer = Response<Full<Bytes>>;

/// Serves one connection of the worker's process until it closes; one of any other process is closed at once.
pub(super) async fn serve(worker: Arc<Worker>, stream: TcpStream) {
    if !worker.is_own(&stream).await {
        tracing::warn!(function = %worker.version.arn, "a process that is none of the worker's connected to its Runtime API");
        return;
    }
    // Without it the kernel may hold an event back; a connection that refuses the option still works.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let worker = Arc::clone(&worker);
        async move { Ok::<_, Infallible>(answer(&worker, request).await) }
    });
    let mut connection = hyper::server::conn::http1::Builder::new();
    // Native runtime clients look header names up as AWS writes them; a parked `next` waits without limit.
    connection.title_case_headers(true).header_read_timeout(None);
    if let Err(error) = connection.serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "runtime API connection ended");
    }
}

async fn answer(worker: &Arc<Worker>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    let Some(route) = path.strip_prefix("/2018-06-01/") else { return answer_beside(request.method(), &path) };
    let segments: Vec<&str> = route.split('/').collect();
    match (request.method(), segments.as_slice()) {
        (&Method::GET, ["runtime", "invocation", "next"]) => next(worker).await,
        (&Method::POST, ["runtime", "invocation", id, "response"]) => response(worker, id, request).await,
        (&Method::POST, ["runtime", "invocation", id, "error"]) => error(worker, id, request).await,
        (&Method::POST, ["runtime", "init", "error"]) => init_error(worker, request).await,
        (&Method::GET, ["ping"]) => plain(StatusCode::OK, "pong"),
        _ => not_found(),
    }
}

/// The paths of other API versions.
fn answer_beside(method: &Method, path: &str) -> Answer {
    match (method, path) {
        (&Method::GET, "/ping") => plain(StatusCode::OK, "pong"),
        (&Method::PUT, "/2022-07-01/telemetry") => {
            problem(StatusCode::ACCEPTED, "Telemetry.NotSupported", "Telemetry API is not supported")
        }
        (&Method::PUT, "/2020-08-15/logs") => {
            problem(StatusCode::ACCEPTED, "Logs.NotSupported", "Logs API is not supported")
        }
        (_, path) if path.starts_with("/2020-01-01/extension/") => {
            problem(StatusCode::FORBIDDEN, "Extension.NotSupported", "Extensions are not supported by local workers")
        }
        _ => not_found(),
    }
}

async fn next(worker: &Arc<Worker>) -> Answer {
    let event = match worker.park() {
        Ok(event) => event,
        Err(refusal) => return refused(refusal),
    };
    // The sender goes away when a repeated `next` takes this one's place or the worker ends.
    let Ok(event) = event.await else {
        return refused(Refusal::InvalidStateTransition { from: "Ready", to: "Ready" });
    };
    worker.open_invocation(event.invocation.request_id, event.invocation.log_tail);
    event_response(worker, event)
}

fn event_response(worker: &Worker, event: Event) -> Answer {
    let Event { invocation, deadline } = event;
    let remaining = deadline.saturating_duration_since(Instant::now());
    let now_ms = (worker.shared.config.clock)().as_millisecond();
    let deadline_ms = now_ms.saturating_add(i64::try_from(remaining.as_millis()).unwrap_or(i64::MAX));
    let payload = if invocation.payload.is_empty() { Bytes::from_static(b"{}") } else { invocation.payload };
    let mut response = Response::new(Full::new(payload));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, JSON);
    headers.insert(DEADLINE_MS, HeaderValue::from(deadline_ms));
    let mut id = uuid::Uuid::encode_buffer();
    insert_text(headers, REQUEST_ID, invocation.request_id.hyphenated().encode_lower(&mut id));
    insert_text(headers, INVOKED_FUNCTION_ARN, &invocation.invoked_function_arn);
    if !invocation.trace_id.is_empty() {
        insert_text(headers, TRACE_ID, &invocation.trace_id);
    }
    if let Some(context) = &invocation.client_context {
        insert_text(headers, CLIENT_CONTEXT, context);
    }
    if let Some(identity) = &invocation.cognito_identity {
        insert_text(headers, COGNITO_IDENTITY, identity);
    }
    response
}

/// JSON may hold line ends between its tokens, a header may not: they mean the same as spaces there.
fn insert_text(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    let value = HeaderValue::from_str(text)
        .or_else(|_| HeaderValue::from_bytes(text.replace(|c: char| c.is_ascii_control(), " ").as_bytes()));
    if let Ok(value) = value {
        headers.insert(name, value);
    }
}

async fn response(worker: &Worker, request_id: &str, request: Request<Incoming>) -> Answer {
    let Begun { request_id: id, pieces } = match worker.begin_answer(request_id, Answering::Response) {
        Ok(begun) => begun,
        Err(refusal) => return refused(refusal),
    };
    let is_streaming = match request.headers().get(RESPONSE_MODE).map(HeaderValue::as_bytes) {
        None | Some(b"buffered") => false,
        Some(b"streaming") => true,
        Some(_) => {
            worker.answer(id, End::Platform(PlatformError::InvalidResponseMode));
            return problem(StatusCode::BAD_REQUEST, "InvalidFunctionResponseMode", "Invalid function response mode");
        }
    };
    let mut body = request.into_body();
    // A caller that wants the whole response gets what a function streams collected, and the other way round in one piece.
    let read = match pieces.filter(|_| is_streaming) {
        Some(pieces) => {
            let limit = worker.shared.config.streamed_response_bytes_max;
            pass_on(&mut body, pieces, limit).await.map(|trailers| (Bytes::new(), trailers))
        }
        None => collect(&mut body).await,
    };
    match read {
        Ok((payload, trailers)) => {
            worker.answer(id, streamed_error(trailers).unwrap_or(End::Success { payload }));
            accepted()
        }
        Err(unfit) => {
            worker.answer(id, End::Platform(unfit.platform_error()));
            // The runtime reads no answer before it has written all of its own.
            while let Some(Ok(_)) = body.frame().await {}
            unfit.answer()
        }
    }
}

/// A streaming handler that failed midway says so in the trailers; its error stands for the whole response.
fn streamed_error(trailers: Option<HeaderMap>) -> Option<End> {
    let trailers = trailers?;
    let error_type = trailers.get(ERROR_TYPE)?;
    let body = trailers.get(ERROR_BODY).and_then(|body| STANDARD.decode(body.as_bytes()).ok()).unwrap_or_default();
    Some(End::Failed { payload: body.into(), error_type: known_error_type(Some(error_type), "Function.Unknown") })
}

async fn error(worker: &Worker, request_id: &str, request: Request<Incoming>) -> Answer {
    let id = match worker.begin_answer(request_id, Answering::Error) {
        Ok(begun) => begun.request_id,
        Err(refusal) => return refused(refusal),
    };
    let error_type = known_error_type(request.headers().get(ERROR_TYPE), "Function.Unknown");
    let mut body = request.into_body();
    match collect(&mut body).await {
        Ok((payload, _)) => {
            worker.answer(id, End::Failed { payload, error_type });
            accepted()
        }
        Err(unfit) => {
            worker.answer(id, End::Platform(unfit.platform_error()));
            while let Some(Ok(_)) = body.frame().await {}
            unfit.answer()
        }
    }
}

async fn init_error(worker: &Worker, request: Request<Incoming>) -> Answer {
    let error_type = known_error_type(request.headers().get(ERROR_TYPE), "Runtime.Unknown");
    let payload = match collect(&mut request.into_body()).await {
        Ok((payload, _)) => payload,
        Err(unfit) => return unfit.answer(),
    };
    match worker.report_init_error(payload, error_type) {
        Ok(()) => accepted(),
        Err(refusal) => refused(refusal),
    }
}

/// The error type of a header when it has the form `Runtime.Name` or `Function.Name`, else `otherwise`: the text comes
/// from the function and ends in logs and metrics.
fn known_error_type(header: Option<&HeaderValue>, otherwise: &str) -> String {
    let text = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = text.strip_prefix("Runtime.").or_else(|| text.strip_prefix("Function."));
    let is_name = |name: &str| {
        name.len() >= 2
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_alphabetic())
    };
    if name.is_some_and(is_name) { text.to_owned() } else { otherwise.to_owned() }
}

fn accepted() -> Answer {
    json(StatusCode::ACCEPTED, Bytes::from_static(STATUS_OK))
}

fn refused(refusal: Refusal) -> Answer {
    match refusal {
        Refusal::InvalidRequestId => problem(StatusCode::BAD_REQUEST, "InvalidRequestID", "Invalid request ID"),
        Refusal::InvalidStateTransition { from, to } => {
            let message = format!(
                "State transition from {from} to {to} failed for runtime. Error: State transition is not allowed"
            );
            problem(StatusCode::FORBIDDEN, "InvalidStateTransition", &message)
        }
    }
}

fn problem(status: StatusCode, error_type: &str, message: &str) -> Answer {
    let body = serde_json::json!({"errorMessage": message, "errorType": error_type});
    json(status, Bytes::from(format!("{body}\n")))
}

fn not_found() -> Answer {
    plain(StatusCode::NOT_FOUND, "404 page not found\n")
}

fn json(status: StatusCode, body: Bytes) -> Answer {
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    response
}
