//! Streamed responses under test: as much as a test shows of one, at once.
//!
//! Developer Guide, "Troubleshoot issues with response streaming in API Gateway".

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::time::{Instant, timeout_at};

use crate::{
    Failure,
    map_response::{MethodResponse, RESPONSE_BYTES_MAX},
    message_body::{MessageBody, TransferMode},
    request::Headers,
    stage::{Backend, LoadedMethod},
};

/// A test waits so long for a streamed response, and shows what has come by then.
const TIME: Duration = Duration::from_secs(35);
/// A test shows what has come when it is more than this, in bytes.
const BYTES: usize = 1024 * 1024;
/// The status of a response that has not begun in time.
const NO_STATUS: u16 = 0;

/// Runs a test of `method` to the response that it shows.
pub(super) async fn shown(
    method: &LoadedMethod,
    started: Instant,
    execution: impl Future<Output = Result<MethodResponse, Failure>>,
) -> Result<MethodResponse, Failure> {
    let due = started + TIME;
    let integration = method.integration.as_ref().ok();
    let streams = integration.is_some_and(|known| matches!(known.backend, Backend::LambdaStream { .. }));
    let mut response = if streams {
        match timeout_at(due, execution).await {
            Ok(response) => response?,
            Err(_) => return Ok(nothing()),
        }
    } else {
        execution.await?
    };
    match &mut response.body {
        MessageBody::Streaming(body) if body.mode() == TransferMode::Stream => {
            response.body = MessageBody::Whole(beginning(&mut response.body, due).await);
        }
        body @ (MessageBody::Streaming(_) | MessageBody::Whole(_)) => {
            body.gather(RESPONSE_BYTES_MAX).await?;
        }
    }
    Ok(response)
}

/// A response that has not begun in time.
fn nothing() -> MethodResponse {
    MethodResponse { status: NO_STATUS, headers: Headers::default(), body: MessageBody::empty() }
}

/// What a body brings until it ends, breaks off, is long enough, or its time is over.
async fn beginning(body: &mut MessageBody, due: Instant) -> Bytes {
    let mut shown = BytesMut::new();
    while shown.len() <= BYTES {
        match timeout_at(due, body.frame()).await {
            Ok(Some(Ok(frame))) => shown.extend(frame.into_data().ok()),
            Ok(Some(Err(_)) | None) | Err(_) => break,
        }
    }
    shown.freeze()
}
