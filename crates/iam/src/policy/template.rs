//! Texts of a policy that may hold wildcards and policy variables.
//!
//! `${aws:username}` stands for the value of a condition key of the request, `${aws:username, 'nobody'}` falls back to
//! a default, and `${*}`, `${?}` and `${$}` are the characters themselves. A text without variables is compiled when
//! the policy is read; one with variables is completed for each request. What a variable stands for is never read as a
//! wildcard. AWS page: "IAM policy elements: Variables and tags".

use std::borrow::Cow;

use super::Version;
use crate::pattern::{Case, Pattern, Token};

/// Where the values of policy variables come from.
pub(crate) trait VariableSource {
    /// The value of a condition key, if it has exactly one.
    fn single_value(&self, key: &str) -> Option<Cow<'_, str>>;
}

/// Whether `*` and `?` are wildcards in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Active,
    Literal,
}

/// A text that becomes a [`Pattern`].
#[derive(Debug, Clone)]
pub(crate) enum Template {
    Fixed(Pattern),
    Variable { parts: Box<[Part]>, case: Case },
}

/// A text that becomes an [`ArnPattern`].
#[derive(Debug, Clone)]
pub(crate) enum ArnTemplate {
    Fixed(ArnPattern),
    Variable(Box<[Part]>),
}

/// A piece of a text with variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    Tokens(Box<[Token]>),
    Variable { key: Box<str>, default: Option<Box<str>> },
}

/// The pattern of an ARN, whose six parts are compared one by one: no wildcard reaches over one of the first five
/// colons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ArnPattern {
    /// A lone `*`.
    Any,
    Parts(Box<[Pattern; 6]>),
}

impl Template {
    /// `None` when a `${` does not begin a policy variable.
    pub(super) fn parse(text: &str, wildcards: Wildcards, case: Case, version: Version) -> Option<Self> {
        let parts = split(text, wildcards, version)?;
        Some(match fixed(&parts) {
            Some(tokens) => Self::Fixed(Pattern::from_tokens(tokens, case)),
            None => Self::Variable { parts, case },
        })
    }

    /// Whether the text matches, with the variables of this request. A variable without a value matches nothing.
    pub(crate) fn matches(&self, text: &str, variables: &dyn VariableSource) -> bool {
        match self {
            Self::Fixed(pattern) => pattern.matches(text),
            Self::Variable { parts, case } => resolve(parts, variables)
                .is_some_and(|tokens| Pattern::from_tokens(tokens.iter().copied(), *case).matches(text)),
        }
    }
}

impl ArnTemplate {
    /// `None` when the text is neither `*` nor has the six parts of an ARN, or a `${` does not begin a policy variable.
    /// A text with variables gets its parts from their values, so that is only known per request.
    pub(super) fn parse(text: &str, version: Version) -> Option<Self> {
        let parts = split(text, Wildcards::Active, version)?;
        match fixed(&parts) {
            Some(tokens) => ArnPattern::from_tokens(&tokens).map(Self::Fixed),
            None => Some(Self::Variable(parts)),
        }
    }

    pub(crate) fn matches(&self, text: &str, variables: &dyn VariableSource) -> bool {
        match self {
            Self::Fixed(pattern) => pattern.matches(text),
            Self::Variable(parts) => resolve(parts, variables)
                .and_then(|tokens| ArnPattern::from_tokens(&tokens))
                .is_some_and(|pattern| pattern.matches(text)),
        }
    }
}

impl ArnPattern {
    fn from_tokens(tokens: &[Token]) -> Option<Self> {
        if tokens == [Token::AnyRun] {
            return Some(Self::Any);
        }
        let parts: Vec<Pattern> = tokens
            .splitn(6, |token| *token == Token::Literal(':'))
            .map(|part| Pattern::from_tokens(part.iter().copied(), Case::Sensitive))
            .collect();
        Some(Self::Parts(Box::new(<[Pattern; 6]>::try_from(parts).ok()?)))
    }

    fn matches(&self, text: &str) -> bool {
        let mut texts = text.splitn(6, ':');
        match self {
            Self::Any => texts.count() == 6,
            Self::Parts(patterns) => {
                patterns.iter().all(|pattern| texts.next().is_some_and(|part| pattern.matches(part)))
            }
        }
    }
}

/// Splits a text at its variables.
fn split(text: &str, wildcards: Wildcards, version: Version) -> Option<Box<[Part]>> {
    let mut parts = Vec::new();
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if version == Version::V2012 && rest.starts_with("${") {
            let (inside, behind) = rest["${".len()..].split_once('}')?;
            match inside {
                "*" | "?" | "$" => tokens.extend(inside.chars().map(Token::Literal)),
                _ => {
                    parts.push(Part::Tokens(std::mem::take(&mut tokens).into()));
                    parts.push(variable(inside)?);
                }
            }
            rest = behind;
            continue;
        }
        tokens.push(match wildcards {
            Wildcards::Active => Token::from(character),
            Wildcards::Literal => Token::Literal(character),
        });
        rest = &rest[character.len_utf8()..];
    }
    parts.push(Part::Tokens(tokens.into()));
    Some(parts.into())
}

/// Reads what stands between `${` and `}`: a key, and perhaps a comma and a default in single quotes.
fn variable(inside: &str) -> Option<Part> {
    let (key, default) = match inside.split_once(',') {
        Some((key, default)) => {
            let default = default.trim().strip_prefix('\'')?.strip_suffix('\'')?;
            (key.trim(), Some(default.into()))
        }
        None => (inside, None),
    };
    let is_key_character = |character: char| character.is_alphanumeric() || "_.:/=+-@".contains(character);
    (!key.is_empty() && key.contains(':') && key.chars().all(is_key_character))
        .then(|| Part::Variable { key: key.into(), default })
}

/// The tokens of a text without variables.
fn fixed(parts: &[Part]) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Tokens(tokens) => all.extend_from_slice(tokens),
            Part::Variable { .. } => return None,
        }
    }
    Some(all)
}

/// The tokens of a text with the values of its variables.
fn resolve(parts: &[Part], variables: &dyn VariableSource) -> Option<Vec<Token>> {
    let mut all = Vec::new();
    for part in parts {
        match part {
            Part::Tokens(tokens) => all.extend_from_slice(tokens),
            Part::Variable { key, default } => {
                let value = variables.single_value(key).or_else(|| default.as_deref().map(Cow::Borrowed))?;
                all.extend(value.chars().map(Token::Literal));
            }
        }
    }
    Some(all)
}
