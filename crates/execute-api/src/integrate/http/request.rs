//! The request that goes to an HTTP backend: its URL and headers.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header};
use http_body_util::Full;

use crate::{
    Failure,
    map_request::Mapped,
    request::header_text,
    route::Routed,
    stage::{CertificateVerification, HttpTarget},
};

/// Client headers that do not go on to an HTTP backend, in lower case.
const NOT_PROXIED: [&str; 9] = [
    "host",
    "expect",
    "proxy-authenticate",
    "te",
    "via",
    "connection",
    "content-encoding",
    "keep-alive",
    "proxy-connection",
];
/// Headers that are dropped even when a mapping or a template sets them.
const NOT_SENT: [&str; 7] = ["expect", "proxy-authenticate", "te", "via", "connection", "transfer-encoding", "upgrade"];
/// The lowest port besides 80 and 443 that a backend may listen on.
const UNPRIVILEGED_PORT_MIN: u16 = 1024;

/// Names and values of headers, for the execution log.
pub(crate) type HeaderPairs<'h> = Vec<(Cow<'h, str>, Cow<'h, str>)>;

/// A request to an HTTP backend, complete but for its connection.
#[derive(Debug)]
pub(crate) struct HttpRequest {
    pub(super) origin: Origin,
    /// With the target in origin form.
    pub(super) request: Request<Full<Bytes>>,
    url: String,
    body: Bytes,
}

/// Whom a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// Lower case, an IPv6 address without brackets.
    pub(super) host: String,
    pub(super) port: u16,
    /// Absent on `http`.
    pub(super) tls: Option<CertificateVerification>,
}

impl HttpRequest {
    /// A request whose headers are all there, `host` among them; `url` is absolute.
    pub(crate) fn complete(method: Method, url: String, headers: HeaderMap, body: Bytes) -> Result<Self, Failure> {
        let invalid = || Failure::configuration("Invalid endpoint address");
        let uri: Uri = url.parse().map_err(|_| invalid())?;
        let origin = Origin::of(&uri, CertificateVerification::Full).ok_or_else(invalid)?;
        let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let mut request = Request::new(Full::new(body.clone()));
        *request.method_mut() = method;
        *request.uri_mut() = path.parse().map_err(|_| invalid())?;
        *request.headers_mut() = headers;
        Ok(Self { origin, request, url, body })
    }

    /// The backend's URL.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The payload.
    pub(crate) fn body(&self) -> &[u8] {
        &self.body
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
    mapped: &Mapped,
    body: Bytes,
) -> Result<HttpRequest, Failure> {
    let method = backend_method(routed, target);
    let without_body = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
    let body = if without_body { Bytes::new() } else { body };
    let mut headers = Fields::default();
    headers.set("accept", "application/json");
    if !without_body {
        let client = routed.head.headers.get("content-type");
        headers.set("content-type", client.as_deref().unwrap_or("application/json"));
    }
    build(routed, target, method, headers, &[], mapped, body)
}

/// The request of a proxy integration: the client's, and on top of it what the mappings set.
pub(crate) fn proxied(
    routed: &Routed<'_>,
    target: &HttpTarget,
    mapped: &Mapped,
    body: Bytes,
) -> Result<HttpRequest, Failure> {
    let mut headers = Fields::default();
    for field in routed.head.headers.iter() {
        if !NOT_PROXIED.iter().any(|name| field.name().eq_ignore_ascii_case(name)) {
            headers.join(field.name(), &field.value());
        }
    }
    build(routed, target, backend_method(routed, target), headers, &routed.head.query.0, mapped, body)
}

fn backend_method(routed: &Routed<'_>, target: &HttpTarget) -> Method {
    let fixed = target.http_method.and_then(|method| Method::from_bytes(method.as_str().as_bytes()).ok());
    fixed.unwrap_or_else(|| routed.head.method.clone())
}

fn build(
    routed: &Routed<'_>,
    target: &HttpTarget,
    method: Method,
    mut headers: Fields,
    query: &[(String, String)],
    mapped: &Mapped,
    body: Bytes,
) -> Result<HttpRequest, Failure> {
    let invalid = || Failure::configuration("Invalid endpoint address");
    let url = url(&target.url, &mapped.path, query.iter().chain(&mapped.query));
    let uri: Uri = url.parse().map_err(|_| invalid())?;
    let origin = Origin::of(&uri, target.verification).ok_or_else(invalid)?;
    let authority = uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host).to_owned();
    if !headers.contains("user-agent") {
        headers.set("user-agent", &format!("AmazonAPIGateway_{}", routed.context.api_id));
    }
    headers.set("host", &host);
    headers.replace_all(&mapped.headers);
    headers.set("x-amzn-trace-id", routed.context.trace_id);
    headers.set("x-amzn-apigateway-api-id", routed.context.api_id);
    let path = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let mut request = Request::new(Full::new(body.clone()));
    *request.method_mut() = method;
    *request.uri_mut() = path.parse().map_err(|_| invalid())?;
    for (name, value) in headers.fields {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            // A map that is full, after some ten thousand fields set by a template, takes no more.
            let _ = request.headers_mut().try_append(name, value);
        }
    }
    // The length follows from the body; one that came along could contradict it.
    request.headers_mut().remove(header::CONTENT_LENGTH);
    Ok(HttpRequest { origin, request, url, body })
}

