//! `x-amazon-apigateway-integration` that becomes an integration with its responses.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use serde_json::Value;

use super::{
    Importer, Problem, field,
    field::{flag_at, text, text_at, texts_at},
    tree::Place,
};
use crate::{
    id::StatusCode,
    integration::{
        Integration, IntegrationResponse, IntegrationType, PassthroughBehavior, ResponseTransferMode,
        STREAM_NEEDS_PROXY, TIMEOUT_MS_MAX, TIMEOUT_MS_MIN, TlsConfig, timeout_ms_max,
    },
    method::UnknownChoice,
};

impl Importer<'_> {
    pub(super) fn integration(&mut self, place: &Place<'_, '_>, operation: &Value) -> Option<Integration> {
        let declared = field::member(operation, "x-amazon-apigateway-integration")?;
        self.findings.look_at(declared);
        let read = match self.source.resolve(declared) {
            Some(declared) => self.read_integration(place, declared),
            None => Err("the integration's $ref leads nowhere".into()),
        };
        self.findings.or_default(format!("put integration on {place}"), read.map(Some))
    }

    fn read_integration(&mut self, place: &Place<'_, '_>, declared: &Value) -> Result<Integration, Problem> {
        let integration_type: IntegrationType = choice(declared, "type")?.ok_or("type is missing")?;
        let is_mock = integration_type == IntegrationType::Mock;
        let uri = text_at(declared, "uri")?.filter(|_| !is_mock);
        if uri.is_none() && !is_mock {
            return Err("uri is missing".into());
        }
        let http_method = match integration_type {
            IntegrationType::Mock => None,
            IntegrationType::AwsProxy => Some("POST".to_owned()),
            IntegrationType::Http | IntegrationType::HttpProxy | IntegrationType::Aws => {
                let method =
                    text_at(declared, "httpMethod")?.ok_or("Enumeration value for HttpMethod must be non-empty")?;
                Some(method.to_ascii_uppercase().replace("X-AMAZON-APIGATEWAY-ANY-METHOD", "ANY"))
            }
        };
        let is_http = matches!(integration_type, IntegrationType::Http | IntegrationType::HttpProxy);
        let connection_type = text_at(declared, "connectionType")?.unwrap_or_else(|| "INTERNET".to_owned());
        let response_transfer_mode = transfer_mode(declared, integration_type)?;
        Ok(Integration {
            integration_type,
            http_method,
            uri,
            credentials: text_at(declared, "credentials")?.filter(|role| !role.is_empty()),
            connection_type: is_http.then_some(connection_type),
            connection_id: text_at(declared, "connectionId")?,
            request_parameters: self.mappings(place, declared, "requestParameters")?,
            request_templates: templates(declared, "requestTemplates")?,
            passthrough_behavior: choice(declared, "passthroughBehavior")?.unwrap_or(PassthroughBehavior::WhenNoMatch),
            content_handling: choice(declared, "contentHandling")?,
            timeout_in_millis: timeout_ms(declared, timeout_ms_max(response_transfer_mode))?,
            cache_namespace: text_at(declared, "cacheNamespace")?.unwrap_or_else(|| place.resource.id.to_string()),
            cache_key_parameters: texts_at(declared, "cacheKeyParameters")?,
            tls_config: tls_config(declared)?,
            response_transfer_mode,
            integration_target: text_at(declared, "integrationTarget")?,
            integration_responses: self.integration_responses(place, declared)?,
        })
    }

    fn integration_responses(
        &mut self,
        place: &Place<'_, '_>,
        declared: &Value,
    ) -> Result<BTreeMap<StatusCode, IntegrationResponse>, Problem> {
        let mut responses = BTreeMap::new();
        for (pattern, response) in field::object_at(declared, "responses")?.into_iter().flatten() {
            let code =
                text_at(response, "statusCode")?.ok_or_else(|| format!("response '{pattern}' has no statusCode"))?;
            let status_code: StatusCode =
                code.parse().map_err(|_| format!("response '{pattern}' has no valid statusCode: {code}"))?;
            let read = IntegrationResponse {
                status_code,
                selection_pattern: (pattern != "default").then(|| pattern.clone()),
                response_parameters: self.mappings(place, response, "responseParameters")?,
                response_templates: templates(response, "responseTemplates")?,
                content_handling: choice(response, "contentHandling")?,
            };
            if responses.insert(status_code, read).is_some() {
                self.findings.warning(format!(
                    "Only one integration response per status code is kept: '{pattern}' replaces another one with status code \
                     {status_code} on {place}"
                ));
            }
        }
        Ok(responses)
    }

    /// A map of parameter mappings; values that are no strings are ignored with a warning.
    fn mappings(
        &mut self,
        place: &Place<'_, '_>,
        declared: &Value,
        key: &str,
    ) -> Result<Option<IndexMap<String, String>>, Problem> {
        let Some(declared) = field::object_at(declared, key)? else { return Ok(None) };
        let mut mappings = IndexMap::new();
        for (target, source_value) in declared {
            if let Some(source) = source_value.as_str() {
                mappings.insert(target.clone(), source.to_owned());
            } else {
                let got = text(source_value).unwrap_or_else(|| source_value.to_string());
                let text = format!(
                    "Invalid format for '{key}'. Expected type string for property '{target}' of resource '{}' and method '{}' but \
                     got '{got}'",
                    place.resource.path, place.http_method
                );
                self.findings.warning_at(source_value, text);
            }
        }
        Ok(Some(mappings))
    }
}

