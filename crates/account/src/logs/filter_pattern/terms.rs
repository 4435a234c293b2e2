//! Terms in unstructured messages ("Using filter patterns to match terms in unstructured log events").

use regex::Regex;

use super::{InvalidPattern, scanner::Scanner};

/// Terms of each kind.
#[derive(Debug, Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    any: Vec<Term>,
    none: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Terms {
    pub(super) fn match_text(&self, message: &str) -> bool {
        if self.none.iter().any(|term| term.is_in(message)) || !self.all.iter().all(|term| term.is_in(message)) {
            return false;
        }
        // Beside terms of the other kinds AWS ignores those with a question mark.
        !self.all.is_empty()
            || !self.none.is_empty()
            || self.any.is_empty()
            || self.any.iter().any(|term| term.is_in(message))
    }
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Terms, InvalidPattern> {
    let mut scanner = Scanner::new(text);
    let mut terms = Terms::default();
    loop {
        scanner.skip_blanks();
        if scanner.peek().is_none() {
            return Ok(terms);
        }
        let kind = if scanner.take("?") {
            &mut terms.any
        } else if scanner.take("-") {
            &mut terms.none
        } else {
            &mut terms.all
        };
        kind.push(term(&mut scanner)?);
        if scanner.peek().is_some_and(|next| !next.is_whitespace()) {
            return Err(scanner.expected("a blank"));
        }
    }
}

fn term(scanner: &mut Scanner<'_>) -> Result<Term, InvalidPattern> {
    if scanner.take("\"") {
        return Ok(Term::Text(scanner.quoted()?));
    }
    if scanner.take("%") {
        return Ok(Term::Regex(scanner.regex()?));
    }
    let word = scanner.take_while(|character| character.is_alphanumeric() || character == '_');
    match scanner.peek() {
        Some(character) if !character.is_whitespace() => Err(InvalidPattern::Unquoted { character }),
        _ if word.is_empty() => Err(scanner.expected("a term")),
        _ => Ok(Term::Text(word.to_owned())),
    }
}
