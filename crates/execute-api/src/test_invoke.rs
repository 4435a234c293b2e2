//! `TestInvokeMethod`: one request through an API's current definition, with the story of it as text.
//!
//! Developer Guide, "Use the API Gateway console to test a REST API method"; `apigateway` reaches it through a function that
//! the binary hands in.

use std::{fmt::Write as _, sync::Arc, time::Duration};

use bytes::Bytes;
use definition::{ApiSnapshot, Caller, id::ResourceId, method::HttpMethod, time::EpochMillis};
use indexmap::IndexMap;
use tokio::time::Instant;

use crate::{
    address::{self, StagePath},
    execution_log::{self, Reader},
    gateway::{Gateway, fail},
    map_response::MethodResponse,
    request::{
        Headers, PathParameters, QueryParameters,
        body::Received,
        head::{RequestHead, Sender, TRACE_ID, extended_request_id, request_id, trace_id},
    },
    route::{Routed, Router},
    stage::{ClientIdentity, LoadedMethod, LoadedStage},
    throttle::Admitted,
    trace::{Depth, Trace},
};

pub mod authorizer;
mod streamed;

/// The host that a tested method sees.
const TEST_DOMAIN_NAME: &str = "testPrefix.testDomainName";
/// The client's address that a tested method sees.
const TEST_SOURCE_IP: &str = "test-invoke-source-ip";
/// The API key that a tested method sees.
const TEST_API_KEY: &str = "test-invoke-api-key";
/// The API key's id that a tested method sees.
const TEST_API_KEY_ID: &str = "test-invoke-api-key-id";

/// What a test invocation sends.
#[derive(Debug, Clone)]
pub struct TestInvocation {
    /// Who asks, in which account and region.
    pub caller: Caller,
    /// The resource whose method is tested.
    pub resource_id: ResourceId,
    /// The method; on a resource with only `ANY`, any of the seven.
    pub http_method: HttpMethod,
    /// Path and query to send; absent or empty: the resource's path template, literally.
    pub path_with_query_string: Option<String>,
    /// The body.
    pub body: Option<String>,
    /// Headers of one value each.
    pub headers: IndexMap<String, String>,
    /// Headers of several values; they win over `headers` of the same name.
    pub multi_value_headers: IndexMap<String, Vec<String>>,
    /// Stage variables for this one invocation.
    pub stage_variables: IndexMap<String, String>,
    /// The `User-Agent` of the control-plane call.
    pub user_agent: Option<String>,
    /// What is presented to HTTP backends that ask for a certificate.
    pub client_identity: Option<Arc<ClientIdentity>>,
    /// When the control-plane call arrived.
    pub received_at: EpochMillis,
}

/// What a test invocation gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestAnswer {
    /// The status code that a client would have got.
    pub status: u16,
    /// The body, as text.
    pub body: String,
    /// The headers, each with its last value.
    pub headers: IndexMap<String, String>,
    /// The headers with all their values.
    pub multi_value_headers: IndexMap<String, Vec<String>>,
    /// The execution log.
    pub log: String,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
}

/// Why nothing could be tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TestRefusal {
    /// The resource has no such method.
    #[error("no such method")]
    NoSuchMethod,
}

/// Runs a request through the current definition of an API, past authorizers, keys and throttles.
///
/// The resource policies of functions are asked with the stage name `test-invoke-stage`.
pub async fn test_invoke(
    gateway: &Gateway,
    snapshot: &ApiSnapshot,
    invocation: TestInvocation,
) -> Result<TestAnswer, TestRefusal> {
    let started = Instant::now();
    let variables = invocation.stage_variables.clone();
    let identity = invocation.client_identity.as_ref();
    let stage = LoadedStage::for_test_invocation(&invocation.caller.scope, variables, snapshot, identity);
    let method = method(&stage, &invocation).ok_or(TestRefusal::NoSuchMethod)?;
    let body = Bytes::from(invocation.body.clone().unwrap_or_default());
    let received_at = invocation.received_at;
    let head = head(method, &stage, invocation);
    let routed = Routed::to(method, path_parameters(method, &head), &stage, &head);

    let mut trace = Trace::recording(Depth::Log);
    let received = Received::whole(Admitted::for_test_invocation(&routed), body);
    let response = match streamed::shown(method, started, gateway.execute_received(received, &mut trace)).await {
        Ok(response) => {
            if let Some(body) = response.body.as_whole() {
                trace.gathered(body);
            }
            response
        }
        Err(failure) => fail(&routed, &failure, &mut trace),
    };
    let log = log_text(&head.request_id, &trace, received_at);
    Ok(answer(&response, log, started.elapsed()))
}

