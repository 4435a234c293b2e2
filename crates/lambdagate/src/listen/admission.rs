//! What every request must be before anyone is asked to answer it.
//!
//! The parser refuses what is no HTTP. Here is refused what is HTTP, but what a proxy in front of this process, or a backend behind
//! it, might read in another way: two hosts, none, or one that is no host, and bodies in transfer codings that nobody here undoes
//! (RFC 9112, 3.2, 6.1 and 11.2). Nobody tunnels through a gateway either.

use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, Version, header, request::Parts};

use execute_api::respond::ResponseBody;

use crate::serving::refusal;

/// Why a request is refused whomever it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Inadmissible {
    /// No host, several, two that differ, or something that is none.
    #[error("A request names one host")]
    Host,
    /// A transfer coding other than `chunked`.
    #[error("The only transfer coding is chunked")]
    TransferCoding,
    /// `CONNECT`.
    #[error("CONNECT is not allowed")]
    Tunnel,
}

/// Gives an HTTP/2 request's head the form of HTTP/1.1: its host in `Host`, its cookies in one field.
pub(crate) fn as_http1(head: &mut Parts) {
    if head.version == Version::HTTP_2 {
        take_authority(head);
        join_cookies(&mut head.headers);
    }
}

/// The fields of a head that say whether and how it is received.
#[derive(Debug, Default)]
pub(crate) struct Fields<'h> {
    host: Occurrence<'h>,
    transfer_coding: Occurrence<'h>,
    waits_for_continue: bool,
}

/// How often a field occurs.
#[derive(Debug, Default, Clone, Copy)]
enum Occurrence<'h> {
    #[default]
    Never,
    Once(&'h HeaderValue),
    Repeatedly,
}

impl<'h> Occurrence<'h> {
    fn again(self, value: &'h HeaderValue) -> Self {
        match self {
            Self::Never => Self::Once(value),
            Self::Once(_) | Self::Repeatedly => Self::Repeatedly,
        }
    }
}

impl<'h> Fields<'h> {
    /// Finds them, in one pass.
    pub(crate) fn of(headers: &'h HeaderMap) -> Self {
        let mut fields = Self::default();
        for (name, value) in headers {
            if *name == header::HOST {
                fields.host = fields.host.again(value);
            } else if *name == header::TRANSFER_ENCODING {
                fields.transfer_coding = fields.transfer_coding.again(value);
            } else if *name == header::EXPECT {
                fields.waits_for_continue |= value.as_bytes().eq_ignore_ascii_case(b"100-continue");
            }
        }
        fields
    }

    /// Whether the client sends its body only when it is told to.
    pub(crate) fn waits_for_continue(&self) -> bool {
        self.waits_for_continue
    }

    /// Checks the request's head, which has these fields.
    pub(crate) fn admit(&self, head: &Parts) -> Result<(), Inadmissible> {
        if head.method == Method::CONNECT {
            return Err(Inadmissible::Tunnel);
        }
        self.check_host(head)?;
        match self.transfer_coding {
            Occurrence::Never => Ok(()),
            Occurrence::Once(coding) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
            Occurrence::Once(_) | Occurrence::Repeatedly => Err(Inadmissible::TransferCoding),
        }
    }

    /// One host, which every HTTP/1.1 request names, and which an absolute target repeats.
    fn check_host(&self, head: &Parts) -> Result<(), Inadmissible> {
        let authority = head.uri.authority();
        let host = match self.host {
            Occurrence::Once(host) if host.as_bytes().iter().all(|byte| HOST_BYTES[usize::from(*byte)]) => {
                host.as_bytes()
            }
            Occurrence::Never if head.version == Version::HTTP_10 && authority.is_none() => return Ok(()),
            Occurrence::Never | Occurrence::Once(_) | Occurrence::Repeatedly => return Err(Inadmissible::Host),
        };
        let repeats = authority.is_none_or(|authority| authority.as_str().as_bytes().eq_ignore_ascii_case(host));
        if repeats { Ok(()) } else { Err(Inadmissible::Host) }
    }
}

/// By byte, whether a host and a port may consist of it (RFC 3986, 3.2.2).
const HOST_BYTES: [bool; 256] = {
    let punctuation = b"-._~%!$&'()*+,;=:[]";
    let mut allowed = [false; 256];
    let mut byte = 0_u8;
    while byte.is_ascii() {
        allowed[byte as usize] = byte.is_ascii_alphanumeric();
        byte += 1;
    }
    let mut position = 0;
    while position < punctuation.len() {
        allowed[punctuation[position] as usize] = true;
        position += 1;
    }
    allowed
};

