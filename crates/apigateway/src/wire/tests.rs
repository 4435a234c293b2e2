//! Decoding of foreign bytes.

use indexmap::IndexMap;
use proptest::prelude::*;
use serde::Deserialize;

use super::decode;

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Input {
    text: Option<String>,
    flag: Option<bool>,
    whole: Option<i64>,
    decimal: Option<f64>,
    list: Option<Vec<String>>,
    map: Option<IndexMap<String, Option<String>>>,
}

fn check(body: &str, expected: Result<Input, &str>) {
    let decoded = decode::<Input>(body.as_bytes()).map_err(|failure| failure.message());
    assert_eq!(decoded, expected.map_err(str::to_owned), "{body}");
}

fn nothing() -> Input {
    Input { text: None, flag: None, whole: None, decimal: None, list: None, map: None }
}

#[test]
fn members_are_what_they_are_and_nothing_else() {
    check("", Ok(nothing()));
    check(" ", Ok(nothing()));
    check(r#"{"text": null, "unknown": [1, {"a": true}]}"#, Ok(nothing()));
    check(r#"{"whole": 7.9, "decimal": 3}"#, Ok(Input { whole: Some(7), decimal: Some(3.0), ..nothing() }));
    let map = IndexMap::from([("a".to_owned(), None), ("b".to_owned(), Some("c".to_owned()))]);
    check(r#"{"map": {"a": null, "b": "c"}}"#, Ok(Input { map: Some(map), ..nothing() }));
    check(r#"{"flag": "true"}"#, Err("class java.lang.String can not be converted to an Boolean"));
    check(r#"{"whole": "7"}"#, Err("class java.lang.String can not be converted to an Integer"));
    check(r#"{"decimal": true}"#, Err("class java.lang.Boolean can not be converted to an Double"));
    check(r#"{"list": {}}"#, Err("Expected list or null"));
    check(r#"{"list": [null]}"#, Err("Unexpected null"));
    check(r#"{"map": "x"}"#, Err("Expected structure or map or null"));
}

proptest! {
    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = decode::<Input>(&bytes);
    }

    #[test]
    fn a_text_survives(text in ".*") {
        let body = serde_json::json!({ "text": text }).to_string();
        prop_assert_eq!(decode::<Input>(body.as_bytes()).unwrap().text, Some(text));
    }
}
