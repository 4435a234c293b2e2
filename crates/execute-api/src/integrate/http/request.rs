//! The request that goes to an HTTP backend: its URL and headers.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header};

use super::{
    upload::{SentBody, UploadProgress},
    url::Destination,
};
use crate::{
    Failure,
    map_request::Mapped,
    message_body::MessageBody,
    request::header_text,
    route::Routed,
    stage::{BackendSecurity, HttpTarget},
};

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
const API_ID: HeaderName = HeaderName::from_static("x-amzn-apigateway-api-id");
/// How many headers a proxy's request gains.
const HEADERS_ADDED: usize = 4;

/// Names and values of headers, for the execution log.
pub(crate) type HeaderPairs<'h> = Vec<(Cow<'h, str>, Cow<'h, str>)>;

/// A request to an HTTP backend, complete but for its connection. It is large and changes hands often, so it is boxed.
#[derive(Debug)]
pub(crate) struct HttpRequest {
    pub(super) destination: Destination,
    /// With the target in origin form.
    pub(super) request: Request<SentBody>,
}

impl HttpRequest {
    /// A request whose headers are all there, `host` among them; `url` is absolute.
    ///
    /// # Errors
    /// [`Failure::ApiConfiguration`] when the URL is none that may be called.
    pub(crate) fn complete(method: Method, url: String, headers: HeaderMap, body: Bytes) -> Result<Box<Self>, Failure> {
        let destination = Destination::parse(url, &BackendSecurity::default())?;
        Ok(Self::assemble(destination, method, headers, body.into()))
    }

    /// A request with these headers, but for the length, which is the body's own, and `Host`, which is the destination's unless
    /// given.
    fn assemble(destination: Destination, method: Method, mut headers: HeaderMap, body: MessageBody) -> Box<Self> {
        if !headers.contains_key(header::HOST) {
            put(&mut headers, header::HOST, destination.host.clone());
        }
        // The length follows from the body; one that came along could contradict it.
        headers.remove(header::CONTENT_LENGTH);
        let mut request = Request::new(SentBody::from(body));
        *request.method_mut() = method;
        *request.uri_mut() = destination.target.clone().into();
        *request.headers_mut() = headers;
        Box::new(Self { destination, request })
    }

    /// The backend's URL.
    pub(crate) fn url(&self) -> String {
        self.destination.url()
    }

    /// The payload; empty while it is still being received.
    pub(crate) fn body(&self) -> Bytes {
        match self.request.body() {
            SentBody::Whole(bytes) => bytes.clone(),
            SentBody::Streaming { .. } => Bytes::new(),
        }
    }

    /// The progress of a body that is sent while it arrives.
    pub(super) fn upload(&self) -> Option<Arc<UploadProgress>> {
        self.request.body().progress()
    }

    /// The headers as text.
    pub(crate) fn header_pairs(&self) -> HeaderPairs<'_> {
        self.request.headers().iter().map(|(name, value)| (name.as_str().into(), header_text(value))).collect()
    }
}

/// The request of a custom integration: what the mappings set, and the defaults.
pub(crate) fn custom(
    routed: &Routed<'_>,
    target: &HttpTarget,
    mapped: &Mapped<'_>,
    body: Bytes,
) -> Result<Box<HttpRequest>, Failure> {
    let method = backend_method(routed, target);
    let without_body = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let body = if without_body { Bytes::new() } else { body };
    let mut headers = HeaderMap::new();
    put(&mut headers, header::ACCEPT, JSON);
    if !without_body {
        let client = routed.head.headers.get_raw("content-type");
        put(&mut headers, header::CONTENT_TYPE, client.cloned().unwrap_or(JSON));
    }
    replace_all(&mut headers, &mapped.headers);
    // What a template says of the request's origin does not count: backends trust the gateway's word.
    headers.remove(&TRACE_ID);
    put_identity(&mut headers, routed, target);
    let destination = target.url.fill(&mapped.path, mapped.query.iter())?;
    Ok(HttpRequest::assemble(destination, method, headers, body.into()))
}

/// The request of a proxy integration: the client's, and on top of it what the mappings set.
pub(crate) fn proxied(
    routed: &Routed<'_>,
    target: &HttpTarget,
    mapped: &Mapped<'_>,
    body: MessageBody,
) -> Result<Box<HttpRequest>, Failure> {
    let mut headers = HeaderMap::with_capacity(routed.head.headers.count() + HEADERS_ADDED);
    for field in routed.head.headers.iter() {
        if !is_kept_back(field.key()) {
            join(&mut headers, field.key(), field.raw_value());
        }
    }
    put_identity(&mut headers, routed, target);
    replace_all(&mut headers, &mapped.headers);
    let destination = target.url.fill(&mapped.path, routed.head.query.0.iter().chain(&mapped.query))?;
    Ok(HttpRequest::assemble(destination, backend_method(routed, target), headers, body))
}

fn backend_method(routed: &Routed<'_>, target: &HttpTarget) -> Method {
    target.http_method.clone().unwrap_or_else(|| routed.head.method.clone())
}

/// Whether a client's header does not go on to an HTTP backend.
fn is_kept_back(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "host"
            | "expect"
            | "proxy-authenticate"
            | "te"
            | "via"
            | "connection"
            | "content-encoding"
            | "keep-alive"
            | "proxy-connection"
    )
}

/// Whether a header is dropped even when a mapping or a template sets it.
fn is_never_sent(name: &HeaderName) -> bool {
    matches!(
        name.as_str(),
        "expect" | "proxy-authenticate" | "te" | "via" | "connection" | "transfer-encoding" | "upgrade"
    )
}

/// What tells the backend who calls.
fn put_identity(headers: &mut HeaderMap, routed: &Routed<'_>, target: &HttpTarget) {
    if !headers.contains_key(header::USER_AGENT) {
        put(headers, header::USER_AGENT, target.user_agent.clone());
    }
    // A proxy's request has it among the client's.
    if !headers.contains_key(&TRACE_ID)
        && let Ok(trace_id) = HeaderValue::from_str(routed.context.trace_id)
    {
        put(headers, TRACE_ID, trace_id);
    }
    put(headers, API_ID, target.api_id.clone());
}

/// Puts mapped values in place of what was there; several values of one name all stay.
fn replace_all(headers: &mut HeaderMap, mapped: &[(String, String)]) {
    for (name, _) in mapped {
        headers.remove(name);
    }
    for (name, value) in mapped {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
            && !is_never_sent(&name)
        {
            // A map that is full, after some ten thousand fields set by a template, takes no more.
            let _ = headers.try_append(name, value);
        }
    }
}

/// Adds a value; a name that is there already gets it after a comma.
fn join(headers: &mut HeaderMap, name: &HeaderName, value: &HeaderValue) {
    let Some(known) = headers.get_mut(name) else { return put(headers, name.clone(), value.clone()) };
    let joined = [known.as_bytes(), b",", value.as_bytes()].concat();
    if let Ok(joined) = HeaderValue::from_maybe_shared(Bytes::from(joined)) {
        *known = joined;
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    // A map that is full takes no more; the listener's limits keep heads far below that.
    let _ = headers.try_insert(name, value);
}

#[cfg(test)]
mod tests;
