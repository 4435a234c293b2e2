//! What mappings read, with everything resolved that does not depend on the request.

use std::borrow::Cow;

use definition::mapping::{AmbientSource, MethodParameter, ParameterLocation, RequestSource, ResponseSource};

use super::{
    IntegrationAnswer,
    body::{Body, StringsOnTheWay},
};
use crate::{Failure, context::ContextVariable, exchange::Exchange, json_path::JsonPath};

/// A source of the stage, the context or the mapping itself.
#[derive(Debug)]
pub(super) enum Ambient {
    StageVariable(Box<str>),
    Context(&'static ContextVariable),
    /// A context variable that no request has.
    Nothing,
    Literal(Box<str>),
}

impl Ambient {
    pub(super) fn compile(source: AmbientSource) -> Self {
        match source {
            AmbientSource::StageVariable(name) => Self::StageVariable(name),
            AmbientSource::Context(path) => ContextVariable::named(&path).map_or(Self::Nothing, Self::Context),
            AmbientSource::Literal(text) => Self::Literal(text),
        }
    }

    pub(super) fn read<'m>(&'m self, exchange: &Exchange<'m>) -> Option<Cow<'m, str>> {
        match self {
            Self::StageVariable(name) => {
                exchange.stage_variables.get(&**name).map(|value| Cow::Borrowed(value.as_str()))
            }
            Self::Context(variable) => variable.read(exchange.context),
            Self::Nothing => None,
            Self::Literal(text) => Some(Cow::Borrowed(text)),
        }
    }
}

/// The last value of a parameter; a header's name must be written exactly so.
fn exact_parameter<'m>(parameter: &MethodParameter, exchange: &Exchange<'m>) -> Option<Cow<'m, str>> {
    match parameter.location {
        ParameterLocation::Path => exchange.path.get(&parameter.name).map(Cow::Borrowed),
        ParameterLocation::Querystring => exchange.query.get(&parameter.name).map(Cow::Borrowed),
        ParameterLocation::Header => exchange.headers.get_exact(&parameter.name),
    }
}

/// The last value of a parameter as gateway responses read it: of a header that nobody wrote exactly so, in any letter case.
pub(super) fn parameter_in_any_case<'m>(parameter: &MethodParameter, exchange: &Exchange<'m>) -> Option<Cow<'m, str>> {
    exact_parameter(parameter, exchange).or_else(|| match parameter.location {
        ParameterLocation::Header => exchange.headers.get(&parameter.name),
        ParameterLocation::Path | ParameterLocation::Querystring => None,
    })
}

/// A source of a request mapping.
#[derive(Debug)]
pub(super) enum RequestReader {
    Parameter(MethodParameter),
    MultiValueQuerystring(Box<str>),
    MultiValueHeader(Box<str>),
    Body,
    InBody(JsonPath),
    Ambient(Ambient),
}

impl RequestReader {
    pub(super) fn compile(text: &str) -> Result<Self, Box<str>> {
        Ok(match text.parse().map_err(|error: definition::mapping::InvalidMapping| error.to_string())? {
            RequestSource::Parameter(parameter) => Self::Parameter(parameter),
            RequestSource::MultiValueQuerystring(name) => Self::MultiValueQuerystring(name),
            RequestSource::MultiValueHeader(name) => Self::MultiValueHeader(name),
            RequestSource::Body(None) => Self::Body,
            RequestSource::Body(Some(path)) => {
                Self::InBody(JsonPath::compile(&path).map_err(|error| error.to_string())?)
            }
            RequestSource::Ambient(source) => Self::Ambient(Ambient::compile(source)),
        })
    }

    pub(super) fn reads_body(&self) -> bool {
        match self {
            Self::Body | Self::InBody(_) => true,
            Self::Parameter(_) | Self::MultiValueQuerystring(_) | Self::MultiValueHeader(_) | Self::Ambient(_) => false,
        }
    }

    /// Hands each value to `set`.
    pub(super) fn read<'m>(
        &'m self,
        exchange: &Exchange<'m>,
        body: &Body<'m>,
        set: &mut dyn FnMut(Option<Cow<'m, str>>),
    ) -> Result<(), Failure> {
        match self {
            Self::Parameter(parameter) => set(exact_parameter(parameter, exchange)),
            Self::MultiValueQuerystring(name) => {
                exchange.query.get_all(name).for_each(|value| set(Some(Cow::Borrowed(value))));
            }
            Self::MultiValueHeader(name) => {
                let values: Vec<Cow<'_, str>> = exchange.headers.get_all_exact(name).collect();
                set(Some(Cow::Owned(values.join(","))));
            }
            Self::Body => set(Some(Cow::Borrowed(body.text()))),
            Self::InBody(path) => set(body.find(path, StringsOnTheWay::AreLeaves)?.map(Cow::Owned)),
            Self::Ambient(ambient) => set(ambient.read(exchange)),
        }
        Ok(())
    }
}

/// A source of a response mapping.
#[derive(Debug)]
pub(super) enum ResponseReader {
    Header(Box<str>),
    MultiValueHeader(Box<str>),
    Body,
    InBody(JsonPath),
    Ambient(Ambient),
}

impl ResponseReader {
    pub(super) fn compile(text: &str) -> Result<Self, Box<str>> {
        Ok(match text.parse().map_err(|error: definition::mapping::InvalidMapping| error.to_string())? {
            ResponseSource::Header(name) => Self::Header(name),
            ResponseSource::MultiValueHeader(name) => Self::MultiValueHeader(name),
            ResponseSource::Body(None) => Self::Body,
            ResponseSource::Body(Some(path)) => {
                Self::InBody(JsonPath::compile(&path).map_err(|error| error.to_string())?)
            }
            ResponseSource::Ambient(source) => Self::Ambient(Ambient::compile(source)),
        })
    }

    pub(super) fn reads_body(&self) -> bool {
        match self {
            Self::Body | Self::InBody(_) => true,
            Self::Header(_) | Self::MultiValueHeader(_) | Self::Ambient(_) => false,
        }
    }

    /// Hands each value to `set`.
    pub(super) fn read<'m>(
        &'m self,
        answer: &IntegrationAnswer<'m>,
        exchange: &Exchange<'m>,
        body: &Body<'m>,
        set: &mut dyn FnMut(Option<Cow<'m, str>>),
    ) -> Result<(), Failure> {
        match self {
            Self::Header(name) => set(answer.headers.get(name)),
            Self::MultiValueHeader(name) => {
                let fields = answer.headers.iter().filter(|field| field.name().eq_ignore_ascii_case(name));
                fields.for_each(|field| set(Some(field.value())));
            }
            Self::Body => set(Some(Cow::Borrowed(body.text()))),
            Self::InBody(path) => set(body.find(path, StringsOnTheWay::AreEntered)?.map(Cow::Owned)),
            Self::Ambient(ambient) => set(ambient.read(exchange)),
        }
        Ok(())
    }
}
