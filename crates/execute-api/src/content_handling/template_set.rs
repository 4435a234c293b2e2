//! Mapping templates by content type, and which of them a message meets.

use definition::integration::PassthroughBehavior;

use super::{DEFAULT_MEDIA_TYPE, essence, first_media_type};
use crate::Failure;

/// The key of the request template for content types that no other key names.
const DEFAULT_KEY: &str = "$default";

/// Templates by content type, in the order in which they were declared; `None` stands for an empty template, which passes the
/// body as it is.
#[derive(Debug, Clone)]
pub struct TemplateSet<T> {
    entries: Vec<(Box<str>, Option<T>)>,
}

impl<T> Default for TemplateSet<T> {
    fn default() -> Self {
        Self { entries: Vec::new() }
    }
}

impl<T> FromIterator<(String, Option<T>)> for TemplateSet<T> {
    fn from_iter<I: IntoIterator<Item = (String, Option<T>)>>(templates: I) -> Self {
        let entries = templates.into_iter().map(|(content_type, template)| (essence(&content_type).into(), template));
        Self { entries: entries.collect() }
    }
}

impl<T> TemplateSet<T> {
    /// Whether there is no template at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The templates, empty ones left out.
    pub fn templates(&self) -> impl Iterator<Item = &T> {
        self.entries.iter().filter_map(|(_, template)| template.as_ref())
    }

    /// The content types that have an entry, in the order in which they were declared.
    pub fn content_types(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(content_type, _)| &**content_type)
    }

    /// The template for a request of a content type; `None` lets the body pass as it is.
    ///
    /// # Errors
    /// [`Failure::UnsupportedMediaType`] when no template fits and the behaviour lets nothing else pass.
    pub fn for_request(
        &self,
        content_type: Option<&str>,
        behavior: PassthroughBehavior,
    ) -> Result<Option<&T>, Failure> {
        let media_type = content_type.map(essence).filter(|text| !text.is_empty()).unwrap_or(DEFAULT_MEDIA_TYPE);
        if let Some(template) = self.get(media_type).or_else(|| self.get(DEFAULT_KEY)) {
            return Ok(template.as_ref());
        }
        match behavior {
            PassthroughBehavior::WhenNoMatch => Ok(None),
            PassthroughBehavior::WhenNoTemplates if self.is_empty() => Ok(None),
            PassthroughBehavior::WhenNoTemplates | PassthroughBehavior::Never => Err(Failure::UnsupportedMediaType),
        }
    }

    /// The template for a response to a client with this `Accept`: that of its first media type, else that of
    /// `application/json`, else the first; `None` leaves the body unmapped.
    #[must_use]
    pub fn for_response(&self, accept: Option<&str>) -> Option<&T> {
        self.get(first_media_type(accept.unwrap_or_default()))
            .or_else(|| self.get(DEFAULT_MEDIA_TYPE))
            .or_else(|| self.entries.first().map(|(_, template)| template))?
            .as_ref()
    }

    fn get(&self, media_type: &str) -> Option<&Option<T>> {
        self.entries.iter().find(|(key, _)| key.eq_ignore_ascii_case(media_type)).map(|(_, template)| template)
    }
}
