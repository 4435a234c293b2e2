//! Any text is a filter pattern or is refused, and matching ends: the pattern is the first line, the message the others.
#![no_main]

use account::logs::filter_pattern::FilterPattern;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (pattern, message) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(pattern) = FilterPattern::parse(pattern) {
        let _ = pattern.matches(message);
    }
});
