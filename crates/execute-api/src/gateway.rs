//! The door of the data plane: a request in, a response out, whatever happens in between.

use std::sync::Arc;

use bytes::Bytes;
use definition::time::EpochMillis;
use http_body::Body;
use tokio::time::Instant;

use crate::{
    Failure,
    address::Address,
    authorize::authorize,
    cache::{Lookup, look_up},
    context::RequestContext,
    exchange::Exchange,
    integrate::{http::HttpClient, integrate},
    map_request::{map_request, validate},
    map_response::{MethodResponse, map_response},
    observe::{Observers, Watched},
    overrides::Overrides,
    ports::Ports,
    request::{
        ClientRequest, Headers, PathParameters,
        body::{Received, receive},
        head::{self, RequestHead},
    },
    respond::{self, ResponseBody},
    route::{Routed, context, examined, route},
    stage::LoadedStage,
    throttle::throttle,
    trace::{
        Fact, Trace,
        fact::{self, MethodRequest, Refusal},
    },
};

pub use crate::integrate::aws_service::{AwsServices, EndpointUrl, Endpoints, InvalidEndpointUrl};
pub use crate::integrate::http::{Authority, BackendTls, Egress, InvalidAuthorities, InvalidNetwork, Network};

/// Runs requests. Make one per runtime (per core): it keeps its own connections to HTTP backends, which no other core shares.
pub struct Gateway {
    pub(crate) ports: Ports,
    pub(crate) http: HttpClient,
    pub(crate) aws_services: Option<AwsServices>,
    observers: Arc<Observers>,
}

impl std::fmt::Debug for Gateway {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateway").field("http", &self.http).finish_non_exhaustive()
    }
}

impl Gateway {
    /// A gateway between these ports, which trusts HTTPS backends as told.
    #[must_use]
    pub fn new(ports: Ports, backend_tls: BackendTls) -> Self {
        Self {
            observers: Arc::new(Observers::of(&ports)),
            http: HttpClient::new(backend_tls),
            aws_services: None,
            ports,
        }
    }

    /// The same gateway, whose integrations reach AWS services. A new gateway's reach none.
    #[must_use]
    pub fn with_aws_services(mut self, services: AwsServices) -> Self {
        self.aws_services = Some(services);
        self
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
    pub fn handle<B>(
        &self,
        address: Address,
        stage: Option<&LoadedStage>,
        request: ClientRequest<B>,
    ) -> impl Future<Output = http::Response<ResponseBody>>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        let stage = stage.map(|stage| stage.release(fastrand::f64));
        let refuses = |stage: &LoadedStage| stage.default_host_disabled && address.is_default_endpoint();
        let stage = stage.filter(|stage| !refuses(stage));
        let started = Instant::now();
        // Not an `async fn`, which would keep its arguments twice.
        async move {
            let Some(stage) = stage else {
                return self.refuse(&request.method, &request.headers);
            };
            if let Err(failure) = head::check(&request) {
                return refusal(&request.method, &request.headers, &failure);
            }
            let explained = self.observers.wants_explanation(&request.headers, request.source_ip);
            let (head, body) = RequestHead::arrive(address, stage, request);
            let found = route(stage, &head);
            let rules = found.as_ref().ok().map(Routed::rules);
            let mut trace = self.observers.trace(stage, rules, explained);
            trace.explain(|| Fact::Routed(examined(stage, &head, found.as_ref().ok().map(|routed| routed.method))));
            let observers = &self.observers;
            match &found {
                Ok(routed) => {
                    let method = Some((routed.method, routed.rules()));
                    let context = &routed.context;
                    let mut watched = Watched { observers, stage, method, context, trace, started, is_told: false };
                    let (response, failure) = match self.execute(routed, body, &mut watched.trace).await {
                        Ok(response) => (response, None),
                        Err(failure) => (fail(routed, &failure, &mut watched.trace), Some(failure)),
                    };
                    conclude(watched, &head, response, failure).await
                }
                Err(failure) => {
                    let context = &context(stage, None, &head);
                    let response = no_method(stage, &head, context, failure, &mut trace);
                    let watched = Watched { observers, stage, method: None, context, trace, started, is_told: false };
                    conclude(watched, &head, response, Some(failure.clone())).await
                }
            }
        }
    }

    /// Hands over what was measured since the last time. To be called about once a second, and at the end.
    pub fn hand_over_metrics(&self, now: EpochMillis) {
        self.observers.hand_over_metrics(now);
    }

