//! What follows a backslash.

use super::{PatternError, Translator};

pub(super) const DIGITS: &str = "0-9";
pub(super) const WORD: &str = "a-zA-Z_0-9";
pub(super) const BLANKS: &str = r"\x20\t\n\x0B\f\r";
const HORIZONTAL_BLANKS: &str = r"\x20\t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}";
const VERTICAL_BLANKS: &str = r"\n\x0B\f\r\x{85}\x{2028}\x{2029}";

/// Java's POSIX classes by name, as members of a class.
const POSIX: &[(&str, &str)] = &[
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", r"\x00-\x7F"),
    ("Alpha", "a-zA-Z"),
    ("Digit", DIGITS),
    ("Alnum", "a-zA-Z0-9"),
    ("Punct", r"!-/:-@\[-`{-\x7E"),
    ("Graph", r"!-\x7E"),
    ("Print", r"\x20-\x7E"),
    ("Blank", r"\x20\t"),
    ("Cntrl", r"\x00-\x1F\x7F"),
    ("XDigit", "0-9a-fA-F"),
    ("Space", BLANKS),
];

/// What an escape stands for inside or outside of a class.
pub(super) enum Escaped {
    /// One character.
    Character(char),
    /// A set of characters: members of a class, and whether it means all others.
    Set { members: String, negated: bool },
    /// Something that only stands outside of a class.
    Other(char),
}

