//! Pages of lists: `Marker` and `MaxItems` in, `IsTruncated` and `Marker` out.
//!
//! A marker is the key of the last item of the page before, so that it stays valid whatever is deleted.

use crate::{
    failure::Failure,
    query::{Query, check_length},
    xml::Xml,
};

/// Items of a page when nothing is said.
const MAX_ITEMS_DEFAULT: u32 = 100;
/// The most items that a client may ask for.
const MAX_ITEMS_MAX: u32 = 1000;
/// The longest marker, in characters, as in the service model.
const MARKER_LENGTH_MAX: usize = 320;

/// Which page is asked for.
#[derive(Debug)]
pub(crate) struct Paging {
    marker: String,
    max_items: usize,
}

/// A page and what comes after it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    next: Option<String>,
}

impl Paging {
    pub(crate) fn read(query: &Query<'_>) -> Result<Self, Failure> {
        let marker = query.get("Marker").unwrap_or_default();
        if query.get("Marker").is_some() {
            check_length("Marker", marker, 1..=MARKER_LENGTH_MAX)?;
        }
        let max_items = query.number("MaxItems", 1..=MAX_ITEMS_MAX)?.unwrap_or(MAX_ITEMS_DEFAULT);
        Ok(Self { marker: marker.to_owned(), max_items: usize::try_from(max_items).unwrap_or(usize::MAX) })
    }

    /// The key after which the page starts; `""` is before all keys.
    pub(crate) fn after(&self) -> &str {
        &self.marker
    }

    /// Cuts the page out of all items, whose keys are unique and not empty.
    pub(crate) fn cut<T>(&self, mut items: Vec<T>, key: impl Fn(&T) -> &str) -> Page<T> {
        items.retain(|item| key(item) > self.marker.as_str());
        items.sort_by(|a, b| key(a).cmp(key(b)));
        let more = items.len() > self.max_items;
        items.truncate(self.max_items);
        let next = items.last().filter(|_| more).map(|last| key(last).to_owned());
        Page { items, next }
    }
}

impl<T> Page<T> {
    /// Writes what follows the list of items.
    pub(crate) fn write_end(&self, xml: &mut Xml) {
        xml.text("IsTruncated", if self.next.is_some() { "true" } else { "false" });
        if let Some(next) = &self.next {
            xml.text("Marker", next);
        }
    }
}
