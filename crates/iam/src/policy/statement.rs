//! One statement: its elements, which of them a kind of policy wants, and their compilation.
//! AWS page: "IAM JSON policy elements: Statement".

use super::condition::{Condition, InvalidCondition};
use super::principal::{InvalidPrincipal, PrincipalElement, PrincipalPattern};
use super::template::{Template, Wildcards};
use super::wire::{self, OneOrMany};
use super::{PolicyKind, Version};
use crate::pattern::{Case, Pattern};

/// What a matching statement decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// The request may pass, unless another statement denies it.
    Allow,
    /// The request may not pass, whatever other statements say.
    Deny,
}

/// A compiled statement.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// `None` in identity policies, which are about whom they are attached to.
    pub(crate) principal: Option<PrincipalElement>,
    pub(crate) action: ActionElement,
    /// `None` in trust policies, which are about the role they are attached to.
    pub(crate) resource: Option<ResourceElement>,
    pub(crate) conditions: Box<[Condition]>,
}

/// `Action` or `NotAction`.
#[derive(Debug, Clone)]
pub(crate) enum ActionElement {
    OneOf(Box<[Pattern]>),
    NoneOf(Box<[Pattern]>),
}

/// `Resource` or `NotResource`.
#[derive(Debug, Clone)]
pub(crate) enum ResourceElement {
    OneOf(Box<[Template]>),
    NoneOf(Box<[Template]>),
}

/// What is wrong with a statement. Each text begins with the place inside it, as in `.Effect: …`.
#[derive(Debug, thiserror::Error)]
pub enum InvalidStatement {
    /// The statement is not an object of the known keys, each once and of its type.
    #[error(": {0}")]
    Shape(serde_json::Error),
    /// `Sid` holds other characters than letters and digits.
    #[error(".Sid: {text:?} holds other characters than letters and digits")]
    Sid {
        /// The text that was read.
        text: Box<str>,
    },
    /// `Effect` is neither `Allow` nor `Deny`.
    #[error(".Effect: {text:?} is not Allow or Deny")]
    Effect {
        /// The text that was read.
        text: Box<str>,
    },
    /// An element that this kind of policy needs is absent.
    #[error(": {element} is missing")]
    Missing {
        /// The element.
        element: &'static str,
    },
    /// An element stands where this kind of policy has none.
    #[error(".{element}: not allowed in this kind of policy")]
    Forbidden {
        /// The element.
        element: &'static str,
    },
    /// An element stands beside its `Not` form.
    #[error(".{element}: not allowed beside Not{element}")]
    BothForms {
        /// The element.
        element: &'static str,
    },
    /// A list has no elements.
    #[error(".{element}: the list is empty")]
    EmptyList {
        /// The element.
        element: &'static str,
    },
    /// An action is neither `*` nor `service:name`.
    #[error(".{element}[{index}]: {text:?} is not * or of the form service:action")]
    Action {
        /// The element: `Action` or `NotAction`.
        element: &'static str,
        /// The action's position in its list, from 0.
        index: usize,
        /// The text that was read.
        text: Box<str>,
    },
    /// A resource is neither `*` nor an ARN pattern, or holds a malformed policy variable.
    #[error(".{element}[{index}]: {text:?} is not * or an ARN")]
    Resource {
        /// The element: `Resource` or `NotResource`.
        element: &'static str,
        /// The resource's position in its list, from 0.
        index: usize,
        /// The text that was read.
        text: Box<str>,
    },
    /// A principal is wrong.
    #[error(".{element}: {problem}")]
    Principal {
        /// The element: `Principal` or `NotPrincipal`.
        element: &'static str,
        /// What is wrong.
        problem: InvalidPrincipal,
    },
    /// A condition is wrong.
    #[error(".Condition{0}")]
    Condition(InvalidCondition),
}

impl Statement {
    pub(super) fn parse(text: &str, kind: PolicyKind, version: Version) -> Result<Self, InvalidStatement> {
        let wire: wire::Statement = serde_json::from_str(text).map_err(InvalidStatement::Shape)?;
        let conditions = Condition::parse_all(wire.condition, version).map_err(InvalidStatement::Condition)?;
        Ok(Self {
            sid: wire.sid.map(|sid| parse_sid(sid, kind)).transpose()?,
            effect: parse_effect(&wire.effect)?,
            principal: parse_principal(wire.principal, wire.not_principal, kind)?,
            action: parse_action(wire.action, wire.not_action)?,
            resource: parse_resource(wire.resource, wire.not_resource, kind, version)?,
            conditions,
        })
    }
}

/// Only identity policies hold IAM's narrow rule; the resource policies of services take any text as an id.
fn parse_sid(sid: String, kind: PolicyKind) -> Result<Box<str>, InvalidStatement> {
    let narrow = kind != PolicyKind::Resource;
    if narrow && !sid.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(InvalidStatement::Sid { text: sid.into() });
    }
    Ok(sid.into())
}

