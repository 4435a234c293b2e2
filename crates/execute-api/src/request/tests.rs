use super::*;

#[test]
fn header_names_keep_the_letters_and_the_order_of_the_wire() {
    let mut map = HeaderMap::new();
    map.append("accept", HeaderValue::from_static("a"));
    map.append("x-dup", HeaderValue::from_static("1"));
    map.append("x-dup", HeaderValue::from_static("2"));
    let written: Vec<Bytes> = ["X-Dup", "Accept", "x-DUP"].map(|name| Bytes::from_static(name.as_bytes())).to_vec();

    let headers = Headers::from_wire(&map, Some(&written));

    let seen: Vec<(String, String)> = headers.iter().map(|h| (h.name().to_owned(), h.value().into_owned())).collect();
    let expected = [("X-Dup", "1"), ("Accept", "a"), ("x-DUP", "2")];
    assert_eq!(seen, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(headers.get_exact("X-Dup").as_deref(), Some("1"));
    assert_eq!(headers.get("X-DUP").as_deref(), Some("2"));
}

#[test]
fn query_parameters_are_decoded_once_and_keep_their_order() {
    let query = QueryParameters::parse("a=1&b=%2B+x;a=%2532&c&=e&&d=%FF");
    let expected = [("a", "1"), ("b", "+ x"), ("a", "%32"), ("c", ""), ("", "e"), ("d", "\u{fffd}")];
    assert_eq!(query.0, expected.map(|(n, v)| (n.to_owned(), v.to_owned())));
    assert_eq!(query.get("a"), Some("%32"));
    assert_eq!(query.get_all("a").collect::<Vec<_>>(), ["1", "%32"]);
}
