//! `x-amazon-apigateway-integration` of an integration with its responses.

use serde_json::{Map, Value, json};

use super::put_some;
use crate::{
    integration::{ContentHandling, Integration, IntegrationResponse, ResponseTransferMode, TIMEOUT_MS_MAX},
    method::Method,
};

/// An integration as a document has it; what is as it would be without a word is left out.
pub(super) fn written(integration: &Integration, method: &Method) -> Value {
    let mut members = Map::new();
    put_some(&mut members, "type", Some(integration.integration_type.as_str().to_ascii_lowercase()));
    put_some(&mut members, "connectionId", integration.connection_id.clone());
    put_some(&mut members, "credentials", integration.credentials.clone());
    put_some(&mut members, "httpMethod", integration.http_method.clone());
    put_some(&mut members, "uri", integration.uri.clone());
    let responses = responses(integration);
    if !responses.is_empty() {
        members.insert("responses".to_owned(), Value::Object(responses));
    }
    put_some(&mut members, "requestParameters", integration.request_parameters.as_ref().map(|map| json!(map)));
    put_some(&mut members, "requestTemplates", integration.request_templates.as_ref().map(|map| json!(map)));
    put_some(&mut members, "passthroughBehavior", Some(integration.passthrough_behavior.as_str().to_ascii_lowercase()));
    let connection_type = integration.connection_type.clone().filter(|kind| kind != "INTERNET");
    put_some(&mut members, "connectionType", connection_type);
    let timeout = Some(integration.timeout_in_millis).filter(|timeout| *timeout != TIMEOUT_MS_MAX);
    put_some(&mut members, "timeoutInMillis", timeout);
    let namespace = Some(integration.cache_namespace.as_str()).filter(|name| *name != method.resource_id.as_str());
    put_some(&mut members, "cacheNamespace", namespace);
    if !integration.cache_key_parameters.is_empty() {
        members.insert("cacheKeyParameters".to_owned(), json!(integration.cache_key_parameters));
    }
    put_some(&mut members, "contentHandling", integration.content_handling.map(ContentHandling::as_str));
    put_some(&mut members, "tlsConfig", integration.tls_config.map(|tls| json!(tls)));
    put_some(
        &mut members,
        "responseTransferMode",
        integration.response_transfer_mode.map(ResponseTransferMode::as_str),
    );
    put_some(&mut members, "integrationTarget", integration.integration_target.clone());
    Value::Object(members)
}

/// Responses by the pattern that picks them. Of several with the same pattern, which a document cannot tell apart, the one with
/// the lowest status code stays.
fn responses(integration: &Integration) -> Map<String, Value> {
    let mut responses = Map::new();
    for response in integration.integration_responses.values() {
        let pattern = response.selection_pattern.as_deref().filter(|pattern| !pattern.is_empty());
        responses.entry(pattern.unwrap_or("default")).or_insert_with(|| written_response(response));
    }
    responses
}

fn written_response(response: &IntegrationResponse) -> Value {
    let mut members = Map::new();
    members.insert("statusCode".to_owned(), json!(response.status_code));
    put_some(&mut members, "responseParameters", response.response_parameters.as_ref().map(|map| json!(map)));
    put_some(&mut members, "responseTemplates", response.response_templates.as_ref().map(|map| json!(map)));
    put_some(&mut members, "contentHandling", response.content_handling.map(ContentHandling::as_str));
    Value::Object(members)
}
