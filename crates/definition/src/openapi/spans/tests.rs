use super::*;

fn check(document: &str, pointer: &str, expected: &str) {
    let spans = Spans::of(document).unwrap();
    let found = spans.get(pointer).map(|span| &document[span]);
    assert_eq!(found, Some(expected), "{pointer} of {document}");
}

#[test]
fn values_are_pointed_at_by_name_or_by_themselves() {
    let yaml = "a:\n  b: text\n  \"c/d\": [1, {e: [x]}]\n  200: {}\n";
    check(yaml, "/a", "a");
    check(yaml, "/a/b", "text");
    check(yaml, "/a/c~1d", "\"c/d\"");
    check(yaml, "/a/c~1d/0", "1");
    check(yaml, "/a/c~1d/1/e/0", "x");
    check(yaml, "/a/200", "200");
    assert_eq!(Spans::of(yaml).unwrap().name("/a/b"), Some(5..6));
    check(yaml, "/a/nothing/at/all", "a");
    check("{\"a\": {\"b\": \"tëxt\", \"c\": null}}", "/a/c", "null");
    check("{\n\t\"a\": {\n\t\t\"b\": \"text\"\n\t}\n}", "/a/b", "\"text\"");
    check("\u{feff}a: {b: 1}", "/a/b", "1");
    check(r#"{"😀": "\ud83d\ude00 \\ud800", "a": 1}"#, "/a", "1");
}

#[test]
fn members_that_are_given_again_are_told() {
    for document in
        ["a: {b: 1, c: 2, b: 3}\nd: 4\na: {}\na: {e: 5}\n", r#"{"a":{"b":1,"c":2,"b":3},"d":4,"a":{},"a":{"e":5}}"#]
    {
        let spans = Spans::of(document).unwrap();
        let overridden: Vec<_> = spans.overridden().into_iter().map(|(name, at)| (name, &document[at])).collect();
        let written = |name: &str| if document.starts_with('{') { format!("\"{name}\"") } else { name.to_owned() };
        let expected = [("a", written("a")), ("a", written("a")), ("b", written("b"))];
        assert_eq!(overridden, expected.each_ref().map(|(name, text)| (*name, text.as_str())), "{document}");
        assert_eq!(spans.get("/a/e").map(|at| &document[at]), Some("5"), "{document}");
    }
    assert_eq!(Spans::of("a: [{b: {}}, {b: {}}]").unwrap().overridden(), []);
}

#[test]
fn what_is_no_document_has_no_places() {
    assert!(Spans::of("a: [").is_none());
    assert!(Spans::of("{} {}").is_none());
}

#[test]
fn escapes_keep_their_length() {
    for text in ["", "\\u", "\\ud83d\\ude00", "\\\\ud83d", "\\ud83", "a\\u00e9é\\uD", "\\uD8é"] {
        assert_eq!(without_surrogates(text).len(), text.len(), "{text}");
    }
    assert_eq!(without_surrogates("\\u00e9 \\ud83d\\uDE00!"), "\\u00e9 \\u0020\\u0020!");
}
