//! Required parameters and bodies against their models, before anything of the integration happens.
//!
//! A method without a validator is not checked at all. Checks are compiled when their stage is loaded; a model that is no schema,
//! or refers to one that does not exist, does not keep the stage from loading: each request that meets it fails with
//! [`Failure::ApiConfiguration`]. Developer Guide, "Request validation for REST APIs in API Gateway", "Data models for REST APIs".

mod model_schema;
mod wording;

use std::sync::Arc;

use definition::{
    mapping::{MethodParameter, ParameterLocation},
    method::Method,
    model::Model,
    request_validator::RequestValidator,
};
use serde_json::Value;

use self::model_schema::{ModelSchema, Models};
use crate::{
    Failure,
    content_handling::{DEFAULT_MEDIA_TYPE, essence},
    exchange::Exchange,
    trace::fact::Checks,
};

/// The key of the model for content types that no other key names.
const DEFAULT_KEY: &str = "$default";

/// The checks that a method's requests undergo, compiled.
#[derive(Debug, Default)]
pub struct RequestValidation {
    /// In the order in which missing ones are reported.
    required: Vec<MethodParameter>,
    /// A required parameter whose name is none; without it checked, no request may pass.
    fault: Option<Box<str>>,
    /// What bodies of a content type must satisfy.
    models: Vec<(Box<str>, ModelSchema)>,
}

impl RequestValidation {
    /// Compiles the checks of a method. Without a validator there are none.
    #[must_use]
    pub fn compile(method: &Method, validator: Option<&RequestValidator>, models: &[Model]) -> Self {
        let mut validation = Self::default();
        let Some(validator) = validator else { return validation };
        if validator.validate_request_parameters {
            let declared = method.request_parameters.iter().flatten().filter(|(_, required)| **required);
            for (name, _) in declared {
                match name.parse::<MethodParameter>() {
                    Ok(parameter) => validation.required.push(parameter),
                    Err(error) => validation.fault = Some(error.to_string().into()),
                }
            }
            validation.required.sort();
        }
        if validator.validate_request_body {
            let models = Arc::new(Models::new(models));
            let declared = method.request_models.iter().flatten();
            let compiled = declared.map(|(content_type, name)| (essence(content_type).into(), models.compile(name)));
            validation.models = compiled.collect();
        }
        validation
    }

    /// Whether a body must be read for the checks.
    #[must_use]
    pub fn reads_body(&self) -> bool {
        !self.models.is_empty()
    }

    /// What is checked, as a trace tells it.
    #[must_use]
    pub fn checks(&self) -> Checks {
        Checks {
            parameters: self.required.iter().map(MethodParameter::to_string).collect(),
            models: self.models.iter().map(|(content_type, _)| content_type.to_string()).collect(),
        }
    }

    /// Checks a request: parameters first, then the body against the model of its content type.
    ///
    /// # Errors
    /// [`Failure::BadRequestParameters`], [`Failure::BadRequestBody`], or [`Failure::ApiConfiguration`] for a declaration that is
    /// broken.
    pub fn check(&self, exchange: &Exchange<'_>, body: &[u8]) -> Result<(), Failure> {
        self.check_parameters(exchange)?;
        self.check_body(exchange, body)
    }

    /// All missing parameters are reported at once, by their bare names. Header names are compared with their letter case; an
    /// empty value is as good as none.
    fn check_parameters(&self, exchange: &Exchange<'_>) -> Result<(), Failure> {
        if let Some(fault) = &self.fault {
            return Err(Failure::ApiConfiguration { detail: fault.to_string() });
        }
        let is_missing = |parameter: &&MethodParameter| match parameter.location {
            ParameterLocation::Header => {
                exchange.headers.get_exact(&parameter.name).is_none_or(|value| value.is_empty())
            }
            ParameterLocation::Path => exchange.path.get(&parameter.name).is_none_or(str::is_empty),
            ParameterLocation::Querystring => exchange.query.get(&parameter.name).is_none_or(str::is_empty),
        };
        let missing: Vec<String> =
            self.required.iter().filter(is_missing).map(|parameter| parameter.name.to_string()).collect();
        if missing.is_empty() { Ok(()) } else { Err(Failure::BadRequestParameters { missing }) }
    }

    /// A content type without a model is not checked; an empty body is checked as `{}`.
    fn check_body(&self, exchange: &Exchange<'_>, body: &[u8]) -> Result<(), Failure> {
        if self.models.is_empty() {
            return Ok(());
        }
        let content_type = exchange.headers.value_of(&http::header::CONTENT_TYPE);
        let media_type =
            content_type.as_deref().map(essence).filter(|text| !text.is_empty()).unwrap_or(DEFAULT_MEDIA_TYPE);
        let model_of = |key: &str| self.models.iter().find(|(known, _)| known.eq_ignore_ascii_case(key));
        let Some((_, schema)) = model_of(media_type).or_else(|| model_of(DEFAULT_KEY)) else { return Ok(()) };
        let document =
            if body.is_empty() { Ok(Value::Object(serde_json::Map::new())) } else { serde_json::from_slice(body) };
        match document {
            Ok(document) => schema.check(&document),
            Err(error) => Err(Failure::BadRequestBody { detail: format!("[body is not JSON: {error}]") }),
        }
    }
}

#[cfg(test)]
mod tests;
