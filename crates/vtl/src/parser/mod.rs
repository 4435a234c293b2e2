//! A template's source into its tree.
//!
//! Velocity has no tokens that hold everywhere: what a character means depends on whether it stands in text, in a reference,
//! in a directive or in a quoted string, and what starts like a reference or directive but is none is text. So the parser
//! reads characters itself, one module per mode.

mod cursor;
mod text;
mod reference;
mod directive;
mod expression;
mod string;

use std::collections::HashSet;

use crate::ast::{Block, Macro};
use crate::error::{ErrorKind, Span};

use cursor::Cursor;

/// How deep directives, brackets and quoted strings may nest.
const NESTING_MAX: usize = 80;

/// A parsed template.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(crate) body: Block,
    /// The macros defined anywhere in it; of definitions with the same name the first counts.
    pub(crate) macros: Vec<Macro>,
    /// Whether a variable may stand for a block: there is a `#define`, or a macro call with a body.
    pub(crate) has_blocks: bool,
}

/// Why and where parsing or rendering stopped; an [`Error`](crate::Error) once the source is at hand.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) detail: String,
    pub(crate) span: Span,
}

/// Parses a template.
pub(crate) fn parse(source: &str) -> Result<Tree, Failure> {
    let mut definitions = Definitions { names: text::macro_names(source), macros: Vec::new(), has_blocks: false };
    let mut parser = Parser { cursor: Cursor::new(source), definitions: &mut definitions, depth: 0 };
    let body = parser.template()?;
    Ok(Tree { body, macros: definitions.macros, has_blocks: definitions.has_blocks })
}

/// What the parsers of a template and of its quoted strings share.
struct Definitions {
    /// Names of macros that the source defines somewhere, also behind their calls.
    names: HashSet<Box<str>>,
    macros: Vec<Macro>,
    has_blocks: bool,
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    definitions: &'a mut Definitions,
    depth: usize,
}

impl Parser<'_> {
    /// Runs a part of the parser one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Failure>) -> Result<T, Failure> {
        if self.depth >= NESTING_MAX {
            let span = self.cursor.span_from(self.cursor.at);
            let detail = format!("directives, brackets and strings nest deeper than {NESTING_MAX}");
            return Err(Failure { kind: ErrorKind::NestingTooDeep, detail, span });
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn is_macro(&self, name: &str) -> bool {
        self.definitions.names.contains(name)
    }
}

#[cfg(test)]
mod tests;
