use proptest::prelude::*;

use super::*;

const NULS: &[u8] = &DELIMITER;

fn stream(metadata: &str, body: &[u8]) -> Vec<u8> {
    [metadata.as_bytes(), NULS, body].concat()
}

/// What a stream that comes in such pieces begins with.
fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Option<(Metadata, Vec<u8>)>, Failure> {
    let mut prelude = Prelude::default();
    let mut found: Option<(Metadata, Vec<u8>)> = None;
    for piece in pieces {
        match &mut found {
            Some((_, body)) => body.extend_from_slice(piece),
            None => found = prelude.take(piece)?.map(|(metadata, rest)| (metadata, rest.to_vec())),
        }
    }
    Ok(found)
}

#[track_caller]
fn check(metadata: &str, status: u16, headers: &[(&str, &str)]) {
    let whole = stream(metadata, b"body");
    let (read, body) = read([&whole[..]]).unwrap().unwrap();
    let got = read.client_headers();
    let got: Vec<_> = got.iter().map(|header| (header.name().to_owned(), header.value().into_owned())).collect();
    let expected: Vec<_> = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    assert_eq!((read.status, got, &body[..]), (status, expected, &b"body"[..]), "{metadata}");
}

#[test]
fn metadata_shape_status_headers_and_cookies() {
    check("{}", 200, &[]);
    check(r#" {"statusCode": "201", "headers": null, "cookies": null} "#, 201, &[]);
    check(
        r#"{"statusCode":404,"headers":{"x-foo":"bar","n":1},"multiValueHeaders":{"x-mv":["a","b"]},"cookies":["c1=blue","c2=red; Path=/"]}"#,
        404,
        &[
            ("x-mv", "a"),
            ("x-mv", "b"),
            ("x-foo", "bar"),
            ("n", "1"),
            ("Set-Cookie", "c1=blue"),
            ("Set-Cookie", "c2=red; Path=/"),
        ],
    );
    check(
        r#"{"headers":{"Transfer-Encoding":"chunked","Server":"mine","Content-Length":"7"}}"#,
        200,
        &[("x-amzn-Remapped-Server", "mine")],
    );
    check(r#"{"somethingElse":[1,{"a":null}]}"#, 200, &[]);
}

#[test]
fn an_announced_length_holds_unless_the_body_is_to_be_chunked() {
    for (headers, expected) in [
        (r#"{"content-length":"7"}"#, Some(7)),
        (r#"{"Content-Length":7}"#, Some(7)),
        (r#"{"Content-Length":"7","Transfer-Encoding":"chunked"}"#, None),
        (r#"{"Content-Length":"many"}"#, None),
        ("{}", None),
    ] {
        let whole = stream(&format!(r#"{{"headers":{headers}}}"#), b"");
        assert_eq!(read([&whole[..]]).unwrap().unwrap().0.content_length(), expected, "{headers}");
    }
}

#[test]
fn what_does_not_begin_with_metadata_is_malformed() {
    let long = format!("{{\"headers\":{{\"x\":\"{}\"}}}}", "y".repeat(PRELUDE_BYTES_MAX));
    let cases: [(&[u8], &str); 9] = [
        (&stream("", b"x"), "the metadata are not a JSON object"),
        (&stream("[200]", b""), "the metadata are not a JSON object"),
        (&stream(r#"{"statusCode":"#, b""), "is not of a response's form"),
        (&stream(r#"{"statusCode":99}"#, b""), "statusCode is no integer"),
        (&stream(r#"{"cookies":"a=b"}"#, b""), "is not of a response's form"),
        (&stream(r#"{"multiValueHeaders":{"x":"y"}}"#, b""), "is not a list"),
        (b"{}\0\0\0\0\0\0\0x", "do not end with eight NUL bytes"),
        (&stream(&long, b""), "no delimiter within the first 16384 bytes"),
        (&[b' '; PRELUDE_BYTES_MAX], "no delimiter within the first 16384 bytes"),
    ];
    for (whole, expected) in cases {
        let failure = read([whole]).unwrap_err();
        assert!(failure.to_string().contains(expected), "{failure} instead of {expected}");
    }
}

#[test]
fn the_delimiter_may_end_where_the_limit_is() {
    let metadata = format!("{{{}}}", " ".repeat(PRELUDE_BYTES_MAX - 2 - NULS.len()));
    assert!(read([&stream(&metadata, b"x")[..]]).unwrap().is_some());
    let metadata = format!("{{{}}}", " ".repeat(PRELUDE_BYTES_MAX - 1 - NULS.len()));
    read([&stream(&metadata, b"x")[..]]).unwrap_err();
}

#[test]
fn a_stream_that_ends_early_has_no_metadata() {
    for text in ["", "{", "{}", "{}\0\0\0\0\0\0\0"] {
        assert_eq!(read([text.as_bytes()]).unwrap(), None, "{text:?}");
    }
}

proptest! {
    /// The borders between pieces carry no meaning.
    #[test]
    fn pieces_read_as_the_whole(cuts in prop::collection::vec(0usize..64, 0..6), body in prop::collection::vec(any::<u8>(), 0..24)) {
        let whole = stream(r#"{"statusCode":201,"cookies":["a=b"]}"#, &body);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
        cuts.extend([0, whole.len()]);
        cuts.sort_unstable();
        let pieces = cuts.windows(2).map(|cut| &whole[cut[0]..cut[1]]);
        let (metadata, rest) = read(pieces).unwrap().unwrap();
        prop_assert_eq!(metadata.status, 201);
        prop_assert_eq!(rest, body);
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(prop_oneof![Just(0u8), Just(b'{'), Just(b'}'), any::<u8>()], 0..64)) {
        let _ = read([&bytes[..]]);
    }
}
