//! Java's regular expressions: `java.util.regex.Pattern` as far as mapping templates and selection patterns use it.
//!
//! A pattern is translated into the syntax of the `regex` crate, whose matching takes linear time. Only what that crate
//! cannot do (look-around, back-references, possessive quantifiers, a `$` that more follows) runs on `fancy-regex`, with a
//! limit on its backtracking.
//!
//! Differs from Java: `\w`, `\d`, `\s` and `\b` are ASCII in every version, case-insensitive matching also folds letters
//! beyond ASCII, `\G`, `\X`, `\N{…}` and the flags `d` and `U` are refused.

mod cache;
mod engine;
mod replacement;
mod translate;

use std::ops::Range;
use std::sync::OnceLock;

use engine::Engine;
use translate::Use;

pub(crate) use cache::cached;

/// Bytes of a pattern.
pub const PATTERN_BYTES_MAX: usize = 16 * 1024;

/// Why a pattern cannot be compiled or applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatternError {
    /// The text is not one of Java's patterns, or uses what we refuse.
    #[error("{reason} at character {offset} of the pattern")]
    Syntax {
        /// What is wrong, in words.
        reason: &'static str,
        /// Bytes of the pattern before the problem.
        offset: usize,
    },
    /// The pattern is longer than [`PATTERN_BYTES_MAX`].
    #[error("pattern is longer than {PATTERN_BYTES_MAX} bytes")]
    TooLong,
    /// The matching engine cannot take the pattern, for instance because it would be too large.
    #[error("pattern cannot be compiled: {reason}")]
    Compile {
        /// The engine's words.
        reason: String,
    },
    /// What replacements make of the text is longer than allowed.
    #[error("text after replacement is longer than allowed")]
    ReplacedTooLong,
    /// Matching gave up after too much backtracking.
    #[error("matching took too many steps")]
    TooManySteps,
    /// A replacement text refers to a group that the pattern does not have, or ends in the middle of a reference.
    #[error("replacement text: {reason}")]
    Replacement {
        /// What is wrong, in words.
        reason: &'static str,
    },
}

/// A compiled pattern. Share it between threads; applying it allocates only what it returns.
#[derive(Debug)]
pub struct Pattern {
    java: Box<str>,
    search: Engine,
    /// Built when a text that ends in a carriage return and a newline is first searched for a match at its end.
    search_before_crlf: OnceLock<Result<Engine, PatternError>>,
    /// Built when a whole-text match is first asked for.
    full: OnceLock<Result<Engine, PatternError>>,
}

impl Pattern {
    /// Compiles a pattern in Java's syntax.
    ///
    /// # Errors
    /// The pattern is wrong, too long, or uses what we refuse.
    pub fn new(java: &str) -> Result<Self, PatternError> {
        if java.len() > PATTERN_BYTES_MAX {
            return Err(PatternError::TooLong);
        }
        Ok(Self {
            java: java.into(),
            search: Engine::new(&translate::translate(java, Use::Search)?)?,
            search_before_crlf: OnceLock::new(),
            full: OnceLock::new(),
        })
    }

    /// The pattern as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.java
    }

    /// Java's `matches`: whether the pattern matches the whole text.
    ///
    /// # Errors
    /// Matching took too many steps.
    pub fn is_full_match(&self, text: &str) -> Result<bool, PatternError> {
        let full = self.full.get_or_init(|| Engine::new(&translate::translate(&self.java, Use::WholeText)?));
        match full {
            Ok(engine) => engine.is_match(text),
            Err(error) => Err(error.clone()),
        }
    }

    /// Java's `find`: the bytes of the first match.
    ///
    /// # Errors
    /// Matching took too many steps.
    pub fn find(&self, text: &str) -> Result<Option<Range<usize>>, PatternError> {
        Ok(self.searching(text)?.search(text, 0)?.map(|groups| groups.whole()))
    }

    /// The engine that searches a text.
    fn searching(&self, text: &str) -> Result<&Engine, PatternError> {
        if !(self.search.marks_end() && text.ends_with("\r\n")) {
            return Ok(&self.search);
        }
        let engine = self
            .search_before_crlf
            .get_or_init(|| Engine::new(&translate::translate(&self.java, Use::SearchBeforeCrlf)?));
        engine.as_ref().map_err(PatternError::clone)
    }

    /// Steps that applying it once to a text of so many bytes counts for.
    pub(crate) fn steps(&self, text_bytes: usize) -> usize {
        self.search.steps(text_bytes)
    }

    /// Java's `replaceAll`. In the replacement `$1` and `${name}` stand for groups and a backslash takes the next character
    /// as it is.
    ///
    /// # Errors
    /// Matching took too many steps, or the replacement refers to a group that does not exist.
    pub fn replace_all(&self, text: &str, replacement: &str) -> Result<String, PatternError> {
        self.replace(text, replacement, usize::MAX, usize::MAX)
    }

    /// Java's `replaceFirst`, otherwise as [`Pattern::replace_all`].
    ///
    /// # Errors
    /// Matching took too many steps, or the replacement refers to a group that does not exist.
    pub fn replace_first(&self, text: &str, replacement: &str) -> Result<String, PatternError> {
        self.replace(text, replacement, 1, usize::MAX)
    }

    /// Replaces so many matches at most, by a text of so many bytes at most.
    pub(crate) fn replace(
        &self,
        text: &str,
        replacement: &str,
        count_max: usize,
        bytes_max: usize,
    ) -> Result<String, PatternError> {
        let mut template = None;
        let mut replaced = String::new();
        let mut copied = 0;
        self.searching(text)?.each_match(text, count_max, |groups| {
            // Java looks at the replacement only when there is something to replace.
            let template = match &mut template {
                Some(template) => template,
                none => none.insert(replacement::parse(replacement, &self.search)?),
            };
            let whole = groups.whole();
            replaced.push_str(&text[copied..whole.start]);
            replacement::expand(template, groups, text, &mut replaced);
            copied = whole.end;
            if replaced.len() > bytes_max { Err(PatternError::ReplacedTooLong) } else { Ok(()) }
        })?;
        replaced.push_str(&text[copied..]);
        Ok(replaced)
    }

    /// Java's `split`: the texts between the matches. A `limit` above 0 gives so many parts at most, 0 drops empty parts at
    /// the end, below 0 keeps them.
    ///
    /// # Errors
    /// Matching took too many steps.
    pub fn split<'t>(&self, text: &'t str, limit: i64) -> Result<Vec<&'t str>, PatternError> {
        let cuts_max = usize::try_from(limit).ok().filter(|&parts| parts > 0).map_or(usize::MAX, |parts| parts - 1);
        let mut parts = Vec::new();
        let mut copied = 0;
        if cuts_max > 0 {
            self.searching(text)?.each_match(text, usize::MAX, |groups| {
                let cut = groups.whole();
                // A match of nothing at the start cuts nothing off.
                if cut.end > 0 && parts.len() < cuts_max {
                    parts.push(&text[copied..cut.start]);
                    copied = cut.end;
                }
                Ok(())
            })?;
        }
        if parts.is_empty() {
            return Ok(vec![text]);
        }
        parts.push(&text[copied..]);
        if limit == 0 {
            while parts.last().is_some_and(|part| part.is_empty()) {
                parts.pop();
            }
        }
        Ok(parts)
    }
}

#[cfg(test)]
mod tests;
