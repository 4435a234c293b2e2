//! Any text is a path or is refused, and evaluating it ends: the path is the first line, the document the others.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (path, document) = text.split_once('\n').unwrap_or((text, ""));
    if let (Ok(path), Ok(document)) = (execute_api::json_path::JsonPath::compile(path), vtl::json::parse(document)) {
        let _ = path.find(&document);
    }
});
