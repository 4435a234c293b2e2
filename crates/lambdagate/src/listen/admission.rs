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

/// Checks a request's head. One that names its host in its target alone has it in `Host` afterwards.
pub(crate) fn admit(head: &mut Parts) -> Result<(), Inadmissible> {
    if head.method == Method::CONNECT {
        return Err(Inadmissible::Tunnel);
    }
    if head.version == Version::HTTP_2 {
        take_authority(head);
        join_cookies(&mut head.headers);
    }
    check_host(head)?;
    check_transfer_coding(&head.headers)
}

/// Whether the client sends its body only when it is told to.
pub(crate) fn waits_for_continue(headers: &HeaderMap) -> bool {
    headers.get(header::EXPECT).is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

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

/// One host, which every HTTP/1.1 request names, and which an absolute target repeats.
fn check_host(head: &Parts) -> Result<(), Inadmissible> {
    let mut hosts = head.headers.get_all(header::HOST).iter();
    let host = match (hosts.next(), hosts.next()) {
        (Some(host), None) if host.as_bytes().iter().copied().all(is_host_byte) => host.as_bytes(),
        (None, None) if head.version == Version::HTTP_10 && head.uri.authority().is_none() => return Ok(()),
        _ => return Err(Inadmissible::Host),
    };
    let repeats = head.uri.authority().is_none_or(|authority| authority.as_str().as_bytes().eq_ignore_ascii_case(host));
    if repeats { Ok(()) } else { Err(Inadmissible::Host) }
}

/// What a host and a port may consist of (RFC 3986, 3.2.2).
fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(&byte)
}

fn check_transfer_coding(headers: &HeaderMap) -> Result<(), Inadmissible> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => Ok(()),
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => Ok(()),
        (Some(_), _) => Err(Inadmissible::TransferCoding),
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
        let admitted = admit(&mut head);
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
            assert_eq!(waits_for_continue(&headers), waits, "{value}");
        }
    }
}
