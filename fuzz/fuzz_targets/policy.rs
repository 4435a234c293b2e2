//! Any text is a policy of each kind or is refused.
#![no_main]

use iam::policy::{Policy, PolicyKind};

libfuzzer_sys::fuzz_target!(|text: &str| {
    for kind in [PolicyKind::Identity, PolicyKind::Resource, PolicyKind::Trust] {
        let _ = Policy::parse(text, kind);
    }
});
