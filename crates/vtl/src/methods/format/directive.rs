//! One `%…` of a format, and what all conversions share: signs, grouping, padding.

use std::fmt::Write;

use super::BAD_FORMAT;
use crate::vm::Stop;

/// Characters of one formatted argument that a template may ask for.
const WIDTH_MAX: usize = 1000;

/// Which argument a directive takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Index {
    Next,
    /// `<`: the one of the directive before.
    Last,
    /// `1$`, from 1.
    Number(usize),
}

/// What follows a percent sign.
#[expect(clippy::struct_excessive_bools, reason = "each is one of Java's flags, and any of them may be set")]
pub(super) struct Directive {
    pub(super) index: Index,
    left: bool,
    pub(super) alternate: bool,
    plus: bool,
    blank: bool,
    zeros: bool,
    pub(super) grouped: bool,
    parentheses: bool,
    width: Option<usize>,
    pub(super) precision: Option<usize>,
    /// In lower case.
    pub(super) conversion: char,
    pub(super) upper_case: bool,
}

/// Reads a directive behind its percent sign; and the text after it.
pub(super) fn parse(text: &str) -> Result<(Directive, &str), Stop> {
    let mut rest = text;
    let index = index(&mut rest)?;
    let flags_length = rest.bytes().take_while(|byte| b"-#+ 0,(".contains(byte)).count();
    let (flags, after) = rest.split_at(flags_length);
    rest = after;
    let is_repeated = flags.char_indices().any(|(at, flag)| flags[..at].contains(flag));
    let width = number(&mut rest)?;
    let mut precision = None;
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        precision = Some(number(&mut rest)?.ok_or(BAD_FORMAT)?);
    }
    let letter = rest.chars().next().ok_or(BAD_FORMAT)?;
    let directive = Directive {
        index,
        left: flags.contains('-'),
        alternate: flags.contains('#'),
        plus: flags.contains('+'),
        blank: flags.contains(' '),
        zeros: flags.contains('0'),
        grouped: flags.contains(','),
        parentheses: flags.contains('('),
        width,
        precision,
        conversion: letter.to_ascii_lowercase(),
        upper_case: letter.is_ascii_uppercase(),
    };
    if is_repeated || !directive.is_allowed() {
        return Err(BAD_FORMAT);
    }
    Ok((directive, &rest[letter.len_utf8()..]))
}

/// `1$`, `<`, or nothing.
fn index(rest: &mut &str) -> Result<Index, Stop> {
    if let Some(after) = rest.strip_prefix('<') {
        *rest = after;
        return Ok(Index::Last);
    }
    let mut behind = *rest;
    let number = if behind.starts_with('0') { None } else { number(&mut behind)? };
    match (number, behind.strip_prefix('$')) {
        (Some(number), Some(after)) => {
            *rest = after;
            Ok(Index::Number(number))
        }
        _ => Ok(Index::Next),
    }
}

fn number(rest: &mut &str) -> Result<Option<usize>, Stop> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    if length == 0 {
        return Ok(None);
    }
    let number = rest[..length].parse().ok().filter(|&number: &usize| number <= WIDTH_MAX);
    *rest = &rest[length..];
    number.map(Some).ok_or(BAD_FORMAT)
}

impl Directive {
    /// Whether Java takes these flags together, and with this conversion.
    fn is_allowed(&self) -> bool {
        let signs = self.plus || self.blank || self.parentheses;
        let of_conversion = match self.conversion {
            'n' => {
                return self.width.is_none() && self.precision.is_none() && !self.upper_case && !self.has_flags();
            }
            's' | 'b' | 'h' => !signs && !self.alternate && !self.zeros && !self.grouped,
            'c' | '%' => !signs && !self.alternate && !self.zeros && !self.grouped && self.precision.is_none(),
            'd' => !self.upper_case && !self.alternate && self.precision.is_none(),
            'o' => !self.upper_case && !self.grouped && self.precision.is_none(),
            'x' => !self.grouped && self.precision.is_none(),
            'e' => !self.grouped,
            'f' => !self.upper_case,
            'g' => !self.alternate,
            'a' => !self.grouped && !self.parentheses && self.precision.is_none(),
            _ => false,
        };
        let needs_width = self.left || self.zeros;
        of_conversion
            && !(needs_width && self.width.is_none())
            && !(self.left && self.zeros)
            && !(self.plus && self.blank)
    }

    fn has_flags(&self) -> bool {
        self.has_signs() || self.left || self.alternate || self.zeros || self.grouped
    }

    /// Whether a flag about signs is set.
    pub(super) fn has_signs(&self) -> bool {
        self.plus || self.blank || self.parentheses
    }

    /// The digits of a number with its sign, zeros up to the width between them.
    pub(super) fn signed(&self, is_negative: bool, digits: &str) -> String {
        let (before, after) = match (is_negative, self.parentheses) {
            (true, true) => ("(", ")"),
            (true, false) => ("-", ""),
            (false, _) if self.plus => ("+", ""),
            (false, _) if self.blank => (" ", ""),
            (false, _) => ("", ""),
        };
        let taken = before.len() + digits.len() + after.len();
        let zeros = if self.zeros { self.width.unwrap_or(0).saturating_sub(taken) } else { 0 };
        format!("{before}{}{digits}{after}", "0".repeat(zeros))
    }

    /// Appends a text, padded with blanks to the width.
    pub(super) fn pad(&self, text: &str, out: &mut String) {
        let missing = self.width.unwrap_or(0).saturating_sub(text.chars().count());
        // Writing into a string cannot fail.
        let _ = if self.left { write!(out, "{text}{:missing$}", "") } else { write!(out, "{:missing$}{text}", "") };
    }
}

/// A comma before each three digits of the whole part.
pub(super) fn grouped(text: &str) -> String {
    let (digits, fraction) = text.find('.').map_or((text, ""), |point| text.split_at(point));
    let mut grouped = String::with_capacity(text.len() + text.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped + fraction
}
