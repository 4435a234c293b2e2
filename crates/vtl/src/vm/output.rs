//! The text that a rendering produces, and texts collected on the way.

use std::fmt::{self, Write};

use super::Stop;
use crate::value::{self, Value};

/// Growing texts, none longer than the limit and all together no longer than twice of it. The innermost open one receives.
pub(super) struct Output {
    text: String,
    bytes_max: usize,
    /// What the limits leave for the text that receives.
    text_bytes_max: usize,
    /// Texts put aside while an inner one is collected, and their bytes.
    outer: Vec<String>,
    outer_bytes: usize,
}

impl Output {
    /// An empty output, with room for the texts of the template.
    pub(super) fn new(bytes_max: usize, bytes_expected: usize) -> Self {
        let text = String::with_capacity(bytes_expected.min(bytes_max));
        Self { text, bytes_max, text_bytes_max: bytes_max, outer: Vec::new(), outer_bytes: 0 }
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), Stop> {
        if text.len() > self.text_bytes_max - self.text.len() {
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
        let outer = std::mem::take(&mut self.text);
        self.outer_bytes += outer.len();
        self.outer.push(outer);
        self.limit_text();
    }

    /// What was collected; output goes on where it was before.
    pub(super) fn end_capture(&mut self) -> String {
        let outer = self.outer.pop().unwrap_or_default();
        self.outer_bytes -= outer.len();
        self.limit_text();
        std::mem::replace(&mut self.text, outer)
    }

    fn limit_text(&mut self) {
        self.text_bytes_max = self.bytes_max.min(self.bytes_max.saturating_mul(2).saturating_sub(self.outer_bytes));
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
