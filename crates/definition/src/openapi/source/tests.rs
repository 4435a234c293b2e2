use serde::de::IgnoredAny;

use super::*;

fn read(text: &str) -> Result<Value, serde_saphyr::Error> {
    yaml(text)
}

#[test]
fn of_members_with_the_same_name_the_last_one_counts() {
    let written = "a: 1\nb: 2\na: {c: 3, c: 4}\n";
    assert_eq!(read(written).unwrap(), serde_json::json!({ "a": { "c": 4 }, "b": 2 }));
    // As in JSON.
    assert_eq!(serde_json::from_str::<Value>(r#"{"a":1,"b":2,"a":{"c":3,"c":4}}"#).unwrap(), read(written).unwrap());
}

#[test]
fn an_anchor_may_be_used_often() {
    let uses = vec!["*shared"; 2000].join(", ");
    let document = read(&format!("shared: &shared {{type: mock}}\nuses: [{uses}]\n")).unwrap();
    assert_eq!(document["uses"][1999]["type"], "mock");
}

#[test]
fn documents_may_have_as_many_values_as_fit_and_are_no_deeper_than_the_stack() {
    assert!(yaml::<IgnoredAny>(&format!("[{}1]", "1,".repeat(251_000))).is_ok());
    let nested = |depth: usize| format!("{}{}", "{a: ".repeat(depth), "}".repeat(depth));
    assert!(read(&nested(YAML_DEPTH_MAX)).is_ok());
    assert!(read(&nested(YAML_DEPTH_MAX + 1)).is_err());
    assert!(read(&nested(100_000)).is_err());
}

#[test]
fn what_aliases_stand_for_is_bounded() {
    let large = format!("a: &a \"{}\"\nb: [{}]", "x".repeat(1024 * 1024), vec!["*a"; 100].join(","));
    assert!(read(&large).is_err());
    let laugh = |n: usize| format!("a{n}: &a{n} [{}]", vec![format!("*a{}", n - 1); 10].join(","));
    let laughs = (1..10).map(laugh).collect::<Vec<_>>().join("\n");
    assert!(read(&format!("a0: &a0 [1]\n{laughs}")).is_err());
}
