//! Loops, what leaves them, and what `$foreach` answers.

use super::{Compiler, Enclosure};
use crate::ast::{Accessor, Block, Expression};
use crate::error::{ErrorKind, Span};
use crate::parser::Failure;
use crate::program::{Go, Instruction, LoopProperty, OUTERMOST_LOOP};

impl<'t> Compiler<'t> {
    pub(super) fn foreach(&mut self, variable: &'t str, items: &'t Expression, body: &'t Block, span: Span) {
        self.expression(items);
        let variable = self.variable(variable);
        let start = self.emit_jump(Go::LoopStart { variable, exit: 0 }, span);
        let first = self.here();
        self.enclosures.push(Enclosure::Loop(Vec::new()));
        self.block(body);
        self.go(Go::LoopNext { body: first }, span);
        self.land(start);
        if let Some(Enclosure::Loop(breaks)) = self.enclosures.pop() {
            for break_out in breaks {
                self.land(break_out);
            }
        }
    }

    pub(super) fn break_out(&mut self, span: Span) {
        let at = self.program.instructions.len();
        let go = match self.enclosures.last_mut() {
            Some(Enclosure::Body(end)) => *end,
            Some(Enclosure::Loop(breaks)) => {
                breaks.push(at);
                Go::LoopBreak { exit: 0 }
            }
            Some(Enclosure::Quoted(jumps)) => {
                jumps.push(at);
                Go::Jump(0)
            }
            None => Go::Stop,
        };
        self.go(go, span);
    }

    /// Leaves the loop so many levels outside of the innermost one, and those inside of it.
    pub(super) fn break_loop(&mut self, parents: u32, span: Span) {
        let loops =
            self.enclosures.iter().rev().take_while(|enclosure| matches!(enclosure, Enclosure::Loop(_))).count();
        if loops <= parents as usize {
            let detail = "#break names a loop that is not around it".to_owned();
            self.failure.get_or_insert(Failure { kind: ErrorKind::Syntax, detail, span });
            return;
        }
        for _ in 0..parents {
            let next = self.here() + 1;
            self.go(Go::LoopBreak { exit: next }, span);
        }
        let at = self.program.instructions.len();
        self.go(Go::LoopBreak { exit: 0 }, span);
        let index = self.enclosures.len() - 1 - parents as usize;
        if let Some(Enclosure::Loop(breaks)) = self.enclosures.get_mut(index) {
            breaks.push(at);
        }
    }
}

/// Whether a name is one that a loop answers for.
pub(super) fn is_loop_name(name: &str) -> bool {
    matches!(name, "velocityCount" | "velocityHasNext" | "foreach")
}

/// `$velocityCount`, or `$foreach` with the steps that it answers itself and their number; further steps are taken from the
/// loop as a value.
pub(super) fn loop_property(name: &str, steps: &[Accessor]) -> Option<(Instruction, usize)> {
    match name {
        "velocityCount" => return Some((Instruction::Loop { property: LoopProperty::Count, parents: 0 }, 0)),
        "velocityHasNext" => return Some((Instruction::Loop { property: LoopProperty::HasNext, parents: 0 }, 0)),
        "foreach" => {}
        _ => return None,
    }
    let mut parents: u32 = 0;
    let mut used = 0;
    for step in steps {
        let word = match step {
            Accessor::Property { name, .. } => name,
            Accessor::Method { name, arguments, .. } if arguments.is_empty() => name,
            Accessor::Index { .. } | Accessor::Method { .. } => break,
        };
        match &**word {
            "parent" | "getParent" => parents = parents.saturating_add(1),
            "topmost" | "getTopmost" => parents = OUTERMOST_LOOP,
            word => {
                let Some(property) = LoopProperty::named(word) else { break };
                return Some((Instruction::Loop { property, parents }, used + 1));
            }
        }
        used += 1;
    }
    Some((Instruction::Loop { property: LoopProperty::Itself, parents }, used))
}
