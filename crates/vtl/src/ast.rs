//! What the parser found: a template as a tree.
//!
//! The tree is as deep as its source nests, which the parser limits; runs of operators, branches and accessors are lists,
//! so no chain of them makes it deeper.

use crate::error::Span;
use crate::value::Number;

/// Nodes one after the other.
pub(crate) type Block = Vec<Node>;

/// A piece of a template.
#[derive(Debug)]
pub(crate) enum Node {
    /// Output as it is.
    Text(Box<str>),
    /// `$name…`: output of its value.
    Reference(Reference),
    /// `#set(target = value)`.
    Set { target: Reference, value: Expression },
    /// `#if … #elseif … #else … #end`.
    If { branches: Vec<(Expression, Block)>, otherwise: Block },
    /// `#foreach($variable in items) body #end`.
    Foreach { variable: Box<str>, items: Expression, body: Block, span: Span },
    /// `#break`, and `#break($foreach.parent)` with the number of parents.
    Break { target: BreakTarget, span: Span },
    /// `#stop`.
    Stop { span: Span },
    /// `#name(arguments)` of a macro.
    MacroCall(MacroCall),
    /// `#define($name) body #end`.
    Define { name: Box<str>, body: Block, span: Span },
}

/// What a `#break` leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BreakTarget {
    /// The innermost loop, macro, block or template.
    Innermost,
    /// The loop so many levels outside of the innermost one.
    Loop { parents: u32 },
}

/// A call of a macro.
#[derive(Debug)]
pub(crate) struct MacroCall {
    pub(crate) name: Box<str>,
    pub(crate) arguments: Vec<Expression>,
    /// What stands between `#@name(arguments)` and its `#end`; the macro's `$bodyContent`.
    pub(crate) body: Option<Block>,
    /// The call as it was written, for a name that turns out to be no macro.
    pub(crate) source: Box<str>,
    pub(crate) span: Span,
}

/// A macro's definition.
#[derive(Debug)]
pub(crate) struct Macro {
    pub(crate) name: Box<str>,
    pub(crate) parameters: Vec<Box<str>>,
    pub(crate) body: Block,
    pub(crate) span: Span,
}

/// `$name.property[index].method(arguments)`.
#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) name: Box<str>,
    pub(crate) accessors: Vec<Accessor>,
    pub(crate) span: Span,
}

/// One step along a reference.
#[derive(Debug)]
pub(crate) enum Accessor {
    /// `.name`.
    Property { name: Box<str>, span: Span },
    /// `[index]`.
    Index { index: Expression, span: Span },
    /// `.name(arguments)`.
    Method { name: Box<str>, arguments: Vec<Expression>, span: Span },
}

/// What has a value.
#[derive(Debug)]
pub(crate) enum Expression {
    /// `true`, `false`.
    Bool(bool, Span),
    /// `1`, `1.5`.
    Number(Number, Span),
    /// Text without anything to fill in.
    String(Box<str>, Span),
    /// `"text with $references"`.
    Interpolation(Block, Span),
    /// `$name…`.
    Reference(Reference),
    /// A bare word where a method's argument stands; it has no value.
    Word(Span),
    /// `[a, b]`.
    List(Vec<Expression>, Span),
    /// `{key: value}`.
    Map(Vec<(Expression, Expression)>, Span),
    /// `[first..last]`.
    Range(Box<(Expression, Expression)>, Span),
    /// `!operand`.
    Not(Box<Expression>, Span),
    /// Operators of one precedence, from left to right.
    Operations { first: Box<Expression>, rest: Vec<(Operator, Expression)>, span: Span },
}

impl Expression {
    /// Where it stands.
    pub(crate) fn span(&self) -> Span {
        match self {
            Self::Bool(_, span)
            | Self::Number(_, span)
            | Self::String(_, span)
            | Self::Interpolation(_, span)
            | Self::Word(span)
            | Self::List(_, span)
            | Self::Map(_, span)
            | Self::Range(_, span)
            | Self::Not(_, span)
            | Self::Operations { span, .. } => *span,
            Self::Reference(reference) => reference.span,
        }
    }
}

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    Arithmetic(Arithmetic),
}

/// An operator that calculates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}
