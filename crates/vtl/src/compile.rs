//! The tree into instructions.

mod loops;
mod calls;
mod expression;

use std::collections::HashMap;

use crate::ast::{Accessor, Block, BreakTarget, Expression, Macro, Node, Reference};
use crate::error::Span;
use crate::parser::{Failure, Tree};
use crate::program::{Constant, Go, Instruction, LoopProperty, MacroCode, Program};
use crate::value::Number;

use loops::{is_loop_name, loop_property};

/// Compiles a parsed template. It fails where a `#break` names a loop that is not around it.
pub(crate) fn compile(tree: &Tree) -> Result<Program, Failure> {
    let mut compiler = Compiler { has_blocks: tree.has_blocks, ..Compiler::default() };
    for definition in &tree.macros {
        let next = compiler.macros.len();
        compiler.macros.entry(&definition.name).or_insert(next);
    }
    compiler.program.macros = vec![MacroCode::default(); compiler.macros.len()];
    compiler.body(&tree.body, Go::Stop, Span::default());
    for definition in &tree.macros {
        compiler.definition(definition);
    }
    match compiler.failure {
        Some(failure) => Err(failure),
        None => Ok(compiler.program),
    }
}

/// What `#break` leaves: the innermost of these around it.
enum Enclosure {
    /// The template, a macro or a block: all of it, by this instruction.
    Body(Go),
    /// A loop, with the breaks that must learn where it ends.
    Loop(Vec<usize>),
    /// A quoted string, with the jumps that must learn where it ends.
    Quoted(Vec<usize>),
}

#[derive(Default)]
struct Compiler<'t> {
    program: Program,
    slots: HashMap<&'t str, u32>,
    names: HashMap<&'t str, u32>,
    /// Macros by name, the first definition of each.
    macros: HashMap<&'t str, usize>,
    compiled_macros: usize,
    enclosures: Vec<Enclosure>,
    has_blocks: bool,
    /// The first thing that turned out to be wrong.
    failure: Option<Failure>,
}

impl<'t> Compiler<'t> {
    fn body(&mut self, block: &'t Block, end: Go, span: Span) {
        self.enclosures.push(Enclosure::Body(end));
        self.block(block);
        self.enclosures.pop();
        self.go(end, span);
    }

    fn definition(&mut self, definition: &'t Macro) {
        // Definitions come in the order in which their names were counted; a second one of a name is none.
        if self.macros.get(&*definition.name) != Some(&self.compiled_macros) {
            return;
        }
        let start = self.here();
        let parameters = definition.parameters.iter().map(|name| self.variable(name)).collect();
        self.program.macros[self.compiled_macros] = MacroCode { start, parameters };
        self.compiled_macros += 1;
        self.body(&definition.body, Go::Return, definition.span);
    }

    fn block(&mut self, block: &'t Block) {
        for node in block {
            self.node(node);
        }
    }

    fn node(&mut self, node: &'t Node) {
        match node {
            Node::Text(text) => self.text(text, Span::default()),
            Node::Reference(reference) => self.print(reference),
            Node::Set { target, value } => self.set(target, value),
            Node::If { branches, otherwise } => self.branches(branches, otherwise),
            Node::Foreach { variable, items, body, span } => self.foreach(variable, items, body, *span),
            Node::Break { target: BreakTarget::Innermost, span } => self.break_out(*span),
            Node::Break { target: BreakTarget::Loop { parents }, span } => self.break_loop(*parents, *span),
            Node::Stop { span } => self.go(Go::Stop, *span),
            Node::MacroCall(call) => self.macro_call(call),
            Node::Define { name, body, span } => {
                let variable = self.variable(name);
                let define = self.emit_jump(Go::Define { variable, end: 0 }, *span);
                self.body(body, Go::Return, *span);
                self.land(define);
            }
        }
    }

    fn text(&mut self, text: &str, span: Span) {
        let (start, end) = self.intern_text(text);
        self.emit(Instruction::Text { start, end }, span);
    }

    fn intern_text(&mut self, text: &str) -> (u32, u32) {
        let start = narrow(self.program.texts.len());
        self.program.texts.push_str(text);
        (start, narrow(self.program.texts.len()))
    }

    fn print(&mut self, reference: &'t Reference) {
        if !reference.accessors.is_empty() || is_loop_name(&reference.name) {
            self.reference(reference);
            return self.emit(Instruction::Print, reference.span);
        }
        let variable = self.variable(&reference.name);
        self.emit(Instruction::PrintVariable(variable), reference.span);
    }

    fn set(&mut self, target: &'t Reference, value: &'t Expression) {
        let Some((last, before)) = target.accessors.split_last() else {
            return self.set_variable(target, value);
        };
        self.expression(value);
        self.steps(target, before);
        match last {
            Accessor::Property { name, span } => {
                let name = self.name(name);
                self.emit(Instruction::StoreProperty(name), *span);
            }
            Accessor::Index { index, span } => {
                self.expression(index);
                self.emit(Instruction::StoreIndex, *span);
            }
            // The parser refuses to assign to a call.
            Accessor::Method { .. } => {}
        }
    }

