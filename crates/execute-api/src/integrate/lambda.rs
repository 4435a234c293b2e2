//! Functions behind mappings: the `AWS` integration type with Lambda's Invoke.
//!
//! Developer Guide, "Set up Lambda custom integrations in API Gateway", "Handle custom Lambda errors in API Gateway".

use super::{Reply, error_message};
use crate::{
    ports::FunctionAnswer,
    request::Headers,
    route::Routed,
    stage::Mappings,
    trace::{
        Fact, Trace,
        fact::{self, Answer},
    },
};

/// The status that mappings see of every call that was made.
const STATUS: u16 = 200;

/// The headers of Lambda's answer, which mappings may read.
pub(super) fn answer_headers(routed: &Routed<'_>, answer: &FunctionAnswer) -> Headers {
    let mut headers = Headers::default();
    headers.append_static("Content-Type", "application/json");
    headers.append("x-amzn-RequestId", &answer.request_id);
    if let Some(error) = &answer.function_error {
        headers.append("X-Amz-Function-Error", error);
    }
    headers.append("X-Amzn-Trace-Id", routed.context.trace_id);
    headers
}

/// The answer as a trace tells it.
pub(super) fn told(answer: &FunctionAnswer, headers: &Headers) -> Answer {
    Answer {
        headers: fact::pairs(headers),
        body: Some(answer.payload.clone()),
        request_id: Some(answer.request_id.clone()),
    }
}

/// The answer for the mappings. Selection patterns are matched with the error message, which a success does not have.
pub(super) fn reply<'r>(
    mappings: &'r Mappings,
    answer: FunctionAnswer,
    headers: Headers,
    trace: &mut Trace,
) -> Reply<'r> {
    let selector = if answer.function_error.is_some() { error_message(&answer.payload) } else { String::new() };
    if answer.function_error.is_some() {
        trace.fail(|| Fact::FunctionFailed { message: selector.clone(), request_id: answer.request_id.clone() });
    }
    Reply::Mapped { mappings, selector, status: STATUS, headers, body: answer.payload }
}
