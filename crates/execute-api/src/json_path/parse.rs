//! From an expression's text to its steps.

use vtl::java_regex::Pattern;

use super::{
    JsonPath, JsonPathError, PATH_BYTES_MAX, PATH_DEPTH_MAX, Step,
    filter::{Filter, Literal, Operand, Operator},
    function::Function,
};

type Result<T> = std::result::Result<T, JsonPathError>;

/// Compiles a whole expression. Blanks around it do not count; without `$` in front it starts at the root all the same.
pub(super) fn path(expression: &str) -> Result<JsonPath> {
    if expression.len() > PATH_BYTES_MAX {
        return Err(JsonPathError::TooLong);
    }
    let mut parser = Parser { text: expression.trim_end(), at: 0, depth: 0 };
    parser.skip_blanks();
    if parser.peek().is_none() {
        return Err(parser.error("empty expression"));
    }
    let Some(root @ ('$' | '@')) = parser.peek() else {
        let first = parser.step_after_dot(Place::Text)?;
        return parser.rest_of_path(first, Place::Text, false);
    };
    parser.at += 1;
    let first = parser.next_step(Place::Text)?;
    parser.rest_of_path(first, Place::Text, root == '@')
}

/// Where a path stands: alone, or as an operand of a filter, which ends it at the next operator or parenthesis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Text,
    Operand,
}

/// What follows in a path.
enum Next {
    Step(Step),
    Function(Function),
    End,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl Parser<'_> {
    fn rest_of_path(&mut self, first: Next, place: Place, from_current: bool) -> Result<JsonPath> {
        let mut path = JsonPath { steps: Vec::new(), function: None, definite: true, from_current };
        let mut next = first;
        loop {
            match next {
                Next::Step(step) => path.steps.push(step),
                Next::Function(function) => {
                    path.function = Some(function);
                    break;
                }
                Next::End => break,
            }
            next = self.next_step(place)?;
        }
        if place == Place::Text && self.at < self.text.len() {
            return Err(self.error("expected '.', '[' or the end"));
        }
        if matches!(path.steps.last(), Some(Step::DeepScan)) {
            return Err(self.error("a path may not end with '..'"));
        }
        let last = path.steps.len().saturating_sub(1);
        path.definite = path.steps.iter().enumerate().all(|(position, step)| match step {
            Step::Member(_) | Step::Index(_) => true,
            Step::Members(_) => position == last,
            Step::Wildcard | Step::Indexes(_) | Step::Slice(..) | Step::Filter(_) | Step::DeepScan => false,
        });
        Ok(path)
    }

    fn next_step(&mut self, place: Place) -> Result<Next> {
        match self.peek() {
            Some('[') => self.bracket().map(Next::Step),
            Some('.') => {
                self.at += 1;
                if self.peek() != Some('.') {
                    return self.step_after_dot(place);
                }
                if self.text[self.at + 1..].starts_with('.') {
                    return Err(self.error("too many dots"));
                }
                // The second dot stays: what it introduces is the step that the scan takes everywhere. A bracket needs none.
                if self.text[self.at + 1..].starts_with('[') {
                    self.at += 1;
                }
                Ok(Next::Step(Step::DeepScan))
            }
            None => Ok(Next::End),
            Some(_) if place == Place::Operand => Ok(Next::End),
            Some(_) => Err(self.error("expected '.', '[' or the end")),
        }
    }

    /// A name, a wildcard or a function; `.[` is the bracket alone.
    fn step_after_dot(&mut self, place: Place) -> Result<Next> {
        match self.peek() {
            Some('[') => return self.bracket().map(Next::Step),
            Some('*') => {
                self.at += 1;
                return Ok(Next::Step(Step::Wildcard));
            }
            _ => {}
        }
        let start = self.at;
        let ends_name = |c: char| match place {
            Place::Text => matches!(c, '.' | '[' | '(') || c.is_whitespace(),
            Place::Operand => {
                matches!(c, '.' | '[' | '(' | ')' | ']' | ',' | '<' | '>' | '=' | '~' | '!' | '&' | '|')
                    || c.is_whitespace()
            }
        };
        let length = self.text[start..].find(ends_name).unwrap_or(self.text.len() - start);
        self.at += length;
        if length == 0 {
            return Err(self.error("expected a name"));
        }
        let name = &self.text[start..start + length];
        if self.peek() != Some('(') {
            return Ok(Next::Step(Step::Member(name.into())));
        }
        self.at += 1;
        let arguments = self.deeper(Self::function_arguments)?;
        Function::named(name, arguments)
            .map(Next::Function)
            .ok_or(JsonPathError::Syntax { reason: "unknown function", offset: start })
    }

    /// What stands between a function's parentheses: paths and literals.
    fn function_arguments(&mut self) -> Result<Vec<Operand>> {
        let mut arguments = Vec::new();
        self.skip_blanks();
        if self.peek() != Some(')') {
            arguments.push(self.operand()?);
            while self.goes_on(',') {
                arguments.push(self.operand()?);
            }
        }
        self.skip_blanks();
        self.expect(')', "expected ')'")?;
        Ok(arguments)
    }

