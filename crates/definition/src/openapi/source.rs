//! A document's text as one ordered JSON value, its version, and its references.

use std::cell::Cell;

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_saphyr::options::DuplicateKeyPolicy;

use super::{DOCUMENT_BYTES_MAX, EXPANDED_BYTES_MAX, ImportError, field::text, findings::Findings};
use crate::Scope;

/// References are followed this many steps; a longer chain is taken for a cycle.
pub(super) const REFERENCE_STEPS_MAX: usize = 32;
/// What one JSON value counts at least, in bytes, against [`EXPANDED_BYTES_MAX`].
const VALUE_BYTES: usize = 16;
/// So many values a document in YAML may have, those that aliases stand for included: no document of
/// [`DOCUMENT_BYTES_MAX`] has more of its own, since each takes two bytes at least.
const YAML_VALUES_MAX: usize = DOCUMENT_BYTES_MAX / 2;
/// Values in YAML are nested no deeper than this; reading deeper ones takes more stack than a thread has.
const YAML_DEPTH_MAX: usize = 64;

/// A document that could be read.
pub(super) struct Source {
    /// The whole document.
    pub(super) root: Value,
    /// Which dialect it is in.
    pub(super) version: Version,
    /// How many bytes the document may still stand for beyond its own; `None` when it stood for more.
    left: Cell<Option<usize>>,
}

/// The notations of OpenAPI that API Gateway knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// Swagger 2.0.
    Swagger2,
    /// OpenAPI 3.0.
    OpenApi3,
}

impl Version {
    /// Where a document's schemas live, as a reference's beginning.
    pub(super) fn schema_prefix(self) -> &'static str {
        match self {
            Self::Swagger2 => "#/definitions/",
            Self::OpenApi3 => "#/components/schemas/",
        }
    }
}

impl Source {
    /// Reads JSON or YAML.
    pub(super) fn parse(document: &[u8], scope: &Scope) -> Result<Self, ImportError> {
        if document.len() > DOCUMENT_BYTES_MAX {
            return Err(ImportError::Unsupported(format!("the document is larger than {DOCUMENT_BYTES_MAX} bytes")));
        }
        let text = std::str::from_utf8(document)
            .map_err(|error| ImportError::NotADocument { detail: error.to_string(), place: None })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut root: Value = if text.trim_start().starts_with('{') {
            // A flow mapping is YAML that looks like JSON; if it is neither, what JSON says is what the author expects.
            serde_json::from_str(text).or_else(|json| yaml(text).map_err(|_| not_json(&json)))?
        } else {
            yaml(text).map_err(|error| not_yaml(&error))?
        };
        substitute(&mut root, scope);
        let version = version(&root)?;
        Ok(Self { root, version, left: Cell::new(Some(EXPANDED_BYTES_MAX)) })
    }

    /// Follows `$ref`s inside the document until something else is found; `None` if one leads nowhere or in a circle, or if the
    /// references stand for too much by now.
    pub(super) fn resolve<'a>(&'a self, value: &'a Value) -> Option<&'a Value> {
        let mut found = value;
        for _ in 0..REFERENCE_STEPS_MAX {
            let Some(reference) = found.get("$ref").and_then(Value::as_str) else {
                let followed = !std::ptr::eq(found, value);
                return (!followed || self.spend(found)).then_some(found);
            };
            found = self.root.pointer(&percent_decoded(reference.strip_prefix('#')?))?;
        }
        None
    }

    /// What a reference leads to, one step of it, whatever that is. `None` if that is nowhere in the document, or if the
    /// references stand for too much by now.
    pub(super) fn target(&self, reference: &str) -> Option<&Value> {
        let found = self.root.pointer(&percent_decoded(reference.strip_prefix('#')?))?;
        self.spend(found).then_some(found)
    }

    /// Counts a value that is used once more; whether it may be.
    pub(super) fn spend(&self, value: &Value) -> bool {
        self.left.set(self.left.get().and_then(|left| left_after(value, left)));
        !self.is_spent()
    }

    /// Counts so many bytes more; whether they may be.
    pub(super) fn spend_bytes(&self, bytes: usize) -> bool {
        self.left.set(self.left.get().and_then(|left| left.checked_sub(bytes)));
        !self.is_spent()
    }

    /// Whether the document stands for more than it may.
    pub(super) fn is_spent(&self) -> bool {
        self.left.get().is_none()
    }

    /// Refuses a document that stands for more than it may.
    pub(super) fn check_spent(&self, findings: &mut Findings) {
        if self.is_spent() {
            // What was found until then may well follow from that.
            *findings = Findings::default();
            findings.look_at(&self.root);
            let text = format!("The document's references and paths stand for more than {EXPANDED_BYTES_MAX} bytes");
            findings.error(text);
        }
    }

