//! Why a template could not be parsed or rendered, and where in its source.
//!
//! `{}` is one line for a log; `{:#}` adds the source line with carets under the span, for a person.

use std::fmt;

/// A range of bytes in a template's source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

/// What kind of thing went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The source is not a template: a directive without its `#end`, an expression that stops short.
    Syntax,
    /// The source uses a directive that mapping templates do not have (`#include`, `#parse`, `#evaluate`).
    Unavailable,
    /// The source is longer than [`TEMPLATE_BYTES_MAX`](crate::TEMPLATE_BYTES_MAX).
    TemplateTooLong,
    /// The source nests deeper than the parser follows.
    NestingTooDeep,
    /// A `#foreach` reached [`Limits::foreach_turns_max`](crate::Limits::foreach_turns_max).
    TooManyTurns,
    /// The output, or a string on the way to it, reached [`Limits::output_bytes_max`](crate::Limits::output_bytes_max).
    OutputTooLong,
    /// Macros or `#define` blocks reached [`Limits::depth_max`](crate::Limits::depth_max), or a value nests too deep to print.
    TooDeep,
    /// The rendering reached [`Limits::fuel`](crate::Limits::fuel).
    OutOfFuel,
    /// A list or map was about to be put into itself.
    Cycle,
    /// A pattern is not a regular expression, or gave up on its subject.
    Regex,
    /// A method call failed: a host's object refused it, or an argument is out of range of a text or list.
    Host,
}

impl fmt::Display for ErrorKind {
    /// A few words, lower case.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.phrase())
    }
}

impl ErrorKind {
    fn phrase(self) -> &'static str {
        match self {
            Self::Syntax => "syntax error",
            Self::Unavailable => "directive not available",
            Self::TemplateTooLong => "template too long",
            Self::NestingTooDeep => "nesting too deep",
            Self::TooManyTurns => "too many turns",
            Self::OutputTooLong => "output too long",
            Self::TooDeep => "too deep",
            Self::OutOfFuel => "out of fuel",
            Self::Cycle => "cyclic value",
            Self::Regex => "bad pattern",
            Self::Host => "call failed",
        }
    }
}

/// An error of [`Template::parse`](crate::Template::parse) or [`Template::render`](crate::Template::render).
#[derive(thiserror::Error)]
pub struct Error(Box<Report>);

#[derive(Debug, Clone)]
struct Report {
    kind: ErrorKind,
    detail: String,
    span: Span,
    line: usize,
    column: usize,
    /// The text of the line that the span starts on, without its newline.
    line_text: String,
    /// Characters of `line_text` before the span, and in it.
    caret_start: usize,
    caret_count: usize,
}

impl Error {
    /// An error at a span of a source; the report keeps the one line that it draws, not the source.
    pub(crate) fn new(kind: ErrorKind, detail: impl Into<String>, span: Span, source: &str) -> Self {
        let start = floor_char_boundary(source, span.start as usize);
        let end = floor_char_boundary(source, span.end as usize).max(start);
        let line_start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = source[start..].find('\n').map_or(source.len(), |newline| start + newline);
        let line_text = source[line_start..line_end].trim_end_matches('\r');
        let caret_start = source[line_start..start].chars().count();
        let marked_end = end.min(line_end).max(start);
        Self(Box::new(Report {
            kind,
            detail: detail.into(),
            span,
            line: source[..line_start].matches('\n').count() + 1,
            column: caret_start + 1,
            line_text: line_text.to_owned(),
            caret_start,
            caret_count: source[start..marked_end].trim_end_matches('\r').chars().count().max(1),
        }))
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What exactly went wrong, in words.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The bytes of the source that it is about.
    #[must_use]
    pub fn span(&self) -> Span {
        self.0.span
    }

    /// The line of the source, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.0.line
    }

    /// The character in the line, from 1.
    #[must_use]
    pub fn column(&self) -> usize {
        self.0.column
    }
}

fn floor_char_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Report { kind, detail, line, column, .. } = &*self.0;
        write!(f, "{}: {detail} (line {line}, column {column})", kind.phrase())?;
        if f.alternate() { self.0.draw(f) } else { Ok(()) }
    }
}

/// Characters of a long line shown to the left of the carets, and in all.
const DRAWN_BEFORE: usize = 60;
const DRAWN_CHARS: usize = 120;

impl Report {
    /// The source line in a gutter with its number, carets under the span.
    fn draw(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.line.to_string();
        let gutter = " ".repeat(number.len());
        let skipped = self.caret_start.saturating_sub(DRAWN_BEFORE);
        // A tab has no fixed width: drawn as one blank, the carets stay below their characters.
        let drawn: String = self
            .line_text
            .chars()
            .skip(skipped)
            .take(DRAWN_CHARS)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        let before = self.caret_start - skipped;
        let carets = self.caret_count.min(DRAWN_CHARS - before);
        write!(f, "\n{gutter} |\n{number} | {}", drawn.trim_end())?;
        write!(f, "\n{gutter} | {}{}", " ".repeat(before), "^".repeat(carets))
    }
}