    /// Answers a request of the data plane whose target is no [`Address`], or whose stage does not exist: 403 `Forbidden`.
    #[must_use]
    pub fn refuse(&self, method: &http::Method, headers: &Headers) -> http::Response<ResponseBody> {
        refusal(method, headers, &Failure::Forbidden)
    }

    /// The path of a request, from the method that serves it to its response. Each step takes what the one before proved.
    async fn execute<B>(&self, routed: &Routed<'_>, body: B, trace: &mut Trace) -> Result<MethodResponse, Failure>
    where
        B: Body<Data = Bytes> + Send + Unpin + 'static,
    {
        trace.record(|| Fact::Received { extended_request_id: routed.context.extended_request_id.to_owned() });
        let authorized = authorize(routed, trace)?;
        let admitted = throttle(authorized, trace)?;
        let received = receive(admitted, body, trace).await?;
        self.execute_received(received, trace).await
    }

    /// The rest of the path, which test invocations take, too.
    pub(crate) async fn execute_received(
        &self,
        received: Received<'_>,
        trace: &mut Trace,
    ) -> Result<MethodResponse, Failure> {
        trace.record(|| started(&received));
        let validated = validate(received, trace)?;
        let lookup = look_up(&validated)?;
        trace.looked_up(lookup.outcome());
        let method_response = match lookup {
            Lookup::Hit(cached) => cached,
            Lookup::Miss(slot) => {
                // What the request template sets stays in force through the response phase.
                let mut overrides = Overrides::default();
                let integration_request = map_request(validated, &mut overrides, trace)?;
                let called_at = Instant::now();
                let integration_response = match integrate(integration_request, self, trace).await {
                    Ok(response) => response,
                    Err(failure) => {
                        trace.unanswered(called_at);
                        return Err(failure);
                    }
                };
                let mut method_response = map_response(integration_response, &mut overrides, trace)?;
                if !slot.is_nowhere() {
                    Box::pin(slot.fill(&mut method_response)).await?;
                }
                method_response
            }
        };
        trace.record(|| Fact::Completed { status: method_response.status });
        Ok(method_response)
    }
}

/// Puts the response on the wire, and tells of the request.
async fn conclude(
    watched: Watched<'_>,
    head: &RequestHead,
    response: MethodResponse,
    mut failure: Option<Failure>,
) -> http::Response<ResponseBody> {
    let response = match respond::respond(watched.stage, head, response).await {
        Ok(response) => response,
        Err(broken) => {
            let response = respond::built_in(&broken);
            failure = Some(broken);
            respond::wire(&head.sent_method, &head.request_id, &head.extended_request_id, response)
        }
    };
    watched.answered(response, failure.as_ref())
}

/// The answer to a request that no method of its stage serves.
fn no_method(
    stage: &LoadedStage,
    head: &RequestHead,
    context: &RequestContext<'_>,
    failure: &Failure,
    trace: &mut Trace,
) -> MethodResponse {
    let path = PathParameters::default();
    let exchange = Exchange {
        context,
        path: &path,
        query: &head.query,
        headers: &head.headers,
        stage_variables: &stage.variables,
    };
    let response = respond::gateway_response(stage, &exchange, failure);
    trace.fail(|| Fact::Failed(Refusal { failure: failure.clone(), status: response.status }));
    response
}

/// The answer to a request that no stage has a say in.
fn refusal(method: &http::Method, headers: &Headers, failure: &Failure) -> http::Response<ResponseBody> {
    respond::wire(method, &head::request_id(headers), &head::extended_request_id(), respond::built_in(failure))
}

/// The answer to a failure, which the operator hears of unless it is the client's doing.
pub(crate) fn fail(routed: &Routed<'_>, failure: &Failure, trace: &mut Trace) -> MethodResponse {
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
    trace.fail(|| Fact::Failed(Refusal { failure: failure.clone(), status: response.status }));
    response
}

/// The request as its execution starts with it.
fn started(received: &Received<'_>) -> Fact {
    let routed = received.routed;
    Fact::Started(MethodRequest {
        request_id: routed.context.request_id.to_owned(),
        http_method: routed.context.http_method.to_owned(),
        path: routed.head.path.below_stage().to_owned(),
        path_parameters: routed.path_parameters.0.clone(),
        query: routed.head.query.0.clone(),
        headers: fact::pairs(&routed.head.headers),
        body: received.body.as_whole().cloned().unwrap_or_default(),
    })
}