    /// The document's security schemes.
    pub(super) fn security_schemes(&self) -> Option<&Value> {
        match self.version {
            Version::Swagger2 => self.root.get("securityDefinitions"),
            Version::OpenApi3 => self.root.pointer("/components/securitySchemes"),
        }
    }

    /// The document's schemas.
    pub(super) fn schemas(&self) -> Option<&Value> {
        match self.version {
            Version::Swagger2 => self.root.get("definitions"),
            Version::OpenApi3 => self.root.pointer("/components/schemas"),
        }
    }

    /// The base path: Swagger's `basePath`, or the path of the first server.
    pub(super) fn base_path(&self) -> Option<String> {
        match self.version {
            Version::Swagger2 => self.root.get("basePath")?.as_str().map(str::to_owned),
            Version::OpenApi3 => {
                let server = self.root.pointer("/servers/0")?;
                if let Some(base) = server.pointer("/variables/basePath/default").and_then(Value::as_str) {
                    return Some(format!("/{}", base.trim_start_matches('/')));
                }
                let url = server.get("url")?.as_str()?;
                let path = url.split_once("://").map_or(url, |(_, rest)| rest.find('/').map_or("", |at| &rest[at..]));
                Some(path.to_owned())
            }
        }
    }
}

/// Reads YAML as AWS's reader does: of members with the same name the last one counts, as it does in JSON, and an anchor may be
/// used as often as its author likes, within the limits on what all aliases stand for.
pub(super) fn yaml<T: DeserializeOwned>(text: &str) -> Result<T, serde_saphyr::Error> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_nodes: YAML_VALUES_MAX,
            max_events: 2 * YAML_VALUES_MAX,
            max_depth: YAML_DEPTH_MAX,
            enforce_alias_anchor_ratio: false,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
    };
    serde_saphyr::from_str_with_options(text, options)
}

fn not_json(error: &serde_json::Error) -> ImportError {
    let place = Some((error.line(), error.column().max(1))).filter(|(line, _)| *line > 0);
    ImportError::NotADocument { detail: error.to_string(), place }
}

fn not_yaml(error: &serde_saphyr::Error) -> ImportError {
    let place = error
        .location()
        .and_then(|location| Some((usize::try_from(location.line()).ok()?, usize::try_from(location.column()).ok()?)));
    // The first line says what is wrong, the others draw it.
    let detail = error.to_string().lines().next().unwrap_or_default().to_owned();
    ImportError::NotADocument { detail, place: place.filter(|(line, column)| *line > 0 && *column > 0) }
}

fn version(root: &Value) -> Result<Version, ImportError> {
    let spelled = |key: &str| root.get(key).and_then(text);
    if spelled("swagger").is_some_and(|version| version.starts_with('2')) {
        return Ok(Version::Swagger2);
    }
    match spelled("openapi") {
        Some(version) if version.starts_with("3.0") || version == "3" => Ok(Version::OpenApi3),
        Some(version) => {
            Err(ImportError::Unsupported(format!("OpenAPI version {version} is not supported; use 3.0 or 2.0")))
        }
        None => {
            let detail = "neither \"openapi\" nor \"swagger\" is given".to_owned();
            Err(ImportError::NotADocument { detail, place: None })
        }
    }
}

/// Puts the pseudo parameters that deploy tools leave in a document's strings to their values.
fn substitute(value: &mut Value, scope: &Scope) {
    match value {
        Value::String(text) if text.contains("${AWS::") => {
            *text = text
                .replace("${AWS::AccountId}", &scope.account)
                .replace("${AWS::Region}", &scope.region)
                .replace("${AWS::Partition}", "aws");
        }
        Value::Object(members) => members.values_mut().for_each(|member| substitute(member, scope)),
        Value::Array(items) => items.iter_mut().for_each(|item| substitute(item, scope)),
        Value::String(_) | Value::Number(_) | Value::Bool(_) | Value::Null => {}
    }
}

/// What is left of `left` bytes after a value; nothing when the value is larger.
fn left_after(value: &Value, left: usize) -> Option<usize> {
    let left = left.checked_sub(VALUE_BYTES)?;
    match value {
        Value::String(text) => left.checked_sub(text.len()),
        Value::Array(items) => items.iter().try_fold(left, |left, item| left_after(item, left)),
        Value::Object(members) => {
            members.iter().try_fold(left, |left, (name, member)| left_after(member, left.checked_sub(name.len())?))
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => Some(left),
    }
}

fn percent_decoded(text: &str) -> String {
    percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
