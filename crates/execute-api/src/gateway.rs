//! The door of the data plane: a request in, a response out, whatever happens in between.

use std::sync::Arc;

use bytes::Bytes;
use http_body::Body;

use crate::{
    Failure,
    address::Address,
    authorize::authorize,
    context::RequestContext,
    exchange::Exchange,
    execution_log::{ExecutionLog, java_map},
    integrate::{http::HttpClient, integrate},
    map_request::{map_request, validate},
    map_response::{MethodResponse, map_response},
    ports::Functions,
    request::{
        ClientRequest, Headers, PathParameters,
        body::{Received, receive},
        head::{self, RequestHead},
    },
    respond::{self, ResponseBody},
    route::{Routed, context, route},
    stage::LoadedStage,
    throttle::throttle,
};

pub use crate::integrate::http::{BackendTls, Egress, InvalidNetwork, Network};

/// Runs requests. Make one per runtime (per core): it keeps its own connections to HTTP backends, which no other core shares.
pub struct Gateway {
    pub(crate) functions: Arc<dyn Functions>,
    pub(crate) http: HttpClient,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("http", &self.http).finish_non_exhaustive()
    }
}

impl Gateway {
    /// A gateway that reaches functions through this port, and trusts HTTPS backends as told.
    #[must_use]
    pub fn new(functions: Arc<dyn Functions>, backend_tls: BackendTls) -> Self {
        Self { functions, http: HttpClient::new(backend_tls) }
    }

    /// The same gateway, whose HTTP integrations reach only what is permitted. A new gateway's reach everything.
    #[must_use]
    pub fn with_egress(mut self, egress: Egress) -> Self {
        self.http.restrict(egress);
        self
    }

    /// Answers a request of the data plane. `stage` is what the address led to; without one the client is refused.
    ///
    /// The future may only be dropped with the client's connection: a function that runs is not stopped by that.
    pub async fn handle<B>(
        &self,
        address: &Address,
        stage: Option<&LoadedStage>,
        request: ClientRequest<B>,
    ) -> http::Response<ResponseBody>
    where
        B: Body<Data = Bytes>,
    {
        let Some(stage) = stage.filter(|stage| !stage.default_host_disabled) else {
            return self.refuse(&request.method, &request.headers);
        };
        if let Err(failure) = head::check(&request) {
            return refusal(&request.method, &request.headers, &failure);
        }
        let (head, body) = RequestHead::arrive(address, stage, request);
        let response = match route(stage, &head) {
            Ok(routed) => match self.execute(&routed, body, &mut ExecutionLog::off()).await {
                Ok(response) => response,
                Err(failure) => fail(&routed, &failure),
            },
            Err(failure) => {
                let context = context(stage, None, &head);
                let path = PathParameters::default();
                let exchange = Exchange {
                    context: &context,
                    path: &path,
                    query: &head.query,
                    headers: &head.headers,
                    stage_variables: &stage.variables,
                };
                respond::gateway_response(stage, &exchange, &failure)
            }
        };
        match respond::respond(stage, &head, response).await {
            Ok(response) => response,
            Err(failure) => refusal(&head.method, &head.headers, &failure),
        }
    }

    /// Answers a request of the data plane whose target is no [`Address`], or whose stage does not exist: 403 `Forbidden`.
    #[must_use]
    pub fn refuse(&self, method: &http::Method, headers: &Headers) -> http::Response<ResponseBody> {
        refusal(method, headers, &Failure::Forbidden)
    }

    /// The path of a request, from the method that serves it to its response. Each step takes what the one before proved.
    async fn execute<B>(&self, routed: &Routed<'_>, body: B, log: &mut ExecutionLog) -> Result<MethodResponse, Failure>
    where
        B: Body<Data = Bytes>,
    {
        log.line(format_args!("Extended Request Id: {}", routed.context.extended_request_id));
        let authorized = authorize(routed)?;
        let admitted = throttle(authorized, log)?;
        let received = receive(admitted, body).await?;
        self.execute_received(received, log).await
    }

    /// The rest of the path, which test invocations take, too.
    pub(crate) async fn execute_received(
        &self,
        received: Received<'_>,
        log: &mut ExecutionLog,
    ) -> Result<MethodResponse, Failure> {
        log_request(&received, log);
        let validated = validate(received)?;
        let integration_request = map_request(validated, log)?;
        let integration_response = integrate(integration_request, self, log).await?;
        let method_response = map_response(integration_response, log)?;
        log.line(format_args!("Successfully completed execution"));
        log.line(format_args!("Method completed with status: {}", method_response.status));
        Ok(method_response)
    }
}

/// The answer to a request that no stage has a say in.
fn refusal(method: &http::Method, headers: &Headers, failure: &Failure) -> http::Response<ResponseBody> {
    respond::wire(method, &head::request_id(headers), &head::extended_request_id(), respond::built_in(failure))
}

/// The answer to a failure, which the operator hears of unless it is the client's doing.
pub(crate) fn fail(routed: &Routed<'_>, failure: &Failure) -> MethodResponse {
    let RequestContext { api_id, stage, resource_path, http_method, request_id, .. } = &routed.context;
    let response = respond::gateway_response(routed.stage, &routed.exchange(), failure);
    if failure.status() >= 500 {
        let reason = failure.reason();
        tracing::warn!(api_id, stage, resource = resource_path, http_method, request_id, %reason, "a request failed");
    } else {
        let status = response.status;
        tracing::debug!(
            api_id,
            stage,
            resource = resource_path,
            http_method,
            request_id,
            status,
            "a request was refused"
        );
    }
    response
}

/// The request as the execution log tells it.
fn log_request(received: &Received<'_>, log: &mut ExecutionLog) {
    if !log.is_recording() {
        return;
    }
    let Received { routed, body } = received;
    let pairs =
        |pairs: &[(String, String)]| java_map(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    log.line(format_args!("Starting execution for request: {}", routed.context.request_id));
    log.line(format_args!("HTTP Method: {}, Resource Path: {}", routed.context.http_method, routed.head.path));
    log.line(format_args!("Method request path: {}", pairs(&routed.path_parameters.0)));
    log.line(format_args!("Method request query string: {}", pairs(&routed.head.query.0)));
    let headers: Vec<_> = routed.head.headers.iter().map(|header| (header.name(), header.value())).collect();
    log.headers("Method request headers", headers.iter().map(|(name, value)| (*name, &**value)));
    log.line(format_args!("Method request body before transformations: {}", String::from_utf8_lossy(body)));
}
