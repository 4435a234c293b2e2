//! Directives: what stands behind a hash.

use super::text::{BlockBuilder, Ending};
use super::{Failure, Parser};
use crate::ast::{Accessor, Block, BreakTarget, Expression, Macro, MacroCall, Node};
use crate::error::ErrorKind;

/// The name of a directive that was read.
#[derive(Debug)]
pub(super) struct Keyword {
    kind: Kind,
    /// The byte after the name.
    pub(super) end: usize,
}

#[derive(Debug, Clone)]
enum Kind {
    Set,
    If,
    ElseIf,
    Else,
    End,
    Foreach,
    Break,
    Stop,
    Macro,
    Define,
    /// `#include` and its like.
    Unavailable(&'static str),
    /// A call of a macro.
    Call(Box<str>),
    /// `#@name`, a call with a body.
    BodyCall(Box<str>),
}

impl Keyword {
    /// Whether Velocity outputs an even number of backslashes before the directive as it is, not half of it.
    pub(super) fn keeps_backslashes(&self) -> bool {
        matches!(self.kind, Kind::Set | Kind::BodyCall(_))
    }
}

impl Parser<'_> {
    /// The directive's name that comes next, the cursor on its hash. `None` when it is text; the cursor is then anywhere.
    pub(super) fn keyword(&mut self) -> Option<Keyword> {
        self.cursor.at += 1;
        let with_body = self.cursor.eat("@");
        let formal = self.cursor.eat("{");
        let start = self.cursor.at;
        let name = self.cursor.identifier()?;
        let mut kind = self.kind(name);
        if kind.is_none() && !formal {
            // `#end-` is `#end` and a hyphen; only names of macros have hyphens.
            let plain = &name[..name.find('-')?];
            kind = self.kind(plain);
            self.cursor.at = start + plain.len();
        }
        let mut kind = kind?;
        if formal && !self.cursor.eat("}") {
            return None;
        }
        if with_body {
            let Kind::Call(name) = kind else { return None };
            // Without arguments, or in braces, it is text.
            if formal || !self.cursor.rest().trim_start().starts_with('(') {
                return None;
            }
            kind = Kind::BodyCall(name);
        }
        Some(Keyword { kind, end: self.cursor.at })
    }

    fn kind(&self, name: &str) -> Option<Kind> {
        Some(match name {
            "set" => Kind::Set,
            "if" => Kind::If,
            "elseif" => Kind::ElseIf,
            "else" => Kind::Else,
            "end" => Kind::End,
            "foreach" => Kind::Foreach,
            "break" => Kind::Break,
            "stop" => Kind::Stop,
            "macro" => Kind::Macro,
            "define" => Kind::Define,
            "include" => Kind::Unavailable("#include"),
            "parse" => Kind::Unavailable("#parse"),
            "evaluate" => Kind::Unavailable("#evaluate"),
            _ if self.is_macro(name) => Kind::Call(name.into()),
            _ => return None,
        })
    }

    /// A directive whose name was read; `start` is its hash.
    pub(super) fn directive(
        &mut self,
        keyword: &Keyword,
        start: usize,
        block: &mut BlockBuilder,
    ) -> Result<Option<Ending>, Failure> {
        match &keyword.kind {
            Kind::End => return Ok(Some(self.bare(Ending::End))),
            Kind::Else => return Ok(Some(self.bare(Ending::Else))),
            Kind::ElseIf => return Ok(Some(Ending::ElseIf)),
            Kind::Set => {
                if !self.opens_set() {
                    self.back_to_text(keyword, start, block);
                    return Ok(None);
                }
                block.drop_blanks_before_set();
                let set = self.set()?;
                block.push(set);
            }
            Kind::If => {
                let node = self.nested(|parser| parser.if_directive(start))?;
                block.push(node);
            }
            Kind::Foreach => {
                let node = self.nested(|parser| parser.foreach(start))?;
                block.push(node);
            }
            Kind::Define => {
                let node = self.nested(|parser| parser.define(start))?;
                block.push(node);
            }
            Kind::Macro => {
                let definition = self.nested(|parser| parser.macro_definition(start))?;
                self.definitions.macros.push(definition);
            }
            Kind::Call(name) => {
                let node = self.nested(|parser| parser.macro_call(name.clone(), start))?;
                block.push(node);
            }
            Kind::Break => {
                let node = self.break_directive(start)?;
                block.push(node);
            }
            Kind::Stop => block.push(Node::Stop { span: self.cursor.span_from(start) }),
            Kind::Unavailable(name) => return Err(self.unavailable(name, start)),
            Kind::BodyCall(name) => {
                let node = self.nested(|parser| parser.body_call(name.clone(), start))?;
                block.push(node);
            }
        }
        Ok(None)
    }

