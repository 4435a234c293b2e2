use definition::time::EpochMillis;
use proptest::prelude::*;

use super::{DEPTH_MAX, decode, encode};
use crate::metrics::Document;

fn documents() -> impl Strategy<Value = Document> {
    let leaf = prop_oneof![
        Just(Document::Null),
        any::<bool>().prop_map(Document::Bool),
        (-1e300..1e300_f64).prop_map(Document::Number),
        ".{0,8}".prop_map(Document::Text),
        (-1_000_000_000_000..10_000_000_000_000_i64).prop_map(|ms| Document::Time(EpochMillis(ms))),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Document::List),
            prop::collection::vec((".{0,8}", inner), 0..6).prop_map(Document::Structure),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_written_is_read(document in documents()) {
        prop_assert_eq!(decode(&encode(&document)).unwrap(), document);
    }

    #[test]
    fn any_bytes_are_a_document_or_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(document) = decode(&bytes) {
            // Of the ways to write a value ours is one; not a number is no value that equals itself.
            prop_assert!(decode(&encode(&document)).is_ok());
        }
    }
}

fn check_refused(bytes: &[u8]) {
    assert!(decode(bytes).is_err(), "{bytes:02x?}");
}

#[test]
fn what_has_no_place_here_is_refused() {
    check_refused(b"");
    // A text of which nine bytes are missing; an array said to hold 2^64 - 1 items.
    check_refused(&[0x69]);
    check_refused(&[0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    // Two values; a key that is a number; bytes; a time that is a text, infinite, or too late.
    check_refused(&[0xa0, 0xa0]);
    check_refused(&[0xa1, 0x01, 0x02]);
    check_refused(&[0x41, 0x00]);
    check_refused(&[0xc1, 0x61, 0x61]);
    check_refused(&[0xc1, 0xf9, 0x7c, 0x00]);
    check_refused(&[0xc1, 0xfb, 0x7f, 0xef, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
    // Deeper than anything the service takes.
    check_refused(&[vec![0x81; DEPTH_MAX + 1], vec![0x00]].concat());
    check_refused(&vec![0x9f; 1_000_000]);
}

#[test]
fn every_spelling_of_a_number_and_a_time_is_read() {
    assert_eq!(decode(&[0x18, 0x64]).unwrap(), Document::Number(100.0));
    assert_eq!(decode(&[0x38, 0x63]).unwrap(), Document::Number(-100.0));
    assert_eq!(decode(&[0xf9, 0x3c, 0x00]).unwrap(), Document::Number(1.0));
    assert_eq!(decode(&[0xc1, 0x1a, 0x51, 0x4b, 0x67, 0xb0]).unwrap(), Document::Time(EpochMillis(1_363_896_240_000)));
    let half = [0xc1, 0xfb, 0x41, 0xd4, 0x52, 0xd9, 0xec, 0x20, 0x00, 0x00];
    assert_eq!(decode(&half).unwrap(), Document::Time(EpochMillis(1_363_896_240_500)));
    // Of indefinite length: {_ "a": [_ 1]}.
    let expected = Document::Structure(vec![("a".to_owned(), Document::List(vec![Document::Number(1.0)]))]);
    assert_eq!(decode(&[0xbf, 0x61, 0x61, 0x9f, 0x01, 0xff, 0xff]).unwrap(), expected);
}
