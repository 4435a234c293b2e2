//! Any text is a Java pattern or is refused, and matching ends: the pattern is the first line, what it meets the others.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &str| {
    let (pattern, text) = input.split_once('\n').unwrap_or((input, ""));
    if let Ok(pattern) = vtl::java_regex::Pattern::new(pattern) {
        let _ = pattern.is_full_match(text);
        let _ = pattern.split(text, -1);
        if let Ok(replaced) = pattern.replace_all(text, "$0") {
            assert_eq!(replaced, text);
        }
    }
});
