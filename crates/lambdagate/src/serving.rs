//! What a request gets: one function that dispatches it and answers, whatever happens.
//!
//! A future has room for all that it may ever await, and is moved into the one that awaits it. So what few requests need is boxed here
//! and in the data plane: the path of most requests stays small.

use std::{
    net::IpAddr,
    pin::Pin,
    rc::Rc,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use account::{
    Account,
    logs::{LogWriter, Logs},
    metrics::{MetricWriter, Metrics},
};
use apigateway::ControlPlane;
use bytes::Bytes;
use definition::{Caller, Scope as AccountScope, time::EpochMillis};
use execute_api::{
    Gateway,
    address::Address,
    gateway::{AwsServices, BackendTls},
    map_response::RESPONSE_BYTES_MAX,
    ports::Ports,
    request::{ClientRequest, Headers, WrittenNames},
    respond::ResponseBody,
    stage::LoadedStage,
};
use http::{HeaderMap, Request, Response, StatusCode, Version, header, request::Parts};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use hyper::body::Incoming;
use lambda::Lambda;
use store::Store;
use tokio::runtime::Handle;

use crate::{
    admin, clock,
    dispatch::{self, Credential, Destination, Service},
    listen::{
        Scope, admission,
        request_body::{self, BodyError, LentBody, Remainder},
    },
    telemetry::print_line,
    wiring::{DomainLoader, StageLoader, lambda_answer},
};

/// A call of the control plane may bring so many bytes: what `CreateFunction` may ("Lambda quotas").
pub(crate) const CONTROL_BODY_BYTES_MAX: usize = lambda::BODY_BYTES_MAX;
/// Between two hand-overs of a thread's measurements.
const METRICS_PERIOD: Duration = Duration::from_secs(1);

/// Where a request came from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer {
    /// The client's address.
    pub(crate) ip: IpAddr,
    /// The port that it connected to.
    pub(crate) local_port: u16,
    /// What the listener serves.
    pub(crate) scope: Scope,
}

/// Everything that answers requests; shared by all serving threads.
pub(crate) struct Serving {
    /// What the data plane needs from outside.
    pub(crate) ports: Ports,
    /// Whom the data plane trusts behind HTTPS.
    pub(crate) backend_tls: BackendTls,
    /// How the data plane reaches AWS services.
    pub(crate) aws_services: AwsServices,
    /// Where the data plane's stages come from.
    pub(crate) stages: StageLoader,
    /// Which of them stand behind hosts of users' own.
    pub(crate) domains: DomainLoader,
    /// API Gateway's control plane.
    pub(crate) control_plane: ControlPlane,
    /// Lambda.
    pub(crate) lambda: Lambda,
    /// IAM and STS.
    pub(crate) account: Account,
    /// CloudWatch Logs.
    pub(crate) logs: Logs,
    /// CloudWatch metrics.
    pub(crate) metrics: Metrics,
    /// Takes what is logged.
    pub(crate) log_writer: LogWriter,
    /// Takes what is measured.
    pub(crate) metric_writer: MetricWriter,
    /// What all of them remember.
    pub(crate) store: Store,
    /// The account, and the region of calls that name none.
    pub(crate) scope: AccountScope,
    /// Where control calls run: a slow one must not hold up a serving thread.
    pub(crate) control_runtime: Handle,
    /// Whether new requests are welcome; false from the moment of shutdown.
    pub(crate) ready: AtomicBool,
    /// Whether each request of the data plane is printed as a line.
    pub(crate) print_requests: bool,
}

/// What one serving thread answers with: the shared part, and a data plane whose connections to backends are its own.
pub(crate) struct ServingThread {
    serving: Arc<Serving>,
    gateway: Gateway,
}

impl ServingThread {
    /// A thread's own.
    pub(crate) fn new(serving: &Arc<Serving>) -> Self {
        Self { serving: Arc::clone(serving), gateway: serving.gateway() }
    }

    /// Hands over what the thread measured, from now on about once a second, as long as its tasks run.
    pub(crate) fn measure(self: &Rc<Self>) {
        let thread = Rc::clone(self);
        tokio::task::spawn_local(async move {
            loop {
                tokio::time::sleep(METRICS_PERIOD).await;
                thread.hand_over_metrics();
            }
        });
    }

    /// Hands over what the thread measured.
    pub(crate) fn hand_over_metrics(&self) {
        self.gateway.hand_over_metrics(EpochMillis::from(clock::now()));
    }

