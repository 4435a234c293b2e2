//! An operation that becomes a method: its parameters, bodies and responses.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Importer, Problem, field,
    field::{flag_at, text_at, texts_at},
    source::Version,
    tree::Place,
};
use crate::{
    id::{RequestValidatorId, StatusCode},
    method::{Method, MethodResponse},
    resource::Segment,
};

/// Content types of bodies for which a Swagger document names none.
const CONTENT_TYPE_DEFAULT: &str = "application/json";

impl<'a> Importer<'a> {
    pub(super) fn method(&mut self, place: &Place<'_, 'a>, operation: &'a Value) -> Method {
        let read = self.parameters(place.path_item, operation);
        let parameters = self.findings.or_default(format!("put method {place}"), read);
        let read = self.request_parameters(place, &parameters);
        let request_parameters = self.findings.or_default(format!("put method {place}"), read);
        let read = self.request_models(place, operation, &parameters);
        let request_models = self.findings.or_default(format!("put method {place}"), read);
        let read = self.method_validator(place, operation);
        let request_validator_id = self.findings.or_default(format!("put method {place}"), read);
        let security = self.security(place, operation);
        let read = self.method_responses(place, operation);
        let method_responses = self.findings.or_default(format!("put method response on {place}"), read);
        let integration = self.integration(place, operation);
        self.findings.look_at(operation);
        let operation_name = self.findings.or_default(format!("put method {place}"), text_at(operation, "operationId"));
        Method {
            resource_id: place.resource.id.clone(),
            http_method: place.http_method,
            authorization_type: security.authorization_type,
            authorizer_id: security.authorizer_id,
            authorization_scopes: security.scopes,
            api_key_required: security.api_key_required,
            operation_name,
            request_parameters: (!request_parameters.is_empty()).then_some(request_parameters),
            request_models: (!request_models.is_empty()).then_some(request_models),
            request_validator_id,
            method_responses,
            integration,
        }
    }

