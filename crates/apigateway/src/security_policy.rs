//! The TLS policies of endpoints, those of REST APIs and those of custom domain names, and the access modes that some of them have.
//! Developer Guide, "Security policies for REST APIs in API Gateway".

use crate::failure::{Failure, Result};

/// The TLS policies, in the order of the service model.
pub(crate) const SECURITY_POLICIES: [&str; 14] = [
    "TLS_1_0",
    "TLS_1_2",
    "SecurityPolicy_TLS13_1_3_2025_09",
    "SecurityPolicy_TLS13_1_3_FIPS_2025_09",
    "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_FIPS_PFS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_Ext2_FIPS_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_PQ_2025_09",
    "SecurityPolicy_TLS13_1_2_2021_06",
    "SecurityPolicy_TLS13_2025_EDGE",
    "SecurityPolicy_TLS12_PFS_2025_EDGE",
    "SecurityPolicy_TLS12_2018_EDGE",
];
/// How strictly a host must be the endpoint's own.
pub(crate) const ENDPOINT_ACCESS_MODES: [&str; 2] = ["BASIC", "STRICT"];

/// What the policies that go with an access mode begin with.
const WITH_ACCESS_MODE: &str = "SecurityPolicy_";

/// Refuses a policy and an access mode that are none, or that do not go together.
pub(crate) fn check(security_policy: Option<&str>, access_mode: Option<&str>) -> Result<()> {
    choice("securityPolicy", security_policy, &SECURITY_POLICIES)?;
    choice("endpointAccessMode", access_mode, &ENDPOINT_ACCESS_MODES)?;
    if access_mode.is_some() && !security_policy.unwrap_or_default().starts_with(WITH_ACCESS_MODE) {
        let message = format!("endpointAccessMode needs a security policy that starts with {WITH_ACCESS_MODE}");
        return Err(Failure::bad_request(message));
    }
    Ok(())
}

fn choice(name: &str, text: Option<&str>, choices: &[&str]) -> Result<()> {
    if text.is_none_or(|text| choices.contains(&text)) {
        return Ok(());
    }
    Err(Failure::bad_request(format!("Invalid {name} specified. Valid options are {}", choices.join(","))))
}
