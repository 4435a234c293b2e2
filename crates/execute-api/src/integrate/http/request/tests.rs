use super::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn texts(headers: &HeaderMap) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect()
}

#[test]
fn a_mapped_header_cannot_frame_the_message() {
    let mut headers = HeaderMap::new();
    replace_all(
        &mut headers,
        &pairs(&[("Transfer-Encoding", "chunked"), ("Upgrade", "h2c"), ("TE", "trailers"), ("X-A", "b")]),
    );
    assert_eq!(texts(&headers), [("x-a", "b")]);
}

#[test]
fn a_mapped_header_replaces_and_a_repeated_one_is_joined() {
    let mut headers = HeaderMap::new();
    for (name, value) in [("x-a", "1"), ("x-b", "2"), ("x-a", "3")] {
        join(&mut headers, &HeaderName::from_static(name), &HeaderValue::from_static(value));
    }
    assert_eq!(texts(&headers), [("x-a", "1,3"), ("x-b", "2")]);
    replace_all(&mut headers, &pairs(&[("X-B", "new"), ("x-b", "newer"), ("bad name", "x"), ("X-C", "bad\nvalue")]));
    assert_eq!(texts(&headers), [("x-a", "1,3"), ("x-b", "new"), ("x-b", "newer")]);
}
