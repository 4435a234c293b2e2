//! The text that a rendering produces, and texts collected on the way.

use std::fmt::{self, Write};

use super::Stop;
use crate::value::{self, Value};

/// Growing texts, none longer than the limit. The innermost open one receives.
pub(super) struct Output {
    text: String,
    bytes_max: usize,
    /// Texts put aside while an inner one is collected.
    outer: Vec<String>,
}

impl Output {
    /// An empty output, with room for the texts of the template.
    pub(super) fn new(bytes_max: usize, bytes_expected: usize) -> Self {
        Self { text: String::with_capacity(bytes_expected.min(bytes_max)), bytes_max, outer: Vec::new() }
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), Stop> {
        if text.len() > self.bytes_max - self.text.len() {
            return Err(Stop::OutputTooLong);
        }
        self.text.push_str(text);
        Ok(())
    }

    pub(super) fn print(&mut self, value: &Value) -> Result<(), Stop> {
        if let Value::String(text) = value {
            return self.push(text);
        }
        Ok(value::print(value, self)?)
    }

    /// Starts to collect.
    pub(super) fn capture(&mut self) {
        self.outer.push(std::mem::take(&mut self.text));
    }

    /// What was collected; output goes on where it was before.
    pub(super) fn end_capture(&mut self) -> String {
        let outer = self.outer.pop().unwrap_or_default();
        std::mem::replace(&mut self.text, outer)
    }

    /// The output; what was still being collected is dropped.
    pub(super) fn finish(mut self) -> String {
        self.outer.truncate(1);
        self.outer.pop().unwrap_or(self.text)
    }
}

impl Write for Output {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text).map_err(|_| fmt::Error)
    }
}
