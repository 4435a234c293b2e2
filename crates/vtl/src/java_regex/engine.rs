//! The two matching engines behind one face.

use std::ops::Range;

use super::PatternError;
use super::translate::Translation;

/// Steps of backtracking in one search.
const BACKTRACK_STEPS_MAX: usize = 1_000_000;
/// Bytes of a compiled pattern.
const COMPILED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A compiled pattern.
#[derive(Debug)]
pub(super) enum Engine {
    /// Linear time.
    Linear(regex::Regex),
    /// Backtracking, limited.
    Backtracking(fancy_regex::Regex),
}

/// The groups of one match.
pub(super) enum Groups<'t> {
    /// Of the linear engine.
    Linear(regex::Captures<'t>),
    /// Of the backtracking engine.
    Backtracking(fancy_regex::Captures<'t, str>),
}

impl Groups<'_> {
    /// The bytes of a group; `None` when it took no part in the match.
    pub(super) fn get(&self, index: usize) -> Option<Range<usize>> {
        match self {
            Self::Linear(groups) => groups.get(index).map(|group| group.range()),
            Self::Backtracking(groups) => groups.get(index).map(|group| group.range()),
        }
    }

    /// The bytes of the match.
    pub(super) fn whole(&self) -> Range<usize> {
        self.get(0).unwrap_or_default()
    }
}

impl Engine {
    pub(super) fn new(translation: &Translation) -> Result<Self, PatternError> {
        let compile_error = |reason: String| PatternError::Compile { reason };
        if translation.needs_backtracking {
            let built = fancy_regex::RegexBuilder::new(&translation.pattern)
                .backtrack_limit(BACKTRACK_STEPS_MAX)
                .delegate_size_limit(COMPILED_BYTES_MAX)
                .build();
            built.map(Self::Backtracking).map_err(|error| compile_error(error.to_string()))
        } else {
            let built = regex::RegexBuilder::new(&translation.pattern).size_limit(COMPILED_BYTES_MAX).build();
            built.map(Self::Linear).map_err(|error| compile_error(last_line(&error.to_string())))
        }
    }

    pub(super) fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        match self {
            Self::Linear(regex) => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).map_err(|_| PatternError::TooManySteps),
        }
    }

    pub(super) fn find(&self, text: &str) -> Result<Option<Range<usize>>, PatternError> {
        match self {
            Self::Linear(regex) => Ok(regex.find(text).map(|found| found.range())),
            Self::Backtracking(regex) => {
                let found = regex.find(text).map_err(|_| PatternError::TooManySteps)?;
                Ok(found.map(|found| found.range()))
            }
        }
    }

    /// Calls `visit` for each match from left to right, so many at most.
    pub(super) fn each_match<'t>(
        &self,
        text: &'t str,
        count_max: usize,
        mut visit: impl FnMut(&Groups<'t>) -> Result<(), PatternError>,
    ) -> Result<(), PatternError> {
        match self {
            Self::Linear(regex) => {
                for groups in regex.captures_iter(text).take(count_max) {
                    visit(&Groups::Linear(groups))?;
                }
            }
            Self::Backtracking(regex) => {
                for groups in regex.captures_iter(text).take(count_max) {
                    visit(&Groups::Backtracking(groups.map_err(|_| PatternError::TooManySteps)?))?;
                }
            }
        }
        Ok(())
    }

    /// Groups, the whole match counted.
    pub(super) fn group_count(&self) -> usize {
        match self {
            Self::Linear(regex) => regex.captures_len(),
            Self::Backtracking(regex) => regex.captures_len(),
        }
    }

    /// The number of a named group.
    pub(super) fn group_named(&self, name: &str) -> Option<usize> {
        match self {
            Self::Linear(regex) => regex.capture_names().position(|known| known == Some(name)),
            Self::Backtracking(regex) => regex.capture_names().position(|known| known == Some(name)),
        }
    }
}

/// The engine draws the translated pattern over several lines, which would only confuse; its last line says what is wrong.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim_start_matches("error: ").to_owned()
}
