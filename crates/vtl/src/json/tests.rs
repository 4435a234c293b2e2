use proptest::prelude::*;

use super::*;
use crate::Value;

fn round_trip(text: &str) -> String {
    to_text(&parse(text).unwrap()).unwrap()
}

#[test]
fn numbers_and_order_survive() {
    let texts = [
        r#"{"z":1,"a":[1.0,1E5,-0,0.10,1e+2],"n":null,"t":true,"f":false}"#,
        "123456789012345678901234567890",
        "-9223372036854775808",
        r#""\"\\\n\r\t\b\f\u0001é😀""#,
        "[]",
        "{}",
        "[[],{}]",
    ];
    for text in texts {
        assert_eq!(round_trip(text), text);
    }
    let digits = "7".repeat(5000);
    assert_eq!(round_trip(&digits), digits);
}

#[test]
fn of_duplicate_members_the_last_wins() {
    assert_eq!(round_trip(r#"{"a":1,"b":2,"a":3}"#), r#"{"a":3,"b":2}"#);
}

#[test]
fn escapes_are_decoded() {
    assert_eq!(parse(r#""\u0041\ud83d\ude00\/""#).unwrap().as_str(), Some("A😀/"));
}

#[test]
fn errors_say_where() {
    let cases = [
        ("", "unexpected end of the text at byte 0"),
        ("[1,]", "expected a value at byte 3"),
        ("[1 2]", "expected ',' or ']' at byte 3"),
        (r#"{"a" 1}"#, "expected ':' at byte 5"),
        (r#"{"a":1,}"#, "expected a member name in quotes at byte 7"),
        ("{'a':1}", "expected a member name in quotes at byte 1"),
        ("01", "unexpected text after the document at byte 1"),
        ("1.", "expected a digit at byte 2"),
        ("nul", "expected a value at byte 0"),
        ("\"a\nb\"", "control character in a string at byte 2"),
        (r#""\x""#, "unknown escape in a string at byte 2"),
        (r#""\ud800""#, "half of a surrogate pair in a string at byte 7"),
        ("\"abc", "string without end at byte 1"),
    ];
    for (text, expected) in cases {
        assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn nesting_is_limited_without_recursion() {
    let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert_eq!(round_trip(&nested(JSON_DEPTH_MAX)), nested(JSON_DEPTH_MAX));
    assert!(parse(&nested(JSON_DEPTH_MAX + 1)).is_err());
    assert!(parse(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn a_number_without_a_json_spelling_is_null() {
    assert_eq!(to_text(&Value::from(f64::NAN)).unwrap(), "null");
}

fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_filter("JSON has no infinity", |double| double.is_finite()).prop_map(serde_json::Value::from),
        ".*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(5, 64, 12, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..12).prop_map(serde_json::Value::from),
            prop::collection::vec((".{0,3}", inner), 0..12)
                .prop_map(|members| serde_json::Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_json_writes_comes_back_as_it_was(document in any_json()) {
        let text = document.to_string();
        // Two readings of the same library, which rounds some doubles in the last digit.
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        prop_assert_eq!(read(&round_trip(&text)), read(&text));
    }

    #[test]
    fn both_accept_the_same_texts(text in r#"[\[\]{}:,"0-9eE.+\-truefalsn\\ ub]{0,12}"#) {
        // A number that no double can hold is one to us: its text is kept.
        let theirs = serde_json::from_str::<Box<serde_json::value::RawValue>>(&text);
        prop_assert_eq!(parse(&text).is_ok(), theirs.is_ok() && !text.contains("\\u"), "{}", text);
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>()) {
        prop_assert_eq!(parse(&text).is_ok(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