/// Puts path values in, raw, and appends the query, encoded. A `{name}` without a value stays as it is.
fn url<'q>(template: &str, path: &[(String, String)], query: impl Iterator<Item = &'q (String, String)>) -> String {
    let mut url = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(open) = rest.find('{') {
        url.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let value = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = path.iter().rev().find(|(known, _)| known == name)?;
            Some((value.as_str(), after))
        });
        let (value, after) = value.unwrap_or(("{", after));
        url.push_str(value);
        rest = after;
    }
    url.push_str(rest);
    let mut encoded = form_urlencoded::Serializer::new(String::new());
    encoded.extend_pairs(query);
    let encoded = encoded.finish();
    if !encoded.is_empty() {
        url.push(if url.contains('?') { '&' } else { '?' });
        url.push_str(&encoded);
    }
    url
}

impl Origin {
    fn of(uri: &Uri, verification: CertificateVerification) -> Option<Self> {
        let (tls, default_port) = match uri.scheme_str()? {
            "https" => (Some(verification), 443),
            "http" => (None, 80),
            _ => return None,
        };
        let port = uri.port_u16().unwrap_or(default_port);
        let allowed = matches!(port, 80 | 443) || port >= UNPRIVILEGED_PORT_MIN;
        let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        (allowed && !host.is_empty()).then_some(Self { host, port, tls })
    }
}

/// Header fields on their way to the backend; names compare without letter case.
#[derive(Debug, Default)]
struct Fields {
    fields: Vec<(String, String)>,
}

impl Fields {
    fn contains(&self, name: &str) -> bool {
        self.fields.iter().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    fn set(&mut self, name: &str, value: &str) {
        self.fields.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        self.fields.push((name.to_owned(), value.to_owned()));
    }

    /// Adds a value; a name that is there already gets it after a comma.
    fn join(&mut self, name: &str, value: &str) {
        match self.fields.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, joined)) => {
                joined.push(',');
                joined.push_str(value);
            }
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
    }

    /// Puts mapped values in place of what was there; several values of one name all stay.
    fn replace_all(&mut self, mapped: &[(String, String)]) {
        let is_mapped = |name: &str| mapped.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
        self.fields.retain(|(name, _)| !is_mapped(name));
        let sent = mapped.iter().filter(|(name, _)| !NOT_SENT.iter().any(|dropped| name.eq_ignore_ascii_case(dropped)));
        self.fields.extend(sent.cloned());
    }
}

#[cfg(test)]
mod tests;
