//! What is found wrong with a document, and which of its values it is about.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    fmt::{self, Display},
};

use serde_json::Value;

use crate::{documentation::InvalidLocation, id::InvalidId, method::UnknownChoice};

/// Findings of one severity beyond this many are not collected.
pub const FINDINGS_MAX: usize = 200;

/// What becomes of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document is refused.
    Error,
    /// It is ignored, and the answer to an import says so.
    Warning,
    /// It is ignored without a word.
    Silence,
}

/// One thing about a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What becomes of it.
    pub severity: Severity,
    /// What it is, in AWS's words where they are known.
    pub message: String,
    /// The JSON pointer of the value that it is about; none when it is about the whole document.
    pub pointer: Option<String>,
}

/// A value of the document, told by where it lies in memory: the document is not moved while it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Anchor(usize);

impl Anchor {
    pub(super) fn of(value: &Value) -> Self {
        Self(std::ptr::from_ref(value).addr())
    }
}

/// Why a part of a document cannot be had.
#[derive(Debug)]
pub(super) struct Problem {
    reason: Reason,
    /// The value at fault, where it is one of its own.
    at: Option<Anchor>,
}

#[derive(Debug, thiserror::Error)]
enum Reason {
    /// A member is not what it should be.
    #[error("{key} must be {expected}, not {found}")]
    WrongType { key: String, expected: &'static str, found: String },
    /// A member is none of the values that it could have.
    #[error(transparent)]
    Choice(#[from] UnknownChoice),
    /// The source of identifiers yielded something else.
    #[error(transparent)]
    Id(#[from] InvalidId),
    /// A documentation part is about nothing that there is.
    #[error(transparent)]
    Location(#[from] InvalidLocation),
    /// As the text says.
    #[error("{0}")]
    Said(Cow<'static, str>),
}

impl Problem {
    /// A member that is not what it should be.
    pub(super) fn wrong_type(key: &str, expected: &'static str, shown: String, found: &Value) -> Self {
        let reason = Reason::WrongType { key: key.to_owned(), expected, found: shown };
        Self { reason, at: Some(Anchor::of(found)) }
    }

    /// The same problem, of this value unless it is known to be one of another.
    pub(super) fn of(mut self, value: Option<&Value>) -> Self {
        self.at = self.at.or_else(|| value.map(Anchor::of));
        self
    }
}

impl Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.reason.fmt(f)
    }
}

impl<R: Into<Reason>> From<R> for Problem {
    fn from(reason: R) -> Self {
        Self { reason: reason.into(), at: None }
    }
}

impl From<&'static str> for Reason {
    fn from(text: &'static str) -> Self {
        Self::Said(text.into())
    }
}

impl From<String> for Reason {
    fn from(text: String) -> Self {
        Self::Said(text.into())
    }
}

struct Finding {
    severity: Severity,
    text: String,
    at: Option<Anchor>,
}

/// What was found so far.
#[derive(Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    /// What is being read: what findings are about that name no value of their own.
    at: Option<Anchor>,
}

impl Findings {
    /// From here on, findings are about this value or a part of it; what they were about before.
    pub(super) fn look_at(&mut self, value: &Value) -> Option<Anchor> {
        self.at.replace(Anchor::of(value))
    }

    /// From here on, findings are about what they were about before.
    pub(super) fn look_back(&mut self, before: Option<Anchor>) {
        self.at = before;
    }

    pub(super) fn error(&mut self, text: impl Into<String>) {
        self.add(Severity::Error, text.into(), None);
    }

    pub(super) fn warning(&mut self, text: impl Into<String>) {
        self.add(Severity::Warning, text.into(), None);
    }

    /// A warning about this value.
    pub(super) fn warning_at(&mut self, value: &Value, text: impl Into<String>) {
        self.add(Severity::Warning, text.into(), Some(Anchor::of(value)));
    }

    /// A value that has no effect, of which AWS says nothing.
    pub(super) fn silence(&mut self, value: &Value, text: impl Into<String>) {
        self.add(Severity::Silence, text.into(), Some(Anchor::of(value)));
    }

    /// An error that says what `cannot` be done and why.
    pub(super) fn refuse(&mut self, cannot: impl Display, problem: &Problem) {
        self.add(Severity::Error, format!("Unable to {cannot}: {problem}"), problem.at);
    }

    /// What was read; where that failed, an error that says what `cannot` be done and why, and what stands for it: the import
    /// is refused in the end.
    pub(super) fn or_default<T: Default>(&mut self, cannot: impl Display, read: Result<T, Problem>) -> T {
        read.unwrap_or_else(|problem| {
            self.refuse(cannot, &problem);
            T::default()
        })
    }

    fn add(&mut self, severity: Severity, text: String, at: Option<Anchor>) {
        if self.found.iter().filter(|finding| finding.severity == severity).count() < FINDINGS_MAX {
            self.found.push(Finding { severity, text, at: at.or(self.at) });
        }
    }

    /// The texts of one severity.
    pub(super) fn texts(&self, severity: Severity) -> Vec<String> {
        self.found.iter().filter(|finding| finding.severity == severity).map(|finding| finding.text.clone()).collect()
    }

    /// All findings with the places of their values.
    pub(super) fn diagnostics(self, pointers: &HashMap<Anchor, String>) -> Vec<Diagnostic> {
        let diagnostic = |Finding { severity, text, at }| {
            let pointer = at.and_then(|at| pointers.get(&at).cloned());
            Diagnostic { severity, message: text, pointer }
        };
        self.found.into_iter().map(diagnostic).collect()
    }
}

/// The JSON pointers of the values below `root` that findings and `others` are about.
pub(super) fn pointers<'a>(
    root: &Value,
    findings: &Findings,
    others: impl Iterator<Item = &'a Anchor>,
) -> HashMap<Anchor, String> {
    let wanted: HashSet<Anchor> =
        findings.found.iter().filter_map(|finding| finding.at).chain(others.copied()).collect();
    let mut pointers = HashMap::new();
    locate(root, &mut String::new(), &wanted, &mut pointers);
    pointers
}

/// Collects the JSON pointers of those values below `value` that are wanted; `pointer` is the value's own.
fn locate(value: &Value, pointer: &mut String, wanted: &HashSet<Anchor>, found: &mut HashMap<Anchor, String>) {
    let anchor = Anchor::of(value);
    if wanted.contains(&anchor) {
        found.insert(anchor, pointer.clone());
    }
    let length = pointer.len();
    let mut descend = |segment: &str, value| {
        pointer.push('/');
        pointer.push_str(segment);
        locate(value, pointer, wanted, found);
        pointer.truncate(length);
    };
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, member)| descend(&escaped(name), member));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(number, item)| descend(&number.to_string(), item));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A member's name as a segment of a JSON pointer (RFC 6901).
#[must_use]
pub fn escaped(name: &str) -> Cow<'_, str> {
    if name.contains(['~', '/']) { name.replace('~', "~0").replace('/', "~1").into() } else { name.into() }
}