    /// The parameters of an operation and of its path, the operation's own winning, by location and name.
    fn parameters(
        &self,
        path_item: &'a Value,
        operation: &'a Value,
    ) -> Result<IndexMap<(String, String), &'a Value>, Problem> {
        let mut all = IndexMap::new();
        for declared in [operation, path_item] {
            for parameter in field::list_at(declared, "parameters")? {
                let Some(resolved) = self.source.resolve(parameter) else {
                    return Err(format!("Unable to resolve a parameter reference: {parameter}").into());
                };
                let location = text_at(resolved, "in")?.ok_or("a parameter has no location ('in')")?;
                let name = text_at(resolved, "name")?.ok_or("a parameter has no name")?;
                all.entry((location, name)).or_insert(resolved);
            }
        }
        Ok(all)
    }

    fn request_parameters(
        &mut self,
        place: &Place<'_, '_>,
        parameters: &IndexMap<(String, String), &Value>,
    ) -> Result<IndexMap<String, bool>, Problem> {
        let mut declared = IndexMap::new();
        for ((location, name), parameter) in parameters {
            let location = match location.as_str() {
                "query" => "querystring",
                "header" => "header",
                "path" => "path",
                "body" | "formData" | "cookie" => continue,
                other => {
                    self.findings.warning(format!("Ignoring parameter of unknown location '{other}' on {place}"));
                    continue;
                }
            };
            let required = flag_at(parameter, "required")?.unwrap_or_default();
            declared.insert(format!("method.request.{location}.{name}"), required || location == "path");
        }
        for part in place.resource.path.split('/') {
            if let Some(Segment::Parameter(name)) = Segment::parse(part) {
                declared.insert(format!("method.request.path.{name}"), true);
            }
        }
        Ok(declared)
    }

    fn request_models(
        &mut self,
        place: &Place<'_, '_>,
        operation: &'a Value,
        parameters: &IndexMap<(String, String), &'a Value>,
    ) -> Result<IndexMap<String, String>, Problem> {
        let name = format!("{}{}RequestModel", place.http_method, place.resource.path);
        match self.source.version {
            Version::Swagger2 => {
                let body = parameters.iter().find(|((location, _), _)| location == "body");
                let schema = body.and_then(|(_, body)| field::member(body, "schema"));
                self.models_by_media_type(operation, "consumes", schema, &name)
            }
            Version::OpenApi3 => match field::member(operation, "requestBody") {
                Some(body) => {
                    let body = self.source.resolve(body).ok_or("the request body's $ref leads nowhere")?;
                    self.models_of_content(body, &name)
                }
                None => Ok(IndexMap::new()),
            },
        }
    }

    /// The model of a Swagger document's body, for each of its media types.
    fn models_by_media_type(
        &mut self,
        operation: &Value,
        key: &str,
        schema: Option<&'a Value>,
        name: &str,
    ) -> Result<IndexMap<String, String>, Problem> {
        let Some(model) = schema.and_then(|schema| self.model_of(schema, name)) else { return Ok(IndexMap::new()) };
        Ok(self.media_types(operation, key)?.into_iter().map(|content_type| (content_type, model.clone())).collect())
    }

    /// A Swagger document's media types: the operation's, else the document's, else JSON.
    fn media_types(&self, operation: &Value, key: &str) -> Result<Vec<String>, Problem> {
        let mut types = texts_at(operation, key)?;
        if types.is_empty()
            && let Some(shared) = field::member(&self.source.root, key).filter(|shared| self.source.spend(shared))
            && shared.is_array()
        {
            types = texts_at(&self.source.root, key)?;
        }
        Ok(if types.is_empty() { vec![CONTENT_TYPE_DEFAULT.to_owned()] } else { types })
    }

    fn models_of_content(&mut self, body: &'a Value, name: &str) -> Result<IndexMap<String, String>, Problem> {
        let mut models = IndexMap::new();
        for (content_type, media) in field::object_at(body, "content")?.into_iter().flatten() {
            let schema = field::object_at(media, "schema")?.filter(|schema| !schema.is_empty());
            let schema = schema.and_then(|_| field::member(media, "schema"));
            if let Some(model) = schema.and_then(|schema| self.model_of(schema, name)) {
                models.insert(content_type.clone(), model);
            }
        }
        Ok(models)
    }

    fn method_responses(
        &mut self,
        place: &Place<'_, '_>,
        operation: &'a Value,
    ) -> Result<BTreeMap<StatusCode, MethodResponse>, Problem> {
        let mut responses = BTreeMap::new();
        for (code, response) in field::object_at(operation, "responses")?.into_iter().flatten() {
            let Ok(status_code) = code.parse::<StatusCode>() else {
                if code != "default" && !code.starts_with("x-") {
                    self.findings.warning(format!("Ignoring response '{code}' of method {place}: not a status code"));
                }
                continue;
            };
            let response =
                self.source.resolve(response).ok_or_else(|| format!("the $ref of response '{code}' leads nowhere"))?;
            let name = format!("{}{}{code}ResponseModel", place.http_method, place.resource.path);
            let models = match self.source.version {
                Version::OpenApi3 => self.models_of_content(response, &name)?,
                Version::Swagger2 => {
                    self.models_by_media_type(operation, "produces", field::member(response, "schema"), &name)?
                }
            };
            let headers = field::object_at(response, "headers")?.into_iter().flatten();
            let parameters: IndexMap<String, bool> =
                headers.map(|(name, _)| (format!("method.response.header.{name}"), false)).collect();
            let response = MethodResponse {
                status_code,
                response_parameters: (!parameters.is_empty()).then_some(parameters),
                response_models: (!models.is_empty()).then_some(models),
            };
            responses.insert(status_code, response);
        }
        Ok(responses)
    }

    /// The validator that the operation names, else the document; an empty name is none.
    fn method_validator(
        &self,
        place: &Place<'_, '_>,
        operation: &Value,
    ) -> Result<Option<RequestValidatorId>, Problem> {
        const KEY: &str = "x-amazon-apigateway-request-validator";
        let own = text_at(operation, KEY)?;
        let Some(name) = own.map_or_else(|| text_at(&self.source.root, KEY), |own| Ok(Some(own)))? else {
            return Ok(None);
        };
        let found = place.validators.get(name.as_str()).map(|validator| Some(validator.id.clone()));
        let unknown = || Problem::from(format!("Invalid Request Validator identifier specified: {name}"));
        found.ok_or_else(|| unknown().of(field::member(operation, KEY)))
    }
}
