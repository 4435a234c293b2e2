//! Any text is a filter pattern or is refused, and matching ends.
#![no_main]

use account::logs::filter_pattern::FilterPattern;

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    let (pattern, message) = input;
    if let Ok(pattern) = FilterPattern::parse(pattern) {
        let _ = pattern.matches(message);
    }
});
