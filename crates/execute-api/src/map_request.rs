//! From the method request to the integration request: validation, parameters, templates, overrides.
//!
//! Developer Guide, "Parameter mapping for REST APIs in API Gateway", "Mapping template transformations for REST APIs in API
//! Gateway". Proxies to functions take the request as it is.

use std::{borrow::Cow, time::Duration};

use ::http::header;
use bytes::Bytes;
use tokio::time::Instant;

use crate::{
    Failure,
    content_handling::{Payload, PayloadKind, TemplateSet, convert_request, mock_status},
    integrate::{
        aws_service::ServiceRequest,
        http::{self, HeaderPairs, HttpRequest, Transfer},
        lambda_proxy::event::{EventBody, event},
    },
    message_body::MessageBody,
    overrides::Overrides,
    parameter_mapping::{MappedRequest, Pairs, RequestMapping},
    ports::{Authority, InvocationType},
    request::body::Received,
    route::Routed,
    stage::{Backend, BrokenTemplate, FunctionTarget, HttpTarget, LoadedTemplate, Mappings},
    template::{Phase, TemplateError, TemplateInput},
    trace::{
        Fact, Trace,
        fact::{self, BodyMapping, CalledFunction, MappedBy},
    },
};

/// The integration header that says how a function is called.
const INVOCATION_TYPE_HEADER: &str = "X-Amz-Invocation-Type";
/// What a function gets for an empty body.
const EMPTY_DOCUMENT: &str = "{}";

/// A request that satisfies what its method demands.
#[derive(Debug)]
pub(crate) struct Validated<'r> {
    received: Received<'r>,
}

impl<'r> Validated<'r> {
    /// The request.
    pub(crate) fn routed(&self) -> &'r Routed<'r> {
        self.received.routed
    }

    /// What has been read of its body: all of it, unless nothing on the way to the backend reads it.
    pub(crate) fn body(&self) -> &[u8] {
        self.received.read()
    }
}

/// What goes to the backend.
#[derive(Debug)]
pub(crate) struct IntegrationRequest<'r> {
    pub(crate) routed: &'r Routed<'r>,
    pub(crate) timeout_ms: u32,
    pub(crate) call: Call<'r>,
}

/// The call that is to be made.
#[derive(Debug)]
pub(crate) enum Call<'r> {
    /// None; the rendered document said which status to pretend.
    Mock {
        mappings: &'r Mappings,
        status: i64,
    },
    LambdaProxy {
        target: &'r FunctionTarget,
        event: Bytes,
    },
    Lambda {
        target: &'r FunctionTarget,
        mappings: &'r Mappings,
        payload: Bytes,
        invocation_type: InvocationType,
    },
    LambdaStream {
        target: &'r FunctionTarget,
        event: Bytes,
        idle_timeout: Duration,
    },
    AwsService {
        mappings: &'r Mappings,
        request: ServiceRequest<'r>,
    },
    HttpProxy {
        request: Box<HttpRequest>,
        transfer: Transfer,
    },
    Http {
        mappings: &'r Mappings,
        request: Box<HttpRequest>,
    },
}

/// Checks a request against its method's declarations.
pub(crate) fn validate<'r>(received: Received<'r>, trace: &mut Trace) -> Result<Validated<'r>, Failure> {
    let routed = received.routed;
    routed.method.validation.check(&routed.exchange(), received.read())?;
    trace.explain(|| Fact::Validated(routed.method.validation.checks()));
    Ok(Validated { received })
}

