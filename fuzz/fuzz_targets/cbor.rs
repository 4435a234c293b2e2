//! Any bytes are a document of CloudWatch's protocol or are refused.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = account::metrics::decode_cbor(bytes);
});
