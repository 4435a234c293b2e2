//! What stands at a document's root: the API's settings, and what is shared by its methods.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::{Exporter, Extension, document_version, put_said, put_some, put_unless_empty};
use crate::{
    ApiSnapshot,
    documentation::{Location, PartType},
    gateway_response::GatewayResponse,
    id::RequestValidatorId,
    openapi::Version,
    rest_api::{ApiKeySource, EndpointConfiguration, EndpointType},
};

/// What validators are called in a document; one without a name goes by its id.
pub(super) fn validator_names(snapshot: &ApiSnapshot) -> HashMap<&RequestValidatorId, &str> {
    let validators = snapshot.request_validators.iter();
    validators.map(|validator| (&validator.id, validator.name.as_deref().unwrap_or(validator.id.as_str()))).collect()
}

impl Exporter<'_> {
    pub(super) fn info(&self) -> Value {
        let api = &self.snapshot.rest_api;
        let mut info = Map::new();
        info.insert("title".to_owned(), json!(api.name));
        put_some(&mut info, "description", api.description.clone());
        info.insert("version".to_owned(), json!(document_version(self.snapshot)));
        let said = self.contents.exact(&Location::of(PartType::Api)).and_then(|content| content.get("info"));
        for (name, value) in said.and_then(Value::as_object).into_iter().flatten() {
            info.entry(name).or_insert_with(|| value.clone());
        }
        Value::Object(info)
    }

    pub(super) fn server(&self) -> Value {
        let mut server = Map::new();
        server.insert("url".to_owned(), json!(format!("https://{}/{{basePath}}", self.host())));
        let variables = json!({ "basePath": { "default": self.options.stage_name.as_str() } });
        server.insert("variables".to_owned(), variables);
        if self.has(Extension::ApiGateway) {
            put_unless_empty(&mut server, "x-amazon-apigateway-endpoint-configuration", self.endpoint());
        }
        Value::Object(server)
    }

    /// The API's tags, which OpenAPI's tags carry, and what the API is documented by.
    pub(super) fn put_tags(&self, document: &mut Map<String, Value>) {
        let tags = &self.snapshot.rest_api.tags;
        if self.has(Extension::ApiGateway) && !tags.is_empty() {
            let tags = tags.iter().map(|(name, value)| json!({ "name": name, "x-amazon-apigateway-tag-value": value }));
            document.insert("tags".to_owned(), Value::Array(tags.collect()));
        }
        let said = self.contents.exact(&Location::of(PartType::Api));
        put_said(document, said, &["tags", "externalDocs"]);
    }

    /// The settings of the API that plain OpenAPI has no word for.
    pub(super) fn put_settings(&self, document: &mut Map<String, Value>) {
        if !self.has(Extension::ApiGateway) {
            return;
        }
        let api = &self.snapshot.rest_api;
        if self.options.version == Version::Swagger2 {
            put_unless_empty(document, "x-amazon-apigateway-endpoint-configuration", self.endpoint());
        }
        if api.api_key_source == ApiKeySource::Authorizer {
            document.insert("x-amazon-apigateway-api-key-source".to_owned(), json!(api.api_key_source));
        }
        let policy = api.policy.as_deref().map(|text| serde_json::from_str(text).unwrap_or_else(|_| json!(text)));
        put_some(document, "x-amazon-apigateway-policy", policy);
        put_unless_empty(document, "x-amazon-apigateway-gateway-responses", self.gateway_responses());
        put_unless_empty(document, "x-amazon-apigateway-request-validators", self.request_validators());
        if !api.binary_media_types.is_empty() {
            document.insert("x-amazon-apigateway-binary-media-types".to_owned(), json!(api.binary_media_types));
        }
        put_some(document, "x-amazon-apigateway-minimum-compression-size", api.minimum_compression_size);
        put_some(document, "x-amazon-apigateway-security-policy", api.security_policy.clone());
        put_some(document, "x-amazon-apigateway-endpoint-access-mode", api.endpoint_access_mode.clone());
    }

    /// What of the endpoint a document can say. Its type is none of it: who imports chooses that.
    fn endpoint(&self) -> Map<String, Value> {
        let api = &self.snapshot.rest_api;
        let endpoint = &api.endpoint_configuration;
        let mut members = Map::new();
        if api.disable_execute_api_endpoint {
            members.insert("disableExecuteApiEndpoint".to_owned(), json!(true));
        }
        if !endpoint.vpc_endpoint_ids.is_empty() {
            members.insert("vpcEndpointIds".to_owned(), json!(endpoint.vpc_endpoint_ids));
        }
        let kind = endpoint.types.first().copied().unwrap_or(EndpointType::Edge);
        if endpoint.ip_address_type != EndpointConfiguration::of(kind).ip_address_type {
            members.insert("ipAddressType".to_owned(), json!(endpoint.ip_address_type));
        }
        members
    }

    fn gateway_responses(&self) -> Map<String, Value> {
        let responses: BTreeMap<&str, Value> = self
            .snapshot
            .gateway_responses
            .iter()
            .map(|response| (response.response_type.as_str(), written(response)))
            .collect();
        responses.into_iter().map(|(name, response)| (name.to_owned(), response)).collect()
    }

    fn request_validators(&self) -> Map<String, Value> {
        let validators: BTreeMap<&str, Value> = self
            .snapshot
            .request_validators
            .iter()
            .map(|validator| {
                let name = validator.name.as_deref().unwrap_or(validator.id.as_str());
                let flags = json!({
                    "validateRequestParameters": validator.validate_request_parameters,
                    "validateRequestBody": validator.validate_request_body,
                });
                (name, flags)
            })
            .collect();
        validators.into_iter().map(|(name, flags)| (name.to_owned(), flags)).collect()
    }

    /// The documentation version that the stage publishes.
    pub(super) fn put_documentation(&self, document: &mut Map<String, Value>, contents: &[Map<String, Value>]) {
        let Some((version, parts)) = self.options.documentation.filter(|_| self.has(Extension::Documentation)) else {
            return;
        };
        let parts: Vec<Value> = parts
            .iter()
            .zip(contents)
            .map(|(part, content)| json!({ "location": part.location, "properties": content }))
            .collect();
        let documentation = json!({
            "version": version.version,
            "createdDate": version.created_date.timestamp().to_string(),
            "documentationParts": parts,
        });
        document.insert("x-amazon-apigateway-documentation".to_owned(), documentation);
    }
}

fn written(response: &GatewayResponse) -> Value {
    let mut members = Map::new();
    put_some(&mut members, "statusCode", response.status_code.map(crate::id::StatusCode::get));
    if !response.response_parameters.is_empty() {
        members.insert("responseParameters".to_owned(), json!(response.response_parameters));
    }
    if !response.response_templates.is_empty() {
        members.insert("responseTemplates".to_owned(), json!(response.response_templates));
    }
    Value::Object(members)
}
