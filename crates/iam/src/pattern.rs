//! Text patterns with `*` (any run of characters, separators included) and `?` (one character), compiled once.
//!
//! A pattern is cut at its stars into runs of fixed length. The first and the last are anchored; each of the others is
//! looked for once, from left to right, so that matching never backtracks over a star: a run without `?` costs time
//! linear in the text, and any pattern at most its length times the text's. AWS page: "IAM JSON policy elements:
//! Resource".

use std::fmt;

#[cfg(test)]
mod tests;

/// Whether letters of different case are the same letter. Only ASCII letters have a case here, as in AWS's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `a` is not `A`: resources and values.
    Sensitive,
    /// `a` is `A`: actions and condition keys.
    Insensitive,
}

/// One element of a pattern, after escapes and policy variables are resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    Literal(char),
    AnyCharacter,
    AnyRun,
}

/// A compiled pattern.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    case: Case,
    first: Run,
    /// What follows the first star; `None` when there is no star and the first run is the whole pattern.
    starred: Option<Starred>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Starred {
    middle: Box<[Run]>,
    last: Run,
}

/// Characters between two stars.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Run {
    Literal(Box<str>),
    /// With `None` where any character may stand.
    Mixed(Box<[Option<char>]>),
}

impl Pattern {
    /// Compiles a pattern; every text is one.
    #[must_use]
    pub fn new(text: &str, case: Case) -> Self {
        Self::from_tokens(text.chars().map(Token::from), case)
    }

    pub(crate) fn from_tokens(tokens: impl IntoIterator<Item = Token>, case: Case) -> Self {
        let mut runs = Vec::new();
        let mut open: Vec<Option<char>> = Vec::new();
        for token in tokens {
            match token {
                Token::Literal(character) => open.push(Some(character)),
                Token::AnyCharacter => open.push(None),
                Token::AnyRun => runs.push(Run::new(std::mem::take(&mut open))),
            }
        }
        let last = Run::new(open);
        let mut runs = runs.into_iter();
        let Some(first) = runs.next() else { return Self { case, first: last, starred: None } };
        Self { case, first, starred: Some(Starred { middle: runs.collect(), last }) }
    }

    /// Whether the whole text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let Some(rest) = self.first.strip_prefix(text, self.case) else { return false };
        let Some(Starred { middle, last }) = &self.starred else { return rest.is_empty() };
        let Some(mut rest) = last.strip_suffix(rest, self.case) else { return false };
        for run in middle {
            let Some(behind) = run.find(rest, self.case) else { return false };
            rest = behind;
        }
        true
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Pattern({}", self.first)?;
        if let Some(Starred { middle, last }) = &self.starred {
            middle.iter().try_for_each(|run| write!(formatter, "*{run}"))?;
            write!(formatter, "*{last}")?;
        }
        formatter.write_str(")")
    }
}

impl From<char> for Token {
    fn from(character: char) -> Self {
        match character {
            '*' => Self::AnyRun,
            '?' => Self::AnyCharacter,
            literal => Self::Literal(literal),
        }
    }
}

impl Run {
    fn new(characters: Vec<Option<char>>) -> Self {
        match characters.iter().copied().collect::<Option<String>>() {
            Some(literal) => Self::Literal(literal.into()),
            None => Self::Mixed(characters.into()),
        }
    }

    /// What follows this run at the start of the text.
    fn strip_prefix<'t>(&self, text: &'t str, case: Case) -> Option<&'t str> {
        match (self, case) {
            (Self::Literal(literal), Case::Sensitive) => text.strip_prefix(&**literal),
            (Self::Literal(literal), Case::Insensitive) => {
                let (head, rest) = text.split_at_checked(literal.len())?;
                head.eq_ignore_ascii_case(literal).then_some(rest)
            }
            (Self::Mixed(wanted), _) => {
                let mut characters = text.chars();
                let all = wanted.iter().all(|wanted| characters.next().is_some_and(|found| same(*wanted, found, case)));
                all.then_some(characters.as_str())
            }
        }
    }

    /// What precedes this run at the end of the text.
    fn strip_suffix<'t>(&self, text: &'t str, case: Case) -> Option<&'t str> {
        match (self, case) {
            (Self::Literal(literal), Case::Sensitive) => text.strip_suffix(&**literal),
            (Self::Literal(literal), Case::Insensitive) => {
                let (rest, tail) = text.split_at_checked(text.len().checked_sub(literal.len())?)?;
                tail.eq_ignore_ascii_case(literal).then_some(rest)
            }
            (Self::Mixed(wanted), _) => {
                let mut characters = text.chars();
                let mut wanted = wanted.iter().rev();
                let all = wanted.all(|wanted| characters.next_back().is_some_and(|found| same(*wanted, found, case)));
                all.then_some(characters.as_str())
            }
        }
    }

    /// What follows the leftmost place where this run stands in the text.
    fn find<'t>(&self, text: &'t str, case: Case) -> Option<&'t str> {
        match (self, case) {
            (Self::Literal(literal), Case::Sensitive) => {
                let start = memchr::memmem::find(text.as_bytes(), literal.as_bytes())?;
                text.get(start + literal.len()..)
            }
            (Self::Literal(_), Case::Insensitive) | (Self::Mixed(_), _) => text
                .char_indices()
                .map(|(start, _)| &text[start..])
                .chain([""])
                .find_map(|tail| self.strip_prefix(tail, case)),
        }
    }
}

impl fmt::Display for Run {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => formatter.write_str(literal),
            Self::Mixed(wanted) => wanted.iter().try_for_each(|wanted| write!(formatter, "{}", wanted.unwrap_or('?'))),
        }
    }
}

fn same(wanted: Option<char>, found: char, case: Case) -> bool {
    match (wanted, case) {
        (None, _) => true,
        (Some(wanted), Case::Sensitive) => wanted == found,
        (Some(wanted), Case::Insensitive) => wanted.eq_ignore_ascii_case(&found),
    }
}
