use proptest::prelude::*;

use super::*;

#[test]
fn a_name_in_both_maps_is_one_header_with_the_multi_values_first() {
    let payload = br#"{"headers":{"x-a":"3","x-A":"2","Y":1},"multiValueHeaders":{"X-A":["1",2]}}"#;
    let response = ProxyResponse::parse(payload).expect("a response");
    let expected = [("X-A", "1"), ("X-A", "2"), ("X-A", "3"), ("Y", "1")];
    assert_eq!(response.headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[test]
fn what_is_wrong_is_told_without_what_the_function_said() {
    let secret = "hunter2";
    let cases = [
        (format!(r#"{{"statusCode":"{secret}"}}"#), "statusCode is no integer from 200 to 599"),
        (format!(r#"{{"headers":"{secret}"}}"#), "line 1, column 20 is not of a response's form"),
        (format!(r#"{{"headers":{{"X-A":["{secret}"]}}}}"#), "header X-A is neither text, number nor boolean"),
        (format!(r#"{{"multiValueHeaders":{{"X-A":"{secret}"}}}}"#), "multiValueHeaders.X-A is not a list"),
        (format!(r#"{{"statuscode":"{secret}"}}"#), "unknown member statuscode"),
    ];
    for (payload, expected) in cases {
        let detail = expected.to_owned();
        assert_eq!(
            ProxyResponse::parse(payload.as_bytes()),
            Err(Failure::MalformedProxyResponse { detail }),
            "{payload}"
        );
    }
}

proptest! {
    #[test]
    fn no_answer_of_a_function_breaks_the_reader(payload in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = ProxyResponse::parse(&payload);
    }
}
