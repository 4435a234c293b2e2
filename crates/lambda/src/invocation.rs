//! One call of a function, however it came in: checked, then run at once or queued durably.
//!
//! AWS: Lambda Developer Guide, "Invoking a Lambda function synchronously" and "… asynchronously"; "Lambda quotas".

use std::sync::Arc;

use bytes::Bytes;
use definition::time::EpochMillis;
use serde::{Deserialize, Serialize};
use store::{NewEvent, Transaction};
use uuid::Uuid;

use crate::failure::{Failure, Result};
use crate::gateway::InvocationType;
use crate::loaded::LoadedFunction;
use crate::names::scope_of;
use crate::runner::{Invocation, InvokeError, Outcome, ResponseStream};
use crate::service::Lambda;

/// The largest event of a synchronous call, in bytes.
const REQUEST_BYTES_MAX: usize = 6 * 1024 * 1024;
/// The largest event of an asynchronous call, in bytes.
const EVENT_BYTES_MAX: usize = store::EVENT_PAYLOAD_BYTES_MAX;

/// What travels with a call.
#[derive(Clone)]
pub(crate) struct Delivery {
    pub(crate) request_id: Uuid,
    pub(crate) payload: Bytes,
    /// JSON.
    pub(crate) client_context: Option<String>,
    pub(crate) trace_id: String,
    pub(crate) log_tail: bool,
}

impl Delivery {
    fn invocation(self, function: &LoadedFunction) -> Invocation {
        Invocation {
            request_id: self.request_id,
            invoked_function_arn: function.arn.to_string(),
            payload: self.payload,
            client_context: self.client_context,
            cognito_identity: None,
            trace_id: self.trace_id,
            log_tail: self.log_tail,
        }
    }
}

/// An id for a call that came without one. It guards nothing, so the system need not be asked for each.
pub(crate) fn random_request_id() -> Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}

/// What the store keeps beside the payload of a queued call.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct EventContext {
    pub(crate) trace_id: String,
}

/// Refuses an event that is too large or not JSON; an empty one stands for `{}`.
pub(crate) fn check_event(payload: &[u8], kind: InvocationType) -> Result<()> {
    let (kind, limit) = match kind {
        InvocationType::Event => ("Event", EVENT_BYTES_MAX),
        InvocationType::RequestResponse | InvocationType::DryRun => ("RequestResponse", REQUEST_BYTES_MAX),
    };
    if payload.len() > limit {
        return Err(Failure::EventTooLarge { bytes: payload.len(), kind, limit });
    }
    if payload.is_empty() {
        return Ok(());
    }
    let problem = match std::str::from_utf8(payload) {
        Ok(text) => match serde_json::from_str::<serde::de::IgnoredAny>(text) {
            Ok(_) => return Ok(()),
            Err(error) => {
                // The place is told once, at the end, where AWS's text has it.
                let text = error.to_string();
                let place = format!(" at line {} column {}", error.line(), error.column());
                (text.strip_suffix(&place).unwrap_or(&text).to_owned(), error.line(), error.column())
            }
        },
        Err(error) => {
            let before = &payload[..error.valid_up_to()];
            let line = before.split(|byte| *byte == b'\n').count();
            let column = before.rsplit(|byte| *byte == b'\n').next().map_or(1, |last| last.len() + 1);
            ("Invalid UTF-8".to_owned(), line, column)
        }
    };
    let (text, line, column) = problem;
    Err(Failure::InvalidRequestContent(format!(
        "Could not parse request body into json: Could not parse payload into json: {text}\n at [Source: REDACTED \
         (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: {line}, column: {column}]"
    )))
}

impl Lambda {
    /// The function that is called by this ARN, or `None` when there is no such function or version.
    pub(crate) async fn load_function(&self, arn: &str) -> Result<Option<Arc<LoadedFunction>>> {
        self.loaded().function(self.store(), self.code_cache(), arn).await
    }

    /// Runs the function once.
    pub(crate) async fn run(&self, function: &LoadedFunction, delivery: Delivery) -> Result<Outcome, InvokeError> {
        self.runner().invoke(&function.version, delivery.invocation(function)).await
    }

    /// Runs the function once, and answers as soon as it has begun to.
    pub(crate) async fn run_streaming(
        &self,
        function: &LoadedFunction,
        delivery: Delivery,
    ) -> Result<ResponseStream, InvokeError> {
        self.runner().invoke_streaming(&function.version, delivery.invocation(function)).await
    }

    /// Queues the call; it is durable when this returns. The client context is for synchronous calls only.
    pub(crate) async fn enqueue(&self, function: &LoadedFunction, delivery: Delivery) -> Result<()> {
        let context = EventContext { trace_id: delivery.trace_id };
        let event = NewEvent {
            id: delivery.request_id.to_string(),
            scope: scope_of(&function.arn),
            function_arn: function.arn.to_string(),
            payload: delivery.payload.into(),
            context: serde_json::to_string(&context).map_err(|error| Failure::unusable(&error))?,
            accepted_at: EpochMillis::from((self.config().clock)()),
        };
        let queued =
            self.store().write(move |transaction: &mut Transaction<'_>| transaction.enqueue_event(&event)).await;
        match queued {
            Ok(()) => {}
            Err(store::Error::QueueFull { .. }) => {
                return Err(Failure::TooManyRequests { reason: "ConcurrentInvocationLimitExceeded" });
            }
            Err(error) => return Err(Failure::Store(error)),
        }
        self.dispatcher().wake();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(payload: &[u8], kind: InvocationType, expected: Option<&str>) {
        let found = check_event(payload, kind).err().map(|failure| failure.to_string());
        match (found, expected) {
            (None, None) => {}
            (Some(found), Some(expected)) => assert!(found.contains(expected), "{found}"),
            (found, expected) => panic!("{found:?} instead of {expected:?}"),
        }
    }

    #[test]
    fn an_event_is_json_within_its_limit() {
        use InvocationType::{DryRun, Event, RequestResponse};
        for text in ["", "{}", "null", "\"é\"", " [1, 2] ", &format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))] {
            check(text.as_bytes(), RequestResponse, None);
        }
        check(b"{\"a\":", RequestResponse, Some("payload into json: EOF while parsing a value\n at [Source: REDACTED"));
        check(b"\"\xff\"", DryRun, Some("Invalid UTF-8\n at [Source: REDACTED"));
        let digits = |count: usize| vec![b'1'; count];
        check(&[b"\"".as_slice(), &digits(EVENT_BYTES_MAX - 2), b"\""].concat(), Event, None);
        let over = "1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)";
        check(&digits(EVENT_BYTES_MAX + 1), Event, Some(over));
        let over = "6291457 byte payload is too large for the RequestResponse invocation type (limit 6291456 bytes)";
        check(&digits(REQUEST_BYTES_MAX + 1), RequestResponse, Some(over));
    }
}
