//! What a template compiles to: a flat list of instructions for a stack machine.

use num_bigint::BigInt;

use crate::ast::Operator;
use crate::error::Span;

/// A compiled template. Holds nothing that belongs to one thread, so any may run it.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) instructions: Vec<Instruction>,
    /// Where each instruction comes from.
    pub(crate) spans: Vec<Span>,
    /// Every text of the template in one piece.
    pub(crate) texts: String,
    pub(crate) constants: Vec<Constant>,
    /// Names of properties and methods.
    pub(crate) names: Vec<Box<str>>,
    /// Names of variables, by slot.
    pub(crate) variables: Vec<Box<str>>,
    pub(crate) macros: Vec<MacroCode>,
    pub(crate) calls: Vec<CallSite>,
}

/// Where a macro starts, and the slots of its parameters.
#[derive(Debug, Clone, Default)]
pub(crate) struct MacroCode {
    pub(crate) start: u32,
    pub(crate) parameters: Box<[u32]>,
}

/// A call of a macro: its arguments are evaluated whenever the macro asks for them, not when it is called.
#[derive(Debug)]
pub(crate) struct CallSite {
    pub(crate) callee: u32,
    pub(crate) arguments: Box<[Argument]>,
    /// What stands between the call and its `#end`: the slot of `$bodyContent`, and where its code starts.
    pub(crate) body: Option<(u32, u32)>,
}

/// An argument of a macro.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Argument {
    /// The same value each time.
    Constant(u32),
    Bool(bool),
    /// Whatever a variable of the caller holds.
    Variable(u32),
    /// What the code from here on leaves on the stack.
    Code(u32),
}

/// A value known when parsing. `Value` itself belongs to one thread.
#[derive(Debug, Clone)]
pub(crate) enum Constant {
    Integer(i64),
    Big(BigInt),
    Double(f64),
    String(Box<str>),
}

/// Stands for the outermost loop where a number of parents is asked for.
pub(crate) const OUTERMOST_LOOP: u32 = u32::MAX;

/// What `$foreach` knows of its loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoopProperty {
    /// Turns, this one counted.
    Count,
    /// Turns before this one.
    Index,
    HasNext,
    First,
    Last,
    /// The loop as a value, to be kept in a variable or asked for more.
    Itself,
}

impl LoopProperty {
    /// The property of a name, or of the method that gives it.
    pub(crate) fn named(word: &str) -> Option<Self> {
        Some(match word {
            "count" | "getCount" => Self::Count,
            "index" | "getIndex" => Self::Index,
            "hasNext" | "getHasNext" => Self::HasNext,
            "first" | "isFirst" => Self::First,
            "last" | "isLast" => Self::Last,
            _ => return None,
        })
    }
}

/// A step of the machine. Most take their operands from the stack of values and leave their result there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Instruction {
    /// Outputs `texts[start..end]`.
    Text {
        start: u32,
        end: u32,
    },
    /// Outputs a value.
    Print,
    /// Outputs a variable.
    PrintVariable(u32),
    /// Puts a variable's value on the stack.
    Load(u32),
    /// As `Load`, for what a step along a reference follows: a block has no properties or methods.
    LoadObject(u32),
    Constant(u32),
    Bool(bool),
    Null,
    /// A property of the loop so many levels outside of the innermost, or of the [outermost](OUTERMOST_LOOP).
    Loop {
        property: LoopProperty,
        parents: u32,
    },
    /// The innermost loop itself; outside of all loops the variable `$foreach`.
    Foreach(u32),
    /// object → its property.
    Property(u32),
    /// object, index → the item.
    Index,
    /// object, arguments → the result.
    Call {
        name: u32,
        argument_count: u32,
    },
    /// value →.
    Store(u32),
    /// value, object →.
    StoreProperty(u32),
    /// value, object, index →.
    StoreIndex,
    /// A new list or map.
    Make(Make),
    Not,
    /// operand → whether it is true.
    Truth,
    /// left, right → result.
    Operate(Operator),
    /// Decides where to go on.
    Go(Go),
}

/// What is made of values on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Make {
    /// items → a list.
    List(u32),
    /// keys and values in turn → a map.
    Map(u32),
    /// first, last → a list.
    Range,
}

/// The steps after which the machine may go on elsewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Go {
    Jump(u32),
    /// condition →.
    JumpIfFalse(u32),
    /// condition →.
    JumpIfTrue(u32),
    /// items →; starts a loop, or jumps when there is no item.
    LoopStart {
        variable: u32,
        exit: u32,
    },
    /// Jumps back for the next turn, or ends the loop.
    LoopNext {
        body: u32,
    },
    /// Ends the loop and jumps.
    LoopBreak {
        exit: u32,
    },
    /// What is output from here is collected.
    Capture,
    /// Puts the collected text on the stack.
    EndCapture,
    /// Runs the macro of a call.
    CallMacro(u32),
    /// When a variable stands for a block, makes another stand for it too, and jumps.
    ShareBlock {
        from: u32,
        to: u32,
        end: u32,
    },
    /// Makes a variable stand for the block behind this instruction, and jumps over it.
    Define {
        variable: u32,
        end: u32,
    },
    /// Goes back from a macro or block.
    Return,
    Stop,
}

impl Go {
    /// The same with a new target, where there is one.
    pub(crate) fn to(self, target: u32) -> Self {
        match self {
            Self::Jump(_) => Self::Jump(target),
            Self::JumpIfFalse(_) => Self::JumpIfFalse(target),
            Self::JumpIfTrue(_) => Self::JumpIfTrue(target),
            Self::LoopStart { variable, .. } => Self::LoopStart { variable, exit: target },
            Self::LoopNext { .. } => Self::LoopNext { body: target },
            Self::LoopBreak { .. } => Self::LoopBreak { exit: target },
            Self::Define { variable, .. } => Self::Define { variable, end: target },
            Self::ShareBlock { from, to, .. } => Self::ShareBlock { from, to, end: target },
            Self::Capture | Self::EndCapture | Self::CallMacro(_) | Self::Return | Self::Stop => self,
        }
    }
}
