//! What a document says for people, as documentation parts: `x-amazon-apigateway-documentation`, and the descriptions, summaries
//! and titles beside what they describe (Developer Guide, "Import API documentation").
//!
//! A part of the extension wins over what stands beside its entity. What an entity inherits from such a part is not said again.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::{
    export::description_default,
    field,
    findings::{Findings, Problem},
    source::Source,
};
use crate::{
    documentation::{Contents, DeclaredPart, Location, PARTS_MAX, PartType},
    id::{ModelName, StatusCode},
    method::HttpMethod,
};

/// What is said of an API beside its name and version.
const INFO_MEMBERS: [&str; 4] = ["description", "termsOfService", "contact", "license"];
const OPERATION_MEMBERS: [&str; 5] = ["tags", "summary", "description", "externalDocs", "deprecated"];

/// The parts of a document whose paths stand below `base_path` and whose models are made from these schemas, no two about the
/// same, not more than [`PARTS_MAX`].
pub(super) fn read(
    source: &Source,
    base_path: &str,
    schemas: &[(ModelName, &Value)],
    findings: &mut Findings,
) -> Vec<DeclaredPart> {
    let explicit = explicit(source, findings);
    let contents = Contents::of(explicit.iter().map(|part| (&part.location, &part.content)));
    let mut inline = Inline { source, contents, parts: Vec::new() };
    inline.api();
    inline.paths(base_path);
    inline.components(schemas);
    let inline = inline.parts;
    let mut parts = explicit;
    parts.extend(inline);
    let mut parts = without_repetitions(parts);
    if parts.len() > PARTS_MAX {
        parts.truncate(PARTS_MAX);
        findings.look_at(&source.root);
        findings.warning(format!("Ignoring documentation parts beyond the first {PARTS_MAX}"));
    }
    parts
}

/// The parts of the extension.
fn explicit(source: &Source, findings: &mut Findings) -> Vec<DeclaredPart> {
    let Some(extension) = field::member(&source.root, "x-amazon-apigateway-documentation") else { return Vec::new() };
    findings.look_at(extension);
    let declared = findings.or_default("read the documentation", field::list_at(extension, "documentationParts"));
    let mut parts: Vec<DeclaredPart> = Vec::new();
    let mut places = HashSet::new();
    for item in declared {
        let part = match explicit_part(item) {
            Ok(part) => part,
            Err(problem) => {
                findings.warning_at(item, format!("Ignoring documentation part: {problem}"));
                continue;
            }
        };
        if places.insert(part.location.to_string()) {
            parts.push(part);
        } else {
            let text = format!("Ignoring documentation part: there is another one for {}", part.location);
            findings.warning_at(item, text);
        }
    }
    parts
}

