use proptest::prelude::*;

use super::*;

/// The fields that come of a parsed map and the names as they were written, if those are known.
fn from_wire(map: &[(&'static str, &'static str)], written: Option<&[&'static str]>) -> Vec<(String, String)> {
    let fields = map.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
    let mut parsed = HeaderMap::new();
    fields.for_each(|(name, value)| {
        parsed.append(name, value);
    });
    let written: Option<WrittenNames> = written.map(|names| names.iter().map(|name| name.as_bytes()).collect());
    let headers = Headers::from_wire(parsed, written.as_ref());
    headers.iter().map(|header| (header.name().to_owned(), header.value().into_owned())).collect()
}

#[test]
fn header_names_keep_the_letters_and_the_order_of_the_wire() {
    let check = |map: &[(&'static str, &'static str)], written: Option<&[&'static str]>, expected: &[(&str, &str)]| {
        let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(from_wire(map, written), expected, "{written:?}");
    };
    let plain = [("accept", "a"), ("x-one", "1")];
    check(&plain, Some(&["Accept", "x-one"]), &[("Accept", "a"), ("x-one", "1")]);
    check(&plain, None, &[("accept", "a"), ("x-one", "1")]);
    check(&plain, Some(&["X-One", "ACCEPT"]), &[("X-One", "1"), ("ACCEPT", "a")]);
    check(&plain, Some(&["X-One", "X-Gone"]), &[("X-One", "1"), ("accept", "a")]);
    check(&plain, Some(&[]), &[("accept", "a"), ("x-one", "1")]);

    let repeated = [("accept", "a"), ("x-dup", "1"), ("x-dup", "2"), ("z", "z")];
    check(
        &repeated,
        Some(&["X-Dup", "Accept", "x-DUP", "Z"]),
        &[("X-Dup", "1"), ("Accept", "a"), ("x-DUP", "2"), ("Z", "z")],
    );
    check(&repeated, None, &[("accept", "a"), ("x-dup", "1"), ("x-dup", "2"), ("z", "z")]);
}

#[test]
fn fields_are_found_as_written_or_in_any_letters() {
    let mut headers = Headers::default();
    for (name, value) in [("X-Dup", "1"), ("x-dup", "2"), ("Content-Type", "a\r\nb"), ("no token", "x")] {
        headers.append(name, value);
    }
    assert_eq!(headers.get_exact("X-Dup").as_deref(), Some("1"));
    assert_eq!(headers.get_exact("X-DUP"), None);
    assert_eq!(headers.get("X-DUP").as_deref(), Some("2"));
    assert_eq!(headers.get("content-type").as_deref(), Some("ab"));
    assert_eq!(headers.iter().count(), 3);
    headers.set("x-DUP", "3");
    assert_eq!(headers.get_all_exact("x-DUP").collect::<Vec<_>>(), ["3"]);
    assert_eq!(headers.iter().count(), 2);
}

#[test]
fn query_parameters_are_decoded_once_and_keep_their_order() {
    let query = QueryParameters::parse("a=1&b=%2B+x;a=%2532&c&=e&&d=%FF");
    let expected = [("a", "1"), ("b", "+ x"), ("a", "%32"), ("c", ""), ("", "e"), ("d", "\u{fffd}")];
    assert_eq!(query.0, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(query.get("a"), Some("%32"));
    assert_eq!(query.get_all("a").collect::<Vec<_>>(), ["1", "%32"]);
}

proptest! {
    #[test]
    fn any_query_is_read(query in "\\PC{0,60}|[%&;=+a-f0-9]{0,40}") {
        let separators = query.matches(['&', ';']).count();
        prop_assert!(QueryParameters::parse(&query).0.len() <= separators + 1);
    }

    #[test]
    fn what_was_encoded_is_decoded(pairs in proptest::collection::vec(("\\PC{1,8}", "\\PC{0,8}"), 0..5)) {
        let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
        prop_assert_eq!(QueryParameters::parse(&encoded).0, pairs);
    }

    #[test]
    fn names_as_written_never_add_or_lose_a_value(
        fields in proptest::collection::vec(("[a-c]{1,2}", "[ -~]{0,5}"), 0..8),
        strangers in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..4), 0..3),
    ) {
        let mut map = HeaderMap::new();
        let mut written: Vec<Vec<u8>> = Vec::new();
        for (name, value) in &fields {
            map.append(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
            written.push(name.to_uppercase().into_bytes());
        }
        let is_new = |stranger: &&Vec<u8>| fields.iter().all(|(name, _)| !stranger.eq_ignore_ascii_case(name.as_bytes()));
        written.extend(strangers.iter().filter(is_new).cloned());
        let written = written.iter().map(Vec::as_slice).collect();

        let headers = Headers::from_wire(map, Some(&written));

        let read: Vec<(String, Vec<u8>)> = headers.iter().map(|h| (h.name().to_owned(), h.raw_value().as_bytes().to_vec())).collect();
        let expected: Vec<(String, Vec<u8>)> = fields.iter().map(|(name, value)| (name.to_uppercase(), value.clone().into_bytes())).collect();
        prop_assert_eq!(read, expected);
    }
}
