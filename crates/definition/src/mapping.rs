//! The grammar of parameter mappings: what a method declares, what a mapping writes and what it reads.
//!
//! Each text form is a type with [`FromStr`], so that the control plane refuses a wrong expression and the data plane never
//! parses one per request. Whether a source is declared on its method is the control plane's question
//! ([`RequestSource::declaration`]); what a source yields is the data plane's. JSONPaths are kept as text: their dialect is the
//! data plane's. Developer Guide, "Parameter mapping examples for REST APIs in API Gateway".

use std::{fmt, str::FromStr};

/// A text that is not a mapping expression of the kind that its place asks for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid mapping expression {expression:?}")]
pub struct InvalidMapping {
    /// The offending text.
    pub expression: Box<str>,
}

impl InvalidMapping {
    fn new(expression: &str) -> Self {
        Self { expression: expression.into() }
    }
}

/// Where a method request carries a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterLocation {
    /// A request header.
    Header,
    /// A path parameter.
    Path,
    /// A query parameter.
    Querystring,
}

impl ParameterLocation {
    /// All locations, in the order in which missing parameters are reported.
    pub const ALL: [Self; 3] = [Self::Header, Self::Path, Self::Querystring];

    /// The location's word in an expression.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Header => "header",
            Self::Path => "path",
            Self::Querystring => "querystring",
        }
    }

    /// Splits `LOCATION.NAME`.
    fn split(text: &str) -> Option<(Self, Box<str>)> {
        let (word, name) = text.split_once('.')?;
        let location = Self::ALL.into_iter().find(|location| location.as_str() == word)?;
        Some((location, parameter_name(name)?))
    }
}

/// A declared parameter of a method request, `method.request.{header|path|querystring}.NAME`; also a request parameter
/// that a gateway response or an authorizer reads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodParameter {
    /// Where it is carried.
    pub location: ParameterLocation,
    /// Its name, letter case included.
    pub name: Box<str>,
}

/// A parameter of the integration request that a mapping sets, `integration.request.{header|path|querystring}.NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestTarget {
    /// Where it is carried.
    pub location: ParameterLocation,
    /// Its name, letter case included.
    pub name: Box<str>,
}

/// A header of the method response, declared or set by a mapping: `method.response.header.NAME`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResponseTarget {
    /// The header's name.
    pub header: Box<str>,
}

/// What a gateway response sets: `gatewayresponse.{header|path|querystring}.NAME`. A response carries headers alone, so that the
/// others may be declared and change nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GatewayResponseTarget {
    /// Where it is carried.
    pub location: ParameterLocation,
    /// Its name, letter case included.
    pub name: Box<str>,
}

/// What a request mapping reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RequestSource {
    /// `method.request.{header|path|querystring}.NAME`: one value, the last.
    Parameter(MethodParameter),
    /// `method.request.multivaluequerystring.NAME`: all values of a query parameter.
    MultiValueQuerystring(Box<str>),
    /// `method.request.multivalueheader.NAME`: all values of a header.
    MultiValueHeader(Box<str>),
    /// `method.request.body`, or with a JSONPath (without `$.`) what it finds there.
    Body(Option<Box<str>>),
    /// `stageVariables`, `context` or a literal.
    Ambient(AmbientSource),
}

/// What a response mapping reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ResponseSource {
    /// `integration.response.header.NAME`: one value.
    Header(Box<str>),
    /// `integration.response.multivalueheader.NAME`: all values.
    MultiValueHeader(Box<str>),
    /// `integration.response.body`, or with a JSONPath (without `$.`) what it finds there.
    Body(Option<Box<str>>),
    /// `stageVariables`, `context` or a literal.
    Ambient(AmbientSource),
}

/// What a gateway response's header reads.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum GatewayResponseSource {
    /// `method.request.{header|path|querystring}.NAME`.
    Parameter(MethodParameter),
    /// `stageVariables`, `context` or a literal.
    Ambient(AmbientSource),
}

/// A source that every place knows, since it is not part of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum AmbientSource {
    /// `stageVariables.NAME`.
    StageVariable(Box<str>),
    /// `context.PATH`, such as `context.identity.sourceIp`; the field is the path.
    Context(Box<str>),
    /// `'text'`: what stands between the quotes; there are no escapes.
    Literal(Box<str>),
}

impl AmbientSource {
    fn parse(text: &str) -> Option<Self> {
        if let Some(quoted) = text.strip_prefix('\'') {
            return Some(Self::Literal(quoted.strip_suffix('\'')?.into()));
        }
        if let Some(name) = text.strip_prefix("stageVariables.") {
            return Some(Self::StageVariable(parameter_name(name)?));
        }
        Some(Self::Context(context_path(text.strip_prefix("context.")?)?))
    }
}

impl RequestSource {
    /// The parameter that the method must declare for this source; none for bodies and ambient sources.
    #[must_use]
    pub fn declaration(&self) -> Option<MethodParameter> {
        match self {
            Self::Parameter(parameter) => Some(parameter.clone()),
            Self::MultiValueQuerystring(name) => {
                Some(MethodParameter { location: ParameterLocation::Querystring, name: name.clone() })
            }
            Self::MultiValueHeader(name) => {
                Some(MethodParameter { location: ParameterLocation::Header, name: name.clone() })
            }
            Self::Body(_) | Self::Ambient(_) => None,
        }
    }
}