/// Makes the integration request.
pub(crate) fn map_request<'r>(
    validated: Validated<'r>,
    overrides: &mut Overrides,
    trace: &mut Trace,
) -> Result<IntegrationRequest<'r>, Failure> {
    let Received { routed, body } = validated.received;
    let integration = routed.method.integration.as_ref().map_err(Clone::clone)?;
    let kind = routed.stage.binary_media_types.kind_of(routed.head.headers.value_of(&header::CONTENT_TYPE).as_deref());
    let call = match &integration.backend {
        Backend::Mock(mappings) => {
            let mapped = apply(mappings, routed, (whole(body)?, kind), overrides, trace)?;
            Call::Mock { mappings, status: mapped.mock_status()? }
        }
        Backend::LambdaProxy(target) => Call::LambdaProxy { target, event: proxy_event(routed, &whole(body)?, kind) },
        Backend::LambdaStream { target, idle_timeout } => {
            let event = proxy_event(routed, &whole(body)?, kind);
            Call::LambdaStream { target, event, idle_timeout: *idle_timeout }
        }
        Backend::Lambda(target, mappings) => {
            let mapped = apply(mappings, routed, (whole(body)?, kind), overrides, trace)?;
            let invocation_type = invocation_type(&mapped.headers)?;
            let payload =
                if mapped.body.is_empty() { Bytes::from_static(EMPTY_DOCUMENT.as_bytes()) } else { mapped.body };
            Call::Lambda { target, mappings, payload, invocation_type }
        }
        Backend::AwsService(target, mappings) => {
            let mapped = apply(mappings, routed, (whole(body)?, kind), overrides, trace)?;
            Call::AwsService { mappings, request: ServiceRequest::new(&routed.exchange(), target, mapped)? }
        }
        Backend::HttpProxy(target, parameters) => {
            let request = proxied(routed, target, parameters, body, kind)?;
            Call::HttpProxy { request, transfer: target.transfer }
        }
        Backend::Http(target, mappings) => {
            let mapped = apply(mappings, routed, (whole(body)?, kind), overrides, trace)?;
            Call::Http { mappings, request: http_request(routed, target, mapped)? }
        }
    };
    let request = IntegrationRequest { routed, timeout_ms: integration.timeout_ms, call };
    if trace.is_recording()
        && let Some(called) = request.called()
    {
        trace.record(|| Fact::Called(called));
    }
    Ok(request)
}

fn proxy_event(routed: &Routed<'_>, body: &[u8], kind: PayloadKind) -> Bytes {
    let body = match kind {
        PayloadKind::Text => EventBody::Text(body),
        PayloadKind::Binary => EventBody::Base64(body),
    };
    event(routed, body).into()
}

/// A body that something must read. It always is whole then, as [`crate::request::body::receive`] decided.
fn whole(body: MessageBody) -> Result<Bytes, Failure> {
    match body {
        MessageBody::Whole(bytes) => Ok(bytes),
        MessageBody::Streaming(_) => {
            Err(Failure::configuration("Unable to transform request: the payload is streamed"))
        }
    }
}

/// The request of a proxy to an HTTP backend. A body that streams is one that nothing here reads.
fn proxied(
    routed: &Routed<'_>,
    target: &HttpTarget,
    parameters: &RequestMapping,
    body: MessageBody,
    kind: PayloadKind,
) -> Result<Box<HttpRequest>, Failure> {
    let exchange = routed.exchange();
    let (text, body) = match body {
        MessageBody::Streaming(_) => (None, body),
        MessageBody::Whole(bytes) => match convert_request(bytes, kind, target.content_handling)? {
            Payload::Text(text) if parameters.reads_body() => (Some(text.clone()), text.into()),
            Payload::Text(text) => (None, text.into()),
            Payload::Binary(bytes) => (None, bytes.into()),
        },
    };
    let mapped = Mapped::owned(parameters.apply(&exchange, text.as_deref().unwrap_or_default())?);
    http::request::proxied(routed, target, &mapped, body)
}

fn http_request(routed: &Routed<'_>, target: &HttpTarget, mut mapped: Mapped<'_>) -> Result<Box<HttpRequest>, Failure> {
    let body = std::mem::take(&mut mapped.body);
    http::request::custom(routed, target, &mapped, body)
}

/// Parameters and payload of an integration request, after every mapping and override.
#[derive(Debug, Default)]
pub(crate) struct Mapped<'r> {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) path: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// What made the body; absent when it passed.
    pub(crate) template: Option<&'r LoadedTemplate>,
}

impl Mapped<'_> {
    fn owned(mapped: MappedRequest<'_>) -> Self {
        Self {
            headers: owned(mapped.headers),
            query: owned(mapped.query),
            path: owned(mapped.path),
            body: Bytes::new(),
            template: None,
        }
    }

    /// The status that a mock is to pretend. A document that is the same for each request was read when its stage was loaded.
    fn mock_status(&self) -> Result<i64, Failure> {
        match self.template {
            Some(LoadedTemplate::Fixed(fixed)) => fixed.mock_status.clone(),
            Some(LoadedTemplate::Rendered(_) | LoadedTemplate::Broken(_)) | None => {
                mock_status(&String::from_utf8_lossy(&self.body))
            }
        }
    }
}

