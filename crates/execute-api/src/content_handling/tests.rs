use ContentHandling::{ConvertToBinary, ConvertToText};
use PassthroughBehavior::{Never, WhenNoMatch, WhenNoTemplates};
use PayloadKind::{Binary, Text};
use definition::integration::PassthroughBehavior;
use proptest::prelude::*;

use super::*;

fn binary_types(media_types: &[&str]) -> BinaryMediaTypes {
    BinaryMediaTypes::new(&media_types.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
}

#[test]
fn media_types_are_binary_by_name_family_or_altogether() {
    let check = |patterns: &[&str], content_type: Option<&str>, expected: PayloadKind| {
        assert_eq!(binary_types(patterns).kind_of(content_type), expected, "{patterns:?} {content_type:?}");
    };
    check(&[], Some("image/png"), Text);
    check(&[], None, Text);
    check(&["image/png"], Some("image/png"), Binary);
    check(&["image/png"], Some("IMAGE/PNG; q=1"), Binary);
    check(&["image/png"], Some("image/jpeg"), Text);
    check(&["image/png"], None, Text);
    check(&["Image/*"], Some("image/jpeg"), Binary);
    check(&["image/*"], Some("images/jpeg"), Text);
    check(&["image/*"], Some("image"), Text);
    check(&["*/*"], Some("application/json"), Binary);
    check(&["*/*"], None, Binary);
    check(&["application/octet-stream", "image/*"], Some("image/x"), Binary);
}

#[test]
fn only_the_first_accepted_type_counts() {
    let types = binary_types(&["image/png"]);
    let check =
        |accept: Option<&str>, expected: PayloadKind| assert_eq!(types.kind_accepted(accept), expected, "{accept:?}");
    check(Some("image/png"), PayloadKind::Binary);
    check(Some("image/png;q=0.1, text/html"), PayloadKind::Binary);
    check(Some("text/html, image/png"), PayloadKind::Text);
    check(Some("*/*"), PayloadKind::Text);
    check(Some("image/*"), PayloadKind::Text);
    check(None, PayloadKind::Text);
    assert_eq!(binary_types(&["*/*"]).kind_accepted(None), PayloadKind::Binary);
}

const TEXT: &[u8] = b"aGVsbG8=";
const BYTES: &[u8] = &[0xff, 0x00];

#[test]
fn request_payloads_are_converted_by_the_table() {
    let check = |body: &'static [u8], kind, handling, expected: Payload| {
        assert_eq!(convert_request(Bytes::from_static(body), kind, handling), Ok(expected), "{kind:?} {handling:?}");
    };
    let text = || Payload::Text("aGVsbG8=".to_owned());
    check(TEXT, PayloadKind::Text, None, text());
    check(TEXT, PayloadKind::Text, Some(ConvertToText), text());
    check(TEXT, PayloadKind::Text, Some(ConvertToBinary), Payload::Binary(Bytes::from_static(b"hello")));
    check(BYTES, PayloadKind::Text, None, Payload::Text("\u{fffd}\0".to_owned()));
    check(BYTES, PayloadKind::Binary, None, Payload::Binary(Bytes::from_static(BYTES)));
    check(BYTES, PayloadKind::Binary, Some(ConvertToBinary), Payload::Binary(Bytes::from_static(BYTES)));
    check(BYTES, PayloadKind::Binary, Some(ConvertToText), Payload::Text("/wA=".to_owned()));
    let refused = convert_request(Bytes::from_static(b"no base64!"), PayloadKind::Text, Some(ConvertToBinary));
    assert!(matches!(refused, Err(Failure::ApiConfiguration { .. })));
}

#[test]
fn response_payloads_are_converted_by_the_table() {
    let as_text = || Payload::Text("aGVsbG8=".to_owned());
    let decoded = || Payload::Binary(Bytes::from_static(b"hello"));
    let raw = || Payload::Binary(Bytes::from_static(BYTES));
    let encoded = || Payload::Text("/wA=".to_owned());
    let check = |kind, accepted, handling, expected: Payload| {
        let body = Bytes::from_static(if kind == Text { TEXT } else { BYTES });
        assert_eq!(
            convert_response(body, kind, accepted, handling),
            Ok(expected),
            "{kind:?} {accepted:?} {handling:?}"
        );
    };
    check(Text, Text, None, as_text());
    check(Text, Text, Some(ConvertToText), as_text());
    check(Text, Text, Some(ConvertToBinary), decoded());
    check(Text, Binary, None, decoded());
    check(Text, Binary, Some(ConvertToText), as_text());
    check(Text, Binary, Some(ConvertToBinary), decoded());
    check(Binary, Text, None, encoded());
    check(Binary, Text, Some(ConvertToText), encoded());
    check(Binary, Text, Some(ConvertToBinary), raw());
    check(Binary, Binary, None, raw());
    check(Binary, Binary, Some(ConvertToText), encoded());
    check(Binary, Binary, Some(ConvertToBinary), raw());
    assert!(convert_response(Bytes::from_static(b"{}"), Text, Binary, None).is_err());
}

