//! What is read as JSON is written as JSON that reads the same.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Ok(value) = vtl::json::parse(text) {
        let written = vtl::json::to_text(&value).expect("what was read can be written");
        let again = vtl::json::parse(&written).expect("what was written can be read");
        assert_eq!(vtl::json::to_text(&again).ok(), Some(written));
    }
});
