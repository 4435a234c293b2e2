//! What has a value.

use super::{Compiler, Enclosure, narrow, number_constant};
use crate::ast::{Block, Expression, Operator};
use crate::error::Span;
use crate::program::{Constant, Go, Instruction, Make};

impl<'t> Compiler<'t> {
    pub(super) fn expression(&mut self, expression: &'t Expression) {
        let span = expression.span();
        match expression {
            Expression::Bool(truth, _) => self.emit(Instruction::Bool(*truth), span),
            Expression::Number(number, _) => self.constant(number_constant(number), span),
            Expression::String(text, _) => self.constant(Constant::String(text.clone()), span),
            Expression::Interpolation(block, _) => self.interpolation(block, span),
            Expression::Reference(reference) => self.reference(reference),
            Expression::Word(_) => self.emit(Instruction::Null, span),
            Expression::List(items, _) => {
                for item in items {
                    self.expression(item);
                }
                self.emit(Instruction::Make(Make::List(narrow(items.len()))), span);
            }
            Expression::Map(entries, _) => {
                for (key, value) in entries {
                    self.expression(key);
                    self.expression(value);
                }
                self.emit(Instruction::Make(Make::Map(narrow(entries.len()))), span);
            }
            Expression::Range(ends, _) => {
                self.expression(&ends.0);
                self.expression(&ends.1);
                self.emit(Instruction::Make(Make::Range), span);
            }
            Expression::Not(operand, _) => {
                self.condition(operand);
                self.emit(Instruction::Not, span);
            }
            Expression::Operations { first, rest, .. } => self.operations(first, rest, span),
        }
    }

    /// An expression whose truth counts. Literals and calculations have none, as in Velocity: `#if("x")` is never taken.
    pub(super) fn condition(&mut self, condition: &'t Expression) {
        match condition {
            Expression::Number(..)
            | Expression::String(..)
            | Expression::Interpolation(..)
            | Expression::Word(..)
            | Expression::List(..)
            | Expression::Map(..)
            | Expression::Range(..) => self.emit(Instruction::Bool(false), condition.span()),
            Expression::Operations { rest, .. } if rest.iter().all(|(operator, _)| is_arithmetic(*operator)) => {
                self.emit(Instruction::Bool(false), condition.span());
            }
            Expression::Bool(..) | Expression::Reference(_) | Expression::Not(..) | Expression::Operations { .. } => {
                self.expression(condition);
            }
        }
    }

    fn operations(&mut self, first: &'t Expression, rest: &'t [(Operator, Expression)], span: Span) {
        let is_logic = rest.iter().any(|(operator, _)| matches!(operator, Operator::And | Operator::Or));
        if is_logic {
            self.condition(first);
        } else {
            self.expression(first);
        }
        for (operator, operand) in rest {
            let skip = match operator {
                Operator::And => Go::JumpIfFalse(0),
                Operator::Or => Go::JumpIfTrue(0),
                Operator::Equal
                | Operator::NotEqual
                | Operator::Less
                | Operator::Greater
                | Operator::LessOrEqual
                | Operator::GreaterOrEqual
                | Operator::Arithmetic(_) => {
                    self.expression(operand);
                    self.emit(Instruction::Operate(*operator), span);
                    continue;
                }
            };
            // The right side is looked at only when the left one leaves it open.
            let skip = self.emit_jump(skip, span);
            self.condition(operand);
            self.emit(Instruction::Truth, span);
            let end = self.emit_jump(Go::Jump(0), span);
            self.land(skip);
            self.emit(Instruction::Bool(*operator == Operator::Or), span);
            self.land(end);
        }
    }

    fn interpolation(&mut self, block: &'t Block, span: Span) {
        self.go(Go::Capture, span);
        self.enclosures.push(Enclosure::Quoted(Vec::new()));
        self.block(block);
        if let Some(Enclosure::Quoted(jumps)) = self.enclosures.pop() {
            for jump in jumps {
                self.land(jump);
            }
        }
        self.go(Go::EndCapture, span);
    }
}

fn is_arithmetic(operator: Operator) -> bool {
    matches!(operator, Operator::Arithmetic(_))
}
