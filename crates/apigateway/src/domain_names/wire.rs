//! `CreateDomainName` on the wire.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::{
    call::Call,
    failure::Result,
    rest_apis::EndpointInput,
    security_policy::{ENDPOINT_ACCESS_MODES, SECURITY_POLICIES},
};

/// How requests find their API.
pub(super) const ROUTING_MODES: [&str; 3] =
    ["BASE_PATH_MAPPING_ONLY", "ROUTING_RULE_ONLY", "ROUTING_RULE_THEN_BASE_PATH_MAPPING"];

/// Members for keys and chains, which AWS has deprecated, are ignored as those that it does not know.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateDomainNameInput {
    pub(super) domain_name: Option<String>,
    pub(super) certificate_name: Option<String>,
    pub(super) certificate_arn: Option<String>,
    pub(super) regional_certificate_name: Option<String>,
    pub(super) regional_certificate_arn: Option<String>,
    pub(super) endpoint_configuration: Option<EndpointInput>,
    pub(super) tags: Option<IndexMap<String, String>>,
    pub(super) security_policy: Option<String>,
    pub(super) endpoint_access_mode: Option<String>,
    pub(super) mutual_tls_authentication: Option<MutualTlsInput>,
    pub(super) ownership_verification_certificate_arn: Option<String>,
    pub(super) policy: Option<String>,
    pub(super) routing_mode: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct MutualTlsInput {
    pub(super) truststore_uri: Option<String>,
    pub(super) truststore_version: Option<String>,
}

impl CreateDomainNameInput {
    /// Refuses what breaks the service model's constraints.
    pub(super) fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.required("domainName", self.domain_name.as_ref());
        if let Some(endpoint) = &self.endpoint_configuration {
            endpoint.check(&mut violations);
        }
        violations.choice("securityPolicy", self.security_policy.as_deref(), &SECURITY_POLICIES);
        violations.choice("endpointAccessMode", self.endpoint_access_mode.as_deref(), &ENDPOINT_ACCESS_MODES);
        violations.choice("routingMode", self.routing_mode.as_deref(), &ROUTING_MODES);
        violations.finish()
    }
}
