//! Quoted strings. A string in double quotes is a template of its own.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::{Failure, Parser};
use crate::ast::{Expression, Node};

impl Parser<'_> {
    /// A string, the cursor on its opening quote. A doubled quote stands for one; a backslash stands for itself, but
    /// `\u` and four digits in double quotes are a character.
    pub(super) fn string(&mut self) -> Result<Expression, Failure> {
        let start = self.cursor.at;
        let quote = if self.cursor.peek() == Some(b'"') { '"' } else { '\'' };
        self.cursor.at += 1;
        let content = self.cursor.at;
        let mut has_doubled_quote = false;
        loop {
            let Some(length) = self.cursor.rest().find(quote) else {
                self.cursor.at = content;
                return Err(self.cursor.syntax_error("string is not closed", start));
            };
            self.cursor.at += length + 1;
            if self.cursor.peek() != Some(quote as u8) {
                break;
            }
            has_doubled_quote = true;
            self.cursor.at += 1;
        }
        let span = self.cursor.span_from(start);
        let end = self.cursor.at - 1;
        let raw = &self.cursor.text[content..end];
        let mut decoded = Cow::Borrowed(raw);
        if has_doubled_quote {
            decoded = Cow::Owned(raw.replace(if quote == '"' { "\"\"" } else { "''" }, quote.encode_utf8(&mut [0; 4])));
        }
        if quote == '"' && raw.contains("\\u") {
            decoded = Cow::Owned(decode_unicode(&decoded));
        }
        if quote == '\'' || !decoded.contains(['$', '#']) {
            return Ok(Expression::String(decoded.into(), span));
        }
        let inner = match &decoded {
            Cow::Borrowed(_) => self.cursor.part(content, end),
            Cow::Owned(text) => Cursor::decoded(text, span),
        };
        let mut parser = Parser { cursor: inner, definitions: &mut *self.definitions, depth: self.depth };
        let mut block = parser.template()?;
        match block.as_mut_slice() {
            [] => Ok(Expression::String("".into(), span)),
            [Node::Text(text)] => Ok(Expression::String(std::mem::take(text), span)),
            _ => Ok(Expression::Interpolation(block, span)),
        }
    }
}

/// Replaces each `\uXXXX`; what is no character stays as it is.
fn decode_unicode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("\\u") {
        let digits = rest.get(at + 2..at + 6).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        decoded.push_str(&rest[..at]);
        if let Some(character) = character {
            decoded.push(character);
            rest = &rest[at + 6..];
        } else {
            decoded.push_str("\\u");
            rest = &rest[at + 2..];
        }
    }
    decoded.push_str(rest);
    decoded
}
