//! The data plane's port for functions whose response it passes on while they write it.
//!
//! Permissions are those of [`Lambda::invoke_for_gateway`]: InvokeWithResponseStream is the action `lambda:InvokeFunction`, too.
//! What the bytes mean is the data plane's. AWS: API Gateway Developer Guide, "Set up a Lambda proxy integration with payload
//! response streaming in API Gateway".

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame};

use crate::failure::Failure;
use crate::gateway::{Authority, InvocationType, Refusal};
use crate::invocation::{Delivery, random_request_id};
use crate::runner::{ResponsePiece, ResponseStream};
use crate::service::Lambda;

/// The response to a call that was made. Dropping it does not stop the function.
#[derive(Debug)]
pub struct GatewayStream {
    /// The invocation's request id.
    pub request_id: String,
    response: ResponseStream,
}

/// The function failed, or the service did: what came before is not the whole of the response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the function failed while it answered")]
pub struct BrokenResponse {
    /// The function's error document, or one that says in its place what happened.
    pub payload: Bytes,
}

impl Lambda {
    /// As [`Lambda::invoke_for_gateway`], but answers as soon as the function has begun to: the body brings the rest as it comes.
    ///
    /// # Errors
    ///
    /// [`Refusal`] when the call was not made; a function that fails is a body that does.
    pub async fn stream_for_gateway(
        &self,
        function_arn: &str,
        payload: Bytes,
        authority: Authority,
        trace_id: String,
    ) -> Result<GatewayStream, Refusal> {
        let function = self.admit(function_arn, &payload, InvocationType::RequestResponse, &authority).await?;
        let request_id = random_request_id();
        let delivery = Delivery { request_id, payload, client_context: None, trace_id, log_tail: false };
        let response = self.run_streaming(&function, delivery).await.map_err(Failure::from)?;
        Ok(GatewayStream { request_id: request_id.to_string(), response })
    }
}

impl Body for GatewayStream {
    type Data = Bytes;
    type Error = BrokenResponse;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenResponse>>> {
        Poll::Ready(match ready!(self.response.poll_next(context)) {
            Some(Ok(ResponsePiece::Data(data))) => Some(Ok(Frame::data(data))),
            Some(Ok(ResponsePiece::End(outcome))) if outcome.function_error.is_some() => {
                Some(Err(BrokenResponse { payload: outcome.payload }))
            }
            Some(Err(error)) => {
                let document = serde_json::json!({"errorMessage": error.to_string()});
                Some(Err(BrokenResponse { payload: document.to_string().into() }))
            }
            Some(Ok(ResponsePiece::End(_))) | None => None,
        })
    }
}
