//! References: `$name`, `${name}`, `$!name`, and the steps behind the name.

use super::{Failure, Parser};
use crate::ast::{Accessor, Expression, Reference};

impl Parser<'_> {
    /// The reference that comes next, the cursor on its dollar sign. `None`, and the cursor where it was, when it is text.
    pub(super) fn reference(&mut self) -> Result<Option<Reference>, Failure> {
        let start = self.cursor.at;
        self.cursor.at += 1;
        // `$!name` asks to print nothing for null, which every reference does here.
        self.cursor.eat("!");
        let formal = self.cursor.eat("{");
        let Some(name) = self.cursor.identifier() else {
            self.cursor.at = start;
            return Ok(None);
        };
        let mut accessors = Vec::new();
        while let Some(accessor) = self.accessor(start)? {
            accessors.push(accessor);
        }
        if formal {
            self.cursor.expect("}")?;
        }
        Ok(Some(Reference { name: name.into(), accessors, span: self.cursor.span_from(start) }))
    }

    /// The next step of a reference that started at `start`.
    fn accessor(&mut self, start: usize) -> Result<Option<Accessor>, Failure> {
        if self.cursor.eat("[") {
            let index = self.nested(Self::expression)?;
            self.cursor.skip_space();
            self.cursor.expect("]")?;
            return Ok(Some(Accessor::Index { index, span: self.cursor.span_from(start) }));
        }
        let dot = self.cursor.at;
        if !self.cursor.eat(".") {
            return Ok(None);
        }
        let starts_name = self.cursor.peek().is_some_and(|byte| byte.is_ascii_alphabetic());
        let Some(name) = starts_name.then(|| self.cursor.identifier()).flatten() else {
            // The full stop of a sentence.
            self.cursor.at = dot;
            return Ok(None);
        };
        if !self.cursor.eat("(") {
            return Ok(Some(Accessor::Property { name: name.into(), span: self.cursor.span_from(start) }));
        }
        let arguments = self.nested(Self::arguments)?;
        Ok(Some(Accessor::Method { name: name.into(), arguments, span: self.cursor.span_from(start) }))
    }

    /// Arguments and the parenthesis behind them.
    fn arguments(&mut self) -> Result<Vec<Expression>, Failure> {
        let mut arguments = Vec::new();
        self.cursor.skip_space();
        if self.cursor.eat(")") {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.argument()?);
            self.cursor.skip_space();
            if self.cursor.eat(")") {
                return Ok(arguments);
            }
            if !self.cursor.eat(",") {
                return Err(self.cursor.unexpected("',' or ')'"));
            }
        }
    }

    /// An argument; Velocity takes a bare word for one, as in `$name(s)`.
    fn argument(&mut self) -> Result<Expression, Failure> {
        self.cursor.skip_space();
        let start = self.cursor.at;
        if let Some(word) = self.cursor.identifier()
            && !matches!(word, "true" | "false" | "not")
        {
            return Ok(Expression::Word(self.cursor.span_from(start)));
        }
        self.cursor.at = start;
        self.expression()
    }
}
