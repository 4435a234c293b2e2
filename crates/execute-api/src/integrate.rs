//! The call of the backend, within its time.
//!
//! Developer Guide, "Integrations for REST APIs in API Gateway".

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::{
    Failure,
    gateway::Gateway,
    map_request::{Call, IntegrationRequest},
    map_response::RESPONSE_BYTES_MAX,
    message_body::{MessageBody, TransferMode},
    ports::{FunctionCall, InvocationType},
    request::Headers,
    route::Routed,
    stage::{FunctionTarget, Mappings},
    trace::Trace,
};

pub(crate) mod aws_service;
pub(crate) mod http;
pub(crate) mod lambda;
pub(crate) mod lambda_proxy;
pub(crate) mod lambda_stream;

use lambda_stream::metadata::Metadata;

/// What the backend answered.
#[derive(Debug)]
pub(crate) struct IntegrationResponse<'r> {
    pub(crate) routed: &'r Routed<'r>,
    pub(crate) reply: Reply<'r>,
}

/// The answer and what becomes of it.
#[derive(Debug)]
pub(crate) enum Reply<'r> {
    /// A mock's: there is no payload.
    Mock { mappings: &'r Mappings, status: i64 },
    /// To be mapped. `selector` is what selection patterns are matched with.
    Mapped { mappings: &'r Mappings, selector: String, status: u16, headers: Headers, body: Bytes },
    /// A proxy function's.
    LambdaProxy { payload: Bytes },
    /// A proxy function's that is still writing its body.
    LambdaStream { metadata: Metadata, body: MessageBody },
    /// An HTTP backend's, to be passed on.
    HttpProxy { status: u16, headers: Headers, body: MessageBody },
}

/// Calls the backend. A mock is none, and is not waited for.
pub(crate) async fn integrate<'r>(
    request: IntegrationRequest<'r>,
    gateway: &Gateway,
    trace: &mut Trace,
) -> Result<IntegrationResponse<'r>, Failure> {
    let IntegrationRequest { routed, timeout_ms, call } = request;
    let reply = if let Call::Mock { mappings, status } = call {
        Reply::Mock { mappings, status }
    } else {
        Box::pin(ask(routed, timeout_ms, call, gateway, trace)).await?
    };
    Ok(IntegrationResponse { routed, reply })
}

async fn ask<'r>(
    routed: &'r Routed<'r>,
    timeout_ms: u32,
    call: Call<'r>,
    gateway: &Gateway,
    trace: &mut Trace,
) -> Result<Reply<'r>, Failure> {
    let started = Instant::now();
    let deadline = Duration::from_millis(timeout_ms.into());
    let timed_out = |_| Failure::IntegrationTimeout { timeout_ms };
    // What is boxed is large, and calls of other backends need not carry the room for it.
    let reply = match call {
        Call::Mock { mappings, status } => Reply::Mock { mappings, status },
        Call::LambdaProxy { target, event } => {
            let call = function_call(routed, target, event, InvocationType::RequestResponse);
            let answer =
                tokio::time::timeout(deadline, gateway.ports.functions.invoke(call)).await.map_err(timed_out)??;
            trace.answered(answer.status, started, || lambda::told(&answer, &lambda::answer_headers(routed, &answer)));
            trace.answered_as(&answer.request_id);
            lambda_proxy::reply(answer)?
        }
        Call::LambdaStream { target, event, idle_timeout } => {
            lambda_stream::reply(routed, target, event, (timeout_ms, idle_timeout), gateway, trace).await?
        }
        Call::Lambda { target, mappings, payload, invocation_type } => {
            let call = function_call(routed, target, payload, invocation_type);
            let answer =
                tokio::time::timeout(deadline, gateway.ports.functions.invoke(call)).await.map_err(timed_out)??;
            let headers = lambda::answer_headers(routed, &answer);
            trace.answered(answer.status, started, || lambda::told(&answer, &headers));
            trace.answered_as(&answer.request_id);
            lambda::reply(mappings, answer, headers, trace)
        }
        Call::AwsService { mappings, request } => {
            let call = Box::pin(aws_service::call(gateway, routed, request, trace));
            let answer = tokio::time::timeout(deadline, call).await.map_err(timed_out)??;
            let http::HttpAnswer { status, headers, body } = answer;
            Reply::Mapped { mappings, selector: status.to_string(), status, headers, body }
        }
        Call::HttpProxy { request, transfer } => {
            let mut answer = Box::pin(gateway.http.pass(request, deadline, transfer)).await?;
            if trace.is_recording() && transfer.mode() == TransferMode::Buffered {
                answer.body.gather(RESPONSE_BYTES_MAX).await?;
            }
            trace.answered(answer.status, started, || answer.told());
            Reply::HttpProxy { status: answer.status, headers: answer.headers, body: answer.body }
        }
        Call::Http { mappings, request } => {
            let sent = Box::pin(gateway.http.send(request));
            let answer = tokio::time::timeout(deadline, sent).await.map_err(timed_out)??;
            trace.answered(answer.status, started, || answer.told());
            let http::HttpAnswer { status, headers, body } = answer;
            Reply::Mapped { mappings, selector: status.to_string(), status, headers, body }
        }
    };
    Ok(reply)
}

fn function_call(
    routed: &Routed<'_>,
    target: &FunctionTarget,
    payload: Bytes,
    invocation_type: InvocationType,
) -> FunctionCall {
    FunctionCall {
        function_arn: target.function_arn.to_string(),
        payload,
        invocation_type,
        authority: target.authority(routed.context.http_method),
        trace_id: routed.context.trace_id.to_owned(),
    }
}

/// What a failed function's document says went wrong.
pub(crate) fn error_message(payload: &[u8]) -> String {
    #[derive(serde::Deserialize)]
    struct ErrorDocument {
        #[serde(default, rename = "errorMessage")]
        error_message: serde_json::Value,
    }
    match serde_json::from_slice::<ErrorDocument>(payload).map(|document| document.error_message) {
        Ok(serde_json::Value::String(message)) => message,
        Ok(serde_json::Value::Null) | Err(_) => String::new(),
        Ok(other) => other.to_string(),
    }
}
