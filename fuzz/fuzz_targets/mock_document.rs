//! Any text is a mock's document with a status, or is refused.
#![no_main]

libfuzzer_sys::fuzz_target!(|document: &str| {
    let _ = execute_api::content_handling::mock_status(document);
});
