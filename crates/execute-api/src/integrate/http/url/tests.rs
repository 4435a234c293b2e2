use super::*;

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn compiled(template: &str) -> BackendUrl {
    BackendUrl::compile(template, BackendSecurity::default())
}

#[test]
fn a_url_takes_raw_path_values_and_an_encoded_query() {
    let path = pairs(&[("id", "a%2Fb"), ("open", "{id}"), ("host", "h"), ("port", "8080")]);
    let query = pairs(&[("q", "1 2"), ("e", "&")]);
    let cases = [
        ("http://h/{id}", "http://h/a%2Fb?q=1+2&e=%26"),
        ("http://h/{id}/{other}?f=1", "http://h/a%2Fb/{other}?f=1&q=1+2&e=%26"),
        ("http://h/{open}", "http://h/{id}?q=1+2&e=%26"),
        ("http://h/{id", "http://h/{id?q=1+2&e=%26"),
        ("http://h", "http://h/?q=1+2&e=%26"),
        ("http://h?f=1", "http://h/?f=1&q=1+2&e=%26"),
        ("https://u:p@H:8443/x", "https://H:8443/x?q=1+2&e=%26"),
        ("http://{host}:{port}/{id}", "http://h:8080/a%2Fb?q=1+2&e=%26"),
        ("http://{host}", "http://h/?q=1+2&e=%26"),
    ];
    for (template, expected) in cases {
        let url = compiled(template).fill(&path, query.iter()).expect("a URL").url();
        assert_eq!(url, expected, "{template}");
    }
    assert_eq!(compiled("http://h/").fill(&[], [].iter()).expect("a URL").url(), "http://h/");
}

#[test]
fn a_path_value_never_changes_whom_the_request_goes_to() {
    let url = compiled("http://h:8080/{id}");
    for value in ["@evil", "/..//evil", "?x=@evil", "#@evil", ":99@evil"] {
        let filled = url.fill(&pairs(&[("id", value)]), [].iter()).expect("a URL");
        assert_eq!((&*filled.origin.host, filled.origin.port), ("h", 8080), "{value}");
    }
}

#[test]
fn only_ports_that_aws_allows_are_called() {
    let origin = |url: &str| {
        let filled = compiled(url).fill(&[], [].iter());
        filled.map(|filled| (filled.origin.host.to_string(), filled.origin.port, filled.origin.tls.is_some()))
    };
    let expected = |host: &str, port, tls| Ok((host.to_owned(), port, tls));
    assert_eq!(origin("http://h/"), expected("h", 80, false));
    assert_eq!(origin("https://H/"), expected("h", 443, true));
    assert_eq!(origin("http://[::1]:8080/"), expected("::1", 8080, false));
    for url in ["http://h:22/", "http://h:1023/", "ftp://h/", "/path", "http://", "", "http://h h/", "http://{x}/"] {
        assert_eq!(origin(url), Err(Failure::configuration("Invalid endpoint address")), "{url}");
    }
}
