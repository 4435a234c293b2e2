//! The request that goes to a service, as far as it is known before the endpoint and the credentials are.

use std::borrow::Cow;

use bytes::Bytes;
use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::catalogue::{Protocol, host_prefix};
use crate::{
    Failure,
    exchange::Exchange,
    integrate::http::url::filled,
    map_request::Mapped,
    stage::{ServiceTarget, Spec},
};

/// What Signature Version 4 leaves bare in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What it leaves bare in a path; what is percent-encoded already stays so.
const PATH: &AsciiSet = &QUERY.remove(b'/').remove(b'%');
/// The media type of flat parameters.
pub(super) const FORM: &str = "application/x-www-form-urlencoded";

/// Headers that no mapping and no template sets: they belong to the connection, or the gateway vouches for them.
const NOT_SENT: [&str; 15] = [
    "authorization",
    "connection",
    "content-length",
    "expect",
    "host",
    "proxy-authenticate",
    "referer",
    "te",
    "transfer-encoding",
    "upgrade",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-security-token",
    "x-amz-source-arn",
    "x-amzn-apigateway-api-id",
];

/// A request to a service, complete but for its endpoint and signature.
#[derive(Debug)]
pub(crate) struct ServiceRequest<'r> {
    pub(super) target: &'r ServiceTarget,
    pub(super) method: Method,
    /// Starting with a slash, as it goes on the wire.
    pub(super) path: String,
    /// Without the question mark; empty if there is none.
    pub(super) query: String,
    /// Names as the log shows them; no two differ in case only.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// What AWS's own host of this call begins with.
    pub(super) host_prefix: &'static str,
    /// The method on whose behalf the call is made.
    pub(super) source_arn: String,
}

impl<'r> ServiceRequest<'r> {
    /// Makes the request from what the mappings set.
    pub(crate) fn new(
        exchange: &Exchange<'_>,
        target: &'r ServiceTarget,
        mut mapped: Mapped<'_>,
    ) -> Result<Self, Failure> {
        let context = exchange.context;
        let method = match target.http_method {
            Some(method) => method.as_str(),
            None => context.http_method,
        };
        let method = Method::from_bytes(method.as_bytes()).unwrap_or_default();
        let without_body = matches!(method, Method::GET | Method::HEAD | Method::OPTIONS);
        let body = if without_body { Bytes::new() } else { std::mem::take(&mut mapped.body) };
        let source_arn = target.source.arn(context.http_method);
        let mut request = Self {
            target,
            method,
            path: "/".to_owned(),
            query: String::new(),
            headers: Vec::with_capacity(8 + mapped.headers.len()),
            body,
            host_prefix: "",
            source_arn,
        };
        request.set("x-amzn-apigateway-api-id", context.api_id.to_owned());
        request.set("Accept", "application/json".to_owned());
        request.set("User-Agent", format!("AmazonAPIGateway_{}", context.api_id));
        if !without_body {
            let client = exchange.headers.value_of(&http::header::CONTENT_TYPE);
            request.set("Content-Type", client.as_deref().unwrap_or("application/json").to_owned());
        }
        let action = request.address(&mapped.path)?;
        if let (Some(action), Protocol::Json { target_prefix, content_type }) = (&action, &target.service.protocol) {
            request.set("X-Amz-Target", format!("{target_prefix}.{action}"));
            if !without_body {
                request.set("Content-Type", (*content_type).to_owned());
            }
        }
        let sent = |name: &str| !NOT_SENT.iter().any(|dropped| name.eq_ignore_ascii_case(dropped));
        for (name, value) in mapped.headers.into_iter().filter(|(name, _)| sent(name)) {
            request.set(&name, value);
        }
        request.set("X-Amzn-Trace-Id", context.trace_id.to_owned());
        request.set("X-Amz-Source-Arn", request.source_arn.clone());
        request.append_query(&mapped.query);
        if action.is_some() {
            request.name_version();
        }
        Ok(request)
    }

    /// Sets path and query as the URI spells them, and tells the action that it names.
    fn address(&mut self, values: &[(String, String)]) -> Result<Option<String>, Failure> {
        match &self.target.spec {
            Spec::Path(template) => {
                let filled = filled(template, values);
                let (path, query) = filled.split_once('?').unwrap_or((&filled, ""));
                if self.names_no_bucket(path) {
                    // A service that overlooks the second slash would find a bucket that no permission was asked for.
                    return Err(Failure::invalid_endpoint());
                }
                self.path = if self.target.service.is_s3() {
                    // S3 signs the one canonical spelling of a key, and to S3 dots are a key's, too.
                    format!("/{}", utf8_percent_encode(path, PATH))
                } else if path.split('/').any(is_dot_segment) {
                    // What a service makes of such segments is not what permissions were asked for.
                    return Err(Failure::invalid_endpoint());
                } else {
                    format!("/{path}")
                };
                query.clone_into(&mut self.query);
                Ok(None)
            }
            Spec::Action(template) => {
                let filled = filled(template, values);
                let action = filled.split('&').next().unwrap_or_default().to_owned();
                if action.is_empty() || !action.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                    return Err(Failure::invalid_endpoint());
                }
                self.host_prefix = host_prefix(&self.target.name, &action);
                self.query = format!("Action={filled}");
                Ok(Some(action))
            }
        }
    }

    /// Whether the bucket, where the path names it, is empty although a key follows.
    fn names_no_bucket(&self, path: &str) -> bool {
        self.target.service.is_s3() && self.target.subdomain.is_none() && path.starts_with('/')
    }

    fn append_query(&mut self, pairs: &[(String, String)]) {
        for (name, value) in pairs {
            if !self.query.is_empty() {
                self.query.push('&');
            }
            self.query.extend(utf8_percent_encode(name, QUERY));
            self.query.push('=');
            self.query.extend(utf8_percent_encode(value, QUERY));
        }
    }

    /// An action of the query protocol needs the API's version; whoever names none means the only one.
    fn name_version(&mut self) {
        let Protocol::Query { version: Some(version) } = &self.target.service.protocol else { return };
        if self.parameters().all(|(name, _)| name != "Version") {
            self.append_query(&[("Version".to_owned(), version.to_string())]);
        }
    }

    /// The parameters of the query, then those of a form in the body.
    pub(super) fn parameters(&self) -> impl Iterator<Item = (Cow<'_, str>, Cow<'_, str>)> {
        let content_type = self.header("content-type").unwrap_or_default();
        let is_form = content_type.trim_start().to_ascii_lowercase().starts_with(FORM);
        let form: &[u8] = if is_form { &self.body } else { &[] };
        form_urlencoded::parse(self.query.as_bytes()).chain(form_urlencoded::parse(form))
    }

    /// A header's value, by name in any case.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The path's segments, decoded; without the last if it is empty.
    pub(super) fn segments(&self) -> Vec<String> {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let decoded = |segment: &str| percent_decode_str(segment).decode_utf8_lossy().into_owned();
        if path.is_empty() { Vec::new() } else { path.split('/').map(decoded).collect() }
    }

    /// Path and query as they go on the wire.
    pub(super) fn path_and_query(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    fn set(&mut self, name: &str, value: String) {
        match self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, known)) => *known = value,
            None => self.headers.push((name.to_owned(), value)),
        }
    }
}

/// Whether a path segment means this or the upper folder, in any spelling.
fn is_dot_segment(segment: &str) -> bool {
    let decoded = percent_decode_str(segment).decode_utf8_lossy();
    decoded.split(['/', '\\']).any(|part| matches!(part, "." | ".."))
}

#[cfg(test)]
mod tests;
