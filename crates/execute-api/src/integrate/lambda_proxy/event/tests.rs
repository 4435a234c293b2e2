use super::*;

#[test]
fn text_is_escaped_and_empty_maps_are_null() {
    let mut json = JsonWriter::new(0, NoMembers::Null);
    json.text("a\"\\\u{1}\u{e9}/");
    json.map([].into_iter());
    json.map([("k", "v"), ("l", "")].into_iter());
    json.list([1, 2].iter(), |json, number| json.raw(&number.to_string()));
    assert_eq!(
        String::from_utf8(json.out).expect("UTF-8"),
        "\"a\\\"\\\\\\u0001\u{e9}/\"null{\"k\":\"v\",\"l\":\"\"}[1,2]"
    );
}
