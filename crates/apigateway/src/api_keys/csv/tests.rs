//! Files, whole and broken.

use proptest::prelude::*;

use super::{FIELDS_MAX, InvalidCsv, RECORDS_MAX, parse};

fn check(text: &str, expected: Result<&[&[&str]], InvalidCsv>) {
    let expected = expected.map(|records| {
        records.iter().map(|fields| fields.iter().map(ToString::to_string).collect()).collect::<Vec<Vec<String>>>()
    });
    assert_eq!(parse(text.as_bytes()), expected, "{text:?}");
}

#[test]
fn fields_stand_between_commas_and_may_be_quoted() {
    check("", Ok(&[]));
    check("\u{feff}a,b\r\n\r\n1, 2 \n", Ok(&[&["a", "b"], &["1", " 2 "]]));
    check("a,,\n,", Ok(&[&["a", "", ""], &["", ""]]));
    check("true,k,\"c7y23b,glvrsr\"\r", Ok(&[&["true", "k", "c7y23b,glvrsr"]]));
    check("'a,b','it''s'", Ok(&[&["a,b", "it's"]]));
    check("\"a\"\"b\nc\",\"\"", Ok(&[&["a\"b\nc", ""]]));
    check("'tis,x", Ok(&[&["'tis", "x"]]));
    check("a\"b,c'd", Ok(&[&["a\"b", "c'd"]]));
}

#[test]
fn broken_files_are_refused() {
    check("a\n\"b", Err(InvalidCsv::Quotes { record: 2 }));
    check("\"a\"b", Err(InvalidCsv::Quotes { record: 1 }));
    check(&"a\n".repeat(RECORDS_MAX + 1), Err(InvalidCsv::TooManyRecords));
    check(&",".repeat(FIELDS_MAX), Err(InvalidCsv::TooManyFields { record: 1 }));
    assert_eq!(parse(b"\xff"), Err(InvalidCsv::NotUtf8));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes);
    }

    #[test]
    fn what_was_quoted_is_read_again(records in prop::collection::vec(prop::collection::vec("(?s).{0,20}", 1..5), 0..5)) {
        let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
        let line = |fields: &Vec<String>| fields.iter().map(quote).collect::<Vec<_>>().join(",");
        let text = records.iter().map(line).collect::<Vec<_>>().join("\r\n");
        prop_assert_eq!(parse(text.as_bytes()), Ok(records));
    }
}
