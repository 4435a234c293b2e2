//! From the integration response to the method response: selection, templates, headers, overrides.
//!
//! Developer Guide, "Set up an integration response in API Gateway". Proxies' answers pass, but for the headers that the gateway
//! keeps for itself.

use bytes::Bytes;
use http::header;

use crate::{
    Failure,
    content_handling::{Payload, PayloadKind, convert_response},
    integrate::{IntegrationResponse, Reply, lambda_proxy::response::ProxyResponse},
    map_request::{passed, render},
    message_body::MessageBody,
    overrides::Overrides,
    parameter_mapping::IntegrationAnswer,
    request::{Headers, KnownHeader, head},
    respond::{
        JSON,
        remap::{self, ResponsePath},
    },
    route::Routed,
    stage::{LoadedResponse, Mappings},
    template::{Phase, TemplateInput},
    trace::{Fact, Trace, fact},
};

/// The largest body that goes to a client, in bytes: the quota "Payload size" of API Gateway.
pub const RESPONSE_BYTES_MAX: usize = 10 * 1024 * 1024;
/// Lower status codes announce a response and are none; 101 would even hand the connection over.
pub(crate) const FINAL_STATUS_MIN: u16 = 200;
const CONTENT_TYPE: KnownHeader = KnownHeader::new("content-type", "Content-Type");

/// What the client is to get, before the gateway's own headers.
#[derive(Debug)]
pub(crate) struct MethodResponse {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: MessageBody,
}

/// What an integration answered, as the mappings of a custom integration take it.
struct Answer {
    headers: Headers,
    body: Bytes,
    kind: PayloadKind,
}

/// Makes the method response.
pub(crate) fn map_response(
    response: IntegrationResponse<'_>,
    overrides: &mut Overrides,
    trace: &mut Trace,
) -> Result<MethodResponse, Failure> {
    let IntegrationResponse { routed, reply } = response;
    let mut method_response = match reply {
        Reply::Mock { mappings, status } => mocked(routed, mappings, status, overrides, trace)?,
        Reply::Mapped { mappings, selector, status, headers, body } => {
            let selected = select(mappings, &selector, itoa::Buffer::new().format(status), trace)?;
            let kind = routed.stage.binary_media_types.kind_of(headers.value_of(&header::CONTENT_TYPE).as_deref());
            let mut response = mapped(routed, selected, Answer { headers, body, kind }, overrides, trace)?;
            set_trace(&mut response.headers, routed);
            response
        }
        Reply::LambdaProxy { payload } => {
            let response = lambda_proxied(routed, &payload)?;
            trace.proxied(response.status);
            response
        }
        Reply::LambdaStream { metadata, body } => {
            let mut headers = metadata.client_headers();
            set_trace(&mut headers, routed);
            trace.proxied(metadata.status);
            MethodResponse { status: metadata.status, headers, body }
        }
        Reply::HttpProxy { status, mut headers, body } => {
            headers.rename(remap::from_http_proxy);
            MethodResponse { status, headers, body }
        }
    };
    if method_response.status < FINAL_STATUS_MIN {
        return Err(Failure::configuration(format!("Invalid status code: {}", method_response.status)));
    }
    if method_response.body.as_whole().is_some_and(|body| body.len() > RESPONSE_BYTES_MAX) {
        return Err(Failure::ResponseTooLarge { limit: RESPONSE_BYTES_MAX });
    }
    if !method_response.headers.has(&header::CONTENT_TYPE) {
        method_response.headers.append_known(&CONTENT_TYPE, JSON);
    }
    trace.record(|| method_response.told());
    Ok(method_response)
}

/// The integration response for a text; what was tried is told.
fn select<'r>(
    mappings: &'r Mappings,
    text: &str,
    backend_status: &str,
    trace: &mut Trace,
) -> Result<&'r LoadedResponse, Failure> {
    let selected = mappings.select(text, backend_status);
    trace.explain(|| Fact::Selected(mappings.selection(text)));
    selected
}

fn mocked(
    routed: &Routed<'_>,
    mappings: &Mappings,
    status: i64,
    overrides: &mut Overrides,
    trace: &mut Trace,
) -> Result<MethodResponse, Failure> {
    let mut digits = itoa::Buffer::new();
    let status = digits.format(status);
    let selected = select(mappings, status, status, trace)?;
    let answer = Answer { headers: Headers::default(), body: Bytes::new(), kind: PayloadKind::Text };
    mapped(routed, selected, answer, overrides, trace)
}

fn mapped(
    routed: &Routed<'_>,
    selected: &LoadedResponse,
    answer: Answer,
    overrides: &mut Overrides,
    trace: &mut Trace,
) -> Result<MethodResponse, Failure> {
    let accept = routed.head.headers.value_of(&header::ACCEPT);
    let template = selected.templates.for_response(accept.as_deref());
    let accepted = routed.stage.binary_media_types.kind_accepted(accept.as_deref());
    let payload = if answer.body.is_empty() {
        Payload::Text(String::new())
    } else {
        convert_response(answer.body, answer.kind, accepted, selected.content_handling)?
    };
    let exchange = routed.exchange();
    let mut headers = Headers::default();
    {
        let answer = IntegrationAnswer { headers: &answer.headers, body: payload.as_text().unwrap_or_default() };
        for (name, value) in selected.parameters.apply(&answer, &exchange)? {
            if let Some(name) = remap::client_name(ResponsePath::Custom, name) {
                headers.append(&name, &value);
            }
        }
    }
    let body = match template {
        None => {
            let body = payload.into_bytes();
            trace.explain(|| passed(Phase::Response, &selected.templates, &body));
            body
        }
        Some(template) => {
            let Payload::Text(text) = &payload else {
                return Err(Failure::configuration("Unable to transform response: a template needs a text payload"));
            };
            let input = TemplateInput { phase: Phase::Response, exchange, body: text };
            Bytes::from(render(template, &input, overrides, trace)?)
        }
    };
    for (name, value) in &overrides.response_header {
        if let Some(name) = remap::client_name(ResponsePath::Custom, name) {
            headers.set(&name, value);
        }
    }
    let status = overrides.response_status.unwrap_or(selected.status);
    Ok(MethodResponse { status, headers, body: body.into() })
}

fn lambda_proxied(routed: &Routed<'_>, payload: &[u8]) -> Result<MethodResponse, Failure> {
    let response = ProxyResponse::parse(payload)?;
    let accept = routed.head.headers.value_of(&header::ACCEPT);
    let decode = routed.stage.binary_media_types.kind_accepted(accept.as_deref()) == PayloadKind::Binary;
    let status = response.status;
    let mut headers = response.client_headers();
    set_trace(&mut headers, routed);
    Ok(MethodResponse { status, headers, body: response.into_body(decode)?.into() })
}

/// Backends that take a trace on are shown to the client, unless they speak of it themselves.
fn set_trace(headers: &mut Headers, routed: &Routed<'_>) {
    if !headers.has(&head::TRACE_ID) {
        headers.prepend("X-Amzn-Trace-Id", routed.context.trace_id);
    }
}

impl MethodResponse {
    /// The response as a trace tells it.
    fn told(&self) -> Fact {
        Fact::Responded(fact::MethodResponse {
            status: self.status,
            headers: fact::pairs(&self.headers),
            body: self.body.as_whole().cloned(),
        })
    }
}
