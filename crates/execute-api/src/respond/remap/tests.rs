//! The specification's table "Response headers: remapped, dropped", row by row.

use super::*;

const CUSTOM: &str = "Authorization, Connection, Content-Length, Content-MD5, Date, Expect, Host, Max-Forwards, \
                      Proxy-Authenticate, Server, Trailer, Upgrade, User-Agent, WWW-Authenticate";
const LAMBDA_PROXY: &str = "Authorization, Connection, Content-Length, Content-MD5, Date, Max-Forwards, Server, User-Agent, \
                            WWW-Authenticate";
const HTTP_PROXY: &str = "Connection, Content-Length, Date, Server, x-amzn-RequestId, WWW-Authenticate, Authorization, \
                          Content-MD5, Max-Forwards, User-Agent";
const PASSED: &str = "Accept, Accept-Encoding, Accept-Ranges, Age, Content-Encoding, Content-Type, Pragma, Range, Referer, \
                      Warning, Set-Cookie, Cache-Control, ETag, Location, Access-Control-Allow-Origin, X-Custom";

fn names(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim)
}

#[track_caller]
fn check(path: ResponsePath, remapped: &str, dropped: &str, passed: &str) {
    for name in names(remapped) {
        let expected = format!("x-amzn-Remapped-{name}");
        assert_eq!(client_name(path, name).as_deref(), Some(&*expected), "{path:?} {name}");
        assert_eq!(client_name(path, &name.to_lowercase()), Some(expected.replace(name, &name.to_lowercase()).into()));
    }
    for name in names(dropped) {
        assert_eq!(client_name(path, name), None, "{path:?} {name}");
        assert_eq!(client_name(path, &name.to_uppercase()), None, "{path:?} {name}");
    }
    for name in names(PASSED).chain(names(passed)) {
        assert_eq!(client_name(path, name).as_deref(), Some(name), "{path:?} {name}");
    }
}

#[test]
fn a_custom_integrations_headers() {
    check(ResponsePath::Custom, CUSTOM, "Transfer-Encoding", "TE, Via, Keep-Alive");
}

#[test]
fn a_proxy_functions_headers() {
    let dropped = "Expect, Host, Proxy-Authenticate, TE, Transfer-Encoding, Trailer, Upgrade";
    check(ResponsePath::LambdaProxy, LAMBDA_PROXY, dropped, "Via");
}

#[test]
fn an_http_proxys_headers() {
    let key = |name: &str| HeaderName::from_bytes(name.as_bytes()).expect("a name");
    for name in names(HTTP_PROXY) {
        assert_eq!(from_http_proxy(&key(name)), Some(key(&format!("x-amzn-remapped-{name}"))), "{name}");
    }
    for name in names("Transfer-Encoding, Via, Keep-Alive, Trailer, Upgrade, Proxy-Authenticate") {
        assert_eq!(from_http_proxy(&key(name)), None, "{name}");
    }
    for name in names(PASSED).chain(names("TE, Host, Expect")) {
        assert_eq!(from_http_proxy(&key(name)), Some(key(name)), "{name}");
    }
}

#[test]
fn what_is_no_header_name_reaches_nobody() {
    for name in ["", "with blank", "line\nbreak", "col:on", "ünicode"] {
        assert_eq!(client_name(ResponsePath::Custom, name), None, "{name:?}");
        assert_eq!(client_name(ResponsePath::LambdaProxy, name), None, "{name:?}");
    }
}
