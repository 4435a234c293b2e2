use std::time::Duration;

use super::*;

#[test]
fn a_variable_ends_where_its_name_ends() {
    for (text, expected) in [
        ("requestId\"", "requestId"),
        ("identity.sourceIp - x", "identity.sourceIp"),
        ("status. Then", "status"),
        ("authorizer.my-claim_1}", "authorizer.my-claim_1"),
        ("", ""),
        ("$context.x", ""),
        ("pathé", "path"),
    ] {
        assert_eq!(variable_name(text), expected, "{text:?}");
    }
}

#[test]
fn only_a_log_group_is_a_destination() {
    for (arn, expected) in [
        ("arn:aws:logs:us-east-1:123456789012:log-group:access", Some("access")),
        ("arn:aws:logs:us-east-1:123456789012:log-group:/aws/api/x:*", Some("/aws/api/x")),
        ("arn:aws:logs:us-east-1:123456789012:log-group:", None),
        ("arn:aws:firehose:us-east-1:123456789012:deliverystream/amazon-apigateway-x", None),
        ("access", None),
        ("arn:aws:logs:us-east-1:123456789012:log-group:a b", None),
        ("arn:aws:logs:us-east-1:123456789012:log-group:x:log-stream:y", None),
    ] {
        assert_eq!(log_group(arn), expected, "{arn}");
    }
}

#[test]
fn a_value_stays_within_its_line_and_its_quotes() {
    for (value, expected) in [
        ("plain é", "plain é"),
        ("a\"b", "a\\\"b"),
        ("a\\\"b", "a\\\\\\\"b"),
        ("a\nb\r\u{1b}[31m\u{7f}", "a\\nb\\r\\u001b[31m\\u007f"),
        ("a\u{9b}31m\u{85}é", "a\\u009b31m\\u0085é"),
    ] {
        assert_eq!(escaped(Cow::Borrowed(value)), expected);
    }
}

#[test]
fn a_format_is_texts_and_variables_by_turns() {
    let format = Format::compile("$context.requestId$context.nothing.known $ $context. {\"s\":$context.status}");
    let pieces: Vec<String> = format.pieces.iter().map(|piece| format!("{piece:?}")).collect();
    let kinds: Vec<&str> = pieces.iter().map(|piece| piece.split(['(', '"']).next().unwrap_or_default()).collect();
    assert_eq!(kinds, ["Variable", "Variable", "Text", "Variable", "Text", "Variable", "Text"]);
    assert!(pieces[1].contains("None") && pieces[3].contains("None") && pieces[5].contains("Status"), "{pieces:?}");
}

#[test]
fn what_waits_for_the_end_of_a_response_is_filled_in_between() {
    let draft = Draft {
        before: vec![("length=".to_owned(), OfSent::ResponseLength), (" error=".to_owned(), OfSent::IntegrationError)],
        rest: ".".to_owned(),
    };
    let sent = Sent {
        bytes: 7,
        latency: Duration::ZERO,
        integration_latency: None,
        time_to_first_content: None,
        failure: None,
    };
    assert_eq!(draft.line(&sent), "length=7 error=-.");
}
