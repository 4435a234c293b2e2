//! Parameter mappings: which headers, query and path values of the integration request, and which headers of a response, come
//! from where.
//!
//! Mappings are compiled when their stage is loaded. A mapping that cannot work (a wrong expression, an illegal header) does not
//! keep the stage from loading: each request that meets it fails with [`Failure::ApiConfiguration`]. The grammar is
//! [`definition::mapping`]'s; overrides by templates and default headers are the caller's. Developer Guide, "Parameter mapping
//! examples for REST APIs in API Gateway", "Amazon API Gateway important notes".

mod body;
mod source;

use std::borrow::Cow;

use definition::{
    integration::IntegrationType,
    mapping::{
        AmbientSource, GatewayResponseSource, GatewayResponseTarget, MethodParameter, ParameterLocation, RequestTarget,
        ResponseTarget,
    },
};
use indexmap::IndexMap;

use self::{
    body::Body,
    source::{Ambient, RequestReader, ResponseReader, parameter_in_any_case},
};
use crate::{Failure, exchange::Exchange, request::Headers, stage::gateway_responses::error_variable};

/// Headers that no integration's mapping may set.
const ILLEGAL_HEADERS: [&str; 4] =
    ["Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id", "X-Amzn-Apigateway-Api-Id"];
/// Headers that in addition no `AWS` or `AWS_PROXY` integration's mapping may set.
const ILLEGAL_AWS_HEADERS: [&str; 5] = ["Authorization", "Connection", "Expect", "Proxy-Authenticate", "TE"];

/// A header or parameter and its value; several pairs of one name are several values.
pub type Pairs<'m> = Vec<(&'m str, Cow<'m, str>)>;

/// The mappings of an integration request, compiled.
#[derive(Debug, Default)]
pub struct RequestMapping {
    rules: Vec<(RequestTarget, RequestReader)>,
    fault: Option<Box<str>>,
}

/// What the mappings of an integration request set; names in the order of their declaration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MappedRequest<'m> {
    /// Headers.
    pub headers: Pairs<'m>,
    /// Query parameters, not yet encoded.
    pub query: Pairs<'m>,
    /// Values of `{name}` in the integration's URI, to be put in as they are.
    pub path: Pairs<'m>,
}

impl RequestMapping {
    /// Compiles `requestParameters` of an integration of a type.
    #[must_use]
    pub fn compile(parameters: Option<&IndexMap<String, String>>, integration_type: IntegrationType) -> Self {
        let mut mapping = Self::default();
        for (target, source) in parameters.into_iter().flatten() {
            match compile_rule::<RequestTarget, _>(target, || RequestReader::compile(source)) {
                Ok((target, _)) if is_illegal(&target, integration_type) => {
                    mapping.fault.get_or_insert_with(|| format!("{} header already present", target.name).into());
                }
                Ok(rule) => mapping.rules.push(rule),
                Err(fault) => {
                    mapping.fault.get_or_insert(fault);
                }
            }
        }
        mapping
    }

    /// Whether these mappings can work at all; `AWS_PROXY` asks this and nothing else of them.
    ///
    /// # Errors
    /// [`Failure::ApiConfiguration`] when a mapping sets an illegal header or is no mapping.
    pub fn check(&self) -> Result<(), Failure> {
        check(self.fault.as_deref())
    }

    /// Whether a source is in the body, so that it must be read.
    #[must_use]
    pub fn reads_body(&self) -> bool {
        self.rules.iter().any(|(_, reader)| reader.reads_body())
    }

    /// What the mappings set for a request. A source that is missing or empty sets nothing.
    ///
    /// # Errors
    /// As [`RequestMapping::check`]; [`Failure::InvalidJson`] when a mapping reads inside a body that starts like JSON and is not.
    pub fn apply<'m>(&'m self, exchange: &Exchange<'m>, body: &'m str) -> Result<MappedRequest<'m>, Failure> {
        self.check()?;
        let body = Body::new(body, || Failure::InvalidJson);
        let mut mapped = MappedRequest::default();
        for (target, reader) in &self.rules {
            let pairs = match target.location {
                ParameterLocation::Header => &mut mapped.headers,
                ParameterLocation::Path => &mut mapped.path,
                ParameterLocation::Querystring => &mut mapped.query,
            };
            reader.read(exchange, &body, &mut |value| push(pairs, &target.name, value))?;
        }
        Ok(mapped)
    }
}

/// The mappings of a response, compiled.
#[derive(Debug, Default)]
pub struct ResponseMapping {
    rules: Vec<(ResponseTarget, ResponseReader)>,
    fault: Option<Box<str>>,
}

/// What an integration answered, as response mappings read it.
#[derive(Debug, Clone, Copy)]
pub struct IntegrationAnswer<'a> {
    /// Its headers; mappings name them in any letter case.
    pub headers: &'a Headers,
    /// Its payload.
    pub body: &'a str,
}

