//! The execution log of one request: the lines that TestInvokeMethod returns and that a stage's execution log holds.
//!
//! Developer Guide, "Set up CloudWatch logging for REST APIs in API Gateway"; the lines' order is the specification's 7.7 and 8.2.

use std::{borrow::Cow, fmt::Write as _, time::Duration};

use tokio::time::Instant;

/// Lines are cut after this many bytes.
pub const LINE_BYTES_MAX: usize = 1024;

/// Headers whose values the log masks.
const SECRET_HEADERS: [&str; 5] =
    ["authorization", "x-api-key", "cookie", "proxy-authorization", "x-amz-security-token"];
/// Characters at a secret's end that the log shows, if there are more.
const SECRET_TAIL_CHARS: usize = 6;

/// A recorder of lines, or nothing at all: a request that nobody looks at formats no line.
#[derive(Debug, Default)]
pub struct ExecutionLog {
    recording: Option<Recording>,
}

#[derive(Debug)]
struct Recording {
    started: Instant,
    lines: Vec<Line>,
}

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was written, counted from the log's start.
    pub at: Duration,
    /// The text, without time or line end.
    pub text: String,
}

impl ExecutionLog {
    /// A log that records nothing and costs nothing.
    #[must_use]
    pub fn off() -> Self {
        Self { recording: None }
    }

    /// A log that keeps its lines.
    #[must_use]
    pub fn recording() -> Self {
        Self { recording: Some(Recording { started: Instant::now(), lines: Vec::new() }) }
    }

    /// Whether lines are kept; ask before computing what only a line needs.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Adds a line, formatted only if lines are kept: `log.line(format_args!("Method completed with status: {status}"))`.
    pub fn line(&mut self, text: std::fmt::Arguments<'_>) {
        let Some(recording) = &mut self.recording else { return };
        let mut line = String::new();
        // Writing into a string cannot fail; a Display that does leaves the line as far as it came.
        let _ = line.write_fmt(text);
        if line.len() > LINE_BYTES_MAX {
            line.truncate(line.floor_char_boundary(LINE_BYTES_MAX));
            line.push_str(" [TRUNCATED]");
        }
        recording.lines.push(Line { at: recording.started.elapsed(), text: line });
    }

    /// Adds `title: {name=value, …}`, the values of secret headers masked.
    pub fn headers<'h>(&mut self, title: &str, headers: impl Iterator<Item = (&'h str, &'h str)>) {
        if self.is_recording() {
            let masked = headers.map(|(name, value)| {
                let secret = SECRET_HEADERS.iter().any(|known| known.eq_ignore_ascii_case(name));
                (name, if secret { Cow::Owned(masked(value)) } else { Cow::Borrowed(value) })
            });
            let text = java_map(masked);
            self.line(format_args!("{title}: {text}"));
        }
    }

    /// The lines so far, first line first.
    #[must_use]
    pub fn lines(&self) -> &[Line] {
        self.recording.as_ref().map_or(&[], |recording| &recording.lines)
    }
}

/// Pairs as Java prints a map: `{a=1, b=2}`.
pub(crate) fn java_map<'p, V: AsRef<str>>(pairs: impl Iterator<Item = (&'p str, V)>) -> String {
    let mut text = String::from("{");
    for (position, (name, value)) in pairs.enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value.as_ref());
    }
    text.push('}');
    text
}

/// A secret as the log shows it: asterisks and the last characters.
pub(crate) fn masked(secret: &str) -> String {
    let characters = secret.chars().count();
    let hidden = if characters > SECRET_TAIL_CHARS { characters - SECRET_TAIL_CHARS } else { characters };
    secret.chars().enumerate().map(|(position, c)| if position < hidden { '*' } else { c }).collect()
}
