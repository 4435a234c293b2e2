//! `TestInvokeAuthorizer`: a Lambda authorizer run on its current definition, by whoever runs authorizers.
//!
//! This crate looks the definition up and hands it over; the binary's wiring supplies the function that runs it. API Reference,
//! "TestInvokeAuthorizer".

use std::{future::Future, pin::Pin, sync::Arc};

use definition::{Caller, authorizer::Authorizer, id::RestApiId};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use store::{Reader, Store};

use crate::{
    call::Call,
    failure::{Failure, Result},
    rest_apis,
    wire::Answer,
};

/// Runs an authorizer for a test and tells the whole story of it. Whatever goes wrong is part of the story.
pub type AuthorizerTester =
    Arc<dyn Fn(AuthorizerTest) -> Pin<Box<dyn Future<Output = AuthorizerTestResult> + Send>> + Send + Sync>;

/// An authorizer to be run for a test.
#[derive(Debug, Clone)]
pub struct AuthorizerTest {
    /// Who asks for the test.
    pub caller: Caller,
    /// The API of the authorizer.
    pub rest_api_id: RestApiId,
    /// The authorizer, of type `TOKEN` or `REQUEST`.
    pub authorizer: Authorizer,
    /// The path and query of the request; without one, the root.
    pub path_with_query_string: Option<String>,
    /// The request's headers, one value each.
    pub headers: IndexMap<String, String>,
    /// The request's headers with all their values.
    pub multi_value_headers: IndexMap<String, Vec<String>>,
    /// Stage variables of the test.
    pub stage_variables: IndexMap<String, String>,
    /// Variables of the context.
    pub additional_context: IndexMap<String, String>,
}

/// What came of a test of an authorizer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthorizerTestResult {
    /// The status that a client would have got; 0 when the authorizer answered.
    pub client_status: u16,
    /// The execution log.
    pub log: String,
    /// How long the test took, in milliseconds.
    #[serde(rename = "latency")]
    pub latency_ms: u64,
    /// Who calls, in the authorizer's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal_id: Option<String>,
    /// The policy's JSON text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// What else the authorizer said, a value each.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<IndexMap<String, Vec<String>>>,
    /// The claims of a token of a user pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claims: Option<IndexMap<String, String>>,
}

/// `TestInvokeAuthorizer`.
pub(crate) async fn run(store: &Store, tester: &AuthorizerTester, call: Call) -> Result<Answer> {
    let test = store.read(move |reader| prepare(reader, &call)).await?;
    Answer::ok(tester(test).await)
}

fn prepare(reader: &Reader<'_>, call: &Call) -> Result<AuthorizerTest> {
    let input: TestInvokeAuthorizerInput = call.decode()?;
    let authorizer = super::named(reader, call)?;
    let kind = authorizer.authorizer_type.as_str();
    if !matches!(kind, "TOKEN" | "REQUEST") {
        let message = format!("Authorizers of type {kind} cannot be tested in this version of LambdaGate");
        return Err(Failure::bad_request(message));
    }
    Ok(AuthorizerTest {
        caller: call.caller.clone(),
        rest_api_id: rest_apis::find(reader, call.scope(), call.api())?.id,
        authorizer,
        path_with_query_string: input.path_with_query_string.filter(|path| !path.is_empty()),
        headers: input.headers.unwrap_or_default(),
        multi_value_headers: input.multi_value_headers.unwrap_or_default(),
        stage_variables: input.stage_variables.unwrap_or_default(),
        additional_context: input.additional_context.unwrap_or_default(),
    })
}

/// The members of the call. Its `body` is not read: no authorizer sees one.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestInvokeAuthorizerInput {
    path_with_query_string: Option<String>,
    headers: Option<IndexMap<String, String>>,
    multi_value_headers: Option<IndexMap<String, Vec<String>>>,
    stage_variables: Option<IndexMap<String, String>>,
    additional_context: Option<IndexMap<String, String>>,
}