/// The method of exactly this name, or the resource's `ANY`.
fn method<'s>(stage: &'s LoadedStage, invocation: &TestInvocation) -> Option<&'s LoadedMethod> {
    let named = |http_method: HttpMethod| {
        let mut methods = stage.methods.iter();
        methods.find(|method| method.resource_id == invocation.resource_id && method.http_method == http_method)
    };
    named(invocation.http_method).or_else(|| named(HttpMethod::Any))
}

/// A head as a client's request would have it, without what the listener adds.
fn head(method: &LoadedMethod, stage: &LoadedStage, invocation: TestInvocation) -> RequestHead {
    let target = invocation.path_with_query_string.filter(|target| !target.is_empty());
    let target = target.as_deref().unwrap_or(&method.resource_path);
    let (path, query) = address::split_target(target);
    let headers = headers_of(&invocation.headers, &invocation.multi_value_headers);
    let caller = invocation.caller;
    let path = if path.starts_with('/') { path } else { &format!("/{path}") };
    let http_method = http::Method::from_bytes(invocation.http_method.as_str().as_bytes()).unwrap_or_default();
    RequestHead {
        sent_method: http_method.clone(),
        method: http_method,
        path: StagePath::without_stage(path),
        query: query.map(QueryParameters::parse).unwrap_or_default(),
        domain_name: TEST_DOMAIN_NAME.into(),
        base_path: None,
        request_id: request_id(&Headers::default()),
        extended_request_id: extended_request_id(),
        trace_id: trace_id(headers.value_of(&TRACE_ID).as_deref(), invocation.received_at),
        received_at: invocation.received_at,
        sender: Sender {
            source_ip: TEST_SOURCE_IP.to_owned(),
            user_agent: invocation.user_agent,
            api_key: Some(TEST_API_KEY.to_owned()),
            api_key_id: Some(TEST_API_KEY_ID.to_owned()),
            account_id: Some(stage.scope.account.clone()),
            caller: Some(caller.user_id.clone()),
            user: Some(caller.user_id),
            user_arn: Some(caller.user_arn),
            access_key: caller.access_key,
        },
        headers,
    }
}

/// The headers of a test; those of several values win over those of one.
fn headers_of(single: &IndexMap<String, String>, multi: &IndexMap<String, Vec<String>>) -> Headers {
    let mut headers = Headers::default();
    for (name, value) in single.iter().filter(|(name, _)| !multi.contains_key(*name)) {
        headers.append(name, value);
    }
    for (name, value) in multi.iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value))) {
        headers.append(name, value);
    }
    headers
}

/// The path parameters of the path given; none if it does not fit the resource, which runs anyway.
fn path_parameters(method: &LoadedMethod, head: &RequestHead) -> PathParameters {
    let mut router = Router::new();
    router.insert(&method.resource_path, HttpMethod::Any, 0);
    router.find(head.path.below_stage(), HttpMethod::Any).map(|found| found.path_parameters).unwrap_or_default()
}

/// The log as AWS prints it: the first line bare, the others with their time.
fn log_text(request_id: &str, trace: &Trace, started: EpochMillis) -> String {
    let mut text = format!("Execution log for request {request_id}\n");
    for line in execution_log::lines(trace, Reader::TestInvocation, "") {
        let time = log_time(started, line.at);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{time} : {}", line.text);
    }
    text
}

/// The time of a log's line.
fn log_time(started: EpochMillis, at: Duration) -> String {
    let at = i64::try_from(at.as_millis()).unwrap_or(i64::MAX);
    EpochMillis(started.0.saturating_add(at)).timestamp().strftime("%a %b %d %H:%M:%S UTC %Y").to_string()
}

fn answer(response: &MethodResponse, log: String, elapsed: Duration) -> TestAnswer {
    let mut headers = IndexMap::new();
    let mut multi_value_headers: IndexMap<String, Vec<String>> = IndexMap::new();
    for header in response.headers.iter() {
        headers.insert(header.name().to_owned(), header.value().into_owned());
        multi_value_headers.entry(header.name().to_owned()).or_default().push(header.value().into_owned());
    }
    TestAnswer {
        status: response.status,
        body: response.body.as_whole().map(|body| String::from_utf8_lossy(body).into_owned()).unwrap_or_default(),
        headers,
        multi_value_headers,
        log,
        latency_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    }
}
