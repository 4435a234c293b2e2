//! A backend's URL: parsed when its stage is loaded, as far as no request is needed for it.

use std::sync::Arc;

use bytes::Bytes;
use http::{
    HeaderValue, Uri,
    uri::{Authority, PathAndQuery},
};

use crate::{Failure, stage::BackendSecurity};

/// The lowest port besides 80 and 443 that a backend may listen on.
const UNPRIVILEGED_PORT_MIN: u16 = 1024;
const HTTP_PORT: u16 = 80;
const HTTPS_PORT: u16 = 443;

/// A URL with `{name}` still to be replaced.
#[derive(Debug)]
pub(crate) struct BackendUrl {
    template: Box<str>,
    security: BackendSecurity,
    /// Absent when host or port depend on the request, or are none.
    fixed: Option<Fixed>,
}

/// The part of a URL that no request changes.
#[derive(Debug)]
struct Fixed {
    origin: Arc<Origin>,
    host: HeaderValue,
    /// Where the path begins in the template.
    path_at: usize,
}

/// Whom a connection leads to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    /// Lower case, an IPv6 address without brackets.
    pub(super) host: Box<str>,
    pub(super) port: u16,
    /// Absent on `http`.
    pub(super) tls: Option<BackendSecurity>,
}

/// Where a request goes.
#[derive(Debug, Clone)]
pub(crate) struct Destination {
    pub(super) origin: Arc<Origin>,
    /// The value of `Host`: the URL's authority without credentials.
    pub(super) host: HeaderValue,
    pub(super) target: PathAndQuery,
}

impl BackendUrl {
    /// Takes a template. One that cannot become a URL is told to each request.
    pub(crate) fn compile(template: &str, security: BackendSecurity) -> Self {
        let fixed = Fixed::of(template, &security);
        Self { template: template.into(), security, fixed }
    }

    /// Puts path values in, raw, and appends the query, encoded. A `{name}` without a value stays as it is.
    pub(super) fn fill<'q>(
        &self,
        path: &[(String, String)],
        query: impl Iterator<Item = &'q (String, String)>,
    ) -> Result<Destination, Failure> {
        let Some(fixed) = &self.fixed else {
            let mut url = filled(&self.template, path);
            append_query(&mut url, query);
            return Destination::parse(url, &self.security);
        };
        let mut target = filled(&self.template[fixed.path_at..], path);
        if !target.starts_with('/') {
            target.insert(0, '/');
        }
        append_query(&mut target, query);
        let target = PathAndQuery::from_maybe_shared(Bytes::from(target)).map_err(|_| Failure::invalid_endpoint())?;
        Ok(Destination { origin: Arc::clone(&fixed.origin), host: fixed.host.clone(), target })
    }
}

impl Fixed {
    fn of(template: &str, security: &BackendSecurity) -> Option<Self> {
        let (scheme, rest) = template.split_once("://")?;
        let authority_at = scheme.len() + "://".len();
        let path_at = authority_at + rest.find(['/', '?', '#']).unwrap_or(rest.len());
        if template[..path_at].contains(['{', '}']) {
            return None;
        }
        let Destination { origin, host, .. } = Destination::parse(template[..path_at].to_owned(), security).ok()?;
        Some(Self { origin, host, path_at })
    }
}

impl Destination {
    /// Takes a complete URL apart.
    ///
    /// # Errors
    /// [`Failure::ApiConfiguration`] when it is no `http` or `https` URL, or names a port that is not allowed.
    pub(crate) fn parse(url: String, security: &BackendSecurity) -> Result<Self, Failure> {
        let uri = Uri::from_maybe_shared(Bytes::from(url)).map_err(|_| Failure::invalid_endpoint())?;
        let (tls, default_port) = match uri.scheme_str() {
            Some("https") => (Some(security.clone()), HTTPS_PORT),
            Some("http") => (None, HTTP_PORT),
            Some(_) | None => return Err(Failure::invalid_endpoint()),
        };
        let port = uri.port_u16().unwrap_or(default_port);
        if !matches!(port, HTTP_PORT | HTTPS_PORT) && port < UNPRIVILEGED_PORT_MIN {
            return Err(Failure::invalid_endpoint());
        }
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
        if host.is_empty() {
            return Err(Failure::invalid_endpoint());
        }
        let origin = Arc::new(Origin { host: host.into(), port, tls });
        let authority = uri.authority().map(Authority::as_str).unwrap_or_default();
        let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        let host = HeaderValue::from_str(authority).map_err(|_| Failure::invalid_endpoint())?;
        let target = uri.into_parts().path_and_query.unwrap_or_else(|| PathAndQuery::from_static("/"));
        Ok(Self { origin, host, target })
    }

    /// The URL, for the execution log.
    pub(super) fn url(&self) -> String {
        let scheme = if self.origin.tls.is_some() { "https" } else { "http" };
        let host = self.host.to_str().unwrap_or_default();
        format!("{scheme}://{host}{}", self.target)
    }
}

/// Puts path values in, raw. A `{name}` without a value stays as it is.
pub(crate) fn filled(template: &str, path: &[(String, String)]) -> String {
    let mut url = String::with_capacity(template.len() + path.iter().map(|(_, value)| value.len()).sum::<usize>() + 1);
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
    url
}

fn append_query<'q>(url: &mut String, query: impl Iterator<Item = &'q (String, String)>) {
    let mut query = query.peekable();
    if query.peek().is_none() {
        return;
    }
    url.push(if url.contains('?') { '&' } else { '?' });
    let end = url.len();
    let mut encoded = form_urlencoded::Serializer::for_suffix(std::mem::take(url), end);
    encoded.extend_pairs(query);
    *url = encoded.finish();
}

#[cfg(test)]
mod tests;
