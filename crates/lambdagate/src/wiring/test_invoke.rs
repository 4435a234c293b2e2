//! `TestInvokeMethod`: the control plane's call, run by the data plane.

use std::sync::Arc;

use apigateway::{TestInvocation, TestInvocationResult, TestInvoker};
use definition::time::EpochMillis;
use execute_api::{
    Gateway,
    test_invoke::{self, test_invoke},
};
use http::StatusCode;
use indexmap::IndexMap;

use crate::clock;

/// The function that the control plane calls for a test invocation.
pub(crate) fn test_invoker(gateway: Gateway) -> TestInvoker {
    let gateway = Arc::new(gateway);
    Arc::new(move |invocation: TestInvocation| {
        let gateway = Arc::clone(&gateway);
        Box::pin(async move { run(&gateway, invocation).await })
    })
}

async fn run(gateway: &Gateway, invocation: TestInvocation) -> TestInvocationResult {
    let request = test_invoke::TestInvocation {
        caller: invocation.caller,
        resource_id: invocation.resource_id,
        http_method: invocation.http_method,
        path_with_query_string: invocation.path_with_query_string,
        body: Some(invocation.body).filter(|body| !body.is_empty()),
        headers: invocation.headers,
        multi_value_headers: invocation.multi_value_headers,
        stage_variables: invocation.stage_variables,
        user_agent: invocation.user_agent,
        received_at: EpochMillis::from(clock::now()),
    };
    match test_invoke(gateway, &invocation.snapshot, request).await {
        Ok(answer) => TestInvocationResult {
            status: answer.status,
            body: answer.body,
            headers: answer.headers,
            multi_value_headers: answer.multi_value_headers,
            log: answer.log,
            latency_ms: answer.latency_ms,
        },
        Err(refusal) => TestInvocationResult {
            status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
            body: r#"{"message": "Internal server error"}"#.to_owned(),
            headers: IndexMap::new(),
            multi_value_headers: IndexMap::new(),
            log: format!("Execution failed due to configuration error: {refusal}\n"),
            latency_ms: 0,
        },
    }
}
