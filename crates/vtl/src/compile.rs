//! The tree into instructions.

use std::collections::HashMap;

use crate::ast::{Accessor, Block, Expression, Macro, Node, Operator, Reference};
use crate::error::Span;
use crate::parser::Tree;
use crate::program::{Constant, Go, Instruction, LoopProperty, MacroCode, Make, Program, Variable};
use crate::value::Number;

/// Compiles a parsed template.
pub(crate) fn compile(tree: &Tree) -> Program {
    let mut compiler = Compiler::default();
    for definition in &tree.macros {
        let next = compiler.macros.len();
        compiler.macros.entry(&definition.name).or_insert(next);
    }
    compiler.program.macros = vec![MacroCode { start: 0, parameter_count: 0 }; compiler.macros.len()];
    compiler.body(&tree.body, Go::Stop, Span::default());
    for definition in &tree.macros {
        compiler.definition(definition);
    }
    compiler.program
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
    /// Parameters of the macro that is being compiled.
    parameters: &'t [Box<str>],
    enclosures: Vec<Enclosure>,
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
        let parameter_count = narrow(definition.parameters.len());
        self.program.macros[self.compiled_macros] = MacroCode { start, parameter_count };
        self.compiled_macros += 1;
        self.parameters = &definition.parameters;
        self.body(&definition.body, Go::Return, definition.span);
        self.parameters = &[];
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
            Node::Break { span } => self.break_out(*span),
            Node::Stop { span } => self.go(Go::Stop, *span),
            Node::MacroCall { name, arguments, source, span } => self.macro_call(name, arguments, source, *span),
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
        match variable {
            // `$total-price` is more often text than the name of a variable.
            Variable::Global(slot) if reference.name.contains('-') => {
                let (start, end) = self.intern_text(&format!("${}", reference.name));
                self.emit(Instruction::PrintVariableOrText { slot, start, end }, reference.span);
            }
            Variable::Global(_) | Variable::Local(_) => {
                self.emit(Instruction::PrintVariable(variable), reference.span);
            }
        }
    }

    fn set(&mut self, target: &'t Reference, value: &'t Expression) {
        self.expression(value);
        let Some((last, before)) = target.accessors.split_last() else {
            let variable = self.variable(&target.name);
            return self.emit(Instruction::Store(variable), target.span);
        };
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

    fn branches(&mut self, branches: &'t [(Expression, Block)], otherwise: &'t Block) {
        let mut ends = Vec::new();
        for (index, (condition, block)) in branches.iter().enumerate() {
            self.expression(condition);
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

    fn foreach(&mut self, variable: &'t str, items: &'t Expression, body: &'t Block, span: Span) {
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

    fn break_out(&mut self, span: Span) {
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

    fn macro_call(&mut self, name: &str, arguments: &'t [Expression], source: &str, span: Span) {
        let Some(&index) = self.macros.get(name) else { return self.text(source, span) };
        for argument in arguments {
            self.expression(argument);
        }
        let argument_count = narrow(arguments.len());
        self.go(Go::CallMacro { index: narrow(index), argument_count }, span);
    }

    fn reference(&mut self, reference: &'t Reference) {
        self.steps(reference, &reference.accessors);
    }

    /// The value after the first steps of a reference.
    fn steps(&mut self, reference: &'t Reference, steps: &'t [Accessor]) {
        let mut steps = steps;
        if let Some((instruction, used)) = loop_property(&reference.name, steps) {
            self.emit(instruction, reference.span);
            steps = &steps[used..];
        } else {
            let variable = self.variable(&reference.name);
            self.emit(Instruction::Load(variable), reference.span);
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

    fn expression(&mut self, expression: &'t Expression) {
        let span = expression.span();
        match expression {
            Expression::Bool(truth, _) => self.emit(Instruction::Bool(*truth), span),
            Expression::Number(number, _) => self.constant(number_constant(number), span),
            Expression::String(text, _) => self.constant(Constant::String(text.clone()), span),
            Expression::Interpolation(block, _) => self.interpolation(block, span),
            Expression::Reference(reference) => self.reference(reference),
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
                self.expression(operand);
                self.emit(Instruction::Not, span);
            }
            Expression::Operations { first, rest, .. } => self.operations(first, rest, span),
        }
    }

    fn operations(&mut self, first: &'t Expression, rest: &'t [(Operator, Expression)], span: Span) {
        self.expression(first);
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
            self.expression(operand);
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

    fn constant(&mut self, constant: Constant, span: Span) {
        let index = narrow(self.program.constants.len());
        self.program.constants.push(constant);
        self.emit(Instruction::Constant(index), span);
    }

    fn variable(&mut self, name: &'t str) -> Variable {
        if let Some(index) = self.parameters.iter().position(|parameter| **parameter == *name) {
            return Variable::Local(narrow(index));
        }
        Variable::Global(intern(&mut self.slots, &mut self.program.variables, name))
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

fn is_loop_name(name: &str) -> bool {
    name == "velocityCount"
}

/// `$velocityCount`, or `$foreach` with the steps that it answers itself and their number.
fn loop_property(name: &str, steps: &[Accessor]) -> Option<(Instruction, usize)> {
    if is_loop_name(name) {
        return Some((Instruction::Loop { property: LoopProperty::Count, parents: 0 }, 0));
    }
    if name != "foreach" {
        return None;
    }
    let mut parents = 0;
    for (index, step) in steps.iter().enumerate() {
        let word = match step {
            Accessor::Property { name, .. } => name,
            Accessor::Method { name, arguments, .. } if arguments.is_empty() => name,
            Accessor::Index { .. } | Accessor::Method { .. } => return None,
        };
        let property = match &**word {
            "parent" | "getParent" => {
                parents += 1;
                continue;
            }
            "count" | "getCount" => LoopProperty::Count,
            "index" | "getIndex" => LoopProperty::Index,
            "hasNext" | "getHasNext" => LoopProperty::HasNext,
            "first" | "isFirst" => LoopProperty::First,
            "last" | "isLast" => LoopProperty::Last,
            _ => return None,
        };
        return Some((Instruction::Loop { property, parents }, index + 1));
    }
    None
}

/// A template has fewer than 2³² of anything: its source is limited.
fn narrow(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
