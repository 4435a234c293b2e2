//! Java's pattern syntax into that of the `regex` and `fancy-regex` crates.

mod class;
mod escape;
mod group;

use super::PatternError;

/// What a pattern is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Matches anywhere in the text.
    Search,
    /// Matches anywhere in a text that ends in a carriage return and a newline: to `$` they are one.
    SearchBeforeCrlf,
    /// Matches the text as a whole.
    WholeText,
}

/// A translated pattern.
#[derive(Debug)]
pub(super) struct Translation {
    pub(super) pattern: String,
    /// Whether only the backtracking engine can run it.
    pub(super) needs_backtracking: bool,
    /// Whether an empty group, the last of all, stands where the match ends: what the pattern takes behind it, the line
    /// terminator before which a `$` matches, is not a part of the match.
    pub(super) marks_end: bool,
}

/// Characters that mean something to the engines, outside or inside of a class.
const META_CHARACTERS: &str = r"\.+*?()|[]{}^$#&-~";
/// Line terminators, which `.` does not match, as members of a class.
const LINE_TERMINATORS: &str = r"\n\r\x{85}\x{2028}\x{2029}";
/// Before the end of the text or a line terminator that ends it, but not inside of one.
const END_OR_LAST_TERMINATOR: &str = r"(?=(?:\r\n|(?<!\r)\n|[\r\x{85}\x{2028}\x{2029}])?\z)";
/// The same for an engine that cannot look ahead: it marks the place and takes what follows.
const MARKED_END: &str = r"()[\n\r\x{85}\x{2028}\x{2029}]?\z";
const MARKED_END_BEFORE_CRLF: &str = r"()(?:\r\n)?\z";
const WORD_BOUNDARY: &str = r"(?-u:\b)";
const NO_WORD_BOUNDARY: &str = r"(?-u:\B)";
/// The backtracking engine has no switch for ASCII boundaries.
const WORD_BOUNDARY_LOOKING: &str = r"(?:(?<=[a-zA-Z_0-9])(?![a-zA-Z_0-9])|(?<![a-zA-Z_0-9])(?=[a-zA-Z_0-9]))";
const NO_WORD_BOUNDARY_LOOKING: &str = r"(?:(?<=[a-zA-Z_0-9])(?=[a-zA-Z_0-9])|(?<![a-zA-Z_0-9])(?![a-zA-Z_0-9]))";

/// Translates a pattern.
pub(super) fn translate(java: &str, usage: Use) -> Result<Translation, PatternError> {
    let first = Translator::new(java, usage, false).run()?;
    // How a word boundary is spelled depends on the engine, which is known only at the end.
    if first.needs_backtracking { Translator::new(java, usage, true).run() } else { Ok(first) }
}

/// The flags that change how later characters translate.
#[derive(Debug, Clone, Copy, Default)]
struct Flags {
    dot_matches_all: bool,
    multiline: bool,
    comments: bool,
}

struct Translator<'a> {
    java: &'a str,
    at: usize,
    usage: Use,
    out: String,
    flags: Flags,
    /// The flags to return to at each closing parenthesis.
    open_groups: Vec<Flags>,
    /// Capturing groups that have begun.
    group_count: usize,
    needs_backtracking: bool,
    marks_end: bool,
    /// Whether the other spelling of word boundaries is wanted.
    backtracks: bool,
}

impl<'a> Translator<'a> {
    fn new(java: &'a str, usage: Use, backtracks: bool) -> Self {
        Self {
            java,
            at: 0,
            usage,
            out: String::with_capacity(java.len() + 16),
            flags: Flags::default(),
            open_groups: Vec::new(),
            group_count: 0,
            needs_backtracking: backtracks,
            marks_end: false,
            backtracks,
        }
    }

    fn run(mut self) -> Result<Translation, PatternError> {
        if self.usage == Use::WholeText {
            self.out.push_str(r"\A(?:");
        }
        while let Some(character) = self.next() {
            self.element(character)?;
        }
        if !self.open_groups.is_empty() {
            return Err(self.error("a group is not closed"));
        }
        if self.usage == Use::WholeText {
            self.out.push_str(r")\z");
        }
        Ok(Translation { pattern: self.out, needs_backtracking: self.needs_backtracking, marks_end: self.marks_end })
    }

