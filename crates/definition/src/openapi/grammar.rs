//! The members that OpenAPI 3.0 gives the objects of a document. Others, except extensions, mean nothing.
//!
//! AWS warns of them in the words of its parser, which this module follows; the OpenAPI Specification 3.0.3 has the members.

use serde_json::{Map, Value};

use super::{findings::Findings, source::Source};

/// What an object of a document is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Document,
    Info,
    Components,
    PathItem,
    Operation,
    Parameter,
    RequestBody,
    Response,
    MediaType,
    Header,
    SecurityScheme,
    Schema,
}

/// What a member of an object holds.
#[derive(Debug, Clone, Copy)]
enum Holds {
    /// One object.
    One(Kind),
    /// Objects by names, and where they stand in messages.
    Named(Kind, Naming),
    /// A list of objects.
    Listed(Kind),
}

/// How a message names an object among those of its map.
#[derive(Debug, Clone, Copy)]
enum Naming {
    /// `.name`
    Plain,
    /// `.'name'`
    Quoted,
    /// Not at all.
    Silent,
}

/// The members of a path item that are operations.
const OPERATION_KEYS: [&str; 8] = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// The members of a document's components.
const COMPONENTS_MEMBERS: [&str; 9] = [
    "schemas",
    "responses",
    "parameters",
    "examples",
    "requestBodies",
    "headers",
    "securitySchemes",
    "links",
    "callbacks",
];
/// The members of an operation.
const OPERATION_MEMBERS: [&str; 12] = [
    "tags",
    "summary",
    "description",
    "externalDocs",
    "operationId",
    "parameters",
    "requestBody",
    "responses",
    "callbacks",
    "deprecated",
    "security",
    "servers",
];
/// The members of a header, which a parameter has, too.
const HEADER_MEMBERS: [&str; 11] = [
    "description",
    "required",
    "deprecated",
    "allowEmptyValue",
    "style",
    "explode",
    "allowReserved",
    "schema",
    "example",
    "examples",
    "content",
];
/// The members of a schema.
const SCHEMA_MEMBERS: [&str; 35] = [
    "title",
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
    "required",
    "enum",
    "type",
    "allOf",
    "oneOf",
    "anyOf",
    "not",
    "items",
    "properties",
    "additionalProperties",
    "description",
    "format",
    "default",
    "nullable",
    "discriminator",
    "readOnly",
    "writeOnly",
    "xml",
    "externalDocs",
    "example",
    "deprecated",
];

impl Kind {
    /// The members that there are.
    fn members(self) -> &'static [&'static str] {
        match self {
            Self::Document => {
                &["openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs"]
            }
            Self::Info => &["title", "description", "termsOfService", "contact", "license", "version"],
            Self::Components => &COMPONENTS_MEMBERS,
            Self::PathItem => &["summary", "description", "servers", "parameters"],
            Self::Operation => &OPERATION_MEMBERS,
            Self::Parameter | Self::Header => &HEADER_MEMBERS,
            Self::RequestBody => &["description", "content", "required"],
            Self::Response => &["description", "headers", "content", "links"],
            Self::MediaType => &["schema", "example", "examples", "encoding"],
            Self::SecurityScheme => {
                &["type", "description", "name", "in", "scheme", "bearerFormat", "flows", "openIdConnectUrl"]
            }
            Self::Schema => &SCHEMA_MEMBERS,
        }
    }

    /// What a member holds that has members of its own.
    fn holds(self, member: &str) -> Option<Holds> {
        use Holds::{Listed, Named, One};
        use Naming::{Plain, Quoted, Silent};
        Some(match (self, member) {
            (Self::Document, "info") => One(Self::Info),
            (Self::Document, "components") => One(Self::Components),
            (Self::Document, "paths") => Named(Self::PathItem, Quoted),
            (Self::Components, "schemas") | (Self::Schema, "properties") => Named(Self::Schema, Plain),
            (Self::Components | Self::Operation, "responses") => Named(Self::Response, Plain),
            (Self::Components, "parameters") => Named(Self::Parameter, Plain),
            (Self::Components, "requestBodies") => Named(Self::RequestBody, Plain),
            (Self::Components | Self::Response, "headers") => Named(Self::Header, Plain),
            (Self::Components, "securitySchemes") => Named(Self::SecurityScheme, Plain),
            (Self::PathItem | Self::Operation, "parameters") => Listed(Self::Parameter),
            (Self::PathItem, method) if OPERATION_KEYS.contains(&method) => One(Self::Operation),
            (Self::Operation, "requestBody") => One(Self::RequestBody),
            (Self::RequestBody | Self::Response | Self::Parameter | Self::Header, "content") => {
                Named(Self::MediaType, Silent)
            }
            (Self::MediaType | Self::Parameter | Self::Header, "schema")
            | (Self::Schema, "items" | "not" | "additionalProperties") => One(Self::Schema),
            (Self::Schema, "allOf" | "anyOf" | "oneOf") => Listed(Self::Schema),
            _ => return None,
        })
    }

    fn has(self, member: &str) -> bool {
        member == "$ref"
            || member.starts_with("x-")
            || self.members().contains(&member)
            || (self == Self::PathItem && OPERATION_KEYS.contains(&member))
            || (self == Self::Parameter && matches!(member, "name" | "in"))
    }
}

