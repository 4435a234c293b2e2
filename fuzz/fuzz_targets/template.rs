//! Any text is parsed or refused, and what was parsed renders or fails within its limits.
#![no_main]

use vtl::{Context, Limits, Template, Value, json};

libfuzzer_sys::fuzz_target!(|source: &str| {
    let Ok(template) = Template::parse(source) else { return };
    let mut context = Context::new();
    for (name, text) in [("l", "[1,\"a\",{\"k\":[]}]"), ("m", "{\"k\":1}"), ("s", "\"a\u{e9}\""), ("n", "1.50")] {
        context.insert(name, json::parse(text).unwrap_or_default());
    }
    context.insert("i", Value::from(7_i64));
    // Small ones: a run that uses them up takes no time.
    let limits = Limits { output_bytes_max: 100_000, fuel: 100_000, ..Limits::default() };
    if let Ok(text) = template.render(&context, &limits) {
        assert!(text.len() <= limits.output_bytes_max);
    }
});
