use super::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn a_url_takes_raw_path_values_and_an_encoded_query() {
    let path = pairs(&[("id", "a%2Fb"), ("open", "{id}")]);
    let cases = [
        ("http://h/{id}", "http://h/a%2Fb?q=1+2&e=%26"),
        ("http://h/{id}/{other}?f=1", "http://h/a%2Fb/{other}?f=1&q=1+2&e=%26"),
        ("http://h/{open}", "http://h/{id}?q=1+2&e=%26"),
        ("http://h/{id", "http://h/{id?q=1+2&e=%26"),
    ];
    for (template, expected) in cases {
        assert_eq!(url(template, &path, pairs(&[("q", "1 2"), ("e", "&")]).iter()), expected);
    }
    assert_eq!(url("http://h/", &[], [].iter()), "http://h/");
}

#[test]
fn only_ports_that_aws_allows_are_called() {
    let origin = |url: &str| Origin::of(&url.parse().expect("a URI"), CertificateVerification::Full);
    assert_eq!(origin("http://h/").map(|origin| (origin.port, origin.tls)), Some((80, None)));
    assert_eq!(origin("https://H/").map(|origin| (origin.host, origin.port)), Some(("h".to_owned(), 443)));
    assert_eq!(origin("http://[::1]:8080/").map(|origin| origin.host), Some("::1".to_owned()));
    for url in ["http://h:22/", "http://h:1023/", "ftp://h/", "/path"] {
        assert_eq!(origin(url), None, "{url}");
    }
}

#[test]
fn a_mapped_header_cannot_frame_the_message() {
    let mut fields = Fields::default();
    fields.replace_all(&pairs(&[
        ("Transfer-Encoding", "chunked"),
        ("Upgrade", "h2c"),
        ("TE", "trailers"),
        ("X-A", "b"),
    ]));
    assert_eq!(fields.fields, pairs(&[("X-A", "b")]));
}
