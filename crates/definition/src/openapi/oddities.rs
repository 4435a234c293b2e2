//! What of a document nobody reads: attributes that are missing, and members that have no effect.
//!
//! AWS warns of the former, and ignores the latter without a word.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    field,
    findings::Findings,
    grammar,
    source::{Source, Version},
};

/// The extensions of a document's root.
const ROOT_EXTENSIONS: [&str; 11] = [
    "api-key-source",
    "binary-media-types",
    "documentation",
    "endpoint-configuration",
    "endpoint-access-mode",
    "security-policy",
    "gateway-responses",
    "minimum-compression-size",
    "policy",
    "request-validators",
    "request-validator",
];
/// The extensions of an operation.
const OPERATION_EXTENSIONS: [&str; 3] = ["auth", "integration", "request-validator"];
/// The members of an integration.
const INTEGRATION_MEMBERS: [&str; 17] = [
    "type",
    "httpMethod",
    "uri",
    "credentials",
    "requestParameters",
    "requestTemplates",
    "passthroughBehavior",
    "contentHandling",
    "timeoutInMillis",
    "cacheNamespace",
    "cacheKeyParameters",
    "connectionType",
    "connectionId",
    "tlsConfig",
    "responses",
    "responseTransferMode",
    "integrationTarget",
];
/// The members of an integration's response.
const RESPONSE_MEMBERS: [&str; 4] = ["statusCode", "responseParameters", "responseTemplates", "contentHandling"];

const EXTENSION_PREFIX: &str = "x-amazon-apigateway-";

/// Warns of what OpenAPI requires and the document does not say, and of what OpenAPI has no word for.
pub(super) fn warn(source: &Source, findings: &mut Findings) {
    if source.version != Version::OpenApi3 {
        return;
    }
    grammar::warn(source, findings);
    warn_missing(source, findings);
    warn_paths(source, findings);
}

fn warn_missing(source: &Source, findings: &mut Findings) {
    let root = &source.root;
    let info = field::member(root, "info").unwrap_or(root);
    if field::member(info, "version").is_none() {
        findings.warning_at(info, missing("info.version"));
    }
    if field::member(root, "paths").is_none() {
        findings.warning_at(root, missing("paths"));
    }
    for (path, key, operation) in operations(source) {
        let place = format!("paths.'{path}'({key})");
        let Some(responses) = field::member(operation, "responses") else {
            findings.warning_at(operation, missing(&format!("{place}.responses")));
            continue;
        };
        for (code, response) in responses.as_object().into_iter().flatten() {
            let is_described = field::member(response, "description").is_some() || response.get("$ref").is_some();
            if response.is_object() && !is_described && !code.starts_with("x-") {
                findings.warning_at(response, missing(&format!("{place}.responses.{code}.description")));
            }
        }
    }
}

/// Warns of paths that are none, and of operations that have the name of another.
fn warn_paths(source: &Source, findings: &mut Findings) {
    for (path, item) in source.root.get("paths").and_then(Value::as_object).into_iter().flatten() {
        if !path.starts_with('/') && !path.starts_with("x-") {
            findings.warning_at(item, format!("Parse issue: attribute paths. Resource {path} should start with /"));
        }
    }
    let mut names = HashSet::new();
    for (path, key, operation) in operations(source) {
        let Some(name) = field::member(operation, "operationId") else { continue };
        if name.as_str().is_some_and(|name| !names.insert(name)) {
            let place = format!("paths.'{path}'({key})");
            findings.warning_at(name, format!("Parse issue: attribute {place}.operationId is repeated"));
        }
    }
}

fn missing(attribute: &str) -> String {
    format!("Parse issue: attribute {attribute} is missing")
}

/// Notes what has no effect.
pub(super) fn note(source: &Source, findings: &mut Findings) {
    let root = &source.root;
    note_extensions(findings, root, &ROOT_EXTENSIONS);
    if let Some(security) = field::member(root, "security") {
        findings.silence(security, "'security' of the document is ignored: each operation must say what it requires");
    }
    for (_, _, operation) in operations(source) {
        note_extensions(findings, operation, &OPERATION_EXTENSIONS);
        if let Some(callbacks) = field::member(operation, "callbacks") {
            findings.silence(callbacks, "'callbacks' are ignored");
        }
        let parameters = operation.get("parameters").and_then(Value::as_array);
        for parameter in parameters.into_iter().flatten() {
            let place = parameter.get("in").and_then(Value::as_str);
            if let Some(place @ ("cookie" | "formData")) = place {
                findings.silence(parameter, format!("parameters in '{place}' are ignored"));
            }
        }
        if let Some(default) = operation.get("responses").and_then(|responses| responses.get("default")) {
            findings.silence(default, "the response 'default' is ignored: a method response has a status code");
        }
        let integration = field::member(operation, "x-amazon-apigateway-integration");
        if let Some(members) = integration.and_then(Value::as_object) {
            note_integration(findings, members);
        }
    }
}

fn note_integration(findings: &mut Findings, integration: &Map<String, Value>) {
    note_unknown(findings, integration, &INTEGRATION_MEMBERS, "an integration");
    for response in integration.get("responses").and_then(Value::as_object).into_iter().flat_map(Map::values) {
        if let Some(members) = response.as_object() {
            note_unknown(findings, members, &RESPONSE_MEMBERS, "an integration response");
        }
    }
}

fn note_unknown(findings: &mut Findings, members: &Map<String, Value>, known: &[&str], what: &str) {
    for (name, value) in members.iter().filter(|(name, _)| !known.contains(&name.as_str()) && !name.starts_with("x-")) {
        if name != "$ref" {
            findings.silence(value, format!("'{name}' is no member of {what} and is ignored"));
        }
    }
}

fn note_extensions(findings: &mut Findings, value: &Value, known: &[&str]) {
    for (name, value) in value.as_object().into_iter().flatten() {
        let Some(extension) = name.strip_prefix(EXTENSION_PREFIX) else { continue };
        if matches!(extension, "cors" | "importexport-version") {
            findings.silence(value, format!("'{name}' is for HTTP APIs and is ignored"));
        } else if !known.contains(&extension) {
            findings.silence(value, format!("'{name}' is no extension of this place and is ignored"));
        }
    }
}

/// All operations that stand in the document's own paths: path, member and value.
fn operations(source: &Source) -> impl Iterator<Item = (&String, &String, &Value)> {
    const KEYS: [&str; 8] =
        ["get", "put", "post", "delete", "options", "head", "patch", "x-amazon-apigateway-any-method"];
    let paths = source.root.get("paths").and_then(Value::as_object);
    paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")).flat_map(|(path, item)| {
        let members = item.as_object().into_iter().flatten();
        members.filter(|(key, _)| KEYS.contains(&key.as_str())).map(move |(key, operation)| (path, key, operation))
    })
}
