//! Functions that get the whole request and write the whole response while they run: `AWS_PROXY` in transfer mode `STREAM`.
//!
//! Status and headers come first, as metadata; a function that fails, or says nothing sensible, until then is a 502 like any proxy
//! function. From the first byte of the body on there is no other status to send: what goes wrong breaks the connection off.
//! Developer Guide, "Set up a Lambda proxy integration with payload response streaming in API Gateway".

use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt as _;

use super::{Reply, error_message, function_call};
use crate::{
    Failure,
    gateway::Gateway,
    message_body::{MessageBody, StreamError, StreamingBody, TransferMode},
    ports::InvocationType,
    route::Routed,
    stage::FunctionTarget,
    trace::{Trace, fact},
};

pub(crate) mod metadata;
mod timed;

use metadata::{Metadata, Prelude};
use timed::{Interruption, StreamTime, TimedBody};

/// Calls the function and reads its response as far as its metadata go.
pub(super) async fn reply<'r>(
    routed: &Routed<'_>,
    target: &FunctionTarget,
    event: Bytes,
    (timeout_ms, idle_timeout): (u32, Duration),
    gateway: &Gateway,
    trace: &mut Trace,
) -> Result<Reply<'r>, Failure> {
    let time = StreamTime::begin(timeout_ms, idle_timeout);
    let call = function_call(routed, target, event, InvocationType::RequestResponse);
    let answer = tokio::time::timeout_at(time.first_piece_due(), gateway.ports.functions.invoke_streaming(call)).await;
    let stream = answer.map_err(|_| time.overdue())??;
    let request_id = stream.request_id;
    let mut body = TimedBody::new(stream.body, &time);
    let metadata = match read_metadata(&mut body).await {
        Ok(metadata) => metadata,
        Err(End::Unfit(failure)) => return Err(failure),
        Err(End::Interrupted(interruption)) => return Err(interruption.failure(request_id)),
    };
    trace.answered(metadata.status, time.started, || fact::Answer {
        headers: fact::pairs(&metadata.client_headers()),
        body: None,
        request_id: Some(request_id.clone()),
    });
    trace.answered_as(&request_id);
    let length = metadata.content_length();
    let gateway_request_id = routed.context.request_id.to_owned();
    let body = body.with_length(length).map_err(move |interruption| {
        let error = StreamError::from(interruption);
        tracing::warn!(request_id = gateway_request_id, function_request_id = request_id, %error, "a streamed response broke off");
        error
    });
    Ok(Reply::LambdaStream { metadata, body: MessageBody::Streaming(StreamingBody::new(body, TransferMode::Stream)) })
}

/// Why there are no metadata.
enum End {
    Unfit(Failure),
    Interrupted(Interruption),
}

async fn read_metadata(body: &mut TimedBody) -> Result<Metadata, End> {
    let mut prelude = Prelude::default();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.map_err(End::Interrupted)?.into_data() else { continue };
        if let Some((metadata, first)) = prelude.take(&data).map_err(End::Unfit)? {
            body.put_back(first);
            return Ok(metadata);
        }
    }
    Err(End::Unfit(Prelude::unfinished()))
}

impl Interruption {
    /// What it is to a client that has not been sent a status.
    fn failure(self, request_id: String) -> Failure {
        match self {
            Self::Failed(failure) => Failure::FunctionFailed { message: error_message(&failure.payload), request_id },
            Self::TooSlow { limit_ms } => {
                Failure::IntegrationTimeout { timeout_ms: u32::try_from(limit_ms).unwrap_or(u32::MAX) }
            }
        }
    }
}

impl From<Interruption> for StreamError {
    fn from(interruption: Interruption) -> Self {
        match interruption {
            Interruption::Failed(failure) => Self::Broken { detail: error_message(&failure.payload) },
            Interruption::TooSlow { limit_ms } => Self::TooSlow { limit_ms },
        }
    }
}