    fn set_variable(&mut self, target: &'t Reference, value: &'t Expression) {
        let variable = self.variable(&target.name);
        let source = if let Expression::Reference(source) = value { Some(source) } else { None };
        let shared = source.filter(|_| self.has_blocks).and_then(|source| self.plain_variable(source));
        let share = shared.map(|from| self.emit_jump(Go::ShareBlock { from, to: variable, end: 0 }, target.span));
        self.expression(value);
        self.emit(Instruction::Store(variable), target.span);
        if let Some(share) = share {
            self.land(share);
        }
    }

    fn branches(&mut self, branches: &'t [(Expression, Block)], otherwise: &'t Block) {
        let mut ends = Vec::new();
        for (index, (condition, block)) in branches.iter().enumerate() {
            self.condition(condition);
            let skip = self.emit_jump(Go::JumpIfFalse(0), condition.span());
            self.block(block);
            if index + 1 < branches.len() || !otherwise.is_empty() {
                ends.push(self.emit_jump(Go::Jump(0), condition.span()));
            }
            self.land(skip);
        }
        self.block(otherwise);
        for end in ends {
            self.land(end);
        }
    }

    fn reference(&mut self, reference: &'t Reference) {
        self.steps(reference, &reference.accessors);
    }

    /// The value after the first steps of a reference.
    fn steps(&mut self, reference: &'t Reference, steps: &'t [Accessor]) {
        let mut steps = steps;
        if let Some((instruction, used)) = loop_property(&reference.name, steps) {
            let is_itself = instruction == Instruction::Loop { property: LoopProperty::Itself, parents: 0 };
            let instruction =
                if is_itself { Instruction::Foreach(self.variable(&reference.name)) } else { instruction };
            self.emit(instruction, reference.span);
            steps = &steps[used..];
        } else {
            let variable = self.variable(&reference.name);
            let load = match steps.first() {
                Some(Accessor::Method { name, .. }) if &**name == "toString" => Instruction::Load(variable),
                Some(_) if self.has_blocks => Instruction::LoadObject(variable),
                Some(_) | None => Instruction::Load(variable),
            };
            self.emit(load, reference.span);
        }
        for step in steps {
            match step {
                Accessor::Property { name, span } => {
                    let name = self.name(name);
                    self.emit(Instruction::Property(name), *span);
                }
                Accessor::Index { index, span } => {
                    self.expression(index);
                    self.emit(Instruction::Index, *span);
                }
                Accessor::Method { name, arguments, span } => {
                    for argument in arguments {
                        self.expression(argument);
                    }
                    let name = self.name(name);
                    self.emit(Instruction::Call { name, argument_count: narrow(arguments.len()) }, *span);
                }
            }
        }
    }

    fn constant(&mut self, constant: Constant, span: Span) {
        let index = self.add_constant(constant);
        self.emit(Instruction::Constant(index), span);
    }

    fn add_constant(&mut self, constant: Constant) -> u32 {
        self.program.constants.push(constant);
        narrow(self.program.constants.len() - 1)
    }

    fn variable(&mut self, name: &'t str) -> u32 {
        intern(&mut self.slots, &mut self.program.variables, name)
    }

    fn name(&mut self, name: &'t str) -> u32 {
        intern(&mut self.names, &mut self.program.names, name)
    }

    fn here(&self) -> u32 {
        narrow(self.program.instructions.len())
    }

    fn emit(&mut self, instruction: Instruction, span: Span) {
        self.program.instructions.push(instruction);
        self.program.spans.push(span);
    }

    fn go(&mut self, go: Go, span: Span) {
        self.emit(Instruction::Go(go), span);
    }

    /// Emits an instruction whose target is not known yet, for [`Self::land`].
    fn emit_jump(&mut self, go: Go, span: Span) -> usize {
        self.go(go, span);
        self.program.instructions.len() - 1
    }

    /// Makes a jump go to the next instruction.
    fn land(&mut self, jump: usize) {
        let here = self.here();
        if let Some(Instruction::Go(go)) = self.program.instructions.get_mut(jump) {
            *go = go.to(here);
        }
    }
}

/// The number of a name, a new one when it is not known yet.
fn intern<'t>(known: &mut HashMap<&'t str, u32>, names: &mut Vec<Box<str>>, name: &'t str) -> u32 {
    *known.entry(name).or_insert_with(|| {
        names.push(name.into());
        narrow(names.len() - 1)
    })
}

fn number_constant(number: &Number) -> Constant {
    match number {
        Number::Integer(integer) => Constant::Integer(*integer),
        Number::Big(integer) => Constant::Big((**integer).clone()),
        Number::Double(_) | Number::Source(_) => Constant::Double(number.to_f64()),
    }
}

/// A template has fewer than 2³² of anything: its source is limited.
fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
