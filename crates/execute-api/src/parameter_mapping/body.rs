//! A body that mappings look into: parsed when the first one does, and once.

use std::cell::OnceCell;

use vtl::{Value, json};

use crate::{Failure, json_path::JsonPath};

/// The text of a body and, once somebody asks, its JSON.
pub(super) struct Body<'a> {
    text: &'a str,
    invalid: fn() -> Failure,
    /// `None` inside: the text is not JSON and does not look like it.
    document: OnceCell<Option<Value>>,
}

impl<'a> Body<'a> {
    /// A body, and how a request fails when it looks like JSON and is not.
    pub(super) fn new(text: &'a str, invalid: fn() -> Failure) -> Self {
        Self { text, invalid, document: OnceCell::new() }
    }

    /// The whole body.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// The text of what a path finds: strings as they are, everything else as JSON; `null` is nothing.
    pub(super) fn find(&self, path: &JsonPath, strings: StringsOnTheWay) -> Result<Option<String>, Failure> {
        let Some(document) = self.document()? else { return Ok(None) };
        let found = match strings {
            StringsOnTheWay::AreLeaves => path.find(document),
            StringsOnTheWay::AreEntered => path.find_through_strings(document),
        };
        let unreadable = |detail: String| Failure::ApiConfiguration { detail };
        match found.map_err(|error| unreadable(error.to_string()))? {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.to_string())),
            Some(value) => json::to_text(&value).map(Some).map_err(|error| unreadable(error.to_string())),
        }
    }

    fn document(&self) -> Result<Option<&Value>, Failure> {
        if let Some(document) = self.document.get() {
            return Ok(document.as_ref());
        }
        let parsed = if self.text.trim_start().starts_with(['{', '[', '"', '\'']) {
            Some(json::parse(self.text).map_err(|_| (self.invalid)())?)
        } else {
            None
        };
        Ok(self.document.get_or_init(|| parsed).as_ref())
    }
}

/// What a path does at a string that is not its end.
#[derive(Debug, Clone, Copy)]
pub(super) enum StringsOnTheWay {
    /// It finds nothing.
    AreLeaves,
    /// It reads the string as JSON and goes on inside.
    AreEntered,
}
