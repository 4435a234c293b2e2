//! The data plane's port to functions, filled by the local runner; and the Lambda API's answers as the listener sends them.

use execute_api::{
    message_body::{MessageBody, StreamingBody, TransferMode},
    ports::{
        Authority, FunctionAnswer, FunctionCall, FunctionFailure, FunctionRefusal, FunctionStream, Functions,
        InvocationType, PortFuture,
    },
    respond::ResponseBody,
};
use http_body_util::BodyExt as _;
use lambda::{AnswerBody, GatewayAnswer, GatewayStream, Lambda, Refusal};

/// Functions that run on this machine.
pub(crate) struct LocalFunctions(pub(crate) Lambda);

impl Functions for LocalFunctions {
    fn invoke(&self, call: FunctionCall) -> PortFuture<'_, Result<FunctionAnswer, FunctionRefusal>> {
        Box::pin(async move {
            let kind = match call.invocation_type {
                InvocationType::RequestResponse => lambda::InvocationType::RequestResponse,
                InvocationType::Event => lambda::InvocationType::Event,
                InvocationType::DryRun => lambda::InvocationType::DryRun,
            };
            let authority = authority_of(call.authority);
            let answer =
                self.0.invoke_for_gateway(&call.function_arn, call.payload, kind, authority, call.trace_id).await;
            answer.map(answer_of).map_err(refusal_of)
        })
    }

    fn invoke_streaming(&self, call: FunctionCall) -> PortFuture<'_, Result<FunctionStream, FunctionRefusal>> {
        Box::pin(async move {
            let authority = authority_of(call.authority);
            let stream = self.0.stream_for_gateway(&call.function_arn, call.payload, authority, call.trace_id).await;
            stream.map(stream_of).map_err(refusal_of)
        })
    }
}

fn authority_of(authority: Authority) -> lambda::Authority {
    match authority {
        Authority::Role { arn, source_arn, source_account } => {
            lambda::Authority::Role { arn, source_arn, source_account }
        }
        Authority::Gateway { source_arn, source_account } => lambda::Authority::Gateway { source_arn, source_account },
    }
}

fn stream_of(stream: GatewayStream) -> FunctionStream {
    FunctionStream {
        request_id: stream.request_id.clone(),
        body: stream.map_err(|broken| FunctionFailure { payload: broken.payload }).boxed_unsync(),
    }
}

fn answer_of(answer: GatewayAnswer) -> FunctionAnswer {
    FunctionAnswer {
        status: answer.status,
        payload: answer.payload,
        function_error: answer.function_error,
        request_id: answer.request_id,
    }
}

fn refusal_of(refusal: Refusal) -> FunctionRefusal {
    match refusal {
        Refusal::Permission { detail } => FunctionRefusal::Permission { detail },
        Refusal::Role { arn } => FunctionRefusal::Role { arn },
        Refusal::NotFound { arn } => FunctionRefusal::NotFound { arn },
        Refusal::Throttled { reason } => FunctionRefusal::Throttled { reason },
        Refusal::Payload { detail } => FunctionRefusal::Payload { detail },
        Refusal::Unavailable { detail } => FunctionRefusal::Unavailable { detail },
    }
}

/// The body of an answer of the Lambda API, on its way to the client.
pub(crate) fn lambda_answer(body: AnswerBody) -> ResponseBody {
    match body.as_whole() {
        Some(bytes) => MessageBody::Whole(bytes.clone()),
        None => MessageBody::Streaming(StreamingBody::new(body.map_err(|never| match never {}), TransferMode::Stream)),
    }
}
