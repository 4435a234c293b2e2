//! Where a request says who calls: headers, query parameters, stage variables and the context.

use std::borrow::Cow;

use super::{Kind, TOKEN_SOURCE_DEFAULT};
use crate::{Failure, context::ContextVariable, exchange::Exchange};

const HEADER: &str = "method.request.header.";
const QUERYSTRING: &str = "method.request.querystring.";
const STAGE_VARIABLE: &str = "stageVariables.";
const CONTEXT: &str = "context.";

/// One source.
#[derive(Debug)]
pub(super) enum IdentitySource {
    Header(Box<str>),
    Querystring(Box<str>),
    StageVariable(Box<str>),
    Context(&'static ContextVariable),
}

/// The sources of a comma-separated list that an authorizer of this kind may have.
pub(super) fn parse(text: Option<&str>, kind: &Kind) -> Result<Vec<IdentitySource>, Failure> {
    let given = text.unwrap_or_default().split(',').map(str::trim).filter(|source| !source.is_empty());
    let mut texts: Vec<&str> = given.collect();
    match kind {
        Kind::Token { .. } if texts.is_empty() => texts.push(TOKEN_SOURCE_DEFAULT),
        Kind::Token { .. } if texts.len() > 1 || !texts[0].starts_with(HEADER) => {
            return Err(Failure::configuration("A token is read from one header"));
        }
        Kind::Token { .. } | Kind::Request => {}
    }
    texts.into_iter().map(IdentitySource::parse).collect()
}

impl IdentitySource {
    fn parse(text: &str) -> Result<Self, Failure> {
        let named = |prefix: &str| text.strip_prefix(prefix).filter(|name| !name.is_empty());
        if let Some(name) = named(HEADER) {
            return Ok(Self::Header(name.into()));
        }
        if let Some(name) = named(QUERYSTRING) {
            return Ok(Self::Querystring(name.into()));
        }
        if let Some(name) = named(STAGE_VARIABLE) {
            return Ok(Self::StageVariable(name.into()));
        }
        let variable = named(CONTEXT).and_then(ContextVariable::named);
        variable.map(Self::Context).ok_or_else(|| Failure::configuration(format!("Invalid identity source: {text}")))
    }

    /// The source's value in a request; an empty one is none.
    pub(super) fn read(&self, exchange: &Exchange<'_>) -> Option<String> {
        let value = match self {
            Self::Header(name) => exchange.headers.get(name).map(Cow::into_owned),
            Self::Querystring(name) => exchange.query.get(name).map(str::to_owned),
            Self::StageVariable(name) => exchange.stage_variables.get(&**name).cloned(),
            Self::Context(variable) => variable.read(exchange.context).map(Cow::into_owned),
        };
        value.filter(|value| !value.is_empty())
    }
}
