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
    Linear {
        regex: regex::Regex,
        /// Whether the last group is the [mark](Translation::marks_end) of the match's end.
        marks_end: bool,
    },
    /// Backtracking, limited.
    Backtracking(fancy_regex::Regex),
}

/// The groups of one match.
pub(super) enum Groups<'t> {
    /// Of the linear engine.
    Linear {
        groups: regex::Captures<'t>,
        /// Where the match ends, and all groups at the latest.
        end: usize,
    },
    /// Of the backtracking engine.
    Backtracking(fancy_regex::Captures<'t, str>),
}

impl Groups<'_> {
    /// The bytes of a group; `None` when it took no part in the match.
    pub(super) fn get(&self, index: usize) -> Option<Range<usize>> {
        match self {
            Self::Linear { groups, end } => groups.get(index).map(|group| group.start()..group.end().min(*end)),
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
                .delegate_size_limit(COMPILED_BYTES_MAX / parts(&translation.pattern))
                .build();
            return built.map(Self::Backtracking).map_err(|error| compile_error(error.to_string()));
        }
        let built = regex::RegexBuilder::new(&translation.pattern).size_limit(COMPILED_BYTES_MAX).build();
        let regex = built.map_err(|error| compile_error(last_line(&error.to_string())))?;
        Ok(Self::Linear { regex, marks_end: translation.marks_end })
    }

    /// Steps of a search through a text of so many bytes: the backtracking engine may look at all of them from each.
    pub(super) fn steps(&self, text_bytes: usize) -> usize {
        let once = text_bytes / 8;
        match self {
            Self::Linear { .. } => once,
            Self::Backtracking(_) => once.saturating_add(text_bytes.saturating_mul(text_bytes) / 512),
        }
    }

    /// Whether the pattern takes the line terminator behind a match along.
    pub(super) fn marks_end(&self) -> bool {
        matches!(self, Self::Linear { marks_end: true, .. })
    }

    pub(super) fn is_match(&self, text: &str) -> Result<bool, PatternError> {
        match self {
            Self::Linear { regex, .. } => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).map_err(|_| PatternError::TooManySteps),
        }
    }

    /// The first match that starts at a byte or behind it.
    pub(super) fn search<'t>(&self, text: &'t str, from: usize) -> Result<Option<Groups<'t>>, PatternError> {
        match self {
            Self::Linear { regex, marks_end } => Ok(regex.captures_at(text, from).map(|groups| {
                let mark = if *marks_end { groups.get(groups.len() - 1) } else { None };
                let end = mark.or_else(|| groups.get(0)).map_or(from, |last| last.end());
                Groups::Linear { groups, end }
            })),
            Self::Backtracking(regex) => {
                let groups = regex.captures_from_pos(text, from).map_err(|_| PatternError::TooManySteps)?;
                Ok(groups.map(Groups::Backtracking))
            }
        }
    }

    /// Calls `visit` for each match from left to right, so many at most. As in Java, what follows a match may be a match of
    /// nothing: `.*` matches a line, and then its end.
    pub(super) fn each_match<'t>(
        &self,
        text: &'t str,
        count_max: usize,
        mut visit: impl FnMut(&Groups<'t>) -> Result<(), PatternError>,
    ) -> Result<(), PatternError> {
        let mut from = Some(0);
        for _ in 0..count_max {
            let Some(start) = from else { break };
            let Some(groups) = self.search(text, start)? else { break };
            visit(&groups)?;
            let whole = groups.whole();
            from = if whole.is_empty() {
                text[whole.end..].chars().next().map(|character| whole.end + character.len_utf8())
            } else {
                Some(whole.end)
            };
        }
        Ok(())
    }

    /// Groups, the whole match counted.
    pub(super) fn group_count(&self) -> usize {
        match self {
            Self::Linear { regex, marks_end } => regex.captures_len() - usize::from(*marks_end),
            Self::Backtracking(regex) => regex.captures_len(),
        }
    }

    /// The number of a named group.
    pub(super) fn group_named(&self, name: &str) -> Option<usize> {
        match self {
            Self::Linear { regex, .. } => regex.capture_names().position(|known| known == Some(name)),
            Self::Backtracking(regex) => regex.capture_names().position(|known| known == Some(name)),
        }
    }
}

/// About how many parts of a translated pattern the backtracking engine compiles by themselves, at least one. They end at groups,
/// alternatives, possessive quantifiers and references; each has the same share of the room, so that many take no more than one.
fn parts(pattern: &str) -> usize {
    let ends = pattern.bytes().filter(|byte| b"(|+".contains(byte)).count();
    (ends + pattern.matches(r"\k<").count()).max(1)
}

/// The engine draws the translated pattern over several lines, which would only confuse; its last line says what is wrong.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or(message).trim_start_matches("error: ").to_owned()
}
