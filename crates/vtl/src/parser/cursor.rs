//! A position in a source, and the spans it makes.

use super::Failure;
use crate::error::{ErrorKind, Span};

/// Where the text of a cursor stands in the template.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// It is a part of the source from this byte on.
    Offset(usize),
    /// It was decoded from this part of the source; its own positions mean nothing there.
    Decoded(Span),
}

#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    origin: Origin,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, origin: Origin::Offset(0) }
    }

    /// A cursor over a part of this one's text.
    pub(super) fn part(&self, start: usize, end: usize) -> Cursor<'a> {
        let origin = match self.origin {
            Origin::Offset(offset) => Origin::Offset(offset + start),
            decoded @ Origin::Decoded(_) => decoded,
        };
        Cursor { text: &self.text[start..end], at: 0, origin }
    }

    /// A cursor over text that was made out of a part of the source.
    pub(super) fn decoded(text: &'a str, span: Span) -> Self {
        Self { text, at: 0, origin: Origin::Decoded(span) }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Moves past a text when it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let eaten = self.rest().starts_with(expected);
        if eaten {
            self.at += expected.len();
        }
        eaten
    }

    /// Moves past a text that must come next.
    pub(super) fn expect(&mut self, expected: &str) -> Result<(), Failure> {
        if self.eat(expected) { Ok(()) } else { Err(self.unexpected(&format!("'{expected}'"))) }
    }

    pub(super) fn skip_while(&mut self, skipped: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&skipped) {
            self.at += 1;
        }
    }

    /// Moves past blanks and newlines.
    pub(super) fn skip_space(&mut self) {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    }

    /// Moves past blanks and the newline behind them, which a directive takes along; without a newline it stays.
    pub(super) fn gobble_line_end(&mut self) {
        let blanks = self.rest().bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let after = &self.rest()[blanks..];
        let newline = ["\r\n", "\n", "\r"].iter().find(|newline| after.starts_with(**newline));
        if let Some(newline) = newline {
            self.at += blanks + newline.len();
        }
    }

    /// An identifier: a letter or underscore, then letters, digits, underscores and hyphens.
    pub(super) fn identifier(&mut self) -> Option<&'a str> {
        let start = self.at;
        if !self.peek().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_') {
            return None;
        }
        self.skip_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
        Some(&self.text[start..self.at])
    }

    /// The span from a position of this cursor to where it is now, one character at least where there is one.
    pub(super) fn span_from(&self, start: usize) -> Span {
        match self.origin {
            Origin::Decoded(span) => span,
            Origin::Offset(offset) => {
                let end = if self.at > start {
                    self.at
                } else {
                    start + self.rest().chars().next().map_or(0, char::len_utf8)
                };
                Span { start: narrow(offset + start), end: narrow(offset + end) }
            }
        }
    }

    pub(super) fn syntax_error(&self, detail: impl Into<String>, start: usize) -> Failure {
        Failure { kind: ErrorKind::Syntax, detail: detail.into(), span: self.span_from(start) }
    }

    pub(super) fn unexpected(&self, expected: &str) -> Failure {
        let found = match self.rest().chars().next() {
            Some('\n' | '\r') => "the end of the line".to_owned(),
            Some(character) => format!("'{character}'"),
            None => "the end of the text".to_owned(),
        };
        self.syntax_error(format!("expected {expected}, found {found}"), self.at)
    }
}

/// Sources are shorter than 4 GiB by far.
fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