    /// Answers a request. `written` are the names of its header fields as they stood on the wire.
    ///
    /// What can be said at once is said before there is a future, which is the smaller for it; here and in what it calls.
    pub(crate) fn answer(
        self: Rc<Self>,
        request: Request<Incoming>,
        written: Option<WrittenNames>,
        peer: Peer,
    ) -> Pin<Box<impl Future<Output = Response<ResponseBody>>>> {
        let version = request.version();
        let (mut head, body) = request.into_parts();
        admission::as_http1(&mut head);
        let fields = admission::Fields::of(&head.headers);
        let (body, remainder) = request_body::lend(body, fields.waits_for_continue());
        let admitted = fields.admit(&head).map(|()| destination(&head, peer));
        Box::pin(async move {
            let response = match admitted {
                Ok(Destination::DataPlane { address: address @ Some(_) }) => {
                    self.data_plane(address, head, body, written.as_ref(), peer).await
                }
                Ok(destination) => Box::pin(self.answer_elsewhere(destination, head, body, written, peer)).await,
                Err(reason) => {
                    drop(body);
                    admission::refuse(reason)
                }
            };
            if version >= Version::HTTP_11 && remainder.is_settled() {
                return response;
            }
            Box::pin(settled(version, remainder, response)).await
        })
    }

    /// Answers a request that is not for a deployed API, or not by an address that says so.
    async fn answer_elsewhere(
        &self,
        destination: Destination,
        head: Parts,
        body: LentBody,
        written: Option<WrittenNames>,
        peer: Peer,
    ) -> Response<ResponseBody> {
        let (domains, host) = (&self.serving.domains, host(&head.headers));
        let is_custom_domain =
            if destination.yields_to_custom_domains() { domains.contains(host).await } else { Ok(false) };
        match (is_custom_domain, destination) {
            (Err(error), _) => no_domains(&error),
            (Ok(true), _) | (Ok(false), Destination::DataPlane { .. }) => {
                match domains.address(host, target(&head)).await {
                    Ok(address) => self.data_plane(address, head, body, written.as_ref(), peer).await,
                    Err(error) => no_domains(&error),
                }
            }
            (Ok(false), Destination::Admin) => admin::answer(&self.serving, &head).await,
            (Ok(false), Destination::Service { service, credential }) => {
                self.serving.control(service, credential, head, body).await
            }
            (Ok(false), Destination::Nobody { service }) => nobody(service.as_deref()),
            (Ok(false), Destination::ForeignPage) => {
                denied("Web pages of other sites may not call LambdaGate's own services")
            }
            (Ok(false), Destination::PublicName) => {
                denied("LambdaGate's own services are called by an address or a private name, such as localhost")
            }
        }
    }

    /// Answers a request that is for a deployed API, if for any.
    fn data_plane(
        &self,
        address: Option<Address>,
        mut head: Parts,
        body: LentBody,
        written: Option<&WrittenNames>,
        peer: Peer,
    ) -> impl Future<Output = Response<ResponseBody>> {
        let received_at = clock::now();
        let target = target(&head).to_owned();
        let line = self.serving.print_requests.then(|| format!("{} {}", head.method, printable(&target)));
        // HTTP/2 has no field of this name: it is the gateway's own, in the gateway's letters.
        let authority = if written.is_none() { head.headers.remove(header::HOST) } else { None };
        let mut headers = Headers::from_wire(head.headers, written);
        if let Some(authority) = authority {
            headers.append_raw("Host", authority);
        }
        let request = ClientRequest {
            method: head.method,
            target,
            headers,
            body,
            source_ip: peer.ip,
            local_port: peer.local_port,
            secure: false,
            received_at: EpochMillis::from(received_at),
        };
        async move {
            let response = match address {
                None => self.gateway.refuse(&request.method, &request.headers),
                Some(address) => match self.stage(&address).await {
                    Ok(stage) => self.gateway.handle(address, stage.as_deref(), request).await,
                    Err(error) => {
                        tracing::error!(%error, api_id = %address.api_id(), "a stage cannot be loaded");
                        failed()
                    }
                },
            };
            if let Some(line) = line {
                let elapsed = clock::now().duration_since(received_at).as_millis();
                print_line(format_args!("{line} {} {elapsed} ms", response.status().as_u16()));
            }
            response
        }
    }

    /// The stage at this address.
    async fn stage(&self, address: &Address) -> Result<Option<Arc<LoadedStage>>, store::Error> {
        match self.serving.stages.loaded(address) {
            Some(stage) => Ok(Some(stage)),
            None => Box::pin(self.serving.stages.find(address)).await,
        }
    }
}

impl Serving {
    /// A data plane with connections of its own.
    fn gateway(&self) -> Gateway {
        Gateway::new(self.ports.clone(), self.backend_tls.clone()).with_aws_services(self.aws_services.clone())
    }