impl Translator<'_> {
    /// An escape outside of a class, the backslash read.
    pub(super) fn escape(&mut self) -> Result<(), PatternError> {
        match self.escaped()? {
            Escaped::Character(character) => self.literal(character),
            Escaped::Set { members, negated } => self.out.push_str(&set(&members, negated)),
            Escaped::Other(letter) => self.assertion_or_reference(letter)?,
        }
        Ok(())
    }

    fn assertion_or_reference(&mut self, letter: char) -> Result<(), PatternError> {
        match letter {
            'b' => self.word_boundary(),
            'B' => self.no_word_boundary(),
            'A' => self.out.push_str(r"\A"),
            'z' => self.out.push_str(r"\z"),
            'Z' => self.end_of_text(),
            'R' => self.out.push_str(r"(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])"),
            'Q' => self.quotation(),
            // The end of a quotation that never began.
            'E' => {}
            'k' => {
                if !self.eat('<') {
                    return Err(self.error("expected a group name"));
                }
                self.needs_backtracking = true;
                self.out.push_str(r"\k<");
                self.group_name()?;
            }
            '1'..='9' => self.numbered_reference(letter),
            _ => return Err(self.error("unknown escape")),
        }
        Ok(())
    }

    /// Text up to `\E`, as it is.
    fn quotation(&mut self) {
        let rest = &self.java[self.at..];
        let (quoted, length) = match rest.find(r"\E") {
            Some(length) => (&rest[..length], length + 2),
            None => (rest, rest.len()),
        };
        quoted.chars().for_each(|character| self.literal(character));
        self.at += length;
    }

    /// `\1` and so on, its first digit read. Java takes another digit as long as that many groups have begun.
    fn numbered_reference(&mut self, first: char) {
        self.needs_backtracking = true;
        self.out.push_str(r"\k<");
        self.out.push(first);
        let mut number = first as usize - '0' as usize;
        while let Some(character @ '0'..='9') = self.peek() {
            let longer = number.saturating_mul(10).saturating_add(character as usize - '0' as usize);
            if longer > self.group_count {
                break;
            }
            self.out.push(character);
            self.at += 1;
            number = longer;
        }
        self.out.push('>');
    }

    /// Reads what follows a backslash.
    pub(super) fn escaped(&mut self) -> Result<Escaped, PatternError> {
        let letter = self.next().ok_or_else(|| self.error("nothing follows a backslash"))?;
        let members = |members: &str, negated| Ok(Escaped::Set { members: members.to_owned(), negated });
        match letter {
            'd' => members(DIGITS, false),
            'D' => members(DIGITS, true),
            'w' => members(WORD, false),
            'W' => members(WORD, true),
            's' => members(BLANKS, false),
            'S' => members(BLANKS, true),
            'h' => members(HORIZONTAL_BLANKS, false),
            'H' => members(HORIZONTAL_BLANKS, true),
            'v' => members(VERTICAL_BLANKS, false),
            'V' => members(VERTICAL_BLANKS, true),
            'p' => self.property(false),
            'P' => self.property(true),
            't' => Ok(Escaped::Character('\t')),
            'n' => Ok(Escaped::Character('\n')),
            'r' => Ok(Escaped::Character('\r')),
            'f' => Ok(Escaped::Character('\u{c}')),
            'a' => Ok(Escaped::Character('\u{7}')),
            'e' => Ok(Escaped::Character('\u{1b}')),
            '0' => self.octal(),
            'x' => self.hexadecimal(),
            'u' => self.code(4, 4),
            'c' => {
                let letter =
                    self.next().filter(char::is_ascii).ok_or_else(|| self.error("expected a control letter"))?;
                // Java's rule: the sixth bit flips.
                Ok(Escaped::Character(char::from(letter as u8 ^ 64)))
            }
            'a'..='z' | 'A'..='Z' | '1'..='9' => Ok(Escaped::Other(letter)),
            _ => Ok(Escaped::Character(letter)),
        }
    }

    fn octal(&mut self) -> Result<Escaped, PatternError> {
        let mut code = 0;
        let mut count = 0;
        while let Some(digit) = self.peek().and_then(|character| character.to_digit(8)) {
            if count == 3 || code * 8 + digit > 0o377 {
                break;
            }
            code = code * 8 + digit;
            count += 1;
            self.at += 1;
        }
        let character = char::from_u32(code).filter(|_| count > 0);
        character.map(Escaped::Character).ok_or_else(|| self.error("expected an octal number"))
    }

    fn hexadecimal(&mut self) -> Result<Escaped, PatternError> {
        if !self.eat('{') {
            return self.code(2, 2);
        }
        let escaped = self.code(1, 6)?;
        if self.eat('}') { Ok(escaped) } else { Err(self.error("a character code is not closed")) }
    }

    fn code(&mut self, digits_min: usize, digits_max: usize) -> Result<Escaped, PatternError> {
        let mut code = 0;
        let mut count = 0;
        while let Some(digit) = self.peek().and_then(|character| character.to_digit(16)).filter(|_| count < digits_max)
        {
            code = code * 16 + digit;
            count += 1;
            self.at += 1;
        }
        let character = char::from_u32(code).filter(|_| count >= digits_min);
        character.map(Escaped::Character).ok_or_else(|| self.error("expected the code of a character"))
    }

    /// `\p{…}` and `\pL`, the letter read.
    fn property(&mut self, negated: bool) -> Result<Escaped, PatternError> {
        let rest = &self.java[self.at..];
        let (name, length) = if let Some(braced) = rest.strip_prefix('{') {
            let end = braced.find('}').ok_or_else(|| self.error("a property is not closed"))?;
            (&braced[..end], end + 2)
        } else {
            let letter = rest.chars().next().ok_or_else(|| self.error("expected a property"))?;
            (&rest[..letter.len_utf8()], letter.len_utf8())
        };
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(self.error("unknown property"));
        }
        let posix = POSIX.iter().find(|(known, _)| *known == name).map(|(_, members)| (*members).to_owned());
        let members = posix.unwrap_or_else(|| format!(r"\p{{{}}}", name.strip_prefix("Is").unwrap_or(name)));
        self.at += length;
        Ok(Escaped::Set { members, negated })
    }
}

/// A set as a class of its own.
pub(super) fn set(members: &str, negated: bool) -> String {
    format!("[{}{members}]", if negated { "^" } else { "" })
}
