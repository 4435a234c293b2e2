//! Expressions: what stands in the parentheses of directives and methods.

use num_bigint::BigInt;

use super::{Failure, Parser};
use crate::ast::{Arithmetic, Expression, Operator};
use crate::value::Number;

/// The operators of each precedence, loosest first; a spelling that another one starts with comes after it.
const PRECEDENCES: [&[(&str, Operator)]; 6] = [
    &[("||", Operator::Or), ("or", Operator::Or)],
    &[("&&", Operator::And), ("and", Operator::And)],
    &[("==", Operator::Equal), ("eq", Operator::Equal), ("!=", Operator::NotEqual), ("ne", Operator::NotEqual)],
    &[
        ("<=", Operator::LessOrEqual),
        ("le", Operator::LessOrEqual),
        ("<", Operator::Less),
        ("lt", Operator::Less),
        (">=", Operator::GreaterOrEqual),
        ("ge", Operator::GreaterOrEqual),
        (">", Operator::Greater),
        ("gt", Operator::Greater),
    ],
    &[("+", Operator::Arithmetic(Arithmetic::Add)), ("-", Operator::Arithmetic(Arithmetic::Subtract))],
    &[
        ("*", Operator::Arithmetic(Arithmetic::Multiply)),
        ("/", Operator::Arithmetic(Arithmetic::Divide)),
        ("%", Operator::Arithmetic(Arithmetic::Remainder)),
    ],
];