fn explicit_part(item: &Value) -> Result<DeclaredPart, Problem> {
    let location = field::member(item, "location").ok_or("it has no location")?;
    let location: Location =
        serde_json::from_value(location.clone()).map_err(|error| format!("its location is none: {error}"))?;
    let content = match field::member(item, "properties") {
        Some(Value::Object(content)) => Some(content.clone()),
        Some(Value::String(text)) => serde_json::from_str(text).ok(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => None,
    };
    Ok(DeclaredPart { location: location.checked()?, content: content.ok_or("its properties are no JSON object")? })
}

/// The first part about each entity.
fn without_repetitions(mut parts: Vec<DeclaredPart>) -> Vec<DeclaredPart> {
    let mut seen = HashSet::new();
    let first: Vec<bool> = parts.iter().map(|part| seen.insert(part.location.key())).collect();
    let mut first = first.into_iter();
    parts.retain(|_| first.next().unwrap_or_default());
    parts
}

/// The reading of what stands beside its entity.
struct Inline<'a, 'p> {
    source: &'a Source,
    contents: Contents<'p>,
    parts: Vec<DeclaredPart>,
}

impl<'a> Inline<'a, '_> {
    fn add(&mut self, location: Location, content: Map<String, Value>) {
        let effective = self.contents.effective(&location);
        let is_said = |(name, value): (&String, &Value)| effective.and_then(|said| said.get(name)) == Some(value);
        // One part more than there may be is enough to know that there are too many.
        if self.parts.len() > PARTS_MAX || self.contents.exact(&location).is_some() || content.iter().all(is_said) {
            return;
        }
        self.parts.push(DeclaredPart { location, content });
    }

    /// Adds those members of a value that say something.
    fn add_members(&mut self, location: Location, value: &Value, members: &[&str]) {
        self.add(location, said(value, members));
    }

    fn api(&mut self) {
        let root = &self.source.root;
        let mut content = said(root, &["externalDocs"]);
        let info = field::member(root, "info").map(|info| said(info, &INFO_MEMBERS)).unwrap_or_default();
        if !info.is_empty() {
            content.insert("info".to_owned(), Value::Object(info));
        }
        // Tags with a value are the API's own, and no documentation.
        let is_label = |tag: &&Value| tag.get("x-amazon-apigateway-tag-value").is_none();
        let labels: Vec<Value> =
            root.get("tags").and_then(Value::as_array).into_iter().flatten().filter(is_label).cloned().collect();
        if !labels.is_empty() {
            content.insert("tags".to_owned(), Value::Array(labels));
        }
        self.add(Location::of(PartType::Api), content);
    }

    fn paths(&mut self, base_path: &str) {
        for (path, item) in self.source.root.get("paths").and_then(Value::as_object).into_iter().flatten() {
            let Some(item) = self.source.resolve(item).filter(|_| !path.starts_with("x-")) else { continue };
            let whole = format!("{base_path}/{path}");
            let path: String = whole.split('/').filter(|part| !part.is_empty()).flat_map(|part| ["/", part]).collect();
            let path = if path.is_empty() { "/" } else { path.as_str() };
            self.add_members(Location::of(PartType::Resource).at(path), item, &["summary", "description"]);
            for (key, operation) in item.as_object().into_iter().flatten() {
                if let Some(method) = http_method(key) {
                    self.operation(path, method, item, operation);
                }
            }
        }
    }

    fn operation(&mut self, path: &str, method: HttpMethod, item: &'a Value, operation: &'a Value) {
        let location = |part_type| Location::of(part_type).at(path).method(method);
        self.add_members(location(PartType::Method), operation, &OPERATION_MEMBERS);
        let mut seen = HashSet::new();
        let parameters = [operation, item].into_iter().filter_map(|declared| declared.get("parameters")?.as_array());
        for parameter in parameters.flatten() {
            let Some(parameter) = self.source.resolve(parameter) else { continue };
            let text = |key: &str| parameter.get(key).and_then(Value::as_str).unwrap_or_default();
            let (place, name) = (text("in"), text("name"));
            let entity = match place {
                "query" => location(PartType::QueryParameter).named(name),
                "header" => location(PartType::RequestHeader).named(name),
                "path" => location(PartType::PathParameter).named(name),
                "body" => location(PartType::RequestBody),
                _ => continue,
            };
            if seen.insert((place, name)) {
                self.add_members(entity, parameter, &["description"]);
            }
        }
        if let Some(body) = operation.get("requestBody").and_then(|body| self.source.resolve(body)) {
            self.add_members(location(PartType::RequestBody), body, &["description"]);
        }
        for (code, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
            if let (Ok(code), Some(response)) = (code.parse::<StatusCode>(), self.source.resolve(response)) {
                self.response(&|part_type| location(part_type).status_code(code), code, response);
            }
        }
    }

    fn response(&mut self, location: &dyn Fn(PartType) -> Location, code: StatusCode, response: &Value) {
        let mut content = said(response, &["description"]);
        // An export writes this where nobody described the response.
        if content.get("description").and_then(Value::as_str) == Some(description_default(&code.to_string()).as_str()) {
            content.clear();
        }
        self.add(location(PartType::Response), content);
        for (name, header) in response.get("headers").and_then(Value::as_object).into_iter().flatten() {
            self.add_members(location(PartType::ResponseHeader).named(name), header, &["description"]);
        }
    }

    /// Models and authorizers.
    fn components(&mut self, schemas: &[(ModelName, &Value)]) {
        for (name, schema) in schemas {
            self.add_members(Location::of(PartType::Model).named(name.as_str()), schema, &["title", "description"]);
        }
        for (name, scheme) in self.source.security_schemes().and_then(Value::as_object).into_iter().flatten() {
            if scheme.get("x-amazon-apigateway-authorizer").is_some() {
                self.add_members(Location::of(PartType::Authorizer).named(name), scheme, &["description"]);
            }
        }
    }
}

fn http_method(key: &str) -> Option<HttpMethod> {
    if key == "x-amazon-apigateway-any-method" {
        return Some(HttpMethod::Any);
    }
    let is_lower = key.bytes().all(|byte| byte.is_ascii_lowercase());
    key.to_ascii_uppercase().parse().ok().filter(|method| is_lower && *method != HttpMethod::Any)
}

/// Those members of a value that say something.
fn said(value: &Value, members: &[&str]) -> Map<String, Value> {
    let says = |value: &&Value| !value.is_null() && value.as_str() != Some("");
    let found = members.iter().filter_map(|name| Some((*name, value.get(name).filter(says)?)));
    found.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}
