//! Runs a compiled template.

mod output;
mod operate;
mod access;
mod iterate;
mod foreach;
mod scope;

use std::rc::Rc;

use crate::error::ErrorKind;
use crate::java_regex::PatternError;
use crate::methods;
use crate::parser::Failure;
use crate::program::{Constant, Go, Instruction, LoopProperty, Make, Program};
use crate::value::{Map, Number, PrintError, TEXT_BYTES_MAX, Value, Work};
use crate::{Context, HostError, Limits};

pub(crate) use access::refuse_cycle;

use iterate::Loop;
use output::Output;
use scope::{Frame, Scope, Slot};

/// Runs a program against a context.
pub(crate) fn render(program: &Program, context: &Context, limits: &Limits) -> Result<String, Failure> {
    let slot = |name: &str| context.get(name).map_or(Slot::Unset, |value| Slot::Value(value.clone()));
    let mut machine = Machine {
        program,
        limits,
        work: Work::new(limits.fuel),
        output: Output::new(limits.output_bytes_max, program.texts.len()),
        slots: program.variables.iter().map(|name| slot(name)).collect(),
        scope: None,
        calls_open: 0,
        stack: Vec::new(),
        loops: Vec::new(),
        frames: Vec::new(),
        texts: Vec::new(),
    };
    let mut at = 0;
    loop {
        match machine.step(at) {
            Ok(Flow::Next) => at += 1,
            Ok(Flow::To(target)) => at = target as usize,
            Ok(Flow::End) => return Ok(machine.output.finish()),
            Err(stop) => {
                let span = program.spans.get(at).copied().unwrap_or_default();
                return Err(Failure { kind: stop.kind(), detail: stop.detail(limits), span });
            }
        }
    }
}

/// Why a rendering stops before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    TooManyTurns,
    OutputTooLong,
    CallsTooDeep,
    ValueTooDeep,
    OutOfFuel,
    Cycle,
    Regex(PatternError),
    Host(HostError),
    /// A method of Java's own refuses its arguments.
    Argument(&'static str),
}

impl Stop {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::TooManyTurns => ErrorKind::TooManyTurns,
            Self::OutputTooLong => ErrorKind::OutputTooLong,
            Self::CallsTooDeep | Self::ValueTooDeep => ErrorKind::TooDeep,
            Self::OutOfFuel => ErrorKind::OutOfFuel,
            Self::Cycle => ErrorKind::Cycle,
            Self::Regex(_) => ErrorKind::Regex,
            Self::Host(_) | Self::Argument(_) => ErrorKind::Host,
        }
    }

    fn detail(&self, limits: &Limits) -> String {
        match self {
            Self::TooManyTurns => format!("a #foreach has more than {} turns", limits.foreach_turns_max),
            Self::OutputTooLong => format!("more than {} bytes of text", limits.output_bytes_max),
            Self::CallsTooDeep => {
                format!("macros and blocks run inside one another more than {} deep", limits.depth_max)
            }
            Self::ValueTooDeep => PrintError::TooDeep.to_string(),
            Self::OutOfFuel => format!("the template takes more than {} steps", limits.fuel),
            Self::Cycle => "a list or map cannot be put into itself".to_owned(),
            Self::Regex(error) => error.to_string(),
            Self::Host(error) => error.to_string(),
            Self::Argument(reason) => (*reason).to_owned(),
        }
    }
}

impl From<PrintError> for Stop {
    fn from(error: PrintError) -> Self {
        match error {
            PrintError::TooDeep => Self::ValueTooDeep,
            PrintError::TooLong => Self::OutputTooLong,
        }
    }
}

