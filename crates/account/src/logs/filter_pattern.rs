//! Filter patterns: which messages match ("Filter pattern syntax for metric filters, subscription filters, filter log events, and
//! Live Tail").
//!
//! Three languages in one: terms (`ERROR -"log in"`), conditions on JSON (`{ $.status = 5* && $.ms > 100 }`) and on fields that
//! blanks separate (`[ip, user, ..., status = 404]`). A pattern is parsed once and has no part that takes longer than the
//! message is long.

mod scanner;
mod condition;
mod terms;
mod json;
mod fields;

/// The longest pattern, in characters, as in the service model.
const LENGTH_MAX: usize = 1024;

/// A pattern that can be matched.
#[derive(Debug)]
pub struct FilterPattern(Language);

#[derive(Debug)]
enum Language {
    Terms(terms::Terms),
    Json(json::Expression),
    Fields(fields::Fields),
}

/// Why a text is no pattern, or none that is supported here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPattern {
    /// The pattern is longer than it may be.
    #[error("it is longer than {LENGTH_MAX} characters")]
    TooLong,
    /// Something else stands where `expected` must.
    #[error("{expected} is expected at character {at}")]
    Expected {
        /// What is missing.
        expected: &'static str,
        /// Where, counted from 1.
        at: usize,
    },
    /// A term without quotes has a character that needs them.
    #[error("a term with the character {character:?} must stand in double quotes")]
    Unquoted {
        /// The character.
        character: char,
    },
    /// Parentheses are nested deeper than they may be.
    #[error("its parentheses are nested too deeply")]
    TooDeep,
    /// A regular expression is none, or has a character that AWS does not allow.
    #[error("%{expression}% is no regular expression that is supported")]
    Regex {
        /// The expression.
        expression: String,
    },
    /// A valid pattern of a kind that is not here.
    #[error("{what} is not supported")]
    Unsupported {
        /// What the pattern says.
        what: &'static str,
    },
}

impl FilterPattern {
    /// Reads a pattern; the empty one matches everything.
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        if text.chars().count() > LENGTH_MAX {
            return Err(InvalidPattern::TooLong);
        }
        let trimmed = text.trim();
        Ok(Self(match trimmed.chars().next() {
            Some('{') => Language::Json(json::parse(trimmed)?),
            Some('[') => Language::Fields(fields::parse(trimmed)?),
            _ => Language::Terms(terms::parse(trimmed)?),
        }))
    }

    /// Whether a message matches.
    #[must_use]
    pub fn matches(&self, message: &str) -> bool {
        match &self.0 {
            Language::Terms(terms) => terms.match_text(message),
            Language::Json(expression) => {
                serde_json::from_str(message).is_ok_and(|document| expression.matches(&document))
            }
            Language::Fields(fields) => fields.match_text(message),
        }
    }
}

#[cfg(test)]
mod tests;