fn parse_effect(text: &str) -> Result<Effect, InvalidStatement> {
    match text {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        _ => Err(InvalidStatement::Effect { text: text.into() }),
    }
}

fn parse_principal(
    positive: Option<wire::Principal>,
    negative: Option<wire::Principal>,
    kind: PolicyKind,
) -> Result<Option<PrincipalElement>, InvalidStatement> {
    let (element, wire) = match (positive, negative) {
        (Some(_), Some(_)) => return Err(InvalidStatement::BothForms { element: "Principal" }),
        (Some(wire), None) => ("Principal", wire),
        (None, Some(wire)) => ("NotPrincipal", wire),
        (None, None) if kind == PolicyKind::Identity => return Ok(None),
        (None, None) => return Err(InvalidStatement::Missing { element: "Principal" }),
    };
    if kind == PolicyKind::Identity {
        return Err(InvalidStatement::Forbidden { element });
    }
    let patterns =
        PrincipalPattern::parse_all(wire).map_err(|problem| InvalidStatement::Principal { element, problem })?;
    Ok(Some(match element {
        "Principal" => PrincipalElement::OneOf(patterns),
        _ => PrincipalElement::NoneOf(patterns),
    }))
}

fn parse_action(
    positive: Option<OneOrMany<String>>,
    negative: Option<OneOrMany<String>>,
) -> Result<ActionElement, InvalidStatement> {
    match (positive, negative) {
        (Some(_), Some(_)) => Err(InvalidStatement::BothForms { element: "Action" }),
        (Some(actions), None) => compile_actions("Action", actions).map(ActionElement::OneOf),
        (None, Some(actions)) => compile_actions("NotAction", actions).map(ActionElement::NoneOf),
        (None, None) => Err(InvalidStatement::Missing { element: "Action" }),
    }
}

fn compile_actions(element: &'static str, actions: OneOrMany<String>) -> Result<Box<[Pattern]>, InvalidStatement> {
    let compile = |(index, text): (usize, String)| match text.split_once(':') {
        Some((service, name)) if !service.is_empty() && !name.is_empty() && !name.contains(':') => {
            Ok(Pattern::new(&text, Case::Insensitive))
        }
        None if text == "*" => Ok(Pattern::new(&text, Case::Insensitive)),
        _ => Err(InvalidStatement::Action { element, index, text: text.into() }),
    };
    let compiled: Box<[Pattern]> = actions.into_vec().into_iter().enumerate().map(compile).collect::<Result<_, _>>()?;
    if compiled.is_empty() {
        return Err(InvalidStatement::EmptyList { element });
    }
    Ok(compiled)
}

fn parse_resource(
    positive: Option<OneOrMany<String>>,
    negative: Option<OneOrMany<String>>,
    kind: PolicyKind,
    version: Version,
) -> Result<Option<ResourceElement>, InvalidStatement> {
    if kind == PolicyKind::Trust {
        return match (positive, negative) {
            (None, None) => Ok(None),
            (Some(_), _) => Err(InvalidStatement::Forbidden { element: "Resource" }),
            (None, Some(_)) => Err(InvalidStatement::Forbidden { element: "NotResource" }),
        };
    }
    match (positive, negative) {
        (Some(_), Some(_)) => Err(InvalidStatement::BothForms { element: "Resource" }),
        (Some(resources), None) => {
            compile_resources("Resource", resources, version).map(|compiled| Some(ResourceElement::OneOf(compiled)))
        }
        (None, Some(resources)) => {
            compile_resources("NotResource", resources, version).map(|compiled| Some(ResourceElement::NoneOf(compiled)))
        }
        (None, None) => Err(InvalidStatement::Missing { element: "Resource" }),
    }
}

fn compile_resources(
    element: &'static str,
    resources: OneOrMany<String>,
    version: Version,
) -> Result<Box<[Template]>, InvalidStatement> {
    let compile = |(index, text): (usize, String)| {
        let invalid = || InvalidStatement::Resource { element, index, text: text.as_str().into() };
        if !looks_like_arn(&text) {
            return Err(invalid());
        }
        Template::parse(&text, Wildcards::Active, Case::Sensitive, version).ok_or_else(invalid)
    };
    let compiled: Box<[Template]> =
        resources.into_vec().into_iter().enumerate().map(compile).collect::<Result<_, _>>()?;
    if compiled.is_empty() {
        return Err(InvalidStatement::EmptyList { element });
    }
    Ok(compiled)
}

/// As IAM does at this point, only a coarse look: a star may stand for any number of parts.
fn looks_like_arn(text: &str) -> bool {
    text.starts_with('*')
        || text.starts_with("${")
        || text.starts_with("arn:") && (text.contains('*') || text.split(':').count() >= 6)
}
