//! Variables, and the macros and blocks that run.
//!
//! Velocity's macros see their caller's variables, take their arguments by name, and evaluate them anew, as the caller, each
//! time one is asked for. So a running macro is a frame that binds its parameters, and looking for a variable goes from frame
//! to frame outwards before it comes to the slots, which are all that a template without macros ever touches.

use super::{Flow, Machine, Stop, narrow};
use crate::program::Argument;
use crate::value::Value;

/// The frame where looking for a variable starts; `None` for the slots.
pub(super) type Scope = Option<usize>;

/// Times that a block may run inside of itself; Velocity then leaves it out.
const BLOCK_RUNS_MAX: usize = 2;

/// What a variable holds.
#[derive(Clone)]
pub(super) enum Slot {
    /// Nothing was ever set.
    Unset,
    Value(Value),
    /// A block of the template, run whenever it is asked for; where its code starts.
    Block(u32),
    /// An argument: what a variable of the caller holds. Only in a frame's bindings.
    Caller {
        variable: u32,
        scope: Scope,
    },
    /// An argument: what code of the caller gives. Only in a frame's bindings.
    Code {
        start: u32,
        scope: Scope,
    },
}

/// A macro, block or argument that runs.
pub(super) struct Frame {
    return_to: u32,
    /// The scope to go back to.
    scope: Scope,
    runs: Runs,
    /// The parameters of a macro.
    bindings: Vec<(u32, Slot)>,
}

/// What a frame runs, and what becomes of its result.
enum Runs {
    Macro,
    /// A block, from this instruction on; its output is collected to become a value, or not.
    Block {
        start: u32,
        captures: bool,
    },
    /// An argument; its value is output, or left on the stack.
    Argument {
        prints: bool,
    },
}

