//! A template's failure, drawn for a person: what, where, and the source with a caret under it.

use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use execute_api::template::TemplateError;

use super::shown;

/// The drawing of a failure.
pub(super) fn draw(error: &TemplateError, source: &str, path: &Path) -> String {
    let path = shown(path).display().to_string();
    let Some(error) = engine_error(error) else { return format!("error: {error}") };
    let title = error.kind().to_string();
    let span = error.span();
    let annotation =
        AnnotationKind::Primary.span(span.start as usize..span.end as usize).label(error.detail().to_owned());
    let snippet = Snippet::source(source).path(path).annotation(annotation);
    Renderer::plain().render(&[Level::ERROR.primary_title(title).element(snippet)])
}

/// The engine's own error, which knows its place.
pub(super) fn engine_error(error: &TemplateError) -> Option<&vtl::Error> {
    match error {
        TemplateError::Engine(error) => Some(error),
        TemplateError::Override(_) | TemplateError::TooManyOverrides => None,
    }
}