    fn unavailable(&self, what: &str, start: usize) -> Failure {
        let detail = format!("{what} is not available in mapping templates");
        Failure { kind: ErrorKind::Unavailable, detail, span: self.cursor.span_from(start) }
    }

    fn bare(&mut self, ending: Ending) -> Ending {
        self.cursor.gobble_line_end();
        ending
    }

    /// Moves past the parenthesis behind a directive's name, if there is one.
    fn opens(&mut self) -> bool {
        let before = self.cursor.at;
        self.cursor.skip_space();
        self.opens_here(before)
    }

    /// As [`Self::opens`] for `#set`, whose parenthesis stands on the same line.
    fn opens_set(&mut self) -> bool {
        let before = self.cursor.at;
        self.cursor.skip_while(|byte| matches!(byte, b' ' | b'\t'));
        self.opens_here(before)
    }

    fn opens_here(&mut self, before: usize) -> bool {
        let opens = self.cursor.eat("(");
        if opens {
            self.cursor.skip_space();
        } else {
            self.cursor.at = before;
        }
        opens
    }

    fn open(&mut self) -> Result<(), Failure> {
        if self.opens() { Ok(()) } else { Err(self.cursor.unexpected("'('")) }
    }

    /// The closing parenthesis of a directive, and the newline that goes with it.
    fn close(&mut self) -> Result<(), Failure> {
        self.cursor.skip_space();
        self.cursor.expect(")")?;
        self.cursor.gobble_line_end();
        Ok(())
    }

    /// `target = value)`.
    fn set(&mut self) -> Result<Node, Failure> {
        let start = self.cursor.at;
        let target = if self.cursor.peek() == Some(b'$') { self.reference()? } else { None };
        let Some(target) = target else { return Err(self.cursor.unexpected("a reference to assign to")) };
        if matches!(target.accessors.last(), Some(Accessor::Method { .. })) {
            return Err(self.cursor.syntax_error("a method call cannot be assigned to", start));
        }
        self.cursor.skip_space();
        self.cursor.expect("=")?;
        let value = self.nested(Self::expression)?;
        self.close()?;
        Ok(Node::Set { target, value })
    }

    fn if_directive(&mut self, start: usize) -> Result<Node, Failure> {
        let mut branches = Vec::new();
        loop {
            let condition = self.condition()?;
            let (block, ending, at) = self.block()?;
            branches.push((condition, block));
            match ending {
                Ending::ElseIf => {}
                Ending::End => return Ok(Node::If { branches, otherwise: Block::new() }),
                Ending::Else => break,
                Ending::EndOfText => return Err(self.not_closed("#if", start)),
            }
            debug_assert!(at < self.cursor.at, "an ending was read");
        }
        let otherwise = self.body("#if", start)?;
        Ok(Node::If { branches, otherwise })
    }

    fn condition(&mut self) -> Result<Expression, Failure> {
        self.open()?;
        let condition = self.expression()?;
        self.close()?;
        Ok(condition)
    }

    /// A block that only `#end` may end.
    fn body(&mut self, directive: &str, start: usize) -> Result<Block, Failure> {
        let (block, ending, at) = self.block()?;
        match ending {
            Ending::End => Ok(block),
            Ending::Else => Err(self.cursor.syntax_error(format!("#else does not belong to {directive} here"), at)),
            Ending::ElseIf => Err(self.cursor.syntax_error(format!("#elseif does not belong to {directive} here"), at)),
            Ending::EndOfText => Err(self.not_closed(directive, start)),
        }
    }

    fn not_closed(&self, directive: &str, start: usize) -> Failure {
        let mut opening = self.cursor.clone();
        opening.at = start + directive.len();
        opening.syntax_error(format!("{directive} is not closed by #end"), start)
    }