/// The answer to a request that is refused. Whatever follows on the connection is not read.
pub(crate) fn refuse(reason: Inadmissible) -> Response<ResponseBody> {
    let status = match reason {
        Inadmissible::Host => StatusCode::BAD_REQUEST,
        Inadmissible::TransferCoding => StatusCode::NOT_IMPLEMENTED,
        Inadmissible::Tunnel => StatusCode::METHOD_NOT_ALLOWED,
    };
    let mut response = refusal(status, "BadRequestException", &reason.to_string());
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// HTTP/2's `:authority` stands for `Host` (RFC 9113, 8.3.1).
fn take_authority(head: &mut Parts) {
    if head.headers.contains_key(header::HOST) {
        return;
    }
    let authority = head.uri.authority().and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(authority) = authority {
        head.headers.insert(header::HOST, authority);
    }
}

/// HTTP/2 clients may send cookies one by one, which HTTP/1.1 has in one field (RFC 9113, 8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<&[u8]> = headers.get_all(header::COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1
        && let Ok(joined) = HeaderValue::from_bytes(&cookies.join(&b"; "[..]))
    {
        headers.insert(header::COOKIE, joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(
        method: &str,
        target: &str,
        version: Version,
        headers: &[(&str, &str)],
        expected: Result<&str, Inadmissible>,
    ) {
        let mut request = http::Request::builder().method(method).uri(target).version(version);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (mut head, ()) = request.body(()).unwrap().into_parts();
        as_http1(&mut head);
        let admitted = Fields::of(&head.headers).admit(&head);
        let host = head.headers.get(header::HOST).map_or("", |host| host.to_str().unwrap());
        assert_eq!(admitted.map(|()| host), expected, "{method} {target} {headers:?}");
    }

    #[test]
    fn a_request_names_one_host() {
        use Version as V;
        let refused = Err(Inadmissible::Host);
        check("GET", "/", V::HTTP_11, &[("host", "a:80")], Ok("a:80"));
        check("GET", "/", V::HTTP_11, &[("host", "[::1]:80")], Ok("[::1]:80"));
        check("GET", "/", V::HTTP_11, &[("host", "")], Ok(""));
        check("GET", "/", V::HTTP_11, &[], refused);
        check("GET", "/", V::HTTP_10, &[], Ok(""));
        check("GET", "/", V::HTTP_11, &[("host", "a"), ("host", "a")], refused);
        for host in ["a b", "a/b", "a@b", "a?b", "a\\b", "a,b "] {
            check("GET", "/", V::HTTP_11, &[("host", host)], refused);
        }
        check("GET", "http://a/x", V::HTTP_11, &[("host", "A")], Ok("A"));
        check("GET", "http://b/x", V::HTTP_11, &[("host", "a")], refused);
        check("GET", "http://b/x", V::HTTP_10, &[], refused);
        check("GET", "http://a/x", V::HTTP_2, &[], Ok("a"));
        check("GET", "http://a/x", V::HTTP_2, &[("host", "b")], refused);
        check("GET", "/x", V::HTTP_2, &[], refused);
    }

    #[test]
    fn the_only_transfer_coding_is_chunked() {
        let host = ("host", "a");
        let coded = |codings: &[&'static str], expected| {
            let mut headers = vec![host];
            headers.extend(codings.iter().map(|coding| ("transfer-encoding", *coding)));
            check("POST", "/", Version::HTTP_11, &headers, expected);
        };
        coded(&["chunked"], Ok("a"));
        coded(&["Chunked"], Ok("a"));
        let refused = Err(Inadmissible::TransferCoding);
        for codings in
            [&["identity, chunked"][..], &["gzip, chunked"], &["identity", "chunked"], &["chunked", "chunked"]]
        {
            coded(codings, refused);
        }
    }

    #[test]
    fn nobody_tunnels() {
        check("CONNECT", "a:443", Version::HTTP_11, &[("host", "a:443")], Err(Inadmissible::Tunnel));
    }

    #[test]
    fn cookies_of_http2_are_one_field() {
        let mut headers = HeaderMap::new();
        for cookie in ["a=1", "b=2"] {
            headers.append(header::COOKIE, HeaderValue::from_static(cookie));
        }
        join_cookies(&mut headers);
        assert_eq!(headers.get_all(header::COOKIE).iter().collect::<Vec<_>>(), ["a=1; b=2"]);
    }

    #[test]
    fn only_a_client_that_says_so_waits() {
        for (value, waits) in [("100-continue", true), ("100-Continue", true), ("200-ok", false)] {
            let headers = HeaderMap::from_iter([(header::EXPECT, HeaderValue::from_static(value))]);
            assert_eq!(Fields::of(&headers).waits_for_continue(), waits, "{value}");
        }
    }
}