impl ResponseMapping {
    /// Compiles `responseParameters` of an integration response.
    #[must_use]
    pub fn compile(parameters: Option<&IndexMap<String, String>>) -> Self {
        let mut mapping = Self::default();
        for (target, source) in parameters.into_iter().flatten() {
            match compile_rule::<ResponseTarget, _>(target, || ResponseReader::compile(source)) {
                Ok(rule) => mapping.rules.push(rule),
                Err(fault) => {
                    mapping.fault.get_or_insert(fault);
                }
            }
        }
        mapping
    }

    /// Whether a source is in the body, so that it must be read.
    #[must_use]
    pub fn reads_body(&self) -> bool {
        self.rules.iter().any(|(_, reader)| reader.reads_body())
    }

    /// The headers that the mappings set. A source that is missing or empty sets nothing; a multi-value source sets a header
    /// once per value.
    ///
    /// # Errors
    /// [`Failure::ApiConfiguration`] when a mapping is none, or reads inside a body that starts like JSON and is not.
    pub fn apply<'m>(&'m self, answer: &IntegrationAnswer<'m>, exchange: &Exchange<'m>) -> Result<Pairs<'m>, Failure> {
        check(self.fault.as_deref())?;
        let body = Body::new(answer.body, || Failure::ApiConfiguration {
            detail: "Unable to transform response: invalid JSON in the integration response".to_owned(),
        });
        let mut headers = Pairs::new();
        for (target, reader) in &self.rules {
            reader.read(answer, exchange, &body, &mut |value| push(&mut headers, &target.header, value))?;
        }
        Ok(headers)
    }
}

/// The mappings of a gateway response, compiled.
#[derive(Debug, Default)]
pub struct GatewayResponseMapping {
    /// The headers that are set, by their names.
    rules: Vec<(Box<str>, GatewayResponseReader)>,
}

#[derive(Debug)]
enum GatewayResponseReader {
    Parameter(MethodParameter),
    /// `context.error.*`, by its path.
    Error(Box<str>),
    Ambient(Ambient),
}

impl GatewayResponseMapping {
    /// Compiles `responseParameters` of a gateway response. What is no mapping, or of no header, is left out: an error's answer must
    /// not fail.
    #[must_use]
    pub fn compile(parameters: &IndexMap<String, String>) -> Self {
        let rules = parameters.iter().filter_map(|(target, source)| {
            let target: GatewayResponseTarget = target.parse().ok()?;
            let header = (target.location == ParameterLocation::Header).then_some(target.name)?;
            let reader = match source.parse().ok()? {
                GatewayResponseSource::Parameter(parameter) => GatewayResponseReader::Parameter(parameter),
                GatewayResponseSource::Ambient(AmbientSource::Context(path)) if path.starts_with("error.") => {
                    GatewayResponseReader::Error(path)
                }
                GatewayResponseSource::Ambient(ambient) => GatewayResponseReader::Ambient(Ambient::compile(ambient)),
            };
            Some((header, reader))
        });
        Self { rules: rules.collect() }
    }

    /// The headers that the mappings set for a failure; a source that is missing or empty sets nothing.
    #[must_use]
    pub fn apply<'m>(&'m self, exchange: &Exchange<'m>, failure: &Failure) -> Pairs<'m> {
        let mut headers = Pairs::new();
        for (header, reader) in &self.rules {
            let value = match reader {
                GatewayResponseReader::Parameter(parameter) => parameter_in_any_case(parameter, exchange),
                GatewayResponseReader::Error(path) => error_variable(failure, path).map(Cow::Owned),
                GatewayResponseReader::Ambient(ambient) => ambient.read(exchange),
            };
            push(&mut headers, header, value);
        }
        headers
    }
}

fn check(fault: Option<&str>) -> Result<(), Failure> {
    fault.map_or(Ok(()), |detail| Err(Failure::ApiConfiguration { detail: detail.to_owned() }))
}

fn compile_rule<T, R>(target: &str, reader: impl FnOnce() -> Result<R, Box<str>>) -> Result<(T, R), Box<str>>
where
    T: std::str::FromStr<Err = definition::mapping::InvalidMapping>,
{
    let target = target.parse().map_err(|error: T::Err| error.to_string())?;
    Ok((target, reader()?))
}

fn is_illegal(target: &RequestTarget, integration_type: IntegrationType) -> bool {
    let is_among = |names: &[&str]| names.iter().any(|name| name.eq_ignore_ascii_case(&target.name));
    let aws = match integration_type {
        IntegrationType::Aws | IntegrationType::AwsProxy => true,
        IntegrationType::Http | IntegrationType::HttpProxy | IntegrationType::Mock => false,
    };
    target.location == ParameterLocation::Header
        && (is_among(&ILLEGAL_HEADERS) || (aws && is_among(&ILLEGAL_AWS_HEADERS)))
}

fn push<'m>(pairs: &mut Pairs<'m>, name: &'m str, value: Option<Cow<'m, str>>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        pairs.push((name, value));
    }
}

#[cfg(test)]
mod tests;
