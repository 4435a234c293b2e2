use bytes::Bytes;
use proptest::prelude::*;

use super::{
    Depth, Fact, Trace,
    fact::{IntegrationRequest, MethodRequest, MethodResponse},
    secrets::Secrets,
};
use crate::execution_log::{self, Detail, LINE_BYTES_MAX, Reader};

fn started(headers: &[(&str, &str)], body: &str) -> Fact {
    Fact::Started(MethodRequest {
        request_id: "r".to_owned(),
        http_method: "GET".to_owned(),
        path: "/x".to_owned(),
        path_parameters: Vec::new(),
        query: vec![("X-Amz-Signature".to_owned(), "0123456789abcdef".to_owned())],
        headers: headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        body: body.to_owned().into(),
    })
}

fn log(trace: &Trace, reader: Reader) -> Vec<String> {
    execution_log::lines(trace, reader, "(r) ").into_iter().map(|line| line.text).collect()
}

#[test]
fn a_trace_that_is_off_makes_no_fact() {
    let mut trace = Trace::off();
    trace.record(|| panic!("a fact was made"));
    trace.explain(|| panic!("a fact was made"));
    assert!(trace.events().is_empty());
    assert_eq!(std::mem::size_of::<Option<Box<()>>>(), std::mem::size_of_val(&trace.recording));
}

#[test]
fn a_trace_is_as_deep_as_was_asked() {
    for (depth, expected) in [(Depth::Failures, 1), (Depth::Log, 2), (Depth::Explanation, 3)] {
        let mut trace = Trace::recording(depth);
        trace.fail(|| Fact::FunctionFailed { message: "m".to_owned(), request_id: "l".to_owned() });
        trace.record(|| Fact::Completed { status: 200 });
        trace.explain(|| Fact::Authorized { demand: "NONE".to_owned() });
        assert_eq!(trace.events().len(), expected, "{depth:?}");
    }
}

#[test]
fn secrets_are_masked_where_they_stand_and_where_a_body_repeats_them() {
    let mut trace = Trace::recording(Depth::Log);
    let token = "Bearer \"quoted\" token-123456";
    trace.record(|| started(&[("authorization", token), ("X-Api-Key", "short"), ("Accept", "a/b")], ""));
    let event = serde_json::json!({"headers": {"authorization": token}, "note": token}).to_string();
    let masked = trace.masked_beginning(event.as_bytes(), 1000);
    assert!(!masked.contains("quoted") && !masked.contains("token"), "{masked}");
    assert_eq!(masked.matches("123456").count(), 2);
    let log = log(&trace, Reader::TestInvocation).join("\n");
    assert!(log.contains("{authorization=**********************123456, X-Api-Key=*****, Accept=a/b}"), "{log}");
    assert!(log.contains("{X-Amz-Signature=**********abcdef}"), "{log}");
}

/// What readers see of `text` in a request with these headers.
#[track_caller]
fn check_masked(headers: &[(&str, &str)], text: &str, expected: &str) {
    let mut trace = Trace::recording(Depth::Log);
    trace.record(|| started(headers, ""));
    assert_eq!(trace.masked_beginning(text.as_bytes(), 1000), expected, "{headers:?}");
}

#[test]
fn a_part_of_a_credential_is_one_in_whatever_spelling() {
    check_masked(&[("Authorization", "Bearer abcdefgh123456")], "token=abcdefgh123456!", "token=********123456!");
    check_masked(&[("Cookie", "a=1; session=its'own+value")], "its'own+value", "*******+value");
    check_masked(&[("Cookie", "session=its'own+value")], r"its\'own+value", r"********+value");
    check_masked(&[("Cookie", "session=its'own+value")], "its%27own%2Bvalue", "***********Bvalue");
    check_masked(
        &[("Set-Cookie", "s=abcdefghijkl; Path=/some/place")],
        "abcdefghijkl /some/place",
        "************ /some/place",
    );
    check_masked(
        &[("X-Api-Key", "abcdefgh"), ("Cookie", "k=abcdefgh-and-more")],
        "abcdefgh-and-more",
        "***********d-more",
    );
    check_masked(&[("X-Api-Key", "tiny"), ("Accept", "text/plain")], "tiny text/plain", "tiny text/plain");
}

