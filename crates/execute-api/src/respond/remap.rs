//! Response headers that the gateway keeps for itself: a backend's are renamed `x-amzn-Remapped-…`, or dropped.
//!
//! Developer Guide, "Amazon API Gateway important notes for REST APIs".

use std::borrow::Cow;

use http::HeaderName;

/// The way on which a backend's header reaches the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ResponsePath {
    /// Set by a mapping or an override of a custom integration.
    Custom,
    /// From a proxy function.
    LambdaProxy,
}

const CUSTOM_REMAPPED: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "expect",
    "host",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "trailer",
    "upgrade",
    "user-agent",
    "www-authenticate",
];
const CUSTOM_DROPPED: &[&str] = &["transfer-encoding"];
const LAMBDA_PROXY_REMAPPED: &[&str] = &[
    "authorization",
    "connection",
    "content-length",
    "content-md5",
    "date",
    "max-forwards",
    "server",
    "user-agent",
    "www-authenticate",
];
const LAMBDA_PROXY_DROPPED: &[&str] =
    &["expect", "host", "proxy-authenticate", "te", "transfer-encoding", "trailer", "upgrade"];

/// The name under which the client gets a header; `None` when it does not get it.
pub(crate) fn client_name(path: ResponsePath, name: &str) -> Option<Cow<'_, str>> {
    let (remapped, dropped) = match path {
        ResponsePath::Custom => (CUSTOM_REMAPPED, CUSTOM_DROPPED),
        ResponsePath::LambdaProxy => (LAMBDA_PROXY_REMAPPED, LAMBDA_PROXY_DROPPED),
    };
    let is_in = |names: &[&str]| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    if is_in(dropped) || !is_header_name(name) {
        return None;
    }
    Some(if is_in(remapped) { Cow::Owned(format!("x-amzn-Remapped-{name}")) } else { Cow::Borrowed(name) })
}

/// The name under which the client gets a header of an HTTP backend whose answer passes; `None` when it does not get it.
pub(crate) fn from_http_proxy(name: &HeaderName) -> Option<HeaderName> {
    let remapped = match name.as_str() {
        "connection" => "x-amzn-remapped-connection",
        "content-length" => "x-amzn-remapped-content-length",
        "date" => "x-amzn-remapped-date",
        "server" => "x-amzn-remapped-server",
        "x-amzn-requestid" => "x-amzn-remapped-x-amzn-requestid",
        "www-authenticate" => "x-amzn-remapped-www-authenticate",
        "authorization" => "x-amzn-remapped-authorization",
        "content-md5" => "x-amzn-remapped-content-md5",
        "max-forwards" => "x-amzn-remapped-max-forwards",
        "user-agent" => "x-amzn-remapped-user-agent",
        // Those of the backend's connection mean nothing on the client's.
        "transfer-encoding" | "via" | "keep-alive" | "trailer" | "upgrade" | "proxy-authenticate" => return None,
        _ => return Some(name.clone()),
    };
    Some(HeaderName::from_static(remapped))
}

/// A function or mapping may name a header as no header can be named; such a one cannot be sent.
fn is_header_name(name: &str) -> bool {
    HeaderName::from_bytes(name.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests;
