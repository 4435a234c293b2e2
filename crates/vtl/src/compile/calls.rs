//! Calls of macros.

use super::{Compiler, loops::is_loop_name, narrow, number_constant};
use crate::ast::{Expression, MacroCall, Reference};
use crate::program::{Argument, CallSite, Constant, Go};

/// The variable that holds what stands between a macro's call and its `#end`.
const BODY_CONTENT: &str = "bodyContent";

impl<'t> Compiler<'t> {
    pub(super) fn macro_call(&mut self, call: &'t MacroCall) {
        let Some(&callee) = self.macros.get(&*call.name) else { return self.text(&call.source, call.span) };
        // The code of the arguments and of the body stands before the call, which jumps over it.
        let needs_code = call.body.is_some() || call.arguments.iter().any(needs_code);
        let jump = needs_code.then(|| self.emit_jump(Go::Jump(0), call.span));
        let arguments = call.arguments.iter().map(|argument| self.argument(argument)).collect();
        let body = call.body.as_ref().map(|body| {
            let start = self.here();
            self.body(body, Go::Return, call.span);
            (self.variable(BODY_CONTENT), start)
        });
        if let Some(jump) = jump {
            self.land(jump);
        }
        let index = narrow(self.program.calls.len());
        self.program.calls.push(CallSite { callee: narrow(callee), arguments, body });
        self.go(Go::CallMacro(index), call.span);
    }

    /// The slot of a reference that is a variable and nothing else.
    pub(super) fn plain_variable(&mut self, reference: &'t Reference) -> Option<u32> {
        let is_plain = reference.accessors.is_empty() && !is_loop_name(&reference.name);
        is_plain.then(|| self.variable(&reference.name))
    }

    /// An argument, its code emitted where it needs some.
    fn argument(&mut self, argument: &'t Expression) -> Argument {
        match argument {
            Expression::Bool(truth, _) => return Argument::Bool(*truth),
            Expression::Number(number, _) => return Argument::Constant(self.add_constant(number_constant(number))),
            Expression::String(text, _) => {
                return Argument::Constant(self.add_constant(Constant::String(text.clone())));
            }
            Expression::Reference(reference) => {
                if let Some(variable) = self.plain_variable(reference) {
                    return Argument::Variable(variable);
                }
            }
            Expression::Interpolation(..)
            | Expression::Word(..)
            | Expression::List(..)
            | Expression::Map(..)
            | Expression::Range(..)
            | Expression::Not(..)
            | Expression::Operations { .. } => {}
        }
        let start = self.here();
        self.expression(argument);
        self.go(Go::Return, argument.span());
        Argument::Code(start)
    }
}

/// Whether an argument of a macro must be evaluated each time: it is no literal and no plain variable.
fn needs_code(argument: &Expression) -> bool {
    match argument {
        Expression::Bool(..) | Expression::Number(..) | Expression::String(..) => false,
        Expression::Reference(reference) => !reference.accessors.is_empty() || is_loop_name(&reference.name),
        Expression::Interpolation(..)
        | Expression::Word(..)
        | Expression::List(..)
        | Expression::Map(..)
        | Expression::Range(..)
        | Expression::Not(..)
        | Expression::Operations { .. } => true,
    }
}