/// Applies the mappings of a custom integration to a request.
fn apply<'r>(
    mappings: &'r Mappings,
    routed: &Routed<'_>,
    (body, kind): (Bytes, PayloadKind),
    overrides: &mut Overrides,
    trace: &mut Trace,
) -> Result<Mapped<'r>, Failure> {
    let content_type = routed.head.headers.value_of(&header::CONTENT_TYPE);
    // Whether the body may pass comes before anything that could fail on it.
    let template = mappings.templates.for_request(content_type.as_deref(), mappings.passthrough).inspect_err(|_| {
        trace.explain(|| Fact::NoTemplate { templates: content_types(&mappings.templates) });
    })?;
    let payload = convert_request(body, kind, mappings.content_handling)?;
    let exchange = routed.exchange();
    let mut mapped = {
        let text = payload.as_text().unwrap_or_default();
        Mapped::owned(mappings.parameters.apply(&exchange, text)?)
    };
    mapped.template = template;
    mapped.body = match template {
        None => {
            let body = payload.into_bytes();
            trace.explain(|| passed(Phase::Request, &mappings.templates, &body));
            body
        }
        Some(template) => {
            let Payload::Text(text) = &payload else {
                return Err(Failure::configuration("Unable to transform request: a template needs a text payload"));
            };
            let input = TemplateInput { phase: Phase::Request, exchange, body: text };
            render(template, &input, overrides, trace)?.into()
        }
    };
    override_pairs(&mut mapped.headers, &overrides.request_header, str::eq_ignore_ascii_case);
    override_pairs(&mut mapped.query, &overrides.request_querystring, str::eq);
    override_pairs(&mut mapped.path, &overrides.request_path, str::eq);
    Ok(mapped)
}

/// Renders a template of either phase.
pub(crate) fn render(
    template: &LoadedTemplate,
    input: &TemplateInput<'_>,
    overrides: &mut Overrides,
    trace: &mut Trace,
) -> Result<String, Failure> {
    if trace.is_explaining() {
        return render_explained(template, input, overrides, trace);
    }
    rendered(template, input, overrides).map_err(|error| error.failure(input.phase))
}

/// Why a template gave nothing.
enum RenderError<'t> {
    Broken(&'t BrokenTemplate),
    Stopped(TemplateError),
}

impl RenderError<'_> {
    fn failure(&self, phase: Phase) -> Failure {
        match self {
            Self::Broken(broken) => broken.failure.clone(),
            Self::Stopped(error) => error.failure(phase),
        }
    }

    /// The reason with the source line and a caret, for a person.
    fn report(&self) -> String {
        match self {
            Self::Broken(broken) => broken.report.to_string(),
            Self::Stopped(error) => format!("{error:#}"),
        }
    }
}

fn rendered<'t>(
    template: &'t LoadedTemplate,
    input: &TemplateInput<'_>,
    overrides: &mut Overrides,
) -> Result<String, RenderError<'t>> {
    match template {
        LoadedTemplate::Fixed(fixed) => Ok(String::from(&*fixed.text)),
        LoadedTemplate::Broken(broken) => Err(RenderError::Broken(broken)),
        LoadedTemplate::Rendered(template) => {
            template.render(input, overrides, &vtl::Limits::default()).map_err(RenderError::Stopped)
        }
    }
}

/// Renders a template and tells the trace what went in and what came out.
fn render_explained(
    template: &LoadedTemplate,
    input: &TemplateInput<'_>,
    overrides: &mut Overrides,
    trace: &mut Trace,
) -> Result<String, Failure> {
    let started = Instant::now();
    let result = rendered(template, input, overrides);
    let took = started.elapsed();
    trace.explain(|| {
        Fact::Mapped(BodyMapping {
            phase: input.phase,
            by: MappedBy::Template { source: template.source().to_owned() },
            input: Bytes::copy_from_slice(input.body.as_bytes()),
            output: match &result {
                Ok(text) => Ok(Bytes::copy_from_slice(text.as_bytes())),
                Err(error) => Err(error.report()),
            },
            overridden: overrides.pairs(),
            took,
        })
    });
    result.map_err(|error| error.failure(input.phase))
}

