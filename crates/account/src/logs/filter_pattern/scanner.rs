//! The characters of a pattern, one after the other.

use super::InvalidPattern;

/// A place in a pattern.
pub(super) struct Scanner<'p> {
    text: &'p str,
    rest: &'p str,
}

impl<'p> Scanner<'p> {
    pub(super) fn new(text: &'p str) -> Self {
        Self { text, rest: text }
    }

    pub(super) fn rest(&self) -> &'p str {
        self.rest
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    pub(super) fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Steps over `token` when it stands here.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let stripped = self.rest.strip_prefix(token);
        self.rest = stripped.unwrap_or(self.rest);
        stripped.is_some()
    }

    /// Steps over a word when it stands here, in whatever case, and no longer word begins with it.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let (Some(here), Some(rest)) = (self.rest.get(..word.len()), self.rest.get(word.len()..)) else { return false };
        let ends = !rest.chars().next().is_some_and(|next| next.is_alphanumeric() || next == '_');
        if ends && here.eq_ignore_ascii_case(word) {
            self.rest = rest;
            return true;
        }
        false
    }

    /// Steps over the characters that `belongs` says.
    pub(super) fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> &'p str {
        let end = self.rest.find(|character| !belongs(character)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(end);
        self.rest = rest;
        taken
    }

    pub(super) fn expect(&mut self, token: &'static str) -> Result<(), InvalidPattern> {
        if self.take(token) { Ok(()) } else { Err(self.expected(token)) }
    }

    /// The text in double quotes, the first of which was just taken; `\"` stands for a quote.
    pub(super) fn quoted(&mut self) -> Result<String, InvalidPattern> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices();
        while let Some((index, character)) = characters.next() {
            match character {
                '"' => {
                    self.rest = self.rest.get(index + 1..).unwrap_or_default();
                    return Ok(text);
                }
                '\\' => match characters.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => break,
                },
                _ => text.push(character),
            }
        }
        Err(self.expected("the closing quote"))
    }

    /// The regular expression whose opening `%` was just taken.
    pub(super) fn regex(&mut self) -> Result<regex::Regex, InvalidPattern> {
        let Some((expression, rest)) = self.rest.split_once('%') else { return Err(self.expected("the closing %")) };
        self.rest = rest;
        // AWS allows neither groups nor characters of several bytes.
        let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_#=@/;,:-^$?[]{}|\\*+. ".contains(&byte);
        let invalid = || InvalidPattern::Regex { expression: expression.to_owned() };
        if expression.is_empty() || !expression.bytes().all(is_allowed) {
            return Err(invalid());
        }
        regex::RegexBuilder::new(expression).size_limit(REGEX_BYTES_MAX).build().map_err(|_| invalid())
    }

    /// The error that something else stands here.
    pub(super) fn expected(&self, expected: &'static str) -> InvalidPattern {
        let behind = self.text.len() - self.rest.len();
        let at = self.text.get(..behind).map_or(0, |before| before.chars().count()) + 1;
        InvalidPattern::Expected { expected, at }
    }
}

/// The memory of a compiled regular expression.
const REGEX_BYTES_MAX: usize = 1024 * 1024;
