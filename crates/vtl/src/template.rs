//! A parsed template, ready to render on any thread.

use crate::compile::compile;
use crate::error::{ErrorKind, Span};
use crate::limits::TEMPLATE_BYTES_MAX;
use crate::parser::{self, Failure};
use crate::program::Program;
use crate::{Context, Error, Limits, vm};

/// A parsed and compiled template. Immutable: share it between threads by reference or in an `Arc`.
#[derive(Debug)]
pub struct Template {
    source: Box<str>,
    /// Behind a pointer: a stage keeps templates among much smaller things.
    program: Box<Program>,
}

impl Template {
    /// Parses and compiles a template.
    ///
    /// # Errors
    /// The source is longer than [`TEMPLATE_BYTES_MAX`](crate::TEMPLATE_BYTES_MAX), nests too deep, leaves a directive open,
    /// breaks out of a loop that is not there, or uses a directive that mapping templates do not have.
    pub fn parse(source: &str) -> Result<Self, Error> {
        if source.len() > TEMPLATE_BYTES_MAX {
            let detail = format!("{} bytes, allowed are {TEMPLATE_BYTES_MAX}", source.len());
            return Err(Error::new(ErrorKind::TemplateTooLong, detail, Span::default(), source));
        }
        let tree = parser::parse(source).map_err(|failure| with_source(failure, source))?;
        let program = compile(&tree).map_err(|failure| with_source(failure, source))?;
        Ok(Self { source: source.into(), program: Box::new(program) })
    }

    /// The source that it was parsed from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Runs the template against the variables of a context and returns its output.
    ///
    /// # Errors
    /// A limit is reached, a pattern is not a regular expression, or a method refuses its arguments.
    pub fn render(&self, context: &Context, limits: &Limits) -> Result<String, Error> {
        vm::render(&self.program, context, limits).map_err(|failure| with_source(failure, &self.source))
    }
}

fn with_source(failure: Failure, source: &str) -> Error {
    Error::new(failure.kind, failure.detail, failure.span, source)
}