#[test]
fn credentials_in_a_url_are_masked_where_they_stand() {
    let mut trace = Trace::recording(Depth::Log);
    let url =
        "http://backend/p?x=1&X-Amz-Security-Token=abc%2Bdefghijklmn&access%5Ftoken=0123456789abcdef&token&token=";
    trace.record(|| {
        Fact::Called(IntegrationRequest {
            url: url.to_owned(),
            headers: vec![("X-Copy".to_owned(), "0123456789abcdef".to_owned())],
            body: Bytes::new(),
            function: None,
        })
    });
    let log = log(&trace, Reader::TestInvocation).join("\n");
    let shown =
        "http://backend/p?x=1&X-Amz-Security-Token=***********ijklmn&access%5Ftoken=**********abcdef&token&token=";
    assert!(log.contains(&format!("Sending request to {shown}")), "{log}");
    assert!(log.contains(&format!("Endpoint request URI: {shown}")), "{log}");
    assert!(log.contains("{X-Copy=**********abcdef}"), "{log}");
}

#[test]
fn a_client_s_new_cookie_is_a_secret_too() {
    let mut trace = Trace::recording(Depth::Log);
    let headers = vec![("Set-Cookie".to_owned(), "session=0123456789abcdef".to_owned())];
    trace.record(|| {
        Fact::Responded(MethodResponse { status: 200, headers, body: Some(Bytes::from_static(b"0123456789abcdef")) })
    });
    let log = log(&trace, Reader::TestInvocation).join("\n");
    assert!(!log.contains("0123456789"), "{log}");
}

proptest! {
    /// Wherever a text holds a secret and wherever it is cut, no more of the secret is seen than its end.
    #[test]
    fn no_cut_shows_a_secret(before in 0..60_usize, after in 0..60_usize, bytes_max in 0..120_usize, accent: bool) {
        let secret = "S".repeat(40);
        let mut secrets = Secrets::default();
        secrets.take_headers(&mut vec![("X-Api-Key".to_owned(), secret.clone())]);
        let letter = if accent { "é" } else { "a" };
        let text = format!("{}{secret}{}", letter.repeat(before), letter.repeat(after));
        let shown = secrets.masked_beginning(text.as_bytes(), bytes_max);
        prop_assert!(shown.len() >= bytes_max.min(text.len()));
        prop_assert!(shown.matches('S').count() <= 6, "{}", shown);
    }
}

#[test]
fn a_long_line_is_cut_between_characters() {
    let mut trace = Trace::recording(Depth::Log);
    trace.line(format_args!("{}", "é".repeat(LINE_BYTES_MAX)));
    let lines = log(&trace, Reader::Stage(Detail::Steps));
    let (kept, mark) = lines[0].split_at(LINE_BYTES_MAX);
    assert_eq!(kept.chars().filter(|character| *character == 'é').count(), (LINE_BYTES_MAX - "(r) ".len()) / 2);
    assert_eq!(mark, " [TRUNCATED]");
}

#[test]
fn a_stage_reads_as_much_as_its_level_says() {
    let mut trace = Trace::recording(Depth::Log);
    trace.record(|| started(&[], "body"));
    trace.record(|| Fact::FunctionFailed { message: "broken".to_owned(), request_id: "l".to_owned() });
    trace.record(|| Fact::Completed { status: 200 });
    for (detail, expected) in [(Detail::Errors, 1), (Detail::Steps, 5), (Detail::Data, 9)] {
        let lines = log(&trace, Reader::Stage(detail));
        assert_eq!(lines.len(), expected, "{lines:?}");
        assert!(lines.iter().all(|line| line.starts_with("(r) ")));
    }
}
