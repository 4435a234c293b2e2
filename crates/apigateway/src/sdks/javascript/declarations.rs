//! The package's type declarations.

use std::fmt::Write as _;

use serde_json::Value;

use super::{SdkMethod, SdkMethods};

/// What is the same for every API, around the methods.
const FRAME: &str = include_str!("apigClient.d.ts");
/// Where the methods stand.
const PLACE: &str = "  // methods\n";

/// The declarations of a client with these methods.
pub(super) fn declare(methods: &SdkMethods<'_>) -> String {
    let mut lines = String::new();
    for (name, method) in methods {
        // Writing into a string cannot fail.
        let _ = writeln!(
            lines,
            "  {}({}, body?: unknown, additionalParams?: AdditionalParams): Promise<ApigResponse>;",
            quoted(name),
            parameters(method)
        );
    }
    FRAME.replacen(PLACE, &lines, 1)
}

/// The first argument: those of its members that the method needs, and those that it may be given.
fn parameters(method: &SdkMethod<'_>) -> String {
    let names = [&method.path_params, &method.query_params, &method.header_params].into_iter().flatten();
    let members: Vec<String> = names
        .map(|name| {
            let mark = if method.required.contains(name) { "" } else { "?" };
            let values = if method.query_params.contains(name) { "ParamValue | ParamValue[]" } else { "ParamValue" };
            format!("{}{mark}: {values}", quoted(name))
        })
        .collect();
    let mark = if method.required.is_empty() { "?" } else { "" };
    if members.is_empty() {
        return format!("params{mark}: Record<string, never>");
    }
    format!("params{mark}: {{ {} }}", members.join("; "))
}

/// A name as a string literal of TypeScript, which takes JSON's.
fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}
