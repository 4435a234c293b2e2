//! `PutIntegration` on the wire, where the SDKs' `integrationHttpMethod` is `httpMethod`.

use std::collections::BTreeMap;

use definition::integration::{
    ContentHandling, Integration, IntegrationType, PassthroughBehavior, ResponseTransferMode, TIMEOUT_MS_MAX,
    TlsConfig, timeout_ms_max,
};
use indexmap::IndexMap;
use serde::Deserialize;

use super::rules;
use crate::{
    call::Call,
    failure::{Failure, Result},
};

/// The ways of transferring a response, in the order of the service model.
const TRANSFER_MODES: [&str; 2] = ["BUFFERED", "STREAM"];
/// The integration types, in the order of AWS's error text.
const TYPES: [&str; 5] = ["HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS"];
/// The conversions of payloads, in the order of the service model.
pub(crate) const CONTENT_HANDLINGS: [&str; 2] = ["CONVERT_TO_BINARY", "CONVERT_TO_TEXT"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutIntegrationInput {
    #[serde(rename = "type")]
    integration_type: Option<String>,
    http_method: Option<String>,
    uri: Option<String>,
    connection_type: Option<String>,
    connection_id: Option<String>,
    credentials: Option<String>,
    request_parameters: Option<IndexMap<String, String>>,
    request_templates: Option<IndexMap<String, Option<String>>>,
    passthrough_behavior: Option<String>,
    cache_namespace: Option<String>,
    cache_key_parameters: Option<Vec<String>>,
    content_handling: Option<String>,
    timeout_in_millis: Option<i64>,
    tls_config: Option<TlsConfigInput>,
    response_transfer_mode: Option<String>,
    integration_target: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct TlsConfigInput {
    insecure_skip_verification: Option<bool>,
}

impl PutIntegrationInput {
    /// Refuses what breaks the service model's constraints.
    pub(super) fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.required("type", self.integration_type.as_ref());
        violations.choice("type", self.integration_type.as_deref(), &TYPES);
        violations.choice("connectionType", self.connection_type.as_deref(), &rules::CONNECTION_TYPES);
        violations.choice("contentHandling", self.content_handling.as_deref(), &CONTENT_HANDLINGS);
        violations.choice("responseTransferMode", self.response_transfer_mode.as_deref(), &TRANSFER_MODES);
        violations.finish()
    }

    /// The integration that is asked for, with its defaults; `resource_id` is that of the cache namespace.
    pub(super) fn into_integration(self, resource_id: &str) -> Result<Integration> {
        let integration_type = self.integration_type.as_deref().and_then(|name| name.parse().ok());
        let integration_type = integration_type.unwrap_or(IntegrationType::Mock);
        let response_transfer_mode = response_transfer_mode(self.response_transfer_mode.as_deref())?;
        let timeout_refusal = |_| rules::timeout_out_of_range(timeout_ms_max(response_transfer_mode));
        let timeout_in_millis =
            self.timeout_in_millis.map_or(Ok(TIMEOUT_MS_MAX), |given| u32::try_from(given).map_err(timeout_refusal))?;
        let blank_is_null = |template: Option<String>| template.filter(|text| !text.is_empty());
        let mut integration = Integration {
            integration_type,
            http_method: self.http_method,
            uri: self.uri,
            credentials: self.credentials.filter(|text| !text.is_empty()),
            connection_type: self.connection_type,
            connection_id: self.connection_id,
            request_parameters: self.request_parameters,
            request_templates: self
                .request_templates
                .map(|templates| templates.into_iter().map(|(name, text)| (name, blank_is_null(text))).collect()),
            passthrough_behavior: passthrough_behavior(self.passthrough_behavior.as_deref())?,
            content_handling: content_handling(self.content_handling.as_deref())?,
            timeout_in_millis,
            cache_namespace: self.cache_namespace.unwrap_or_else(|| resource_id.to_owned()),
            cache_key_parameters: self.cache_key_parameters.unwrap_or_default(),
            tls_config: self.tls_config.map(|config| TlsConfig {
                insecure_skip_verification: config.insecure_skip_verification.unwrap_or_default(),
            }),
            response_transfer_mode,
            integration_target: self.integration_target,
            integration_responses: BTreeMap::new(),
        };
        rules::settle(&mut integration);
        Ok(integration)
    }
}

/// A passthrough behavior; nothing is `WHEN_NO_MATCH`.
pub(super) fn passthrough_behavior(name: Option<&str>) -> Result<PassthroughBehavior> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(PassthroughBehavior::WhenNoMatch) };
    name.parse().map_err(|_| {
        let options = "WHEN_NO_MATCH,WHEN_NO_TEMPLATES,NEVER";
        Failure::bad_request(format!("Invalid Passthrough Behavior specified. Valid options are {options}"))
    })
}

/// A conversion of payloads; nothing is none.
pub(crate) fn content_handling(name: Option<&str>) -> Result<Option<ContentHandling>> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
    name.parse().map(Some).map_err(|_| {
        let options = CONTENT_HANDLINGS.join(",");
        Failure::bad_request(format!("Invalid Content Handling specified. Valid options are {options}"))
    })
}

/// A way of transferring the response; nothing is none.
pub(super) fn response_transfer_mode(name: Option<&str>) -> Result<Option<ResponseTransferMode>> {
    let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(None) };
    name.parse().map(Some).map_err(|_| {
        let options = TRANSFER_MODES.join(",");
        Failure::bad_request(format!("Invalid Response Transfer Mode specified. Valid options are {options}"))
    })
}
