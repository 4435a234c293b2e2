//! Endpoint configurations: one type, and an address family that fits it.

use definition::rest_api::{EndpointConfiguration, EndpointType};

use super::wire;
use crate::failure::{Failure, Result};

/// The endpoint type with this wire name.
pub(crate) fn endpoint_type(name: &str) -> Option<EndpointType> {
    match name {
        "EDGE" => Some(EndpointType::Edge),
        "REGIONAL" => Some(EndpointType::Regional),
        "PRIVATE" => Some(EndpointType::Private),
        _ => None,
    }
}

/// What was asked for, completed and not checked.
pub(crate) fn complete(asked: Option<wire::EndpointInput>) -> EndpointConfiguration {
    let Some(asked) = asked else { return EndpointConfiguration::of(EndpointType::default()) };
    let types: Option<Vec<EndpointType>> =
        asked.types.map(|names| names.iter().filter_map(|name| endpoint_type(name)).collect());
    let types = types.unwrap_or_else(|| vec![EndpointType::default()]);
    let mut configuration = EndpointConfiguration::of(types.first().copied().unwrap_or_default());
    configuration.types = types;
    if let Some(address_type) = asked.ip_address_type {
        configuration.ip_address_type = address_type;
    }
    configuration.vpc_endpoint_ids = asked.vpc_endpoint_ids.unwrap_or_default();
    configuration
}

/// Refuses a configuration that no API can have.
pub(crate) fn check(configuration: &EndpointConfiguration) -> Result<()> {
    match configuration.types.as_slice() {
        [] => Err(Failure::bad_request("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")),
        [EndpointType::Private] if configuration.ip_address_type != "dualstack" => {
            Err(Failure::bad_request("Only dualstack ipAddressType is supported for Private APIs."))
        }
        [_] => Ok(()),
        _ => Err(Failure::bad_request("Cannot create an api with multiple Endpoint Types.")),
    }
}
