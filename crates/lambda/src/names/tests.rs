use super::*;

fn scope() -> Scope {
    Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() }
}

#[track_caller]
fn check(text: &str, qualifier: Option<&str>, expected: Result<(&str, Option<&str>), &str>) {
    let found = Target::parse(text, qualifier, &scope(), NameRule::Read);
    let found = found.as_ref().map(|target| (target.name.as_str(), target.qualifier.as_deref()));
    assert_eq!(found.map_err(ToString::to_string), expected.map_err(str::to_owned), "{text}");
}

#[test]
fn a_function_has_many_names() {
    for text in [
        "f",
        "function:f",
        "000000000000:function:f",
        "us-east-1:000000000000:function:f",
        "arn:aws:lambda:us-east-1:000000000000:function:f",
    ] {
        check(text, None, Ok(("f", None)));
        check(&format!("{text}:prod"), None, Ok(("f", Some("prod"))));
        check(&format!("{text}:$LATEST"), Some("$LATEST"), Ok(("f", Some("$LATEST"))));
    }
    check("function", None, Ok(("function", None)));
    check("f", Some("7"), Ok(("f", Some("7"))));
}

#[test]
fn what_is_no_name_of_a_function_here_is_refused() {
    let mismatch = "The derived qualifier from the function name does not match the specified qualifier.";
    check("f:1", Some("2"), Err(mismatch));
    let elsewhere = "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')";
    check("arn:aws:lambda:eu-west-1:000000000000:function:f", None, Err(elsewhere));
    check("111111111111:function:f", None, Err("the function belongs to another account"));
    let invalid = format!(
        "1 validation error detected: Value 'a b' at 'functionName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: {READ_PATTERN}"
    );
    check("a b", None, Err(&invalid));
}

#[test]
fn a_new_function_has_a_name_of_at_most_64_bytes() {
    let parse = |length| Target::parse(&"f".repeat(length), None, &scope(), NameRule::Change).unwrap();
    assert!(parse(64).require_creatable().is_ok());
    assert!(parse(65).require_creatable().is_err());
}