    fn element(&mut self, character: char) -> Result<(), PatternError> {
        match character {
            '\\' => self.escape()?,
            '[' => self.class(0)?,
            '(' => self.open_group()?,
            ')' => self.close_group()?,
            '{' => self.counted_quantifier()?,
            '*' | '+' | '?' => self.quantifier(character),
            '.' if self.flags.dot_matches_all => self.out.push_str("(?s:.)"),
            '.' => {
                self.out.push_str("[^");
                self.out.push_str(LINE_TERMINATORS);
                self.out.push(']');
            }
            '^' if self.flags.multiline => self.out.push_str("(?m:^)"),
            '^' => self.out.push_str(r"\A"),
            '$' if self.flags.multiline => self.out.push_str("(?m:$)"),
            '$' => self.end_of_text(),
            '|' => self.out.push('|'),
            '#' if self.flags.comments => self.skip_comment(),
            _ if self.flags.comments && character.is_ascii_whitespace() => {}
            _ => self.literal(character),
        }
        Ok(())
    }

    /// `$` and `\Z`. Where nothing follows the linear engine can do it: in a match of the whole text it is the very end.
    fn end_of_text(&mut self) {
        let rest = &self.java[self.at..];
        let is_last = rest.bytes().all(|byte| byte == b')');
        let ends_branch = self.open_groups.is_empty() && rest.starts_with('|');
        match self.usage {
            Use::WholeText if is_last || ends_branch => self.out.push_str(r"\z"),
            Use::Search if is_last && !self.backtracks => {
                self.marks_end = true;
                self.out.push_str(MARKED_END);
            }
            Use::SearchBeforeCrlf if is_last && !self.backtracks => {
                self.marks_end = true;
                self.out.push_str(MARKED_END_BEFORE_CRLF);
            }
            Use::WholeText | Use::Search | Use::SearchBeforeCrlf => {
                self.needs_backtracking = true;
                self.out.push_str(END_OR_LAST_TERMINATOR);
            }
        }
    }

    /// `*`, `+` or `?`, and the `?` or `+` that makes it lazy or possessive.
    fn quantifier(&mut self, quantifier: char) {
        self.out.push(quantifier);
        self.quantifier_mode();
    }

    /// `{n}`, `{n,}` or `{n,m}`, the brace read.
    fn counted_quantifier(&mut self) -> Result<(), PatternError> {
        let rest = &self.java[self.at..];
        let Some(length) = rest.find('}') else { return Err(self.error("a quantifier is not closed")) };
        let counts = &rest[..length];
        let (least, most) = counts.split_once(',').unwrap_or((counts, "0"));
        let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if least.is_empty() || !is_number(least) || !is_number(most) {
            return Err(self.error("a quantifier is not a number or two"));
        }
        self.out.push('{');
        self.out.push_str(counts);
        self.out.push('}');
        self.at += length + 1;
        self.quantifier_mode();
        Ok(())
    }

    fn quantifier_mode(&mut self) {
        if self.eat('?') {
            self.out.push('?');
        } else if self.eat('+') {
            self.needs_backtracking = true;
            self.out.push('+');
        }
    }

    fn word_boundary(&mut self) {
        self.out.push_str(if self.backtracks { WORD_BOUNDARY_LOOKING } else { WORD_BOUNDARY });
    }

    fn no_word_boundary(&mut self) {
        self.out.push_str(if self.backtracks { NO_WORD_BOUNDARY_LOOKING } else { NO_WORD_BOUNDARY });
    }

    fn skip_comment(&mut self) {
        while self.next().is_some_and(|character| character != '\n') {}
    }

    /// A character that stands for itself, inside a class or out of it.
    fn literal(&mut self, character: char) {
        // Not all punctuation: to the engines `\<` and `\>` are word boundaries.
        if META_CHARACTERS.contains(character) {
            self.out.push('\\');
        }
        self.out.push(character);
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += character.len_utf8();
        Some(character)
    }

    fn peek(&self) -> Option<char> {
        self.java[self.at..].chars().next()
    }

    fn eat(&mut self, expected: char) -> bool {
        let eaten = self.peek() == Some(expected);
        if eaten {
            self.at += expected.len_utf8();
        }
        eaten
    }

    fn eat_text(&mut self, expected: &str) -> bool {
        let eaten = self.java[self.at..].starts_with(expected);
        if eaten {
            self.at += expected.len();
        }
        eaten
    }

    fn error(&self, reason: &'static str) -> PatternError {
        PatternError::Syntax { reason, offset: self.at }
    }
}