impl Machine<'_> {
    /// What a variable holds where the program is. Never [`Slot::Caller`].
    pub(super) fn find(&self, variable: u32) -> &Slot {
        find(&self.slots, &self.frames, self.scope, variable)
    }

    /// Sets a variable. In a macro it is set for the caller too, and for its caller, and hides the parameter of its name.
    pub(super) fn store(&mut self, variable: u32, slot: Slot) {
        let mut scope = self.scope;
        while let Some(frame) = scope.map(|at| &mut self.frames[at]) {
            scope = frame.scope;
            for (bound, held) in &mut frame.bindings {
                if *bound == variable {
                    *held = slot.clone();
                }
            }
        }
        self.slots[variable as usize] = slot;
    }

    pub(super) fn print_variable(&mut self, variable: u32, at: usize) -> Result<Flow, Stop> {
        match find(&self.slots, &self.frames, self.scope, variable) {
            Slot::Value(value) => self.output.print(value)?,
            &Slot::Block(start) => return self.run_block(start, at, false),
            &Slot::Code { start, scope } => return Ok(self.run_argument(start, scope, at, true)),
            Slot::Unset | Slot::Caller { .. } => {}
        }
        Ok(Flow::Next)
    }

    pub(super) fn load(&mut self, variable: u32, at: usize) -> Result<Flow, Stop> {
        let value = match self.find(variable) {
            Slot::Value(value) => value.clone(),
            &Slot::Block(start) => return self.run_block(start, at, true),
            &Slot::Code { start, scope } => return Ok(self.run_argument(start, scope, at, false)),
            Slot::Unset | Slot::Caller { .. } => Value::Null,
        };
        self.stack.push(value);
        Ok(Flow::Next)
    }

    /// Runs a block, for its output or for its text as a value.
    fn run_block(&mut self, start: u32, at: usize, captures: bool) -> Result<Flow, Stop> {
        let is_same = |frame: &&Frame| matches!(frame.runs, Runs::Block { start: running, .. } if running == start);
        if self.frames.iter().filter(is_same).count() >= BLOCK_RUNS_MAX {
            if captures {
                self.stack.push(Value::Null);
            }
            return Ok(Flow::Next);
        }
        self.open_call()?;
        self.frames.push(Frame {
            return_to: narrow(at + 1),
            scope: self.scope,
            runs: Runs::Block { start, captures },
            bindings: Vec::new(),
        });
        if captures {
            self.output.capture();
        }
        Ok(Flow::To(start))
    }

    /// Runs the code of an argument where the caller sees variables.
    fn run_argument(&mut self, start: u32, scope: Scope, at: usize, prints: bool) -> Flow {
        self.frames.push(Frame {
            return_to: narrow(at + 1),
            scope: self.scope,
            runs: Runs::Argument { prints },
            bindings: Vec::new(),
        });
        self.scope = scope;
        Flow::To(start)
    }

    pub(super) fn call_macro(&mut self, call: u32, at: usize) -> Result<Flow, Stop> {
        self.open_call()?;
        let program = self.program;
        let call = &program.calls[call as usize];
        let callee = &program.macros[call.callee as usize];
        let mut bindings = Vec::with_capacity(callee.parameters.len() + 1);
        for (parameter, argument) in callee.parameters.iter().zip(&call.arguments) {
            let bound = match *argument {
                Argument::Constant(index) => Slot::Value(self.constant(index as usize)),
                Argument::Bool(truth) => Slot::Value(Value::Bool(truth)),
                Argument::Variable(variable) => Slot::Caller { variable, scope: self.scope },
                Argument::Code(start) => Slot::Code { start, scope: self.scope },
            };
            bindings.push((*parameter, bound));
        }
        bindings.extend(call.body.map(|(variable, start)| (variable, Slot::Block(start))));
        self.frames.push(Frame { return_to: narrow(at + 1), scope: self.scope, runs: Runs::Macro, bindings });
        self.scope = Some(self.frames.len() - 1);
        Ok(Flow::To(callee.start))
    }

    /// Counts a macro or block. Arguments need no count of their own: each one runs further out than the last.
    fn open_call(&mut self) -> Result<(), Stop> {
        if self.calls_open >= self.limits.depth_max {
            return Err(Stop::CallsTooDeep);
        }
        self.calls_open += 1;
        Ok(())
    }

    /// Goes back from a macro, block or argument.
    pub(super) fn return_from(&mut self) -> Result<Flow, Stop> {
        let Some(frame) = self.frames.pop() else { return Ok(Flow::End) };
        self.scope = frame.scope;
        match frame.runs {
            Runs::Macro | Runs::Block { captures: false, .. } => self.calls_open -= 1,
            Runs::Block { captures: true, .. } => {
                self.calls_open -= 1;
                self.end_capture()?;
            }
            Runs::Argument { prints: true } => {
                let value = self.pop();
                self.output.print(&value)?;
            }
            Runs::Argument { prints: false } => {}
        }
        Ok(Flow::To(frame.return_to))
    }

    /// What a loop's variable held before the loop, to [put back](Self::restore).
    pub(super) fn held(&self, variable: u32) -> Slot {
        self.find(variable).clone()
    }

    /// Puts back what a loop's variable held. An argument can only go back where it was bound.
    pub(super) fn restore(&mut self, variable: u32, held: Slot) {
        let (Slot::Code { .. }, Some(at)) = (&held, self.scope) else { return self.store(variable, held) };
        self.store(variable, Slot::Unset);
        if let Some((_, bound)) = self.frames[at].bindings.iter_mut().find(|(bound, _)| *bound == variable) {
            *bound = held;
        }
    }
}

/// What a variable holds, seen from a scope. Never [`Slot::Caller`].
fn find<'s>(slots: &'s [Slot], frames: &'s [Frame], scope: Scope, variable: u32) -> &'s Slot {
    let (mut variable, mut scope) = (variable, scope);
    while let Some(frame) = scope.map(|at| &frames[at]) {
        scope = frame.scope;
        match frame.bindings.iter().rev().find(|(bound, _)| *bound == variable) {
            Some((_, Slot::Caller { variable: of_caller, scope: callers })) => {
                (variable, scope) = (*of_caller, *callers);
            }
            Some((_, slot)) => return slot,
            None => {}
        }
    }
    &slots[variable as usize]
}
