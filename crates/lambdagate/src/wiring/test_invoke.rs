//! `TestInvokeMethod` and `TestInvokeAuthorizer`: the control plane's calls, run by the data plane.

use std::sync::Arc;

use apigateway::{
    AuthorizerTest, AuthorizerTestResult, AuthorizerTester, TestInvocation, TestInvocationResult, TestInvoker,
};
use definition::time::EpochMillis;
use execute_api::{
    Gateway,
    authorize::lambda_authorizer::AuthorizerFailure,
    test_invoke::{
        self,
        authorizer::{self, test_invoke_authorizer},
        test_invoke,
    },
};
use http::StatusCode;
use indexmap::IndexMap;

use super::client_identity::client_identity;
use crate::clock;

/// The function that the control plane calls for a test invocation.
pub(crate) fn test_invoker(gateway: &Arc<Gateway>) -> TestInvoker {
    let gateway = Arc::clone(gateway);
    Arc::new(move |invocation: TestInvocation| {
        let gateway = Arc::clone(&gateway);
        Box::pin(async move { run(&gateway, invocation).await })
    })
}

/// The function that the control plane calls for a test of an authorizer.
pub(crate) fn authorizer_tester(gateway: &Arc<Gateway>) -> AuthorizerTester {
    let gateway = Arc::clone(gateway);
    Arc::new(move |test: AuthorizerTest| {
        let gateway = Arc::clone(&gateway);
        Box::pin(async move { run_authorizer(&gateway, test).await })
    })
}

async fn run_authorizer(gateway: &Gateway, test: AuthorizerTest) -> AuthorizerTestResult {
    let request = authorizer::AuthorizerTest {
        caller: test.caller,
        rest_api_id: test.rest_api_id,
        authorizer: test.authorizer,
        path_with_query_string: test.path_with_query_string,
        headers: test.headers,
        multi_value_headers: test.multi_value_headers,
        stage_variables: test.stage_variables,
        additional_context: test.additional_context,
        received_at: EpochMillis::from(clock::now()),
    };
    let answer = test_invoke_authorizer(gateway, request).await;
    let client_status = answer.outcome.as_ref().err().map_or(0, AuthorizerFailure::status);
    let verdict = answer.outcome.ok();
    AuthorizerTestResult {
        client_status,
        log: answer.log,
        latency_ms: answer.latency_ms,
        principal_id: verdict.as_ref().map(|verdict| verdict.principal_id.clone()),
        policy: verdict.as_ref().map(|verdict| verdict.policy_document.clone()),
        authorization: verdict
            .map(|verdict| verdict.context.into_iter().map(|(name, value)| (name, vec![value])).collect()),
        claims: None,
    }
}

async fn run(gateway: &Gateway, invocation: TestInvocation) -> TestInvocationResult {
    let client_identity = match invocation.client_certificate {
        Some((certificate, key)) => match client_identity(&certificate, &key) {
            Ok(identity) => Some(identity),
            // A backend must not be called without it.
            Err(_) => return refused("Invalid client certificate"),
        },
        None => None,
    };
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
        client_identity,
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
        Err(refusal) => refused(refusal),
    }
}

/// What is told of a test that could not begin.
fn refused(reason: impl std::fmt::Display) -> TestInvocationResult {
    TestInvocationResult {
        status: StatusCode::INTERNAL_SERVER_ERROR.as_u16(),
        body: r#"{"message": "Internal server error"}"#.to_owned(),
        headers: IndexMap::new(),
        multi_value_headers: IndexMap::new(),
        log: format!("Execution failed due to configuration error: {reason}\n"),
        latency_ms: 0,
    }
}
