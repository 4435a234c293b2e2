//! What a document says of the API itself: `info` and the extensions at its root.

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Importer, Problem, field,
    field::{flag_at, text_at, texts_at},
    source::Version,
};
use crate::{
    gateway_response::GatewayResponse,
    request_validator::RequestValidator,
    rest_api::{ApiKeySource, EndpointConfiguration, EndpointType, RestApi},
};

/// `x-amazon-apigateway-minimum-compression-size` may be so many bytes.
const COMPRESSION_BYTES_MAX: u32 = 10_485_760;

impl Importer<'_> {
    /// The API's settings, those of the options' base where the document says nothing.
    pub(super) fn rest_api(&mut self) -> RestApi {
        let base = &self.options.base;
        let read = self.declared_settings();
        let api = read.unwrap_or_else(|problem| {
            self.findings.refuse("create the REST API", &problem);
            base.clone()
        });
        if api.name.is_empty() {
            self.findings.error("Unable to create the REST API: info.title is missing");
        }
        api
    }

    fn declared_settings(&self) -> Result<RestApi, Problem> {
        let (root, base) = (&self.source.root, &self.options.base);
        let info = root.get("info").unwrap_or(&Value::Null);
        let mut binary_media_types = base.binary_media_types.clone();
        for added in texts_at(root, "x-amazon-apigateway-binary-media-types")? {
            if !binary_media_types.contains(&added) {
                binary_media_types.push(added);
            }
        }
        let mut tags = base.tags.clone();
        for tag in field::list_at(root, "tags")? {
            if let (Some(name), Some(value)) = (text_at(tag, "name")?, text_at(tag, "x-amazon-apigateway-tag-value")?) {
                tags.insert(name, value);
            }
        }
        let endpoint = self.endpoint_extension();
        let said = |text: Option<String>| text.filter(|text| !text.is_empty());
        Ok(RestApi {
            name: said(text_at(info, "title")?).unwrap_or_else(|| base.name.clone()),
            description: said(text_at(info, "description")?).or_else(|| base.description.clone()),
            version: text_at(info, "version")?.or_else(|| base.version.clone()),
            api_key_source: api_key_source(root)?.unwrap_or(base.api_key_source),
            endpoint_configuration: self.endpoint_configuration(endpoint)?,
            binary_media_types,
            minimum_compression_size: compression_size(root)?.or(base.minimum_compression_size),
            disable_execute_api_endpoint: flag_at(endpoint, "disableExecuteApiEndpoint")?
                .unwrap_or(base.disable_execute_api_endpoint),
            policy: policy(root)?.or_else(|| base.policy.clone()),
            tags,
            security_policy: text_at(root, "x-amazon-apigateway-security-policy")?
                .or_else(|| base.security_policy.clone()),
            endpoint_access_mode: text_at(root, "x-amazon-apigateway-endpoint-access-mode")?
                .or_else(|| base.endpoint_access_mode.clone()),
            ..base.clone()
        })
    }

    fn endpoint_extension(&self) -> &Value {
        const KEY: &str = "x-amazon-apigateway-endpoint-configuration";
        let root = &self.source.root;
        let declared = field::member(root, KEY).or_else(|| match self.source.version {
            Version::OpenApi3 => field::member(root.pointer("/servers/0")?, KEY),
            Version::Swagger2 => None,
        });
        declared.unwrap_or(&Value::Null)
    }

    /// The endpoint's type is the caller's choice, else that which the document implies, else the base's.
    fn endpoint_configuration(&self, extension: &Value) -> Result<EndpointConfiguration, Problem> {
        let mut vpc_endpoint_ids = texts_at(extension, "vpcEndpointIds")?;
        for added in &self.options.vpc_endpoint_ids {
            if !vpc_endpoint_ids.contains(added) {
                vpc_endpoint_ids.push(added.clone());
            }
        }
        let implied = (!vpc_endpoint_ids.is_empty()).then_some(EndpointType::Private);
        let base = &self.options.base.endpoint_configuration;
        let mut configuration = match self.options.endpoint_type.or(implied) {
            Some(chosen) if base.types != [chosen] => EndpointConfiguration::of(chosen),
            Some(_) | None => base.clone(),
        };
        if let Some(family) = text_at(extension, "ipAddressType")? {
            configuration.ip_address_type = family;
        }
        if !vpc_endpoint_ids.is_empty() {
            configuration.vpc_endpoint_ids = vpc_endpoint_ids;
        }
        Ok(configuration)
    }

    pub(super) fn request_validators(&mut self) -> Vec<RequestValidator> {
        let mut validators = Vec::new();
        for (name, flags) in self.root_object("x-amazon-apigateway-request-validators") {
            self.findings.look_at(flags);
            match self.request_validator(name, flags) {
                Ok(validator) => validators.push(validator),
                Err(problem) => self.findings.refuse(format!("create request validator '{name}'"), &problem),
            }
        }
        validators
    }

    fn request_validator(&mut self, name: &str, flags: &Value) -> Result<RequestValidator, Problem> {
        Ok(RequestValidator {
            id: self.fresh()?,
            name: Some(name.to_owned()),
            validate_request_body: flag_at(flags, "validateRequestBody")?.unwrap_or_default(),
            validate_request_parameters: flag_at(flags, "validateRequestParameters")?.unwrap_or_default(),
        })
    }

    pub(super) fn gateway_responses(&mut self) -> Vec<GatewayResponse> {
        let mut responses = Vec::new();
        for (response_type, declared) in self.root_object("x-amazon-apigateway-gateway-responses") {
            self.findings.look_at(declared);
            match gateway_response(response_type, declared) {
                Ok(response) => responses.push(response),
                Err(problem) => self.findings.refuse(format!("put gateway response '{response_type}'"), &problem),
            }
        }
        responses
    }
}

