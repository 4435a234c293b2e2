//! One thing about a document, and its drawing for a person: what, where, and the source with a caret under it.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use definition::{
    Scope,
    openapi::{Diagnostic, ImportError, Severity, Spans},
};
use serde::Serialize;

/// What becomes of what was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Effect {
    /// The document is refused.
    Error,
    /// It is ignored.
    Warning,
}

/// One thing about a document.
pub(super) struct Finding {
    pub(super) effect: Effect,
    pub(super) message: String,
    /// The JSON pointer of the value that it is about.
    pub(super) pointer: Option<String>,
    /// More to say, beside the place.
    label: Option<&'static str>,
    /// Its bytes in the source.
    span: Option<Range<usize>>,
}

/// All that is to be said about a document, in the order of its text.
pub(super) fn all(text: &str, scope: &Scope) -> Vec<Finding> {
    let mut findings = match apigateway::check_document(text.as_bytes(), scope) {
        Ok(diagnostics) => {
            let spans = Spans::of(text);
            let overridden =
                spans.iter().flat_map(Spans::overridden).map(|(name, span)| Finding::of_overridden(name, span));
            diagnostics
                .into_iter()
                .map(|diagnostic| Finding::of(diagnostic, spans.as_ref()))
                .chain(overridden)
                .collect()
        }
        Err(error) => vec![Finding::of_unread(&error, text)],
    };
    findings.sort_by_key(|finding| finding.span.as_ref().map_or(usize::MAX, |span| span.start));
    findings
}

impl Finding {
    fn of(diagnostic: Diagnostic, spans: Option<&Spans>) -> Self {
        let Diagnostic { severity, message, pointer } = diagnostic;
        let place = pointer.as_deref().zip(spans);
        let value = || place.and_then(|(pointer, spans)| spans.get(pointer));
        let (effect, label, span) = match severity {
            Severity::Error => (Effect::Error, None, value()),
            Severity::Warning => (Effect::Warning, None, value()),
            // It is the member that has no effect, whatever its value.
            Severity::Silence => {
                let name = place.and_then(|(pointer, spans)| spans.name(pointer));
                (Effect::Warning, Some("API Gateway says nothing about it"), name)
            }
        };
        Self { effect, message, pointer, label, span }
    }

    /// The finding that a member stands there for nothing.
    fn of_overridden(name: &str, span: Range<usize>) -> Self {
        let message = format!("'{name}' is given once more below, and the last one counts");
        Self { effect: Effect::Warning, message, pointer: None, label: None, span: Some(span) }
    }

    /// The finding that a document is none.
    fn of_unread(error: &ImportError, text: &str) -> Self {
        let (message, place) = match error {
            ImportError::NotADocument { detail, place } => (format!("{error} {detail}"), *place),
            ImportError::Unsupported(_) | ImportError::Rejected { .. } => (error.to_string(), None),
        };
        let span = place.map(|(line, column)| {
            let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            let line = text[start..].lines().next().unwrap_or_default();
            let within = line.char_indices().nth(column - 1).map_or(line.len(), |(at, _)| at);
            start + within..start + within
        });
        Self { effect: Effect::Error, message, pointer: None, label: None, span }
    }

    /// The line and the column, both from 1.
    pub(super) fn place(&self, text: &str) -> Option<(usize, usize)> {
        let (line, start) = self.line(text)?;
        let before = text.get(start..self.span.as_ref()?.start)?;
        Some((line, before.chars().count() + 1))
    }

    /// The number of the line from 1, and the byte that it starts at.
    fn line(&self, text: &str) -> Option<(usize, usize)> {
        let before = text.get(..self.span.as_ref()?.start)?;
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        Some((line, before.rfind('\n').map_or(0, |at| at + 1)))
    }

    /// The drawing.
    pub(super) fn draw(&self, file: &str, text: &str) -> String {
        let level = match self.effect {
            Effect::Error => Level::ERROR,
            Effect::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.clone());
        let Some(((line, start), span)) = self.line(text).zip(self.span.clone()) else {
            return Renderer::plain().render(&[title.element(Level::NOTE.message(format!("in {file}")))]);
        };
        // One line of the source is enough to find the place, however large the document is.
        let source = text[start..].lines().next().unwrap_or_default();
        let from = (span.start - start).min(source.len());
        let to = (span.end - start).clamp(from, source.len());
        let annotation = AnnotationKind::Primary.span(from..to).label(self.label);
        let snippet = Snippet::source(source).line_start(line).path(file).annotation(annotation);
        Renderer::plain().render(&[title.element(snippet)])
    }
}
