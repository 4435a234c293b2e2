//! What a cached response is found by: namespace, HTTP method and the values of the key parameters, and nothing else.
//!
//! A parameter that is not named has no part in the key: requests that differ only in such share an entry. Of a parameter that is
//! named, all values count, and a header in any letter case: what a backend can tell apart is kept apart. The deployment is part
//! of the key, too, so that a canary and its stage share entries exactly when they serve the same deployment.

use definition::{
    id::DeploymentId,
    integration::{Integration, IntegrationType},
    mapping::{MethodParameter, ParameterLocation, RequestSource, RequestTarget},
};
use indexmap::IndexMap;

use crate::{Failure, exchange::Exchange, parameter_mapping::RequestMapping};

/// How the keys of a method are made.
#[derive(Debug)]
pub(super) struct KeyRecipe {
    /// What all keys of the method have in common.
    prefix: Box<[u8]>,
    parameters: Vec<Parameter>,
    /// The `integration.request.*` parameters that a mapping sets.
    mapped: RequestMapping,
}

#[derive(Debug)]
struct Parameter {
    location: ParameterLocation,
    name: Box<str>,
}

impl KeyRecipe {
    /// The recipe of a method's integration in a deployment.
    pub(super) fn compile(integration: &Integration, deployment_id: &DeploymentId) -> Self {
        let mut names: Vec<&str> = integration.cache_key_parameters.iter().map(String::as_str).collect();
        // Methods that share a namespace and parameters share entries, in whatever order they name them.
        names.sort_unstable();
        names.dedup();
        let mut prefix = Vec::new();
        for text in [deployment_id.as_str(), &integration.cache_namespace].into_iter().chain(names.iter().copied()) {
            push(&mut prefix, text.as_bytes());
        }
        let mut parameters = Vec::new();
        let mut mappings = IndexMap::new();
        for name in names {
            let source = integration.request_parameters.as_ref().and_then(|mappings| mappings.get(name));
            match source {
                Some(source) => {
                    mappings.insert(name.to_owned(), source.clone());
                }
                None => parameters.extend(parameter(name)),
            }
        }
        // A proxy function gets no mapped parameters, but keys are still made of them, so no mapping is illegal here.
        let mapped = RequestMapping::compile(Some(&mappings), IntegrationType::Mock);
        Self { prefix: prefix.into(), parameters, mapped }
    }

    /// The key of a request.
    ///
    /// # Errors
    /// Those of the mappings that set key parameters, which would end the request anyway.
    pub(super) fn of(&self, exchange: &Exchange<'_>, body: &[u8]) -> Result<Vec<u8>, Failure> {
        let mut key = self.prefix.to_vec();
        push(&mut key, exchange.context.http_method.as_bytes());
        for parameter in &self.parameters {
            parameter.push_values(&mut key, exchange);
        }
        let text = if self.mapped.reads_body() { std::str::from_utf8(body).unwrap_or_default() } else { "" };
        let mapped = self.mapped.apply(exchange, text)?;
        for pairs in [&mapped.path, &mapped.query, &mapped.headers] {
            push_count(&mut key, pairs.len());
            for (name, value) in pairs {
                push(&mut key, name.as_bytes());
                push(&mut key, value.as_bytes());
            }
        }
        Ok(key)
    }
}

/// The parameter of the request that a key parameter names. `integration.request.*` without a mapping names what a proxy passes
/// on under the same name.
fn parameter(name: &str) -> Option<Parameter> {
    if let Ok(RequestTarget { location, name }) = name.parse() {
        return Some(Parameter { location, name });
    }
    match name.parse().ok()? {
        RequestSource::Parameter(MethodParameter { location, name }) => Some(Parameter { location, name }),
        RequestSource::MultiValueQuerystring(name) => {
            Some(Parameter { location: ParameterLocation::Querystring, name })
        }
        RequestSource::MultiValueHeader(name) => Some(Parameter { location: ParameterLocation::Header, name }),
        RequestSource::Body(_) | RequestSource::Ambient(_) => None,
    }
}

impl Parameter {
    fn push_values(&self, key: &mut Vec<u8>, exchange: &Exchange<'_>) {
        match self.location {
            ParameterLocation::Path => push_all(key, exchange.path.get(&self.name).into_iter().map(str::as_bytes)),
            ParameterLocation::Querystring => {
                push_all(key, exchange.query.get_all(&self.name).map(str::as_bytes));
            }
            ParameterLocation::Header => {
                let fields = exchange.headers.iter().filter(|field| field.name().eq_ignore_ascii_case(&self.name));
                push_all(key, fields.map(|field| field.raw_value().as_bytes()));
            }
        }
    }
}

/// Appends values such that no other list of values gives the same bytes.
fn push_all<'a>(key: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]>) {
    let at = key.len();
    push_count(key, 0);
    let mut count = 0;
    for value in values {
        push(key, value);
        count += 1;
    }
    key[at..at + COUNT_BYTES].copy_from_slice(&u64::to_le_bytes(count));
}

fn push(key: &mut Vec<u8>, bytes: &[u8]) {
    push_count(key, bytes.len());
    key.extend_from_slice(bytes);
}

const COUNT_BYTES: usize = size_of::<u64>();

fn push_count(key: &mut Vec<u8>, count: usize) {
    key.extend_from_slice(&(count as u64).to_le_bytes());
}

#[cfg(test)]
mod tests;