fn api_key_source(root: &Value) -> Result<Option<ApiKeySource>, Problem> {
    match text_at(root, "x-amazon-apigateway-api-key-source")?.as_deref() {
        None => Ok(None),
        Some("HEADER") => Ok(Some(ApiKeySource::Header)),
        Some("AUTHORIZER") => Ok(Some(ApiKeySource::Authorizer)),
        Some(other) => Err(format!("Invalid x-amazon-apigateway-api-key-source: {other}").into()),
    }
}

fn compression_size(root: &Value) -> Result<Option<u32>, Problem> {
    let Some(size) = text_at(root, "x-amazon-apigateway-minimum-compression-size")? else { return Ok(None) };
    let bytes = size.parse().ok().filter(|bytes| *bytes <= COMPRESSION_BYTES_MAX);
    Ok(Some(bytes.ok_or("Invalid minimum compression size, must be between 0 and 10485760")?))
}

/// The resource policy, as an object or as its text.
fn policy(root: &Value) -> Result<Option<String>, Problem> {
    const KEY: &str = "x-amazon-apigateway-policy";
    match field::member(root, KEY) {
        None => Ok(None),
        Some(policy @ Value::Object(_)) => Ok(Some(policy.to_string())),
        Some(Value::String(policy)) => Ok(Some(policy.clone())),
        Some(other) => Err(field::wrong(KEY, "a policy", other)),
    }
}

fn gateway_response(response_type: &str, declared: &Value) -> Result<GatewayResponse, Problem> {
    let texts = |key: &str| Ok::<IndexMap<_, _>, Problem>(field::text_map_at(declared, key)?.unwrap_or_default());
    Ok(GatewayResponse {
        response_type: response_type.to_owned(),
        status_code: text_at(declared, "statusCode")?.map(|code| code.parse()).transpose()?,
        response_parameters: texts("responseParameters")?,
        response_templates: texts("responseTemplates")?,
    })
}