/// Warns of members that there are none of.
pub(super) fn warn(source: &Source, findings: &mut Findings) {
    Reading { findings, place: String::new() }.object(Kind::Document, &source.root);
}

/// A document being read.
struct Reading<'f> {
    findings: &'f mut Findings,
    /// Where the object that is being read stands, as messages have it.
    place: String,
}

impl Reading<'_> {
    fn object(&mut self, kind: Kind, value: &Value) {
        for (name, member) in value.as_object().into_iter().flatten() {
            if kind.has(name) {
                if let Some(holds) = kind.holds(name) {
                    self.member(kind, name, holds, member);
                }
            } else {
                let dot = if self.place.is_empty() { "" } else { "." };
                let text = format!("Parse issue: attribute {}{dot}{name} is unexpected", self.place);
                self.findings.warning_at(member, text);
            }
        }
    }

    fn member(&mut self, kind: Kind, name: &str, holds: Holds, member: &Value) {
        let length = self.place.len();
        match (kind, name) {
            (Kind::PathItem, method) if OPERATION_KEYS.contains(&method) => self.place.extend(["(", method, ")"]),
            // These stand in messages for the schema that they belong to.
            (Kind::Schema, "properties" | "items" | "not" | "additionalProperties" | "allOf" | "anyOf" | "oneOf") => {}
            _ => self.enter(name),
        }
        match holds {
            Holds::One(kind) => self.object(kind, member),
            Holds::Named(kind, naming) => {
                if let Value::Object(named) = member {
                    self.named(kind, naming, named);
                }
            }
            Holds::Listed(kind) => {
                for item in member.as_array().into_iter().flatten() {
                    let length = self.place.len();
                    if kind == Kind::Parameter {
                        let name = item.get("name").and_then(Value::as_str).unwrap_or("['unknown']");
                        self.place.extend([".[", name, "]"]);
                    }
                    self.object(kind, item);
                    self.place.truncate(length);
                }
            }
        }
        self.place.truncate(length);
    }

    fn named(&mut self, kind: Kind, naming: Naming, named: &Map<String, Value>) {
        for (name, value) in named.iter().filter(|(name, _)| kind == Kind::Schema || !name.starts_with("x-")) {
            let length = self.place.len();
            match naming {
                Naming::Plain => self.enter(name),
                Naming::Quoted => self.place.extend([".'", name, "'"]),
                Naming::Silent => {}
            }
            self.object(kind, value);
            self.place.truncate(length);
        }
    }

    fn enter(&mut self, name: &str) {
        if !self.place.is_empty() {
            self.place.push('.');
        }
        self.place.push_str(name);
    }
}

#[cfg(test)]
mod tests;
