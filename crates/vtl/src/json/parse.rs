//! JSON text to values.

use std::borrow::Cow;

use memchr::memchr2;

use crate::value::{Map, Number, Value};

/// How deep arrays and objects of a document may nest.
pub const JSON_DEPTH_MAX: usize = 500;

/// Why a text is not a JSON document that we take.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason} at byte {offset}")]
pub struct ParseError {
    reason: &'static str,
    offset: usize,
}

impl ParseError {
    /// What is wrong, in words.
    #[must_use]
    pub fn reason(&self) -> &'static str {
        self.reason
    }

    /// The byte of the text where it shows.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }
}

/// Parses a JSON document. Its lists print as JSON text; of members with the same name the last wins, in the first's place.
///
/// # Errors
/// The text is not JSON (RFC 8259), nests deeper than [`JSON_DEPTH_MAX`], or escapes half of a surrogate pair.
pub fn parse(text: &str) -> Result<Value, ParseError> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    let value = parser.document()?;
    parser.skip_blanks();
    if parser.at < text.len() { Err(parser.error("unexpected text after the document")) } else { Ok(value) }
}

/// An array or object whose end has not come yet.
enum Open<'a> {
    Array(Vec<Value>),
    Object { map: Map, name: Cow<'a, str> },
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    /// One value, its inner arrays and objects on a stack of our own instead of the thread's.
    fn document(&mut self) -> Result<Value, ParseError> {
        let mut open: Vec<Open<'a>> = Vec::new();
        loop {
            self.skip_blanks();
            let mut value = match self.peek() {
                Some(b'[') => {
                    self.at += 1;
                    self.check_depth(open.len())?;
                    if self.closes(b']') {
                        Value::json_list(Vec::new())
                    } else {
                        open.push(Open::Array(Vec::new()));
                        continue;
                    }
                }
                Some(b'{') => {
                    self.at += 1;
                    self.check_depth(open.len())?;
                    if self.closes(b'}') {
                        Value::map(Map::new())
                    } else {
                        open.push(Open::Object { map: Map::new(), name: self.member_name()? });
                        continue;
                    }
                }
                _ => self.scalar()?,
            };
            loop {
                match open.pop() {
                    None => return Ok(value),
                    Some(Open::Array(mut items)) => {
                        items.push(value);
                        if self.goes_on(b']')? {
                            open.push(Open::Array(items));
                            break;
                        }
                        value = Value::json_list(items);
                    }
                    Some(Open::Object { mut map, name }) => {
                        map.insert(name, value);
                        if self.goes_on(b'}')? {
                            open.push(Open::Object { map, name: self.member_name()? });
                            break;
                        }
                        value = Value::map(map);
                    }
                }
            }
        }
    }

    fn check_depth(&self, depth: usize) -> Result<(), ParseError> {
        if depth >= JSON_DEPTH_MAX { Err(self.error("arrays and objects nest too deep")) } else { Ok(()) }
    }

    /// Whether the array or object just opened ends at once.
    fn closes(&mut self, close: u8) -> bool {
        self.skip_blanks();
        let closes = self.peek() == Some(close);
        self.at += usize::from(closes);
        closes
    }

    /// After a member: `true` at a comma, `false` at the end of the array or object.
    fn goes_on(&mut self, close: u8) -> Result<bool, ParseError> {
        self.skip_blanks();
        let byte = self.peek();
        if byte == Some(b',') || byte == Some(close) {
            self.at += 1;
            return Ok(byte == Some(b','));
        }
        Err(self.error(if close == b']' { "expected ',' or ']'" } else { "expected ',' or '}'" }))
    }

    fn member_name(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.skip_blanks();
        if self.peek() != Some(b'"') {
            return Err(self.error("expected a member name in quotes"));
        }
        let name = self.string()?;
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.error("expected ':'"));
        }
        self.at += 1;
        Ok(name)
    }

    fn scalar(&mut self) -> Result<Value, ParseError> {
        match self.peek() {
            Some(b'"') => Ok(match self.string()? {
                Cow::Borrowed(text) => Value::from(text),
                Cow::Owned(text) => Value::from(text),
            }),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Value::Bool(true)),
            Some(b'f') => self.word("false", Value::Bool(false)),
            Some(b'n') => self.word("null", Value::Null),
            Some(_) => Err(self.error("expected a value")),
            None => Err(self.error("unexpected end of the text")),
        }
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, ParseError> {
        if !self.bytes[self.at..].starts_with(word.as_bytes()) {
            return Err(self.error("expected a value"));
        }
        self.at += word.len();
        Ok(value)
    }

    fn number(&mut self) -> Result<Value, ParseError> {
        let start = self.at;
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(Value::Number(Number::from_json(&self.text[start..self.at])))
    }

    /// One digit at least.
    fn digits(&mut self) -> Result<(), ParseError> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(self.error("expected a digit")) } else { Ok(()) }
    }

    /// A string literal, the cursor on its opening quote; borrowed when it holds no escape.
    fn string(&mut self) -> Result<Cow<'a, str>, ParseError> {
        self.at += 1;
        let mut decoded = String::new();
        loop {
            let start = self.at;
            let Some(length) = memchr2(b'"', b'\\', &self.bytes[start..]) else {
                return Err(self.error("string without end"));
            };
            self.at = start + length;
            let piece = &self.text[start..self.at];
            if let Some(control) = piece.bytes().position(|byte| byte < 0x20) {
                self.at = start + control;
                return Err(self.error("control character in a string"));
            }
            if self.bytes[self.at] == b'"' {
                self.at += 1;
                if decoded.is_empty() {
                    return Ok(Cow::Borrowed(piece));
                }
                decoded.push_str(piece);
                return Ok(Cow::Owned(decoded));
            }
            decoded.push_str(piece);
            self.at += 1;
            decoded.push(self.escape()?);
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<char, ParseError> {
        let decoded = match self.peek() {
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                return self.unicode_escape();
            }
            _ => return Err(self.error("unknown escape in a string")),
        };
        self.at += 1;
        Ok(decoded)
    }

    fn unicode_escape(&mut self) -> Result<char, ParseError> {
        let first = self.four_hex_digits()?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let pair_follows = first < 0xdc00 && self.bytes[self.at..].starts_with(b"\\u");
        if pair_follows {
            self.at += 2;
            let second = self.four_hex_digits()?;
            if (0xdc00..0xe000).contains(&second) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                return char::from_u32(code).ok_or_else(|| self.error("escape of no character"));
            }
        }
        Err(self.error("half of a surrogate pair in a string"))
    }

    fn four_hex_digits(&mut self) -> Result<u32, ParseError> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        if digits.len() < 4 || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(self.error("expected four hexadecimal digits"));
        }
        let code = digits.iter().fold(0, |code, digit| code << 4 | char::from(*digit).to_digit(16).unwrap_or(0));
        self.at += 4;
        Ok(code)
    }

    fn skip_blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn error(&self, reason: &'static str) -> ParseError {
        ParseError { reason, offset: self.at }
    }
}