impl From<HostError> for Stop {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl From<PatternError> for Stop {
    fn from(error: PatternError) -> Self {
        if error == PatternError::ReplacedTooLong { Self::OutputTooLong } else { Self::Regex(error) }
    }
}

/// The text of a value, its making paid for.
pub(crate) fn text_of(value: &Value, work: &mut Work) -> Result<Rc<str>, Stop> {
    if let Value::String(text) = value {
        return Ok(Rc::clone(text));
    }
    let text = value.to_text_within(TEXT_BYTES_MAX)?;
    work.spend(text.len() as u64 / 16).ok_or(Stop::OutOfFuel)?;
    Ok(text)
}

/// Where to go on.
enum Flow {
    Next,
    To(u32),
    End,
}

struct Machine<'p> {
    program: &'p Program,
    limits: &'p Limits,
    work: Work,
    output: Output,
    slots: Vec<Slot>,
    /// The innermost frame whose variables the running code sees, before the slots.
    scope: Scope,
    /// Frames of macros and blocks.
    calls_open: usize,
    stack: Vec<Value>,
    loops: Vec<Loop>,
    frames: Vec<Frame>,
    /// String constants as values, made when first needed.
    texts: Vec<Option<Rc<str>>>,
}

impl Machine<'_> {
    fn step(&mut self, at: usize) -> Result<Flow, Stop> {
        self.spend(1)?;
        let Some(&instruction) = self.program.instructions.get(at) else { return Ok(Flow::End) };
        match instruction {
            Instruction::Text { start, end } => self.output.push(&self.program.texts[start as usize..end as usize])?,
            Instruction::Print => {
                let value = self.pop();
                self.output.print(&value)?;
            }
            Instruction::PrintVariable(variable) => return self.print_variable(variable, at),
            Instruction::Load(variable) => return self.load(variable, at),
            Instruction::LoadObject(variable) => {
                if !matches!(self.find(variable), Slot::Block(_)) {
                    return self.load(variable, at);
                }
                self.stack.push(Value::Null);
            }
            Instruction::Constant(index) => {
                let value = self.constant(index as usize);
                self.stack.push(value);
            }
            Instruction::Bool(truth) => self.stack.push(Value::Bool(truth)),
            Instruction::Null => self.stack.push(Value::Null),
            Instruction::Loop { property, parents } => {
                let value = self.loop_property(property, parents);
                self.stack.push(value);
            }
            Instruction::Foreach(variable) if self.loops.is_empty() => return self.load(variable, at),
            Instruction::Foreach(_) => {
                let value = self.loop_property(LoopProperty::Itself, 0);
                self.stack.push(value);
            }
            Instruction::Property(name) => {
                let object = self.pop();
                self.stack.push(access::property(&object, &self.program.names[name as usize]));
            }
            Instruction::Index => {
                let index = self.pop();
                let object = self.pop();
                self.stack.push(access::index(&object, &index, &mut self.work)?);
            }
            Instruction::Call { name, argument_count } => self.call(name, argument_count as usize)?,
            Instruction::Store(variable) => {
                let value = self.pop();
                self.store(variable, Slot::Value(value));
            }
            Instruction::StoreProperty(name) => {
                let (object, value) = (self.pop(), self.pop());
                access::store_property(&object, &self.program.names[name as usize], value, &mut self.work)?;
            }
            Instruction::StoreIndex => {
                let (index, object, value) = (self.pop(), self.pop(), self.pop());
                access::store_index(&object, &index, value, &mut self.work)?;
            }
            Instruction::Make(make) => self.make(make)?,
            Instruction::Not | Instruction::Truth => {
                let truth = self.pop().is_true();
                self.stack.push(Value::Bool(truth == (instruction == Instruction::Truth)));
            }
            Instruction::Operate(operator) => {
                let (right, left) = (self.pop(), self.pop());
                let result = operate::operate(operator, &left, &right, &mut self.work, self.limits.output_bytes_max)?;
                self.stack.push(result);
            }
            Instruction::Go(go) => return self.go(go, at),
        }
        Ok(Flow::Next)
    }

    /// The instructions that decide where to go on.
    fn go(&mut self, go: Go, at: usize) -> Result<Flow, Stop> {
        match go {
            Go::Jump(target) => return Ok(Flow::To(target)),
            Go::JumpIfFalse(target) => {
                if !self.pop().is_true() {
                    return Ok(Flow::To(target));
                }
            }
            Go::JumpIfTrue(target) => {
                if self.pop().is_true() {
                    return Ok(Flow::To(target));
                }
            }
            Go::LoopStart { variable, exit } => return self.start_loop(variable, exit),
            Go::LoopNext { body } => return self.next_turn(body),
            Go::LoopBreak { exit } => {
                self.end_loop();
                return Ok(Flow::To(exit));
            }
            Go::Capture => self.output.capture(),
            Go::EndCapture => self.end_capture()?,
            Go::CallMacro(call) => return self.call_macro(call, at),
            Go::Define { variable, end } => {
                self.store(variable, Slot::Block(narrow(at + 1)));
                return Ok(Flow::To(end));
            }
            Go::ShareBlock { from, to, end } => {
                if let &Slot::Block(start) = self.find(from) {
                    self.store(to, Slot::Block(start));
                    return Ok(Flow::To(end));
                }
            }
            Go::Return => return self.return_from(),
            Go::Stop => return Ok(Flow::End),
        }
        Ok(Flow::Next)
    }

    fn end_capture(&mut self) -> Result<(), Stop> {
        let text = self.output.end_capture();
        self.spend(text.len() as u64 / 16)?;
        self.stack.push(Value::from(text));
        Ok(())
    }

    fn call(&mut self, name: u32, argument_count: usize) -> Result<(), Stop> {
        let name = &self.program.names[name as usize];
        let object_at = self.stack.len() - argument_count - 1;
        let mut scope = methods::Scope { work: &mut self.work, text_bytes_max: self.limits.output_bytes_max };
        let (object, arguments) = (&self.stack[object_at], &self.stack[object_at + 1..]);
        let result = methods::call(object, name, arguments, &mut scope)?;
        self.stack.truncate(object_at);
        self.stack.push(result);
        Ok(())
    }

    fn make(&mut self, make: Make) -> Result<(), Stop> {
        let value = match make {
            Make::List(count) => {
                self.spend(u64::from(count))?;
                let first = self.stack.len() - count as usize;
                Value::list(self.stack.split_off(first))
            }
            Make::Map(count) => {
                self.spend(u64::from(count))?;
                let first = self.stack.len() - 2 * count as usize;
                let mut map = Map::new();
                let mut parts = self.stack.drain(first..);
                while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
                    map.insert(text_of(&key, &mut self.work)?, value);
                }
                drop(parts);
                Value::map(map)
            }
            Make::Range => {
                let (last, first) = (self.pop(), self.pop());
                iterate::range(&first, &last, &mut self.work)?
            }
        };
        self.stack.push(value);
        Ok(())
    }

    fn constant(&mut self, index: usize) -> Value {
        match &self.program.constants[index] {
            Constant::Integer(integer) => Value::Number(Number::Integer(*integer)),
            Constant::Big(integer) => Value::Number(Number::from_big(integer.clone())),
            Constant::Double(double) => Value::Number(Number::Double(*double)),
            Constant::String(text) => {
                if self.texts.is_empty() {
                    self.texts.resize(self.program.constants.len(), None);
                }
                Value::String(Rc::clone(self.texts[index].get_or_insert_with(|| (**text).into())))
            }
        }
    }

    fn spend(&mut self, steps: u64) -> Result<(), Stop> {
        self.work.spend(steps).ok_or(Stop::OutOfFuel)
    }

    /// The compiler keeps the stack balanced; an empty one would be its mistake and reads as null.
    fn pop(&mut self) -> Value {
        self.stack.pop().unwrap_or_default()
    }
}

/// A program has fewer than 2³² instructions.
fn narrow(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
