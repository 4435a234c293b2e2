//! Names overheard on the wire never add, lose or change a value that the parser knows.
#![no_main]

use execute_api::request::{Headers, WrittenNames};
use http::{HeaderMap, HeaderName, HeaderValue};

libfuzzer_sys::fuzz_target!(|input: (Vec<(&[u8], &[u8])>, Vec<&[u8]>)| {
    let (fields, overheard) = input;
    let mut map = HeaderMap::new();
    for (name, value) in &fields {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
            let _ = map.try_append(name, value);
        }
    }
    let overheard: WrittenNames = overheard.into_iter().collect();
    let parsed = map.len();
    assert!(Headers::from_wire(map.clone(), Some(&overheard)).iter().count() <= parsed);
    assert_eq!(Headers::from_wire(map, None).iter().count(), parsed);
});