    async fn control(
        self: &Arc<Self>,
        service: Service,
        credential: Option<Credential>,
        head: Parts,
        body: LentBody,
    ) -> Response<ResponseBody> {
        let body = match Limited::new(body, CONTROL_BODY_BYTES_MAX).collect().await {
            Ok(body) => body.to_bytes(),
            Err(error) if error.is::<LengthLimitError>() && service == Service::Lambda => {
                return Lambda::refuse_oversized(&head.method, &head.uri).map(lambda_answer);
            }
            Err(error) if error.is::<LengthLimitError>() => {
                let message = format!("Request must be smaller than {CONTROL_BODY_BYTES_MAX} bytes");
                return refusal(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException", &message);
            }
            Err(error) if matches!(error.downcast_ref::<BodyError<hyper::Error>>(), Some(BodyError::TooSlow)) => {
                let message = "The request's body did not arrive in time";
                return refusal(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException", message);
            }
            Err(_) => return refusal(StatusCode::BAD_REQUEST, "BadRequestException", "The request's body ended early"),
        };
        let request = Request::from_parts(head, body);
        let (serving, caller) = (Arc::clone(self), self.caller(credential));
        let answer = self.control_runtime.spawn(async move {
            let now = clock::now();
            let answer = match service {
                Service::ApiGateway => serving.control_plane.handle(&caller, request, now).await,
                Service::Lambda => return serving.lambda.handle(&caller, request, now).await.map(lambda_answer),
                Service::Iam => serving.account.handle(account::Service::Iam, &caller, request, now).await,
                Service::Sts => serving.account.handle(account::Service::Sts, &caller, request, now).await,
                Service::Logs => serving.logs.handle(&caller, request, now).await,
                Service::Monitoring => serving.metrics.handle(&caller, request, now).await,
            };
            answer.map(ResponseBody::from)
        });
        match answer.await {
            Ok(response) => response,
            Err(error) => {
                tracing::error!(%error, "a control call ended by a panic");
                failed()
            }
        }
    }

    /// Who makes a call: in open mode, whoever signs is the account's root.
    fn caller(&self, credential: Option<Credential>) -> Caller {
        let account = self.scope.account.clone();
        let (access_key, region) = match credential {
            Some(credential) => (Some(credential.access_key), credential.region),
            None => (None, self.scope.region.clone()),
        };
        Caller {
            user_arn: format!("arn:aws:iam::{account}:root"),
            user_id: account.clone(),
            scope: AccountScope { account, region },
            access_key,
        }
    }

    /// Whether new requests are welcome.
    pub(crate) fn is_ready(&self) -> bool {
        self.ready.load(Ordering::Relaxed)
    }
}

/// Who answers a request that came from there, unless its host is a custom domain name.
fn destination(head: &Parts, peer: Peer) -> Destination {
    match peer.scope {
        Scope::Everything => dispatch::destination(&head.method, target(head), &head.headers),
        Scope::DataPlane => Destination::DataPlane { address: Address::parse(host(&head.headers), target(head)) },
    }
}

/// The response as this version of HTTP can bear it, with what becomes of a body that nobody has read.
async fn settled(
    version: Version,
    remainder: Remainder,
    mut response: Response<ResponseBody>,
) -> Response<ResponseBody> {
    // An HTTP/1.0 client would take a body that breaks off for a complete one.
    if version < Version::HTTP_11 && response.body_mut().gather(RESPONSE_BYTES_MAX).await.is_err() {
        response = refusal(StatusCode::BAD_GATEWAY, "InternalServerErrorException", "Internal server error");
    }
    if remainder.is_settled() { response } else { remainder.settle(response).await }
}

/// Path and query as sent.
fn target(head: &Parts) -> &str {
    head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str)
}

/// The host that a request speaks to; empty when it names none.
fn host(headers: &HeaderMap) -> &str {
    headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// The answer when nobody can say which hosts are custom domain names.
fn no_domains(error: &store::Error) -> Response<ResponseBody> {
    tracing::error!(%error, "custom domain names cannot be loaded");
    failed()
}

/// A target with what a terminal would act upon left out.
fn printable(target: &str) -> String {
    target.chars().filter(|character| !character.is_control()).collect()
}

fn nobody(service: Option<&str>) -> Response<ResponseBody> {
    let message = match service {
        Some(service) => format!(
            "LambdaGate has no service {service:?}: here are apigateway, lambda, iam, sts, logs and monitoring, and deployed APIs below \
             /_aws/execute-api/{{apiId}}/{{stage}}/"
        ),
        None => "Nothing answers here: sign the request for a service, or address a deployed API by its host or below \
                 /_aws/execute-api/{apiId}/{stage}/"
            .to_owned(),
    };
    refusal(StatusCode::NOT_FOUND, "UnknownOperationException", &message)
}

fn denied(message: &str) -> Response<ResponseBody> {
    refusal(StatusCode::FORBIDDEN, "AccessDeniedException", message)
}

/// An answer of the process itself, in the shape that SDKs read errors from.
pub(crate) fn refusal(status: StatusCode, error_type: &'static str, message: &str) -> Response<ResponseBody> {
    let body = serde_json::json!({ "message": message }).to_string();
    let mut response = json(status, body);
    response.headers_mut().insert("x-amzn-errortype", http::HeaderValue::from_static(error_type));
    response
}

/// A JSON answer.
pub(crate) fn json(status: StatusCode, body: String) -> Response<ResponseBody> {
    json_bytes(status, body.into())
}

/// A JSON answer.
pub(crate) fn json_bytes(status: StatusCode, body: Bytes) -> Response<ResponseBody> {
    let mut response = Response::new(ResponseBody::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    response
}

/// The answer when something went wrong that nobody foresaw.
pub(crate) fn failed() -> Response<ResponseBody> {
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure", "Internal server error")
}
