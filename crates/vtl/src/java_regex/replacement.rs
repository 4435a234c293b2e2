//! Java's replacement texts: `$1`, `${name}`, and a backslash before what stands for itself.

use super::PatternError;
use super::engine::{Engine, Groups};

/// A piece of a replacement.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text as it is.
    Text(String),
    /// The text of a group.
    Group(usize),
}

/// Splits a replacement text into pieces, group references resolved against the pattern.
pub(super) fn parse(replacement: &str, engine: &Engine) -> Result<Vec<Piece>, PatternError> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = replacement.chars();
    while let Some(character) = rest.next() {
        match character {
            '\\' => {
                literal.push(rest.next().ok_or(PatternError::Replacement { reason: "nothing follows a backslash" })?);
            }
            '$' => {
                let (group, after) = group_reference(rest.as_str(), engine)?;
                if !literal.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut literal)));
                }
                pieces.push(Piece::Group(group));
                rest = after.chars();
            }
            _ => literal.push(character),
        }
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

/// What follows a dollar sign: the group and the text after the reference.
fn group_reference<'r>(text: &'r str, engine: &Engine) -> Result<(usize, &'r str), PatternError> {
    if let Some(named) = text.strip_prefix('{') {
        let (name, after) =
            named.split_once('}').ok_or(PatternError::Replacement { reason: "a group name has no closing brace" })?;
        let group = engine.group_named(name).ok_or(PatternError::Replacement { reason: "no group has that name" })?;
        return Ok((group, after));
    }
    let mut group = None;
    let mut length = 0;
    // Java takes as many digits as still make a group of this pattern, and at least one.
    for digit in text.chars().map_while(|character| character.to_digit(10)) {
        let longer = group.unwrap_or(0) * 10 + digit as usize;
        if group.is_some() && longer >= engine.group_count() {
            break;
        }
        group = Some(longer);
        length += 1;
    }
    match group {
        None => Err(PatternError::Replacement { reason: "a dollar sign is not followed by a group" }),
        Some(group) if group >= engine.group_count() => {
            Err(PatternError::Replacement { reason: "no group has that number" })
        }
        Some(group) => Ok((group, &text[length..])),
    }
}

/// Appends a replacement for one match.
pub(super) fn expand(pieces: &[Piece], groups: &Groups<'_>, text: &str, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(literal) => out.push_str(literal),
            Piece::Group(group) => {
                if let Some(range) = groups.get(*group) {
                    out.push_str(&text[range]);
                }
            }
        }
    }
}