    fn bracket(&mut self) -> Result<Step> {
        self.expect('[', "expected '['")?;
        self.skip_blanks();
        let step = match self.peek() {
            Some('\'' | '"') => self.names()?,
            Some('*') => {
                self.at += 1;
                Step::Wildcard
            }
            Some('?') => self.filter()?,
            Some('-' | ':' | '0'..='9') => self.positions()?,
            _ => return Err(self.error("expected a name in quotes, a position, '*' or '?('")),
        };
        self.skip_blanks();
        self.expect(']', "expected ']'")?;
        Ok(step)
    }

    fn names(&mut self) -> Result<Step> {
        let mut names = vec![self.quoted()?];
        while self.goes_on(',') {
            names.push(self.quoted()?);
        }
        match <[Box<str>; 1]>::try_from(names) {
            Ok([name]) => Ok(Step::Member(name)),
            Err(names) => Ok(Step::Members(names)),
        }
    }

    fn positions(&mut self) -> Result<Step> {
        let from = if self.peek() == Some(':') { None } else { Some(self.integer()?) };
        if self.goes_on(':') {
            let to = if matches!(self.peek(), Some('-' | '0'..='9')) { Some(self.integer()?) } else { None };
            return match (from, to) {
                (None, None) => Err(self.error("a slice needs a start or an end")),
                ends => Ok(Step::Slice(ends.0, ends.1)),
            };
        }
        let mut positions: Vec<i64> = from.into_iter().collect();
        while self.goes_on(',') {
            positions.push(self.integer()?);
        }
        match positions[..] {
            [position] => Ok(Step::Index(position)),
            _ => Ok(Step::Indexes(positions)),
        }
    }

    fn filter(&mut self) -> Result<Step> {
        self.expect('?', "expected '?'")?;
        self.skip_blanks();
        self.expect('(', "expected '(' after '?'")?;
        let filter = self.either()?;
        self.skip_blanks();
        self.expect(')', "expected ')'")?;
        Ok(Step::Filter(Box::new(filter)))
    }

    fn either(&mut self) -> Result<Filter> {
        let first = self.both()?;
        let mut filters = vec![first];
        while self.goes_on_with("||") {
            filters.push(self.both()?);
        }
        Ok(Filter::any(filters))
    }

    fn both(&mut self) -> Result<Filter> {
        let first = self.condition()?;
        let mut filters = vec![first];
        while self.goes_on_with("&&") {
            filters.push(self.condition()?);
        }
        Ok(Filter::all(filters))
    }

    fn condition(&mut self) -> Result<Filter> {
        self.deeper(|parser| {
            parser.skip_blanks();
            match parser.peek() {
                Some('!') => {
                    parser.at += 1;
                    Ok(Filter::Not(Box::new(parser.condition()?)))
                }
                Some('(') => {
                    parser.at += 1;
                    let inner = parser.either()?;
                    parser.skip_blanks();
                    parser.expect(')', "expected ')'")?;
                    Ok(inner)
                }
                _ => parser.comparison(),
            }
        })
    }

    fn comparison(&mut self) -> Result<Filter> {
        let left = self.operand()?;
        self.skip_blanks();
        if self.goes_on_with("=~") {
            self.skip_blanks();
            return Ok(Filter::Matches { operand: left, pattern: self.pattern()? });
        }
        let Some(operator) = self.operator() else {
            return match left {
                Operand::Path(path) => Ok(Filter::Exists(path)),
                Operand::Literal(_) => Err(self.error("expected an operator")),
            };
        };
        self.skip_blanks();
        Ok(Filter::Compare { left, operator, right: self.operand()? })
    }

    fn operator(&mut self) -> Option<Operator> {
        let rest = &self.text[self.at..];
        let length = match rest.chars().next()? {
            '=' | '!' | '<' | '>' => rest.find(|c| !matches!(c, '=' | '!' | '<' | '>')),
            _ => rest.find(|c: char| !c.is_ascii_alphabetic()),
        };
        let operator = Operator::named(&rest[..length.unwrap_or(rest.len())])?;
        self.at += length.unwrap_or(rest.len());
        Some(operator)
    }

    fn operand(&mut self) -> Result<Operand> {
        self.deeper(|parser| match parser.peek() {
            Some(root @ ('@' | '$')) => {
                parser.at += 1;
                let first = parser.next_step(Place::Operand)?;
                parser.rest_of_path(first, Place::Operand, root == '@').map(Operand::Path)
            }
            _ => parser.literal().map(Operand::Literal),
        })
    }

    fn literal(&mut self) -> Result<Literal> {
        match self.peek() {
            Some('\'' | '"') => self.quoted().map(Literal::Text),
            Some('[') => self.deeper(Self::list),
            Some('{') => self.deeper(Self::map),
            Some('-' | '0'..='9') => self.number(),
            _ => {
                let words = [("true", Literal::Bool(true)), ("false", Literal::Bool(false)), ("null", Literal::Null)];
                for (word, literal) in words {
                    if self.text[self.at..].starts_with(word) {
                        self.at += word.len();
                        return Ok(literal);
                    }
                }
                Err(self.error("expected a path, a text in quotes, a number, a list, a map, true, false or null"))
            }
        }
    }