    /// `$name`, without any steps behind it.
    fn variable(&mut self) -> Result<Box<str>, Failure> {
        let start = self.cursor.at;
        let reference = if self.cursor.peek() == Some(b'$') { self.reference()? } else { None };
        match reference {
            Some(reference) if reference.accessors.is_empty() => Ok(reference.name),
            Some(_) => Err(self.cursor.syntax_error("expected a plain variable", start)),
            None => Err(self.cursor.unexpected("a variable")),
        }
    }

    fn foreach(&mut self, start: usize) -> Result<Node, Failure> {
        self.open()?;
        let variable = self.variable()?;
        self.cursor.skip_space();
        // Velocity takes any word for `in`.
        if self.cursor.identifier().is_none() {
            return Err(self.cursor.unexpected("'in'"));
        }
        let items = self.expression()?;
        self.close()?;
        let span = self.cursor.span_from(start);
        let body = self.body("#foreach", start)?;
        Ok(Node::Foreach { variable, items, body, span })
    }

    /// `#break`, `#break()`, `#break($foreach)`, `#break($foreach.parent)` and so on.
    fn break_directive(&mut self, start: usize) -> Result<Node, Failure> {
        let mut target = BreakTarget::Innermost;
        if self.opens() && !self.cursor.eat(")") {
            let scope = if self.cursor.peek() == Some(b'$') { self.reference()? } else { None };
            let parents = scope.filter(|scope| &*scope.name == "foreach").and_then(|scope| {
                let is_parent =
                    |step: &Accessor| matches!(step, Accessor::Property { name, .. } if &**name == "parent");
                scope.accessors.iter().all(is_parent).then_some(scope.accessors.len())
            });
            let Some(parents) = parents else { return Err(self.unavailable("#break of anything but a loop", start)) };
            self.cursor.skip_space();
            self.cursor.expect(")")?;
            target = BreakTarget::Loop { parents: u32::try_from(parents).unwrap_or(u32::MAX) };
        }
        Ok(Node::Break { target, span: self.cursor.span_from(start) })
    }

    fn define(&mut self, start: usize) -> Result<Node, Failure> {
        self.definitions.has_blocks = true;
        self.open()?;
        let name = self.variable()?;
        self.close()?;
        let span = self.cursor.span_from(start);
        let body = self.body("#define", start)?;
        Ok(Node::Define { name, body, span })
    }

    fn macro_definition(&mut self, start: usize) -> Result<Macro, Failure> {
        self.open()?;
        let Some(name) = self.cursor.identifier() else { return Err(self.cursor.unexpected("the name of the macro")) };
        let mut parameters = Vec::new();
        loop {
            self.skip_separator();
            if self.cursor.peek() != Some(b'$') {
                break;
            }
            parameters.push(self.variable()?);
        }
        self.close()?;
        let span = self.cursor.span_from(start);
        let body = self.body("#macro", start)?;
        Ok(Macro { name: name.into(), parameters, body, span })
    }

    /// Parameters and arguments of macros stand apart by blanks, commas, or both.
    fn skip_separator(&mut self) {
        self.cursor.skip_space();
        if self.cursor.eat(",") {
            self.cursor.skip_space();
        }
    }

    fn macro_call(&mut self, name: Box<str>, start: usize) -> Result<Node, Failure> {
        let mut arguments = Vec::new();
        if self.opens() {
            arguments = self.macro_arguments()?;
            self.cursor.gobble_line_end();
        }
        let source = self.cursor.text[start..self.cursor.at].into();
        Ok(Node::MacroCall(MacroCall { name, arguments, body: None, source, span: self.cursor.span_from(start) }))
    }

    /// `#@name(arguments) body #end`.
    fn body_call(&mut self, name: Box<str>, start: usize) -> Result<Node, Failure> {
        self.definitions.has_blocks = true;
        self.open()?;
        let arguments = self.macro_arguments()?;
        self.cursor.gobble_line_end();
        let span = self.cursor.span_from(start);
        let body = Some(self.body("#@", start)?);
        let source = self.cursor.text[start..self.cursor.at].into();
        Ok(Node::MacroCall(MacroCall { name, arguments, body, source, span }))
    }

    /// The arguments of a macro and the parenthesis behind them.
    pub(super) fn macro_arguments(&mut self) -> Result<Vec<Expression>, Failure> {
        let mut arguments = Vec::new();
        loop {
            self.skip_separator();
            if self.cursor.eat(")") {
                return Ok(arguments);
            }
            arguments.push(self.primary()?);
        }
    }
}
