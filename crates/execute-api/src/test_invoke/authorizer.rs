//! `TestInvokeAuthorizer`: one request through a Lambda authorizer's current definition, with the story of it as text.
//!
//! The policy is read and shown, and decides nothing, since no method is called. API Reference, "TestInvokeAuthorizer".
//!
//! Differs from AWS: the log has no line of the headers of the function's call, which is not made by HTTP here.

use std::fmt::Write as _;

use definition::{Caller, authorizer::Authorizer, id::RestApiId, time::EpochMillis};
use indexmap::IndexMap;
use tokio::time::Instant;

use super::{TEST_API_KEY, TEST_API_KEY_ID, TEST_DOMAIN_NAME, TEST_SOURCE_IP, headers_of, log_time};
use crate::{
    address,
    authorize::lambda_authorizer::{AuthorizerFailure, Identity as CallerIdentity, LambdaAuthorizer, Verdict, verdict},
    context::{Identity, RequestContext},
    exchange::Exchange,
    execution_log::{self, LINE_BYTES_MAX},
    gateway::Gateway,
    ports::Functions,
    request::{
        Headers, PathParameters, QueryParameters,
        head::{extended_request_id, request_id, trace_id},
    },
    stage::TEST_STAGE,
    trace::{fact, secrets::Secrets},
};

/// The stage that the ARN of the tested method names.
const METHOD_STAGE: &str = "ESTestInvoke-stage";
/// The id of the resource that is not there.
const RESOURCE_ID: &str = "test-invoke-resource-id";
const HTTP_METHOD: &str = "GET";

/// What a test of an authorizer sends.
#[derive(Debug, Clone)]
pub struct AuthorizerTest {
    /// Who asks, in which account and region.
    pub caller: Caller,
    /// The API of the authorizer.
    pub rest_api_id: RestApiId,
    /// The authorizer, of type `TOKEN` or `REQUEST`.
    pub authorizer: Authorizer,
    /// Path and query of the request; absent or empty: the root.
    pub path_with_query_string: Option<String>,
    /// Headers of one value each.
    pub headers: IndexMap<String, String>,
    /// Headers of several values; they win over `headers` of the same name.
    pub multi_value_headers: IndexMap<String, Vec<String>>,
    /// Stage variables for this one test.
    pub stage_variables: IndexMap<String, String>,
    /// Variables of the context in place of those that a test has, such as `identity.sourceIp`.
    pub additional_context: IndexMap<String, String>,
    /// When the control-plane call arrived.
    pub received_at: EpochMillis,
}

/// What came of a test of an authorizer.
#[derive(Debug, Clone)]
pub struct AuthorizerTestAnswer {
    /// What the function said, or why there is nothing.
    pub outcome: Result<Verdict, AuthorizerFailure>,
    /// The execution log.
    pub log: String,
    /// How long it took, in milliseconds.
    pub latency_ms: u64,
}

/// Runs a request through an authorizer. The function's resource policy is asked as for any request.
pub async fn test_invoke_authorizer(gateway: &Gateway, test: AuthorizerTest) -> AuthorizerTestAnswer {
    let started = Instant::now();
    let headers = headers_of(&test.headers, &test.multi_value_headers);
    let request_id = request_id(&Headers::default());
    let mut log = Log { text: format!("Execution log for request {request_id}\n"), started, at: test.received_at };
    let outcome = run(&*gateway.ports.functions, &test, &headers, &request_id, &mut log).await;
    match &outcome {
        Ok(_) => log.line("Successfully completed authorizer execution"),
        Err(AuthorizerFailure::Unauthorized) => {
            log.line(&format!("Unauthorized request: {request_id}"));
            log.line("Unauthorized");
        }
        Err(failure @ AuthorizerFailure::Configuration { detail }) => {
            log.line(&format!("Execution failed due to configuration error: {detail}"));
            log.line(failure.error_type());
        }
        Err(failure @ AuthorizerFailure::Failed { detail }) => {
            log.line(&format!("Execution failed due to an internal error: {detail}"));
            log.line(failure.error_type());
        }
    }
    let latency_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    AuthorizerTestAnswer { outcome, log: log.text, latency_ms }
}

