use super::{Depth, Fact, Trace, fact::MethodRequest};
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
    let masked = trace.body_text(event.as_bytes());
    assert!(!masked.contains("quoted") && !masked.contains("token"), "{masked}");
    assert_eq!(masked.matches("123456").count(), 2);
    let log = log(&trace, Reader::TestInvocation).join("\n");
    assert!(log.contains("{authorization=**********************123456, X-Api-Key=*****, Accept=a/b}"), "{log}");
    assert!(log.contains("{X-Amz-Signature=**********abcdef}"), "{log}");
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