impl FromStr for MethodParameter {
    type Err = InvalidMapping;

    fn from_str(text: &str) -> Result<Self, InvalidMapping> {
        let (location, name) = text
            .strip_prefix("method.request.")
            .and_then(ParameterLocation::split)
            .ok_or_else(|| InvalidMapping::new(text))?;
        Ok(Self { location, name })
    }
}

impl FromStr for RequestTarget {
    type Err = InvalidMapping;

    fn from_str(text: &str) -> Result<Self, InvalidMapping> {
        let (location, name) = text
            .strip_prefix("integration.request.")
            .and_then(ParameterLocation::split)
            .ok_or_else(|| InvalidMapping::new(text))?;
        Ok(Self { location, name })
    }
}

impl FromStr for ResponseTarget {
    type Err = InvalidMapping;

    fn from_str(text: &str) -> Result<Self, InvalidMapping> {
        let header = text.strip_prefix("method.response.header.").and_then(parameter_name);
        Ok(Self { header: header.ok_or_else(|| InvalidMapping::new(text))? })
    }
}

impl FromStr for GatewayResponseTarget {
    type Err = InvalidMapping;

    fn from_str(text: &str) -> Result<Self, InvalidMapping> {
        let (location, name) = text
            .strip_prefix("gatewayresponse.")
            .and_then(ParameterLocation::split)
            .ok_or_else(|| InvalidMapping::new(text))?;
        Ok(Self { location, name })
    }
}

impl FromStr for RequestSource {
    type Err = InvalidMapping;

    fn from_str(text: &str) -> Result<Self, InvalidMapping> {
        let invalid = || InvalidMapping::new(text);
        let Some(rest) = text.strip_prefix("method.request.") else {
            return AmbientSource::parse(text).map(Self::Ambient).ok_or_else(invalid);
        };
        if let Some(path) = body_path(rest) {
            return path.map(Self::Body).map_err(|EmptyPath| invalid());
        }
        if let Some(name) = rest.strip_prefix("multivaluequerystring.") {
            return parameter_name(name).map(Self::MultiValueQuerystring).ok_or_else(invalid);
        }
        if let Some(name) = rest.strip_prefix("multivalueheader.") {
            return parameter_name(name).map(Self::MultiValueHeader).ok_or_else(invalid);
        }
        text.parse().map(Self::Parameter)
    }
}

impl FromStr for ResponseSource {
    type Err = InvalidMapping;

    fn from_str(text: &str) -> Result<Self, InvalidMapping> {
        let invalid = || InvalidMapping::new(text);
        let Some(rest) = text.strip_prefix("integration.response.") else {
            return AmbientSource::parse(text).map(Self::Ambient).ok_or_else(invalid);
        };
        if let Some(path) = body_path(rest) {
            return path.map(Self::Body).map_err(|EmptyPath| invalid());
        }
        if let Some(name) = rest.strip_prefix("multivalueheader.") {
            return parameter_name(name).map(Self::MultiValueHeader).ok_or_else(invalid);
        }
        rest.strip_prefix("header.").and_then(parameter_name).map(Self::Header).ok_or_else(invalid)
    }
}

impl FromStr for GatewayResponseSource {
    type Err = InvalidMapping;

    fn from_str(text: &str) -> Result<Self, InvalidMapping> {
        if text.starts_with("method.request.") {
            return text.parse().map(Self::Parameter);
        }
        AmbientSource::parse(text).map(Self::Ambient).ok_or_else(|| InvalidMapping::new(text))
    }
}

impl fmt::Display for MethodParameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "method.request.{}.{}", self.location.as_str(), self.name)
    }
}

impl fmt::Display for RequestTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "integration.request.{}.{}", self.location.as_str(), self.name)
    }
}

impl fmt::Display for ResponseTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "method.response.header.{}", self.header)
    }
}

impl fmt::Display for GatewayResponseTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "gatewayresponse.{}.{}", self.location.as_str(), self.name)
    }
}

/// `body.` with nothing behind it.
struct EmptyPath;

/// The JSONPath behind `body`; `None` when the text is about something else.
fn body_path(rest: &str) -> Option<Result<Option<Box<str>>, EmptyPath>> {
    if rest == "body" {
        return Some(Ok(None));
    }
    let path = rest.strip_prefix("body.")?;
    Some(if path.is_empty() { Err(EmptyPath) } else { Ok(Some(path.into())) })
}

/// A name of `[a-zA-Z0-9._$-]`, as the Developer Guide demands of mapped parameters.
fn parameter_name(name: &str) -> Option<Box<str>> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b'-');
    (!name.is_empty() && name.bytes().all(valid)).then(|| name.into())
}

/// A path in `$context`; names of authorizer claims may hold a colon.
fn context_path(path: &str) -> Option<Box<str>> {
    let valid = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'$' | b'-' | b':');
    let complete = path.split('.').all(|name| !name.is_empty());
    (complete && path.bytes().all(valid)).then(|| path.into())
}

#[cfg(test)]
mod tests;
