//! Any `Authorization` header and any query is a signature or is refused.
#![no_main]

use iam::sigv4::Authorization;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let _ = Authorization::from_header(text);
    let _ = Authorization::from_query(text);
});
