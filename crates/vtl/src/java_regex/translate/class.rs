//! Character classes: unions, intersections, ranges.

use super::escape::{Escaped, set};
use super::{PatternError, Translator};

/// Classes inside one another.
const CLASS_DEPTH_MAX: usize = 32;

impl Translator<'_> {
    /// A class, its opening bracket read.
    pub(super) fn class(&mut self, depth: usize) -> Result<(), PatternError> {
        if depth > CLASS_DEPTH_MAX {
            return Err(self.error("classes nest too deep"));
        }
        self.out.push('[');
        if self.eat('^') {
            self.out.push('^');
        }
        let mut is_first = true;
        loop {
            let character = self.next().ok_or_else(|| self.error("a class is not closed"))?;
            match character {
                ']' if !is_first => {
                    self.out.push(']');
                    return Ok(());
                }
                '[' => self.class(depth + 1)?,
                '&' if self.eat('&') => self.out.push_str("&&"),
                '\\' => self.class_escape()?,
                '-' if !is_first && self.is_range() => self.out.push('-'),
                _ => self.literal(character),
            }
            is_first = false;
        }
    }

    /// Whether the hyphen just read stands between two characters.
    fn is_range(&self) -> bool {
        !matches!(self.peek(), None | Some(']' | '[' | '&')) && !self.out.ends_with([']', '['])
    }

    fn class_escape(&mut self) -> Result<(), PatternError> {
        match self.escaped()? {
            Escaped::Character(character) => self.literal(character),
            Escaped::Set { members, negated } => self.out.push_str(&set(&members, negated)),
            Escaped::Other('Q') => {
                let rest = &self.java[self.at..];
                let length = rest.find(r"\E").ok_or_else(|| self.error("a class is not closed"))?;
                rest[..length].chars().for_each(|character| self.literal(character));
                self.at += length + 2;
            }
            Escaped::Other(_) => return Err(self.error("unknown escape in a class")),
        }
        Ok(())
    }
}
