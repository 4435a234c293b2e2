//! JSONPath in the dialect of Jayway's Java library, which mapping templates and parameter mappings speak.
//!
//! An expression is compiled once ([`JsonPath::compile`]) and may be shared by threads; it is evaluated over [`vtl::Value`]s.
//! A *definite* path names one place and gives its value or nothing; an *indefinite* one (wildcard, deep scan, slice, filter)
//! gives a list. A path without `$` starts at the root. Reading a body as JSON is the caller's affair. Developer Guide,
//! "Mapping template variables for API Gateway" (`$input.path`).
//!
//! Differs from Jayway: `append()` gives a longer list and leaves the document as it is. The filter operators `type` and
//! `matches` are refused: nothing that stands in a text can be their right side.

mod filter;
mod function;
mod parse;
mod evaluate;

use vtl::Value;

use self::{filter::Filter, function::Function};

/// Bytes of an expression.
pub const PATH_BYTES_MAX: usize = 4096;
/// Parentheses, negations and operand paths inside one another.
pub const PATH_DEPTH_MAX: usize = 32;
/// Nodes that one evaluation, or all those of one template's rendering, may visit: deep scans over deep scans multiply.
pub const VISITED_NODES_MAX: usize = 2_000_000;

/// Why an expression cannot be compiled or evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonPathError {
    /// The text is no JSONPath.
    #[error("invalid JSONPath: {reason} at byte {offset}")]
    Syntax {
        /// What is wrong, in words.
        reason: &'static str,
        /// The byte of the expression where it shows.
        offset: usize,
    },
    /// The expression is longer than [`PATH_BYTES_MAX`].
    #[error("a JSONPath may have {PATH_BYTES_MAX} bytes")]
    TooLong,
    /// The expression nests deeper than [`PATH_DEPTH_MAX`].
    #[error("a JSONPath may nest {PATH_DEPTH_MAX} deep")]
    TooDeep,
    /// The evaluation visited [`VISITED_NODES_MAX`] nodes.
    #[error("a JSONPath may visit {VISITED_NODES_MAX} nodes")]
    TooManyNodes,
    /// A function's argument nests too deep to be a text, or is too long for one.
    #[error(transparent)]
    Unprintable(#[from] vtl::PrintError),
    /// A regular expression is not Java's, or gave up on its subject.
    #[error(transparent)]
    Pattern(#[from] vtl::java_regex::PatternError),
}

/// A compiled expression.
#[derive(Debug)]
pub struct JsonPath {
    steps: Vec<Step>,
    /// A call at the end, such as `length()`.
    function: Option<Function>,
    definite: bool,
    /// Whether an operand path starts at the node under test (`@`) instead of the document (`$`).
    from_current: bool,
}

/// One step from a node to others.
#[derive(Debug)]
enum Step {
    /// `.name`, `['name']`.
    Member(Box<str>),
    /// `['a','b']`.
    Members(Vec<Box<str>>),
    /// `.*`, `[*]`.
    Wildcard,
    /// `[0]`, `[-1]`; negative ones count from the end.
    Index(i64),
    /// `[0,2]`.
    Indexes(Vec<i64>),
    /// `[from:to]`, either end may be open.
    Slice(Option<i64>, Option<i64>),
    /// `[?(…)]`.
    Filter(Box<Filter>),
    /// `..`: the next step, taken from every list and map at and below the node.
    DeepScan,
}

impl JsonPath {
    /// Compiles an expression.
    ///
    /// # Errors
    /// The text is no JSONPath, too long or nested too deep.
    pub fn compile(expression: &str) -> Result<Self, JsonPathError> {
        parse::path(expression)
    }

    /// Whether it names one place, so that its result is a value and not a list.
    #[must_use]
    pub fn is_definite(&self) -> bool {
        self.definite
    }

    /// What it finds in a document: a definite path the value, if the place exists; an indefinite one always a list.
    ///
    /// # Errors
    /// The evaluation visits more than [`VISITED_NODES_MAX`] nodes, or a pattern gives up.
    pub fn find(&self, document: &Value) -> Result<Option<Value>, JsonPathError> {
        self.find_counting(document, &mut 0)
    }

    /// As [`JsonPath::find`], for one of several evaluations that share an allowance of nodes: `visited` counts them.
    pub(crate) fn find_counting(&self, document: &Value, visited: &mut usize) -> Result<Option<Value>, JsonPathError> {
        evaluate::find(self, document, evaluate::Strings::AreLeaves, visited)
    }

    /// As [`JsonPath::find`]; a string on the way that holds a JSON object or array is read as such, as response mappings do
    /// with a function's `errorMessage`.
    ///
    /// # Errors
    /// As [`JsonPath::find`].
    pub fn find_through_strings(&self, document: &Value) -> Result<Option<Value>, JsonPathError> {
        evaluate::find(self, document, evaluate::Strings::AreEntered, &mut 0)
    }
}

#[cfg(test)]
mod tests;
