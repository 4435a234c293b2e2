//! The Invoke operation: headers in, headers out.
//!
//! What a call does is [`crate::invocation`]'s; this module speaks the wire. AWS: Lambda API reference, "Invoke".

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use uuid::Uuid;

use crate::call::Call;
use crate::failure::{Failure, Result};
use crate::gateway::InvocationType;
use crate::invocation::{Delivery, check_event};
use crate::loaded::LoadedFunction;
use crate::names::{LATEST, NameRule};
use crate::runner::{FunctionError, Outcome};
use crate::service::Lambda;
use crate::violations::Violations;

/// The longest client context, in base64 bytes.
const CLIENT_CONTEXT_BYTES_MAX: usize = 3583;

impl Lambda {
    pub(crate) async fn invoke(&self, call: Call, request_id: Uuid) -> Result<Response<Bytes>> {
        let kind = invocation_type(&call, &["RequestResponse", "Event", "DryRun"])?;
        let (function, delivery) = self.prepare(call, kind, request_id).await?;
        let trace_id = delivery.trace_id.clone();
        let mut response = match kind {
            InvocationType::DryRun => answer(StatusCode::NO_CONTENT),
            InvocationType::Event => {
                self.enqueue(&function, delivery).await?;
                answer(StatusCode::ACCEPTED)
            }
            InvocationType::RequestResponse => outcome(self.run(&function, delivery).await?),
        };
        insert(response.headers_mut(), "x-amzn-trace-id", &trace_id);
        Ok(response)
    }

    /// The function that is called and what travels to it.
    pub(crate) async fn prepare(
        &self,
        call: Call,
        kind: InvocationType,
        request_id: Uuid,
    ) -> Result<(Arc<LoadedFunction>, Delivery)> {
        let target = call.target(NameRule::Read)?;
        let log_tail = wants_log_tail(&call)? && kind == InvocationType::RequestResponse;
        let client_context = client_context(&call)?;
        let not_found = || {
            let qualifier = target.qualifier.as_deref().unwrap_or(LATEST);
            Failure::NotFound(format!("Function not found: {}:{qualifier}", target.arn))
        };
        let function = self.load_function(&target.asked_arn()).await?.ok_or_else(not_found)?;
        check_event(&call.body, kind)?;
        let trace_id = call.header("x-amzn-trace-id").map_or_else(|| new_trace_id(call.now), str::to_owned);
        Ok((function, Delivery { request_id, payload: call.body, client_context, trace_id, log_tail }))
    }
}

/// The kind of call that the header asks for, of those that the operation knows.
pub(crate) fn invocation_type(call: &Call, known: &[&str]) -> Result<InvocationType> {
    let asked = call.header("x-amz-invocation-type");
    let mut violations = Violations::default();
    violations.choice("invocationType", asked, known);
    violations.check()?;
    Ok(match asked {
        Some("Event") => InvocationType::Event,
        Some("DryRun") => InvocationType::DryRun,
        Some(_) | None => InvocationType::RequestResponse,
    })
}

fn wants_log_tail(call: &Call) -> Result<bool> {
    let log_type = call.header("x-amz-log-type");
    let mut violations = Violations::default();
    violations.choice("logType", log_type, &["None", "Tail"]);
    violations.check()?;
    Ok(log_type == Some("Tail"))
}

/// The decoded client context, which must be a JSON object.
fn client_context(call: &Call) -> Result<Option<String>> {
    let Some(text) = call.header("x-amz-client-context") else { return Ok(None) };
    let mut violations = Violations::default();
    violations.length("clientContext", text, CLIENT_CONTEXT_BYTES_MAX);
    violations.check()?;
    let invalid =
        || Failure::InvalidRequestContent("Client context must be a valid Base64-encoded JSON object.".to_owned());
    let json = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(invalid)?;
    // A header that leads into the worker may not hold a line end; JSON never needs one.
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&json).map_err(|_| invalid())?;
    serde_json::to_string(&object).map(Some).map_err(|_| invalid())
}

fn outcome(outcome: Outcome) -> Response<Bytes> {
    let mut response = answer(StatusCode::OK);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    insert(headers, "x-amzn-remapped-content-length", "0");
    insert(headers, "x-amz-executed-version", &outcome.executed_version);
    if outcome.function_error.is_some() {
        insert(headers, "x-amz-function-error", FunctionError::HEADER_VALUE);
    }
    if let Some(tail) = outcome.log_tail {
        insert(headers, "x-amz-log-result", &STANDARD.encode(tail));
    }
    *response.body_mut() = outcome.payload;
    response
}

pub(crate) fn answer(status: StatusCode) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = status;
    response
}

/// Adds a header whose value came as a header or is made of letters and digits.
pub(crate) fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

/// A trace of its own for a call that belongs to none.
pub(crate) fn new_trace_id(now: jiff::Timestamp) -> String {
    let (root, parent) = (fastrand::u128(..) >> 32, fastrand::u64(..));
    format!("Root=1-{:08x}-{root:024x};Parent={parent:016x};Sampled=0", now.as_second())
}
