//! `TestInvokeMethod`: a method run on its current, undeployed definition, by whoever runs methods.
//!
//! This crate looks the definition up and hands it over; the binary's wiring supplies the function that runs it. API Reference,
//! "TestInvokeMethod".

use std::{future::Future, pin::Pin, sync::Arc};

use definition::{
    ApiSnapshot, Caller,
    client_certificate::{ClientCertificate, ClientCertificateKey},
    id::ResourceId,
    method::HttpMethod,
};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use store::{Reader, Store};

use crate::{call::Call, client_certificates, failure::Result, methods, rest_apis, snapshots, wire::Answer};

/// Runs a method for a test and tells the whole story of it. Whatever goes wrong is part of the story.
pub type TestInvoker =
    Arc<dyn Fn(TestInvocation) -> Pin<Box<dyn Future<Output = TestInvocationResult> + Send>> + Send + Sync>;

/// A method to be run for a test.
#[derive(Debug, Clone)]
pub struct TestInvocation {
    /// Who asks for the test; the method's caller in the eyes of its integration.
    pub caller: Caller,
    /// The API's current definition.
    pub snapshot: ApiSnapshot,
    /// The resource that carries the method.
    pub resource_id: ResourceId,
    /// The method of the request, which the resource may serve by its `ANY`.
    pub http_method: HttpMethod,
    /// The path and query of the request; without one, the resource's path template stands for itself.
    pub path_with_query_string: Option<String>,
    /// The request's body; empty when none was given.
    pub body: String,
    /// The request's headers, one value each.
    pub headers: IndexMap<String, String>,
    /// The request's headers with all their values.
    pub multi_value_headers: IndexMap<String, Vec<String>>,
    /// Stage variables of the test.
    pub stage_variables: IndexMap<String, String>,
    /// The `User-Agent` of the call that asks for the test.
    pub user_agent: Option<String>,
    /// The client certificate to present to HTTP backends, with its key.
    pub client_certificate: Option<(ClientCertificate, ClientCertificateKey)>,
}

/// What came of a test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestInvocationResult {
    /// The response's status code.
    pub status: u16,
    /// The response's body.
    pub body: String,
    /// The response's headers, the last value of each, in order.
    pub headers: IndexMap<String, String>,
    /// The response's headers with all their values, in order.
    pub multi_value_headers: IndexMap<String, Vec<String>>,
    /// The execution log.
    pub log: String,
    /// How long the test took, in milliseconds.
    #[serde(rename = "latency")]
    pub latency_ms: u64,
}

/// `TestInvokeMethod`.
pub(crate) async fn run(store: &Store, invoker: &TestInvoker, call: Call) -> Result<Answer> {
    let invocation = store.read(move |reader| prepare(reader, &call)).await?;
    Answer::ok(invoker(invocation).await)
}

fn prepare(reader: &Reader<'_>, call: &Call) -> Result<TestInvocation> {
    let input: TestInvokeMethodInput = call.decode()?;
    let presented = input.client_certificate_id.filter(|id| !id.is_empty());
    let client_certificate =
        presented.map(|id| client_certificates::presented(reader, call.scope(), &id)).transpose()?;
    let (method, http_method) = methods::serving(reader, call)?;
    let api = rest_apis::find(reader, call.scope(), call.api())?;
    Ok(TestInvocation {
        caller: call.caller.clone(),
        snapshot: snapshots::load(reader, call.scope(), api)?,
        resource_id: method.resource_id,
        http_method,
        path_with_query_string: input.path_with_query_string.filter(|path| !path.is_empty()),
        body: input.body.unwrap_or_default(),
        headers: input.headers.unwrap_or_default(),
        multi_value_headers: input.multi_value_headers.unwrap_or_default(),
        stage_variables: input.stage_variables.unwrap_or_default(),
        user_agent: call.user_agent.clone(),
        client_certificate,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TestInvokeMethodInput {
    path_with_query_string: Option<String>,
    body: Option<String>,
    headers: Option<IndexMap<String, String>>,
    multi_value_headers: Option<IndexMap<String, Vec<String>>>,
    stage_variables: Option<IndexMap<String, String>>,
    client_certificate_id: Option<String>,
}
