//! Any text is parsed or refused, and what was parsed renders or fails within its limits.
#![no_main]

libfuzzer_sys::fuzz_target!(|source: &str| {
    if let Ok(template) = vtl::Template::parse(source) {
        let limits = vtl::Limits::default();
        if let Ok(text) = template.render(&vtl::Context::new(), &limits) {
            assert!(text.len() <= limits.output_bytes_max);
        }
    }
});
