use proptest::prelude::*;

use super::*;

const NOW: EpochMillis = EpochMillis(1_744_202_096_123);
const ROOT: &str = "1-67f66a70-0123456789abcdef01234567";

#[test]
fn a_clients_trace_is_taken_on() {
    let cases = [
        (format!("Root={ROOT}"), format!("Root={ROOT}")),
        (
            format!("ROOT={ROOT}; parent=53995c3f42cd8ad8 ;SAMPLED=0"),
            format!("Root={ROOT};Parent=53995c3f42cd8ad8;Sampled=0"),
        ),
        (format!("Self=1-2-3;Root={ROOT};Sampled=?;Parent=x"), format!("Root={ROOT}")),
    ];
    for (incoming, expected) in cases {
        assert_eq!(trace_id(Some(&incoming), NOW), expected);
    }
}

#[test]
fn without_a_valid_root_a_new_one_holds_the_time() {
    for incoming in [None, Some(""), Some("Root=1-x-y"), Some("Root=2-67f66a70-0123456789abcdef01234567")] {
        let trace = trace_id(incoming, NOW);
        let root = trace.strip_prefix("Root=").expect("a root");
        assert!(is_trace_root(root) && root.starts_with("1-67f66970-"), "{trace}");
    }
}

#[test]
fn new_ids_have_the_forms_of_aws() {
    let id = request_id(&Headers::default());
    assert!(uuid::Uuid::try_parse(&id).is_ok_and(|id| id.get_version_num() == 4), "{id}");
    assert_eq!(extended_request_id().len(), 16);
}

#[test]
fn the_client_is_appended_to_all_that_came_before_it() {
    let mut headers = Headers::default();
    for (name, value) in
        [("X-Forwarded-For", "198.51.100.7"), ("x-forwarded-for", ""), ("x-forwarded-for", "192.0.2.1, 192.0.2.2")]
    {
        headers.append(name, value);
    }
    let expected = "198.51.100.7, 192.0.2.1, 192.0.2.2, 203.0.113.9";
    assert_eq!(forwarded_for(&headers, "203.0.113.9"), expected);
}

#[test]
fn addresses_read_as_usual() {
    for text in ["127.0.0.1", "255.255.255.255", "0.0.0.0", "10.9.80.7", "::1", "2001:db8::ff00:42:8329"] {
        assert_eq!(address_text(text.parse().expect("an address")), text);
    }
}

proptest! {
    #[test]
    fn no_trace_header_makes_another_than_a_trace(incoming in "\\PC{0,60}|((?i)root|parent|sampled|=|;|1-|[0-9a-f]{8}|-| ){0,12}") {
        let trace = trace_id(Some(&incoming), NOW);
        let mut fields = trace.split(';');
        let root = fields.next().and_then(|field| field.strip_prefix("Root="));
        prop_assert!(root.is_some_and(is_trace_root), "{trace}");
        prop_assert!(fields.all(|field| field.starts_with("Parent=") || field.starts_with("Sampled=")), "{trace}");
    }

    #[test]
    fn a_request_id_is_always_a_uuid(own in "\\PC{0,40}|[0-9a-f-]{36}") {
        let mut headers = Headers::default();
        headers.append("x-amzn-RequestId", &own);
        let id = request_id(&headers);
        prop_assert!(uuid::Uuid::try_parse(&id).is_ok() && id.len() == 36, "{id}");
    }
}
