use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use proptest::{prelude::*, sample::select};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

use super::*;

const STREAM: &str = "GET /a HTTP/1.1\r\nHost: x\r\nX-One: 1\r\n\r\n\
    POST /b HTTP/1.1\r\ncontent-LENGTH: 5\r\nX-Two: 2\r\n\r\nH: i\nPUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\
    4;x=y\r\nA: b\r\n0\r\nX-Trailer: t\r\n\r\n\r\nDELETE /d HTTP/1.1\nX-Bare: lf\n\n";

fn heads(step: usize) -> Vec<Vec<String>> {
    let mut scanner = HeadScanner::default();
    for chunk in STREAM.as_bytes().chunks(step) {
        scanner.feed(chunk);
    }
    let text = |name: &[u8]| String::from_utf8(name.to_vec()).unwrap();
    scanner.heads.iter().map(|names| names.iter().map(text).collect()).collect()
}

#[test]
fn names_are_found_however_the_stream_is_cut() {
    let expected =
        vec![vec!["Host", "X-One"], vec!["content-LENGTH", "X-Two"], vec!["Transfer-Encoding"], vec!["X-Bare"]];
    for step in [1, 2, 3, 7, 17, 1000] {
        assert_eq!(heads(step), expected, "in steps of {step}");
    }
}

#[test]
fn a_head_beyond_the_limit_is_no_longer_followed() {
    let mut scanner = HeadScanner::default();
    scanner.feed(b"GET / HTTP/1.1\r\nX: ");
    scanner.feed(&vec![b'a'; HEAD_BYTES_MAX]);
    scanner.feed(b"\r\n\r\n");
    assert_eq!((scanner.place, scanner.heads.len()), (Place::Lost, 0));
}

#[test]
fn an_unreadable_length_is_no_longer_followed() {
    let mut scanner = HeadScanner::default();
    scanner.feed(b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\nGET / HTTP/1.1\r\nA: b\r\n\r\n");
    assert_eq!(scanner.heads.len(), 1);
}

#[test]
fn a_trailer_that_does_not_end_its_lines_is_no_longer_followed() {
    let mut scanner = HeadScanner::default();
    scanner.feed(b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\n\nGET / HTTP/1.1\r\nX: y\r\n\r\n");
    assert_eq!((scanner.place, scanner.heads.len()), (Place::Lost, 0));
}

/// The names of a request's fields as the parser has them, and as the tap has them.
type Seen = (Vec<String>, Option<Vec<String>>);

/// What the parser and the tap make of the same bytes, request by request.
fn parsed_and_overheard(bytes: &[u8], step: usize) -> Vec<Seen> {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let recorded = Rc::clone(&seen);
    let (mut client, served) = duplex(1024 * 1024);
    let (stream, names) = HeadTap::new(served);
    let service = hyper::service::service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let written = names.next_head().map(|names| sorted(names.iter()));
        let parsed = sorted(request.headers().iter().map(|(name, _)| name.as_str().as_bytes()));
        recorded.borrow_mut().push((parsed, written));
        async move {
            let _ = request.into_body().collect().await;
            Ok::<_, Infallible>(hyper::Response::new(Empty::<Bytes>::new()))
        }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().header_read_timeout(None).serve_connection(stream, service);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let client = async {
            for part in bytes.chunks(step) {
                // Refused, the rest has nowhere to go.
                if client.write_all(part).await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
            let _ = client.shutdown().await;
            let _ = client.read_to_end(&mut Vec::new()).await;
        };
        let _ = tokio::join!(connection, client);
    });
    seen.take()
}

/// In lower case, without the lengths, of which the parser keeps one or none.
fn sorted<'a>(names: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut names: Vec<String> = names
        .map(|name| String::from_utf8_lossy(name).to_ascii_lowercase())
        .filter(|name| name != "content-length")
        .collect();
    names.sort();
    names
}

/// Heads and bodies that agree with each other or do not, as a smuggler would send them.
fn message() -> impl Strategy<Value = Vec<u8>> {
    let line =
        select(vec!["GET / HTTP/1.1\r\n", "POST /a:b HTTP/1.1\r\n", "\r\nPUT / HTTP/1.1\n", "GET / HTTP/1.0\r\n"]);
    let field = select(vec![
        "Host: x\r\n",
        "X-One: 1\n",
        "x-ONE: 2\r\n",
        "Content-Length: 5\r\n",
        "content-length: 05\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 0\r\n",
        "Content-Length: 5, 5\r\n",
        "Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "transfer-encoding: gzip, chunked\r\n",
        "Transfer-Encoding:\tchunked \r\n",
        "Transfer-Encoding : chunked\r\n",
        "Expect: 100-continue\r\n",
        "Connection: keep-alive\r\n",
        "X-Folded: a\r\n b: c\r\n",
    ]);
    let body = select(vec![
        "",
        "hello",
        "5\r\nhello\r\n0\r\n\r\n",
        "5;a=\"b\"\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
        "+5\r\nhello\r\n0\r\n\r\n",
        "5 \r\nhello\r\n00\r\n\r\n",
        "5\nhello\r\n0\r\n\r\n",
        "0\r\nA: b\n\nGET /x HTTP/1.1\r\nHost: x\r\n\r\n\r\n",
        "fffffffffffffffff\r\n",
        "0\r\n\r\n",
    ]);
    let end = select(vec!["\r\n", "\n"]);
    (line, proptest::collection::vec(field, 0..5), end, body)
        .prop_map(|(line, fields, end, body)| [line, &fields.concat(), end, body].concat().into_bytes())
}

proptest! {
    #[test]
    fn the_tap_and_the_parser_agree_or_the_tap_is_lost(
        messages in proptest::collection::vec(message(), 1..5),
        spoiled in proptest::option::of((any::<proptest::sample::Index>(), select(b"\r\n :;0a\0".to_vec()))),
        step in select(vec![1_usize, 7, 64, 100_000]),
    ) {
        let mut bytes = messages.concat();
        if let Some((place, byte)) = spoiled {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        for (parsed, overheard) in parsed_and_overheard(&bytes, step) {
            if let Some(overheard) = overheard {
                prop_assert_eq!(parsed, overheard, "{}", String::from_utf8_lossy(&bytes));
            }
        }
    }

    #[test]
    fn no_bytes_break_the_scanner(bytes in proptest::collection::vec(any::<u8>(), 0..300), step in 1_usize..50) {
        let mut scanner = HeadScanner::default();
        for part in bytes.chunks(step) {
            scanner.feed(part);
            prop_assert!(scanner.partial.len() <= HEAD_BYTES_MAX + step);
            prop_assert!(scanner.heads.len() <= PENDING_HEADS_MAX);
        }
    }
}
