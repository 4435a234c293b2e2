//! The InvokeWithResponseStream operation: Invoke, whose answer begins with the function's first byte.
//!
//! AWS: Lambda API reference, "InvokeWithResponseStream".

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use uuid::Uuid;

use crate::answer::AnswerBody;
use crate::call::Call;
use crate::event_stream::{self, EventStream};
use crate::failure::Result;
use crate::gateway::InvocationType;
use crate::invoke::{insert, invocation_type};
use crate::service::Lambda;

impl Lambda {
    pub(crate) async fn invoke_with_response_stream(
        &self,
        call: Call,
        request_id: Uuid,
    ) -> Result<Response<AnswerBody>> {
        let kind = invocation_type(&call, &["RequestResponse", "DryRun"])?;
        let (function, delivery) = self.prepare(call, kind, request_id).await?;
        let trace_id = delivery.trace_id.clone();
        let mut response = if kind == InvocationType::DryRun {
            let mut response = Response::new(Bytes::new().into());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        } else {
            let stream = self.run_streaming(&function, delivery).await?;
            let mut response = Response::new(EventStream::new(stream).into());
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(event_stream::CONTENT_TYPE));
            insert(headers, "x-amz-executed-version", &function.version.version);
            response
        };
        insert(response.headers_mut(), "x-amzn-trace-id", &trace_id);
        Ok(response)
    }
}