impl Parser<'_> {
    /// An expression, blanks before it skipped.
    pub(super) fn expression(&mut self) -> Result<Expression, Failure> {
        self.operations(0)
    }

    /// Operands joined by operators of one precedence.
    fn operations(&mut self, precedence: usize) -> Result<Expression, Failure> {
        let Some(operators) = PRECEDENCES.get(precedence) else { return self.unary() };
        self.cursor.skip_space();
        let start = self.cursor.at;
        let first = self.operations(precedence + 1)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.operator(operators) {
            rest.push((operator, self.operations(precedence + 1)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expression::Operations { first: Box::new(first), rest, span: self.cursor.span_from(start) })
    }

    fn operator(&mut self, operators: &[(&str, Operator)]) -> Option<Operator> {
        let before = self.cursor.at;
        self.cursor.skip_space();
        let found = operators.iter().find(|(spelling, _)| {
            let is_word = spelling.starts_with(|c: char| c.is_ascii_alphabetic());
            if is_word { self.eat_word(spelling) } else { self.cursor.eat(spelling) }
        });
        if found.is_none() {
            self.cursor.at = before;
        }
        found.map(|(_, operator)| *operator)
    }

    /// Moves past a word that comes next and ends there.
    fn eat_word(&mut self, word: &str) -> bool {
        let start = self.cursor.at;
        let eaten = self.cursor.identifier() == Some(word);
        if !eaten {
            self.cursor.at = start;
        }
        eaten
    }

    fn unary(&mut self) -> Result<Expression, Failure> {
        self.cursor.skip_space();
        let start = self.cursor.at;
        if self.cursor.eat("!") || self.eat_word("not") {
            let operand = self.nested(Self::unary)?;
            return Ok(Expression::Not(Box::new(operand), self.cursor.span_from(start)));
        }
        self.primary()
    }

    /// A literal, a reference, or an expression in parentheses.
    pub(super) fn primary(&mut self) -> Result<Expression, Failure> {
        self.cursor.skip_space();
        let start = self.cursor.at;
        match self.cursor.peek() {
            Some(b'$') => match self.reference()? {
                Some(reference) => Ok(Expression::Reference(reference)),
                None => Err(self.cursor.unexpected("a value")),
            },
            Some(b'"' | b'\'') => self.nested(Self::string),
            Some(b'0'..=b'9' | b'-' | b'.') => self.number(),
            Some(b'[') => self.nested(Self::list_or_range),
            Some(b'{') => self.nested(Self::map),
            Some(b'(') => {
                self.cursor.at += 1;
                let inner = self.nested(Self::expression)?;
                self.cursor.skip_space();
                self.cursor.expect(")")?;
                Ok(inner)
            }
            _ if self.eat_word("true") => Ok(Expression::Bool(true, self.cursor.span_from(start))),
            _ if self.eat_word("false") => Ok(Expression::Bool(false, self.cursor.span_from(start))),
            _ => Err(self.cursor.unexpected("a value")),
        }
    }

    fn number(&mut self) -> Result<Expression, Failure> {
        let start = self.cursor.at;
        self.cursor.eat("-");
        self.digits();
        let mut is_integer = true;
        // `1..3` is a range of integers.
        if self.cursor.peek() == Some(b'.') && !self.cursor.rest().starts_with("..") {
            is_integer = false;
            self.cursor.at += 1;
            self.digits();
        }
        if matches!(self.cursor.peek(), Some(b'e' | b'E')) {
            let mantissa_end = self.cursor.at;
            self.cursor.at += 1;
            self.cursor.skip_while(|byte| matches!(byte, b'+' | b'-'));
            if self.digits() {
                is_integer = false;
            } else {
                self.cursor.at = mantissa_end;
            }
        }
        let text = &self.cursor.text[start..self.cursor.at];
        let number = if is_integer {
            text.parse::<i64>().map(Number::Integer).ok().or_else(|| text.parse::<BigInt>().ok().map(Number::from_big))
        } else {
            text.parse::<f64>().map(Number::Double).ok()
        };
        match number {
            Some(number) => Ok(Expression::Number(number, self.cursor.span_from(start))),
            None => Err(self.cursor.syntax_error("expected a number", start)),
        }
    }

    /// Moves past digits; whether there were any.
    fn digits(&mut self) -> bool {
        let start = self.cursor.at;
        self.cursor.skip_while(|byte| byte.is_ascii_digit());
        self.cursor.at > start
    }

    fn list_or_range(&mut self) -> Result<Expression, Failure> {
        let start = self.cursor.at;
        self.cursor.expect("[")?;
        self.cursor.skip_space();
        let mut items = Vec::new();
        if self.cursor.eat("]") {
            return Ok(Expression::List(items, self.cursor.span_from(start)));
        }
        loop {
            items.push(self.expression()?);
            self.cursor.skip_space();
            if self.cursor.eat("]") {
                return Ok(Expression::List(items, self.cursor.span_from(start)));
            }
            if items.len() == 1 && self.cursor.eat("..") {
                return self.range(items, start);
            }
            if !self.cursor.eat(",") {
                return Err(self.cursor.unexpected("',' or ']'"));
            }
        }
    }

    /// The end of a range whose start is the one item read.
    fn range(&mut self, first: Vec<Expression>, start: usize) -> Result<Expression, Failure> {
        let last = self.expression()?;
        self.cursor.skip_space();
        self.cursor.expect("]")?;
        let span = self.cursor.span_from(start);
        match first.into_iter().next() {
            Some(first) => Ok(Expression::Range(Box::new((first, last)), span)),
            None => Err(self.cursor.unexpected("the start of the range")),
        }
    }

    fn map(&mut self) -> Result<Expression, Failure> {
        let start = self.cursor.at;
        self.cursor.expect("{")?;
        self.cursor.skip_space();
        let mut entries = Vec::new();
        if self.cursor.eat("}") {
            return Ok(Expression::Map(entries, self.cursor.span_from(start)));
        }
        loop {
            let key = self.expression()?;
            self.cursor.skip_space();
            self.cursor.expect(":")?;
            entries.push((key, self.expression()?));
            self.cursor.skip_space();
            if self.cursor.eat("}") {
                return Ok(Expression::Map(entries, self.cursor.span_from(start)));
            }
            if !self.cursor.eat(",") {
                return Err(self.cursor.unexpected("',' or '}'"));
            }
        }
    }
}