fn templates(entries: &[(&str, Option<&'static str>)]) -> TemplateSet<&'static str> {
    entries.iter().map(|(content_type, template)| ((*content_type).to_owned(), *template)).collect()
}

#[test]
fn request_templates_are_chosen_by_content_type() {
    let json = templates(&[("application/json", Some("json"))]);
    let check = |set: &TemplateSet<&'static str>,
                 content_type: Option<&str>,
                 behavior,
                 expected: Result<Option<&str>, Failure>| {
        let chosen = set.for_request(content_type, behavior).map(Option::<&&str>::copied);
        assert_eq!(chosen, expected, "{content_type:?} {behavior:?}");
    };
    for behavior in [WhenNoMatch, WhenNoTemplates, Never] {
        check(&json, Some("application/json"), behavior, Ok(Some("json")));
        check(&json, Some("APPLICATION/JSON; charset=utf-8"), behavior, Ok(Some("json")));
        check(&json, None, behavior, Ok(Some("json")));
        check(&json, Some(""), behavior, Ok(Some("json")));
    }
    check(&json, Some("text/plain"), WhenNoMatch, Ok(None));
    check(&json, Some("text/plain"), WhenNoTemplates, Err(Failure::UnsupportedMediaType));
    check(&json, Some("text/plain"), Never, Err(Failure::UnsupportedMediaType));
    let none = templates(&[]);
    check(&none, Some("text/plain"), WhenNoMatch, Ok(None));
    check(&none, Some("text/plain"), WhenNoTemplates, Ok(None));
    check(&none, Some("text/plain"), Never, Err(Failure::UnsupportedMediaType));
    let default = templates(&[("application/json", Some("json")), ("$default", Some("rest"))]);
    check(&default, Some("text/plain"), Never, Ok(Some("rest")));
    check(&default, Some("application/json"), Never, Ok(Some("json")));
    check(&templates(&[("application/json", None)]), None, Never, Ok(None));
}

#[test]
fn response_templates_are_chosen_by_accept() {
    let check = |entries: &[(&str, Option<&'static str>)], accept: Option<&str>, expected: Option<&str>| {
        assert_eq!(templates(entries).for_response(accept).copied(), expected, "{entries:?} {accept:?}");
    };
    let both = [("text/xml", Some("xml")), ("application/json", Some("json"))];
    check(&both, None, Some("json"));
    check(&both, Some("text/xml"), Some("xml"));
    check(&both, Some("TEXT/XML;q=0.5, application/json"), Some("xml"));
    check(&both, Some("text/html, text/xml"), Some("json"));
    check(&both, Some("*/*"), Some("json"));
    check(&[("text/xml", Some("xml")), ("text/html", Some("html"))], Some("*/*"), Some("xml"));
    check(&[("application/json", None)], None, None);
    check(&[], None, None);
}

#[test]
fn mock_documents_may_be_sloppy() {
    let check = |document: &str, expected: Option<i64>| assert_eq!(mock_status(document).ok(), expected, "{document}");
    check(r#"{"statusCode": 200}"#, Some(200));
    check("{statusCode: 200}", Some(200));
    check("{'statusCode': 200,}", Some(200));
    check("{'statusCode': 200,,}", Some(200));
    check("\n  { \"statusCode\" : 404 }\n", Some(404));
    check(r#"{"statusCode":200,"junk"}"#, Some(200));
    check(r#"{"a":"}{","b":{"c":[1,{"d":"]"}]},"statusCode":201}"#, Some(201));
    check(r#"{"a":[1,2], junk junk, : , "statusCode":201}"#, Some(201));
    check(r#"{"s":"a\"}","statusCode":202}"#, Some(202));
    check(r#"{"statusCode":200,"statusCode":500}"#, Some(500));
    check(r#"{"nested":{"statusCode":200}}"#, None);
    check(r#"{"statusCode":"200"}"#, None);
    check(r#"{"statusCode":'200'}"#, None);
    check(r#"{"statusCode":200.5}"#, None);
    check(r#"{"statusCode":}"#, None);
    check(r#"{"statusCode":null}"#, None);
    check(r#"{"statuscode":200}"#, None);
    check("{}", None);
    check("", None);
    check("200", None);
    check(r#"[{"statusCode":200}]"#, None);
    check(r#"{"statusCode":200"#, None);
    check(r#"{"statusCode":200}}"#, None);
    check(r#"{"a":{"statusCode":200}"#, None);
    check(r#"{"a":[1},"statusCode":200}"#, None);
    check(r#"{"a":"open,"statusCode":200}"#, None);
    assert_eq!(
        mock_status("x").unwrap_err().to_string(),
        "configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template."
    );
}

proptest! {
    #[test]
    fn no_document_makes_the_mock_reader_panic_or_hang(document in r#"[{}\[\]"',:\\a-c 0-9é]{0,40}"#) {
        let _ = mock_status(&document);
        let _ = mock_status(&format!("{{{document}"));
    }

    #[test]
    fn every_integer_status_is_read(status in any::<i64>(), junk in "[a-z]{1,5}") {
        prop_assert_eq!(mock_status(&format!("{{{junk}: 'x', statusCode: {status}, }}")), Ok(status));
    }

    #[test]
    fn bytes_survive_base64(bytes in proptest::collection::vec(any::<u8>(), 0..50)) {
        let text = convert_request(bytes.clone().into(), PayloadKind::Binary, Some(ContentHandling::ConvertToText)).unwrap();
        let back = convert_request(text.into_bytes(), PayloadKind::Text, Some(ContentHandling::ConvertToBinary)).unwrap();
        prop_assert_eq!(back, Payload::Binary(bytes.into()));
    }
}