/// A body that no template made.
pub(crate) fn passed(phase: Phase, templates: &TemplateSet<LoadedTemplate>, body: &Bytes) -> Fact {
    Fact::Mapped(BodyMapping {
        phase,
        by: MappedBy::Passthrough { templates: content_types(templates) },
        input: body.clone(),
        output: Ok(body.clone()),
        overridden: Vec::new(),
        took: std::time::Duration::ZERO,
    })
}

fn content_types(templates: &TemplateSet<LoadedTemplate>) -> Vec<String> {
    templates.content_types().map(str::to_owned).collect()
}

fn owned(pairs: Pairs<'_>) -> Vec<(String, String)> {
    if pairs.is_empty() {
        return Vec::new();
    }
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.into_owned())).collect()
}

fn override_pairs(
    pairs: &mut Vec<(String, String)>,
    overrides: &indexmap::IndexMap<String, String>,
    same: fn(&str, &str) -> bool,
) {
    for (name, value) in overrides {
        pairs.retain(|(known, _)| !same(known, name));
        pairs.push((name.clone(), value.clone()));
    }
}

fn invocation_type(headers: &[(String, String)]) -> Result<InvocationType, Failure> {
    let header = headers.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(INVOCATION_TYPE_HEADER));
    match header.map_or("RequestResponse", |(_, value)| value.as_str()) {
        "RequestResponse" => Ok(InvocationType::RequestResponse),
        "Event" => Ok(InvocationType::Event),
        "DryRun" => Ok(InvocationType::DryRun),
        other => {
            // The value may be the client's, and logs have lines.
            let other = other.escape_debug();
            Err(Failure::configuration(format!("Invalid {INVOCATION_TYPE_HEADER}: {other}")))
        }
    }
}

impl IntegrationRequest<'_> {
    /// The call as a trace tells it; a mock makes none.
    fn called(&self) -> Option<fact::IntegrationRequest> {
        let (url, headers, body, function): (Cow<'_, str>, HeaderPairs<'_>, Bytes, Option<&FunctionTarget>) =
            match &self.call {
                // A service's call is told of when it is signed.
                Call::Mock { .. } | Call::AwsService { .. } => return None,
                Call::LambdaProxy { target, event } | Call::LambdaStream { target, event, .. } => {
                    ((&*target.url).into(), self.function_headers(), event.clone(), Some(target))
                }
                Call::Lambda { target, payload, .. } => {
                    ((&*target.url).into(), self.function_headers(), payload.clone(), Some(target))
                }
                Call::HttpProxy { request, .. } | Call::Http { request, .. } => {
                    (request.url().into(), request.header_pairs(), request.body(), None)
                }
            };
        let headers = fact::owned(headers);
        let function = function.map(|target| self.called_function(target));
        Some(fact::IntegrationRequest { url: url.into_owned(), headers, body, function })
    }

    fn called_function(&self, target: &FunctionTarget) -> CalledFunction {
        let (role, source_arn) = match target.authority(self.routed.context.http_method) {
            Authority::Role { arn, source_arn, .. } => (Some(arn), source_arn),
            Authority::Gateway { source_arn, .. } => (None, source_arn),
        };
        CalledFunction { arn: target.function_arn.to_string(), source_arn, role }
    }

    /// The headers that tell a function's service about the call.
    fn function_headers(&self) -> HeaderPairs<'_> {
        let context = &self.routed.context;
        vec![
            ("x-amzn-lambda-integration-tag".into(), context.request_id.into()),
            ("x-amzn-apigateway-api-id".into(), context.api_id.into()),
            ("Accept".into(), "application/json".into()),
            ("User-Agent".into(), format!("AmazonAPIGateway_{}", context.api_id).into()),
            ("X-Amzn-Trace-Id".into(), context.trace_id.into()),
            ("Content-Type".into(), "application/json".into()),
        ]
    }
}