/// A map of templates; a null template stays null.
fn templates(declared: &Value, key: &str) -> Result<Option<IndexMap<String, Option<String>>>, Problem> {
    let Some(declared) = field::object_at(declared, key)? else { return Ok(None) };
    let templates = declared.iter().map(|(content_type, template)| {
        if is_intrinsic(template) {
            return Err(field::wrong(&format!("{key}.{content_type}"), "a string", template));
        }
        Ok((content_type.clone(), template_text(template)))
    });
    templates.collect::<Result<_, _>>().map(Some)
}

/// A template is text; an object where the text belongs is the JSON that its author means.
fn template_text(template: &Value) -> Option<String> {
    match template {
        Value::Null => None,
        Value::Object(_) | Value::Array(_) => Some(template.to_string()),
        Value::String(_) | Value::Number(_) | Value::Bool(_) => text(template),
    }
}

/// Whether a value is a function call of CloudFormation's, such as `{"Fn::Sub": …}`, that nobody evaluated.
fn is_intrinsic(value: &Value) -> bool {
    let single = value.as_object().filter(|members| members.len() == 1);
    single.and_then(|members| members.keys().next()).is_some_and(|name| name.starts_with("Fn::") || name == "Ref")
}

fn tls_config(declared: &Value) -> Result<Option<TlsConfig>, Problem> {
    let Some(tls) = field::member(declared, "tlsConfig") else { return Ok(None) };
    let insecure_skip_verification = flag_at(tls, "insecureSkipVerification")?.unwrap_or_default();
    Ok(Some(TlsConfig { insecure_skip_verification }))
}

fn choice<C: std::str::FromStr<Err = UnknownChoice>>(declared: &Value, key: &str) -> Result<Option<C>, Problem> {
    let Some(value) = text_at(declared, key)? else { return Ok(None) };
    let chosen = value.to_ascii_uppercase().parse();
    chosen.map(Some).map_err(|unknown: UnknownChoice| Problem::from(unknown).of(declared.get(key)))
}

/// How the response is transferred; only a proxy's may be streamed.
fn transfer_mode(declared: &Value, kind: IntegrationType) -> Result<Option<ResponseTransferMode>, Problem> {
    let mode = choice(declared, "responseTransferMode")?;
    if mode == Some(ResponseTransferMode::Stream) && !kind.is_proxy() {
        return Err(STREAM_NEEDS_PROXY.into());
    }
    Ok(mode)
}

fn timeout_ms(declared: &Value, timeout_ms_max: u32) -> Result<u32, Problem> {
    let Some(timeout) = text_at(declared, "timeoutInMillis")? else { return Ok(TIMEOUT_MS_MAX) };
    let milliseconds = timeout.parse().ok().filter(|timeout| (TIMEOUT_MS_MIN..=timeout_ms_max).contains(timeout));
    let refusal = || format!("Timeout should be between {TIMEOUT_MS_MIN} ms and {timeout_ms_max} ms");
    milliseconds.ok_or_else(|| Problem::from(refusal()).of(declared.get("timeoutInMillis")))
}
