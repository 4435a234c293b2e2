//! The document that a mock integration's request template renders: only its `statusCode` counts, and it may be sloppy.
//!
//! Developer Guide, "Mock integrations for REST APIs in API Gateway".

use crate::Failure;

/// Braces and brackets inside one another.
const DEPTH_MAX: usize = 100;

/// The integer `statusCode` of a rendered document. Names may lack quotes or have single ones, commas may be too many, and
/// members that are none are skipped; braces must balance.
///
/// # Errors
/// [`Failure::ApiConfiguration`] when there is no integer `statusCode` or the document has no end.
pub fn mock_status(document: &str) -> Result<i64, Failure> {
    Scanner { rest: document.trim_start_matches('\u{feff}') }.document().ok_or_else(|| Failure::ApiConfiguration {
        detail: "Unable to parse statusCode. It should be an integer that is defined in the request template."
            .to_owned(),
    })
}

struct Scanner<'a> {
    rest: &'a str,
}

/// What stands before or after a colon.
enum Item<'a> {
    Quoted(&'a str),
    Bare(&'a str),
    /// A list, an object, or a separator where none belongs.
    Other,
}

impl Item<'_> {
    fn is_word(&self, word: &str) -> bool {
        match self {
            Self::Quoted(text) | Self::Bare(text) => *text == word,
            Self::Other => false,
        }
    }

    fn integer(&self) -> Option<i64> {
        if let Self::Bare(text) = self { text.parse().ok() } else { None }
    }
}

impl<'a> Scanner<'a> {
    /// The status of the outer object; `None` when it has none or the document is not balanced.
    fn document(&mut self) -> Option<i64> {
        self.skip_blanks();
        self.take('{')?;
        let mut status = None;
        loop {
            self.rest = self.rest.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
            if self.take('}').is_some() {
                break;
            }
            let name = self.item()?;
            self.skip_blanks();
            if self.take(':').is_none() {
                continue;
            }
            self.skip_blanks();
            let value = self.item()?;
            if name.is_word("statusCode") {
                status = value.integer();
            }
        }
        if self.rest.contains(['{', '}']) { None } else { status }
    }

    /// A quoted string, what stands before the next separator, or a list or object as a whole; `None` when it does not end.
    fn item(&mut self) -> Option<Item<'a>> {
        match self.rest.chars().next()? {
            quote @ ('"' | '\'') => {
                let end = quoted_length(&self.rest[1..], quote)?;
                let text = &self.rest[1..=end];
                self.rest = &self.rest[end + 2..];
                Some(Item::Quoted(text))
            }
            '{' | '[' => {
                self.skip_nested()?;
                Some(Item::Other)
            }
            ':' | ']' => {
                self.rest = &self.rest[1..];
                Some(Item::Other)
            }
            _ => {
                let end = self.rest.find([',', ':', '{', '}', '[', ']', '"', '\'']).unwrap_or(self.rest.len());
                let text = self.rest[..end].trim_end();
                self.rest = &self.rest[end..];
                Some(Item::Bare(text))
            }
        }
    }

    /// Skips a list or object with all that is in it; `None` when it does not end or is closed by the wrong brace.
    fn skip_nested(&mut self) -> Option<()> {
        let mut open = Vec::new();
        loop {
            let next = self.rest.chars().next()?;
            self.rest = &self.rest[next.len_utf8()..];
            match next {
                '{' if open.len() < DEPTH_MAX => open.push('}'),
                '[' if open.len() < DEPTH_MAX => open.push(']'),
                '{' | '[' => return None,
                '}' | ']' if open.pop()? != next => return None,
                '"' | '\'' => self.rest = &self.rest[quoted_length(self.rest, next)? + 1..],
                _ => {}
            }
            if open.is_empty() {
                return Some(());
            }
        }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, expected: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(expected)?;
        Some(())
    }
}

/// Bytes up to the closing quote; a backslash takes the next character with it.
fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().find_map(|(at, c)| {
        let closes = c == quote && !escaped;
        escaped = c == '\\' && !escaped;
        closes.then_some(at)
    })
}
