//! A stage's access log: one line per request, in the stage's own format.
//!
//! The format is compiled when the stage is loaded. Its `$context` variables are replaced plainly; what a request does not have
//! reads `-`. Quotes, backslashes and control characters in values are escaped, so that a client cannot break out of a JSON
//! format or start a line of its own. Developer Guide, "Set up CloudWatch logging for REST APIs in API Gateway", "Variables for
//! access logging for API Gateway".

use std::{borrow::Cow, fmt::Write as _, sync::Arc};

use definition::stage::AccessLogSettings;

use crate::observe::{Ended, Sent};

mod variable;

use variable::{OfSent, Variable};

/// What stands for a value that a request does not have.
const ABSENT: &str = "-";
/// The longest name of a log group ("CreateLogGroup" of the CloudWatch Logs API reference).
const GROUP_NAME_BYTES_MAX: usize = 512;
/// What introduces a variable.
const MARK: &str = "$context.";

/// A stage's access log, compiled.
#[derive(Debug)]
pub(crate) struct AccessLog {
    /// The log group's name.
    pub(crate) group: Arc<str>,
    /// Whether the format shows the backend's own id of the request.
    pub(crate) shows_backend_request_id: bool,
    format: Format,
}

/// A format: texts and variables by turns.
#[derive(Debug)]
struct Format {
    pieces: Vec<Piece>,
}

#[derive(Debug)]
enum Piece {
    Text(Box<str>),
    /// `None` for a variable that no request has.
    Variable(Option<Variable>),
}

/// A line that only waits for what the end of its response's body decides.
#[derive(Debug)]
pub(crate) struct Draft {
    /// Texts, each in front of what waits.
    before: Vec<(String, OfSent)>,
    rest: String,
}

impl AccessLog {
    /// The log that a stage's settings ask for. Only log groups can be written to: a delivery stream gets nothing.
    pub(crate) fn of(settings: Option<&AccessLogSettings>) -> Option<Self> {
        let AccessLogSettings { format, destination_arn } = settings?;
        let (format, arn) = (format.as_deref()?, destination_arn.as_deref()?);
        let Some(group) = log_group(arn) else {
            tracing::warn!(destination_arn = arn, "access logs go to log groups only: this stage writes none");
            return None;
        };
        let format = Format::compile(format);
        let is_shown = |piece: &Piece| matches!(piece, Piece::Variable(Some(known)) if known.is_backend_request_id());
        let shows_backend_request_id = format.pieces.iter().any(is_shown);
        Some(Self { group: group.into(), shows_backend_request_id, format })
    }

    /// The line of a request whose response has been sent.
    pub(crate) fn line(&self, ended: &Ended<'_>, sent: &Sent<'_>) -> String {
        self.write(ended, |line, variable| put(line, variable.read(sent).as_deref()))
    }

    /// The line of a request whose response is still being sent.
    pub(crate) fn draft(&self, ended: &Ended<'_>) -> Draft {
        let mut before = Vec::new();
        let rest = self.write(ended, |line, variable| before.push((std::mem::take(line), variable)));
        Draft { before, rest }
    }

    fn write(&self, ended: &Ended<'_>, mut put_sent: impl FnMut(&mut String, OfSent)) -> String {
        let mut line = String::new();
        for piece in &self.format.pieces {
            match piece {
                Piece::Text(text) => line.push_str(text),
                Piece::Variable(None) => put(&mut line, None),
                Piece::Variable(Some(Variable::Ended(variable))) => put(&mut line, variable.read(ended).as_deref()),
                Piece::Variable(Some(Variable::Sent(variable))) => put_sent(&mut line, *variable),
            }
        }
        line
    }
}

impl Draft {
    /// The line, once the response has been sent.
    pub(crate) fn line(self, sent: &Sent<'_>) -> String {
        let mut line = String::new();
        for (text, variable) in self.before {
            line.push_str(&text);
            put(&mut line, variable.read(sent).as_deref());
        }
        line + &self.rest
    }
}

fn put(line: &mut String, value: Option<&str>) {
    line.push_str(value.filter(|value| !value.is_empty()).unwrap_or(ABSENT));
}

impl Format {
    fn compile(format: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = format;
        while let Some((text, after)) = rest.split_once(MARK) {
            if !text.is_empty() {
                pieces.push(Piece::Text(text.into()));
            }
            let name = variable_name(after);
            pieces.push(Piece::Variable(Variable::named(name)));
            rest = &after[name.len()..];
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.into()));
        }
        Self { pieces }
    }
}

/// The name that a text starts with: letters, digits, `_`, `-`, and dots between them.
fn variable_name(text: &str) -> &str {
    let is_name_byte = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let end = text.bytes().position(|byte| !is_name_byte(byte)).unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// The log group of an ARN `arn:{partition}:logs:{region}:{account}:log-group:{name}`, which may end in `:*`.
fn log_group(arn: &str) -> Option<&str> {
    let parts: Vec<&str> = arn.splitn(7, ':').collect();
    let ["arn", _, "logs", _, _, "log-group", name] = parts.as_slice() else { return None };
    let name = name.strip_suffix(":*").unwrap_or(name);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_/#".contains(&byte);
    ((1..=GROUP_NAME_BYTES_MAX).contains(&name.len()) && name.bytes().all(is_allowed)).then_some(name)
}

/// A value with what would end a text or a line, or what a terminal would act upon, escaped as JSON does.
fn escaped(value: Cow<'_, str>) -> Cow<'_, str> {
    let is_escaped = |character: char| character.is_control() || matches!(character, '"' | '\\');
    if !value.contains(is_escaped) {
        return value;
    }
    let quoted = serde_json::Value::String(value.into_owned()).to_string();
    let mut text = String::with_capacity(quoted.len());
    for character in quoted[1..quoted.len() - 1].chars() {
        if character.is_control() {
            // JSON lets the later ones stand. Writing into a string cannot fail.
            let _ = write!(text, "\\u{:04x}", u32::from(character));
        } else {
            text.push(character);
        }
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests;
