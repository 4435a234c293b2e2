//! A method as an operation: its parameters, bodies, responses and what they are documented by.

use indexmap::{IndexMap, IndexSet};
use serde_json::{Map, Value, json};

use super::{ExportError, Exporter, Extension, put_said, put_some, put_unless_empty};
use crate::{
    documentation::{Location, PartType},
    method::{AuthorizationType, Method, MethodResponse},
    openapi::Version,
    resource::Resource,
};

/// The content type of bodies that no model documents.
const CONTENT_TYPE_DEFAULT: &str = "application/json";
/// What documentation may add to an operation.
const OPERATION_MEMBERS: [&str; 5] = ["tags", "summary", "description", "externalDocs", "deprecated"];

/// Models by content type.
type Models = IndexMap<String, String>;

impl Exporter<'_> {
    pub(super) fn operation(&self, resource: &Resource, method: &Method) -> Result<Value, ExportError> {
        let mut operation = Map::new();
        let said = self.contents.effective(&location(PartType::Method, resource, method));
        put_said(&mut operation, said, &OPERATION_MEMBERS);
        put_some(&mut operation, "operationId", method.operation_name.clone());
        let models = method.request_models.as_ref().filter(|models| !models.is_empty());
        let json_model = models.map(|models| json_model(models, resource, method)).transpose()?;
        let mut parameters = self.parameters(resource, method);
        match self.options.version {
            Version::Swagger2 => {
                operation.insert("consumes".to_owned(), content_types(models.into_iter()));
                let produced =
                    method.method_responses.values().filter_map(|response| response.response_models.as_ref());
                operation.insert("produces".to_owned(), content_types(produced));
                parameters.extend(json_model.map(|model| self.body_parameter(resource, method, model)));
            }
            Version::OpenApi3 => {}
        }
        if !parameters.is_empty() {
            operation.insert("parameters".to_owned(), Value::Array(parameters));
        }
        if let (Version::OpenApi3, Some(models)) = (self.options.version, models) {
            operation.insert("requestBody".to_owned(), self.request_body(resource, method, models));
        }
        operation.insert("responses".to_owned(), self.responses(resource, method));
        self.put_security(&mut operation, method);
        if self.has(Extension::ApiGateway) {
            let validator = method.request_validator_id.as_ref().and_then(|id| self.validators.get(id));
            put_some(&mut operation, "x-amazon-apigateway-request-validator", validator.copied());
        }
        if let Some(integration) = method.integration.as_ref().filter(|_| self.has(Extension::Integrations)) {
            operation
                .insert("x-amazon-apigateway-integration".to_owned(), super::integration::written(integration, method));
        }
        if self.has(Extension::Postman) && method.authorization_type == AuthorizationType::AwsIam {
            operation.insert("x-postman-meta".to_owned(), self.postman_signature());
        }
        Ok(Value::Object(operation))
    }

    fn parameters(&self, resource: &Resource, method: &Method) -> Vec<Value> {
        let declared = method.request_parameters.iter().flatten();
        let parameters = declared.filter_map(|(name, required)| {
            let (place, name) = name.strip_prefix("method.request.")?.split_once('.')?;
            let (place, part_type) = match place {
                "querystring" => ("query", PartType::QueryParameter),
                "header" => ("header", PartType::RequestHeader),
                "path" => ("path", PartType::PathParameter),
                _ => return None,
            };
            let mut parameter = Map::new();
            parameter.insert("name".to_owned(), json!(name));
            parameter.insert("in".to_owned(), json!(place));
            parameter.insert("required".to_owned(), json!(*required || place == "path"));
            self.put_type(&mut parameter);
            let said = self.contents.effective(&location(part_type, resource, method).named(name));
            put_said(&mut parameter, said, &["description"]);
            Some(Value::Object(parameter))
        });
        parameters.collect()
    }

    /// The type of a parameter or a header: all are strings.
    fn put_type(&self, target: &mut Map<String, Value>) {
        match self.options.version {
            Version::Swagger2 => target.insert("type".to_owned(), json!("string")),
            Version::OpenApi3 => target.insert("schema".to_owned(), json!({ "type": "string" })),
        };
    }

    fn body_parameter(&self, resource: &Resource, method: &Method, model: &str) -> Value {
        let mut body = Map::new();
        body.insert("in".to_owned(), json!("body"));
        body.insert("name".to_owned(), json!(model));
        body.insert("required".to_owned(), json!(true));
        put_some(&mut body, "schema", self.schema_reference(model));
        self.put_body_said(&mut body, resource, method);
        Value::Object(body)
    }

    fn request_body(&self, resource: &Resource, method: &Method, models: &Models) -> Value {
        let mut body = Map::new();
        self.put_body_said(&mut body, resource, method);
        body.insert("content".to_owned(), self.content(models));
        body.insert("required".to_owned(), json!(true));
        Value::Object(body)
    }

    fn put_body_said(&self, body: &mut Map<String, Value>, resource: &Resource, method: &Method) {
        let said = self.contents.effective(&location(PartType::RequestBody, resource, method));
        put_said(body, said, &["description"]);
    }

    fn content(&self, models: &Models) -> Value {
        let media = models.iter().map(|(content_type, model)| {
            let mut media = Map::new();
            put_some(&mut media, "schema", self.schema_reference(model));
            (content_type.clone(), Value::Object(media))
        });
        Value::Object(media.collect())
    }

    fn responses(&self, resource: &Resource, method: &Method) -> Value {
        let responses = method.method_responses.values();
        Value::Object(
            responses
                .map(|response| (response.status_code.to_string(), self.response(resource, method, response)))
                .collect(),
        )
    }

    fn response(&self, resource: &Resource, method: &Method, response: &MethodResponse) -> Value {
        let code = response.status_code;
        let mut written = Map::new();
        let said = self.contents.effective(&location(PartType::Response, resource, method).status_code(code));
        put_said(&mut written, said, &["description"]);
        written.entry("description").or_insert_with(|| json!(description_default(&code.to_string())));
        let headers = response.response_parameters.iter().flatten().filter_map(|(name, _)| {
            let name = name.strip_prefix("method.response.header.")?;
            let mut header = Map::new();
            self.put_type(&mut header);
            let entity = location(PartType::ResponseHeader, resource, method).status_code(code).named(name);
            put_said(&mut header, self.contents.effective(&entity), &["description"]);
            Some((name.to_owned(), Value::Object(header)))
        });
        put_unless_empty(&mut written, "headers", headers.collect());
        let models = response.response_models.as_ref();
        match self.options.version {
            Version::Swagger2 => {
                let model = models.and_then(|models| models.values().next());
                put_some(&mut written, "schema", model.and_then(|model| self.schema_reference(model)));
            }
            Version::OpenApi3 => {
                written.insert("content".to_owned(), models.map_or_else(|| json!({}), |models| self.content(models)));
            }
        }
        Value::Object(written)
    }

    /// What makes Postman sign the requests of an operation.
    fn postman_signature(&self) -> Value {
        json!({
            "currentHelper": "awsSigV4",
            "helperAttributes": {
                "id": "awsSigV4",
                "accessKey": "{{aws_access_key_id}}",
                "secretKey": "{{aws_secret_access_key}}",
                "region": self.options.region,
                "service": "execute-api",
                "saveToRequest": true,
            },
        })
    }
}

