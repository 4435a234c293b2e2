use proptest::prelude::*;

use super::{FilterPattern, InvalidPattern};

fn check(pattern: &str, message: &str, expected: bool) {
    let parsed = FilterPattern::parse(pattern).unwrap();
    assert_eq!(parsed.matches(message), expected, "{pattern} on {message}");
}

#[test]
fn terms_are_all_any_or_none() {
    check("", "anything", true);
    check("ERROR", "[ERROR 400] BAD REQUEST", true);
    check("ERROR", "[error 400] BAD REQUEST", false);
    check("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true);
    check("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST", false);
    check("?ERROR ?ARGUMENTS", "[ERROR 400] BAD REQUEST", true);
    check("?ERROR ?ARGUMENTS", "[WARN] none", false);
    check("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false);
    check("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST", true);
    check("-ERROR", "all is well", true);
    check(r#""INTERNAL SERVER ERROR""#, "[ERROR 500] INTERNAL SERVER ERROR", true);
    check(r#""INTERNAL SERVER ERROR""#, "[ERROR 500] SERVER ERROR", false);
    check(r#""say \"hi\"""#, r#"they say "hi" to you"#, true);
    check(r#"-"a b""#, "a b", false);
}

#[test]
fn optional_terms_beside_others_are_ignored() {
    check("?ERROR ?WARN REQUEST", "INFO REQUEST", true);
    check("?ERROR ?WARN REQUEST", "ERROR", false);
}

#[test]
fn a_regular_expression_matches_anywhere() {
    check("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST", true);
    check(r"%\d{1,3}\.\d{1,3}%", "from 10.1 on", true);
    check("%^[hc]at%", "a hat", false);
    check(r"{ $.code = %^5\d\d$% }", r#"{"code": 503}"#, true);
}

#[test]
fn json_selects_and_compares() {
    let message = r#"{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}], "SomeObject": null, "ThisFlag": true, "ms": 12.5,
        "a b": 1, "status": 404}"#;
    check(r#"{ $.eventType = "UpdateTrail" }"#, message, true);
    check("{ $.eventType = UpdateTrail }", message, true);
    check(r#"{ $.eventType = "*Trail" }"#, message, true);
    check(r#"{ $.eventType != "UpdateTrail" }"#, message, false);
    check("{ $.sourceIPAddress != 123.123.* }", message, true);
    check(r#"{ $.arrayKey[0] = "value" }"#, message, true);
    check(r#"{ $.arrayKey[*] = "another value" }"#, message, true);
    check("{ $.objectList[1].id = 2 }", message, true);
    check("{ $.objectList[7].id = 2 }", message, false);
    check("{ $.SomeObject IS NULL }", message, true);
    check("{ $.SomeOtherObject NOT EXISTS }", message, true);
    check("{ $.SomeObject NOT EXISTS }", message, false);
    check("{ $.ThisFlag IS TRUE }", message, true);
    check("{ $.ThisFlag IS FALSE }", message, false);
    check("{ $.ms > 12 && $.ms <= 12.5 }", message, true);
    check("{ $.ms > 1e3 }", message, false);
    check("{ $.ms = 1.25e1 }", message, true);
    check("{ $.status = 4* }", message, true);
    check("{ $.eventType > 3 }", message, false);
    check("{ $.missing = 1 }", message, false);
    check("{ $.missing != 1 }", message, false);
    check("{ $['a b'] = 1 }", message, true);
    check("{ $.eventType = UpdateTrail }", "UpdateTrail", false);
}

#[test]
fn conjunction_binds_closer_than_disjunction() {
    let message = r#"{"a": 1, "b": 2, "c": 3}"#;
    check("{ $.a = 1 || $.b = 9 && $.c = 9 }", message, true);
    check("{ ($.a = 1 || $.b = 9) && $.c = 9 }", message, false);
    check("{ ($.a = 1) && (($.b = 2)) }", message, true);
}

#[test]
fn fields_are_told_by_their_place() {
    let line = r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;
    check("[ip, user, username, timestamp, request, status_code, bytes]", line, true);
    check("[ip, user, username, timestamp, request, status_code = 4*, bytes > 1000]", line, true);
    check("[ip, user, username, timestamp, request, status_code = 5*, bytes > 1000]", line, false);
    check(r#"[ip, user, username, timestamp, request = "GET *", status_code, bytes]"#, line, true);
    check("[..., status_code = 404, bytes]", line, true);
    check("[ip, ..., bytes < 10]", line, false);
    check("[ip, user]", line, false);
    check("[w1=ERROR || w1=%WARN%, w2]", "WARNING 420", true);
    check("[w1!=ERROR && w1!=%WARN%, w2]", "WARNING 420", false);
    check("[w1!=ERROR && w1!=%WARN%, w2]", "INFO 1", true);
}

#[test]
fn what_is_no_pattern_is_refused() {
    let refused = |pattern: &str| FilterPattern::parse(pattern).unwrap_err();
    assert_eq!(refused("a:b"), InvalidPattern::Unquoted { character: ':' });
    assert_eq!(refused("{ $.a = 1").to_string(), "} is expected at character 10");
    assert_eq!(refused("{ a = 1 }").to_string(), "$ is expected at character 3");
    assert_eq!(refused("%a(b)%"), InvalidPattern::Regex { expression: "a(b)".to_owned() });
    assert_eq!(refused("{ $..a = 1 }"), InvalidPattern::Unsupported { what: "a selector with .." });
    assert_eq!(refused(&"a".repeat(1025)), InvalidPattern::TooLong);
    assert_eq!(refused(&format!("{{{}", "(".repeat(100))), InvalidPattern::TooDeep);
    for pattern in
        ["\"open", "[", "[a", "[a b]", "[a,]", "[..., ...]", "{}", "{ $.a }", "{ $.a ? 1 }", "{ $.a > x }", "?", "%"]
    {
        assert!(FilterPattern::parse(pattern).is_err(), "{pattern}");
    }
}

proptest! {
    #[test]
    fn any_text_is_a_pattern_or_is_refused(pattern in r#"[\[{(]?[$.a-c\[\]{}()=!<>&|%"'*,0-9 \\?-]{0,40}[\])}]?"#, message in ".{0,80}") {
        if let Ok(pattern) = FilterPattern::parse(&pattern) {
            let _ = pattern.matches(&message);
        }
    }
}
