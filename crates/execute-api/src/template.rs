//! Mapping templates: the Velocity engine with API Gateway's `$input`, `$context`, `$stageVariables` and `$util`.
//!
//! A [`MappingTemplate`] is compiled when its stage is loaded and rendered once per message. Which template a message meets and
//! whether it may have one is [`content_handling`](crate::content_handling)'s to say; what the overrides do to the message is the
//! caller's. Developer Guide, "Mapping template transformations for REST APIs in API Gateway" and "Variables for data
//! transformations for API Gateway".

mod codec;
mod context_variable;
mod input_variable;
mod mentions;
mod override_maps;
mod util_variable;

pub(crate) use codec::{escape_java_script, url_encode};

use std::sync::Arc;

use vtl::{Context, Limits, Map, Value};

use self::{
    context_variable::ContextObject,
    input_variable::InputObject,
    mentions::{Mentions, WrittenPaths},
    override_maps::OverrideMaps,
    util_variable::UtilObject,
};
use crate::{
    Failure,
    exchange::Exchange,
    overrides::{OVERRIDES_MAX, Overrides},
};

/// Which message a template makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The integration request, from the method request.
    Request,
    /// The method response, from the integration response.
    Response,
}

/// What a template reads.
#[derive(Debug, Clone, Copy)]
pub struct TemplateInput<'a> {
    /// Which message it makes.
    pub phase: Phase,
    /// The method request; `$input.params()` is about it in both phases.
    pub exchange: Exchange<'a>,
    /// `$input.body`: the request's payload, or the integration's answer; empty behind a mock integration. An empty request
    /// payload reads as `{}`.
    pub body: &'a str,
}

/// Why a template cannot be compiled or rendered.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// The engine refused the source, or stopped.
    #[error(transparent)]
    Engine(#[from] vtl::Error),
    /// An override was set to a value that cannot be printed.
    #[error("an override cannot be printed")]
    Override(#[from] vtl::PrintError),
    /// A template set more overrides of one kind than there may be.
    #[error("more than {OVERRIDES_MAX} overrides of one kind")]
    TooManyOverrides,
}

impl TemplateError {
    /// The failure of a request whose template this is.
    #[must_use]
    pub fn failure(&self, phase: Phase) -> Failure {
        let message = match phase {
            Phase::Request => "request",
            Phase::Response => "response",
        };
        Failure::ApiConfiguration { detail: format!("Unable to transform {message}: {self}") }
    }
}

/// A compiled mapping template. Share it between threads.
#[derive(Debug)]
pub struct MappingTemplate {
    template: vtl::Template,
    mentions: Mentions,
    /// The JSONPaths that are written out in the source.
    paths: Arc<WrittenPaths>,
}

impl MappingTemplate {
    /// Compiles a template.
    ///
    /// # Errors
    /// The source is no template, or too long.
    pub fn compile(source: &str) -> Result<Self, TemplateError> {
        let template = vtl::Template::parse(source)?;
        Ok(Self { template, mentions: Mentions::in_source(source), paths: Arc::new(WrittenPaths::in_source(source)) })
    }

    /// The text that it was compiled from.
    #[must_use]
    pub fn source(&self) -> &str {
        self.template.source()
    }

    /// Renders the template. What it sets in `$context.requestOverride` and `$context.responseOverride` is in `overrides` after.
    ///
    /// # Errors
    /// A limit is reached, or a call inside the template fails; `overrides` are then as they were.
    pub fn render(
        &self,
        input: &TemplateInput<'_>,
        overrides: &mut Overrides,
        limits: &Limits,
    ) -> Result<String, TemplateError> {
        let mut context = Context::new();
        if self.mentions.input {
            context.insert(
                "input",
                Value::object(InputObject::new(input, &self.mentions.parameters, Arc::clone(&self.paths))),
            );
        }
        if self.mentions.util {
            context.insert("util", Value::object(UtilObject));
        }
        if self.mentions.stage_variables {
            let variables = input.exchange.stage_variables.iter();
            let variables: Map = variables.map(|(name, value)| (name.as_str(), Value::from(value.as_str()))).collect();
            context.insert("stageVariables", Value::map(variables));
        }
        let mut override_maps = None;
        if self.mentions.context {
            let maps = override_maps.insert(OverrideMaps::new(overrides));
            context.insert(
                "context",
                Value::object(ContextObject::new(input.exchange.context, &self.mentions.context_names, maps)),
            );
        }
        let output = self.template.render(&context, limits)?;
        if let Some(maps) = override_maps {
            *overrides = maps.read(overrides)?;
        }
        Ok(output)
    }
}

#[cfg(test)]
mod tests;