/// The description of a response that nobody described.
pub(in crate::openapi) fn description_default(code: &str) -> String {
    format!("{code} response")
}

fn location(part_type: PartType, resource: &Resource, method: &Method) -> Location {
    Location::of(part_type).at(&resource.path).method(method.http_method)
}

/// The model of a body in JSON; AWS exports no method whose bodies are all of other types.
fn json_model<'m>(models: &'m Models, resource: &Resource, method: &Method) -> Result<&'m str, ExportError> {
    let json = models.iter().find(|(content_type, _)| is_json(content_type));
    json.map(|(_, model)| model.as_str())
        .ok_or_else(|| ExportError::NoJsonModel { http_method: method.http_method, path: resource.path.clone() })
}

/// All content types of models, each once; JSON when there is none.
fn content_types<'m>(models: impl Iterator<Item = &'m Models>) -> Value {
    let types: IndexSet<&str> = models.flat_map(IndexMap::keys).map(String::as_str).collect();
    if types.is_empty() { json!([CONTENT_TYPE_DEFAULT]) } else { json!(types) }
}

fn is_json(content_type: &str) -> bool {
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    media_type.eq_ignore_ascii_case(CONTENT_TYPE_DEFAULT) || media_type.to_ascii_lowercase().ends_with("+json")
}