    fn list(&mut self) -> Result<Literal> {
        self.expect('[', "expected '['")?;
        let mut items = Vec::new();
        self.skip_blanks();
        if self.peek() != Some(']') {
            items.push(self.literal()?);
            while self.goes_on(',') {
                items.push(self.literal()?);
            }
        }
        self.skip_blanks();
        self.expect(']', "expected ']'")?;
        Ok(Literal::List(items))
    }

    fn map(&mut self) -> Result<Literal> {
        self.expect('{', "expected '{'")?;
        let mut members = Vec::new();
        self.skip_blanks();
        if self.peek() != Some('}') {
            members.push(self.map_member()?);
            while self.goes_on(',') {
                members.push(self.map_member()?);
            }
        }
        self.skip_blanks();
        self.expect('}', "expected '}'")?;
        Ok(Literal::Map(members))
    }

    fn map_member(&mut self) -> Result<(Box<str>, Literal)> {
        let name = self.quoted()?;
        self.skip_blanks();
        self.expect(':', "expected ':'")?;
        self.skip_blanks();
        Ok((name, self.literal()?))
    }

    fn number(&mut self) -> Result<Literal> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E')).unwrap_or(rest.len());
        let text = &rest[..length];
        let Ok(double) = text.parse() else { return Err(self.error("expected a number")) };
        self.at += length;
        Ok(Literal::Number { text: text.into(), integer: text.parse().ok(), double })
    }

    /// `/pattern/flags`; a slash in the pattern stands behind a backslash.
    fn pattern(&mut self) -> Result<Box<Pattern>> {
        self.expect('/', "expected a pattern between slashes")?;
        let mut pattern = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.error("pattern without end")) };
            self.at += c.len_utf8();
            match (c, self.peek()) {
                ('/', _) => break,
                ('\\', Some('/')) => {
                    pattern.push('/');
                    self.at += 1;
                }
                ('\\', Some(escaped)) => {
                    pattern.extend([c, escaped]);
                    self.at += escaped.len_utf8();
                }
                _ => pattern.push(c),
            }
        }
        let rest = &self.text[self.at..];
        let flags = &rest[..rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len())];
        self.at += flags.len();
        if !flags.is_empty() {
            pattern.insert_str(0, &format!("(?{flags})"));
        }
        Ok(Box::new(Pattern::new(&pattern)?))
    }

    /// A text in quotes of either kind.
    fn quoted(&mut self) -> Result<Box<str>> {
        self.skip_blanks();
        let Some(quote @ ('\'' | '"')) = self.peek() else { return Err(self.error("expected a text in quotes")) };
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else { return Err(self.error("text without end")) };
            self.at += c.len_utf8();
            match c {
                '\\' => text.push(self.escape()?),
                c if c == quote => return Ok(text.into()),
                c => text.push(c),
            }
        }
    }

    /// What follows a backslash: JSON's escapes, and every other character as it is.
    fn escape(&mut self) -> Result<char> {
        let Some(c) = self.peek() else { return Err(self.error("text without end")) };
        self.at += c.len_utf8();
        Ok(match c {
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'u' => {
                let digits = self.text.get(self.at..self.at + 4).unwrap_or_default();
                let code = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
                let Some(code) = code else {
                    return Err(self.error("expected four hexadecimal digits of a character"));
                };
                self.at += 4;
                code
            }
            c => c,
        })
    }

    fn integer(&mut self) -> Result<i64> {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !matches!(c, '0'..='9' | '-')).unwrap_or(rest.len());
        let Ok(integer) = rest[..length].parse() else { return Err(self.error("expected an integer")) };
        self.at += length;
        Ok(integer)
    }

    /// Whether `separator` follows, behind blanks; it and the blanks after it are taken.
    fn goes_on(&mut self, separator: char) -> bool {
        self.skip_blanks();
        let goes_on = self.peek() == Some(separator);
        if goes_on {
            self.at += separator.len_utf8();
            self.skip_blanks();
        }
        goes_on
    }

    fn goes_on_with(&mut self, separator: &str) -> bool {
        self.skip_blanks();
        let goes_on = self.text[self.at..].starts_with(separator);
        if goes_on {
            self.at += separator.len();
        }
        goes_on
    }

    /// Parses something that may hold its like, [`PATH_DEPTH_MAX`] deep.
    fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= PATH_DEPTH_MAX {
            return Err(JsonPathError::TooDeep);
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    fn skip_blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.len() - rest.trim_start().len();
    }

    fn expect(&mut self, expected: char, reason: &'static str) -> Result<()> {
        if self.peek() != Some(expected) {
            return Err(self.error(reason));
        }
        self.at += expected.len_utf8();
        Ok(())
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn error(&self, reason: &'static str) -> JsonPathError {
        JsonPathError::Syntax { reason, offset: self.at }
    }
}
