//! Any text is a path or is refused, and evaluating it ends.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: (&str, &str)| {
    let (path, document) = input;
    if let (Ok(path), Ok(document)) = (execute_api::json_path::JsonPath::compile(path), vtl::json::parse(document)) {
        let _ = path.find(&document);
    }
});