async fn run(
    functions: &dyn Functions,
    test: &AuthorizerTest,
    headers: &Headers,
    request_id: &str,
    log: &mut Log,
) -> Result<Verdict, AuthorizerFailure> {
    let authorizer =
        LambdaAuthorizer::compile(&test.caller.scope, &test.rest_api_id, &test.stage_variables, &test.authorizer)?;
    log.line(&format!("Starting authorizer: {} for request: {request_id}", authorizer.id()));
    let target = test.path_with_query_string.as_deref().filter(|target| !target.is_empty()).unwrap_or("/");
    let (path, query) = address::split_target(target);
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let (extended_request_id, trace_id) = (extended_request_id(), trace_id(None, test.received_at));
    let ids = Ids { request: request_id, extended: &extended_request_id, trace: &trace_id };
    let context = context(test, &path, &ids);
    let (path_parameters, query) = (PathParameters::default(), query.map(QueryParameters::parse).unwrap_or_default());
    let exchange = Exchange {
        context: &context,
        path: &path_parameters,
        query: &query,
        headers,
        stage_variables: &test.stage_variables,
    };
    let identity = authorizer.identity(&exchange)?;
    let secrets = secrets(headers, &identity, log);
    let method_arn = authorizer.method_arn(METHOD_STAGE, context.http_method, &path);
    let event = authorizer.event(&identity, &method_arn, &path, &exchange);
    log.line(&format!("Endpoint request URI: {}", authorizer.url()));
    let told = secrets.masked_beginning(&event, LINE_BYTES_MAX);
    log.line(&format!("Endpoint request body after transformations: {told}"));
    log.line(&format!("Sending request to {}", authorizer.url()));
    let answer = authorizer.ask(functions, event, &trace_id).await?;
    let said = secrets.masked_beginning(&answer.payload, LINE_BYTES_MAX);
    log.line(&format!("Authorizer result body before parsing: {said}"));
    let verdict = verdict(&answer)?;
    let principal = Secrets::default().take_value(&verdict.principal_id);
    log.line(&format!("Using valid authorizer policy for principal: {principal}"));
    Ok(verdict)
}

/// What the log must not show; what identifies the caller is told there once, masked.
fn secrets(headers: &Headers, identity: &CallerIdentity, log: &mut Log) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.take_headers(&mut fact::pairs(headers));
    let shown: Vec<String> = identity.values().map(|value| secrets.take_value(value)).collect();
    log.line(&format!("Incoming identity: {}", shown.join(", ")));
    secrets
}

/// The ids of a request.
struct Ids<'a> {
    request: &'a str,
    extended: &'a str,
    trace: &'a str,
}

/// The context of a request that nobody sent, with what the test says of it.
fn context<'a>(test: &'a AuthorizerTest, path: &'a str, ids: &Ids<'a>) -> RequestContext<'a> {
    let said = |name: &str| test.additional_context.get(name).map(String::as_str);
    let caller = &test.caller;
    RequestContext {
        account_id: said("accountId").unwrap_or(&caller.scope.account),
        api_id: test.rest_api_id.as_str(),
        stage: said("stage").unwrap_or(TEST_STAGE),
        deployment_id: None,
        resource_id: said("resourceId").unwrap_or(RESOURCE_ID),
        resource_path: said("resourcePath").unwrap_or(path),
        http_method: said("httpMethod").unwrap_or(HTTP_METHOD),
        operation_name: None,
        path: said("path").unwrap_or(path),
        base_path: None,
        protocol: "HTTP/1.1",
        domain_name: TEST_DOMAIN_NAME,
        domain_prefix: address::first_label(TEST_DOMAIN_NAME),
        request_id: ids.request,
        extended_request_id: ids.extended,
        trace_id: ids.trace,
        request_time: test.received_at,
        identity: Identity {
            source_ip: said("identity.sourceIp").unwrap_or(TEST_SOURCE_IP),
            user_agent: said("identity.userAgent"),
            api_key: said("identity.apiKey").or(Some(TEST_API_KEY)),
            api_key_id: said("identity.apiKeyId").or(Some(TEST_API_KEY_ID)),
            account_id: said("identity.accountId").or(Some(&caller.scope.account)),
            caller: said("identity.caller").or(Some(&caller.user_id)),
            user: said("identity.user").or(Some(&caller.user_id)),
            user_arn: said("identity.userArn").or(Some(&caller.user_arn)),
            access_key: said("identity.accessKey").or(caller.access_key.as_deref()),
        },
        is_canary: None,
    }
}

/// The log as it grows.
struct Log {
    text: String,
    started: Instant,
    at: EpochMillis,
}

impl Log {
    /// Adds a line with its time.
    fn line(&mut self, text: &str) {
        let time = log_time(self.at, self.started.elapsed());
        // Writing into a string cannot fail.
        let _ = writeln!(self.text, "{time} : {}", execution_log::cut(text.to_owned()));
    }
}
