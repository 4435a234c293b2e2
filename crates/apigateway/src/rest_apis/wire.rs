//! `CreateRestApi` on the wire, and the endpoint configurations that domain names have, too.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::{
    call::Call,
    failure::Result,
    security_policy::{ENDPOINT_ACCESS_MODES, SECURITY_POLICIES},
    wire::Violations,
};

/// The endpoint types, in the order of AWS's error text.
const ENDPOINT_TYPES: [&str; 3] = ["PRIVATE", "EDGE", "REGIONAL"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateRestApiInput {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) version: Option<String>,
    pub(super) clone_from: Option<String>,
    pub(super) binary_media_types: Option<Vec<String>>,
    pub(super) minimum_compression_size: Option<i64>,
    pub(super) api_key_source: Option<String>,
    pub(super) endpoint_configuration: Option<EndpointInput>,
    pub(super) policy: Option<String>,
    pub(super) tags: Option<IndexMap<String, String>>,
    pub(super) disable_execute_api_endpoint: Option<bool>,
    pub(super) security_policy: Option<String>,
    pub(super) endpoint_access_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EndpointInput {
    pub(super) types: Option<Vec<String>>,
    pub(super) ip_address_type: Option<String>,
    pub(super) vpc_endpoint_ids: Option<Vec<String>>,
}

impl EndpointInput {
    /// Collects what breaks the service model's constraints.
    pub(crate) fn check(&self, violations: &mut Violations) {
        let types = self.types.as_deref().unwrap_or_default();
        if types.iter().any(|name| !ENDPOINT_TYPES.contains(&name.as_str())) {
            let choices = ENDPOINT_TYPES.join(", ");
            let rule = format!("Member must satisfy constraint: [Member must satisfy enum value set: [{choices}]]");
            violations.member("endpointConfiguration.types", format!("[{}]", types.join(", ")), &rule);
        }
        let address_type = self.ip_address_type.as_deref();
        violations.choice("endpointConfiguration.ipAddressType", address_type, &["ipv4", "dualstack"]);
    }
}

impl CreateRestApiInput {
    /// Refuses what breaks the service model's constraints.
    pub(super) fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.required("name", self.name.as_ref());
        violations.choice("apiKeySource", self.api_key_source.as_deref(), &["HEADER", "AUTHORIZER"]);
        violations.choice("securityPolicy", self.security_policy.as_deref(), &SECURITY_POLICIES);
        violations.choice("endpointAccessMode", self.endpoint_access_mode.as_deref(), &ENDPOINT_ACCESS_MODES);
        if let Some(endpoint) = &self.endpoint_configuration {
            endpoint.check(&mut violations);
        }
        violations.finish()
    }
}
