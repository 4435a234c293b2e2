//! What can be patched of a REST API.

use definition::rest_api::{ApiKeySource, EndpointConfiguration, EndpointType, RestApi};

use super::{compression_size, endpoint::endpoint_type};
use crate::{
    failure::{Failure, Result},
    patch::{Dialect, Op, Patch, Rule, Table, edit_list},
};

const REPLACE: &[Op] = &[Op::Replace];
const REPLACE_REMOVE: &[Op] = &[Op::Replace, Op::Remove];
const ADD_REMOVE: &[Op] = &[Op::Add, Op::Remove];
const ADD_REMOVE_REPLACE: &[Op] = &[Op::Add, Op::Remove, Op::Replace];

const REPLACE_ONLY: &str = "Invalid patch operation specified. Must be one of: [replace]";
const ENDPOINT_OPS: &str = "Invalid patch operation specified. Must be 'add'|'remove'|'replace'";

/// The paths of a REST API.
pub(super) static TABLE: Table<RestApi> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::set("/name", REPLACE, name).otherwise(REPLACE_ONLY),
        Rule::new("/description", REPLACE_REMOVE, description).otherwise(REPLACE_ONLY),
        Rule::new("/apiKeySource", REPLACE, api_key_source).otherwise(REPLACE_ONLY),
        Rule::new("/minimumCompressionSize", REPLACE, minimum_compression_size).otherwise(REPLACE_ONLY),
        Rule::set("/disableExecuteApiEndpoint", REPLACE, disable_execute_api_endpoint).otherwise(REPLACE_ONLY),
        Rule::set("/policy", REPLACE_REMOVE, policy).otherwise(REPLACE_ONLY),
        Rule::set("/securityPolicy", REPLACE, security_policy).otherwise(REPLACE_ONLY),
        Rule::set("/endpointAccessMode", REPLACE, endpoint_access_mode).otherwise(REPLACE_ONLY),
        Rule::new("/endpointConfiguration/ipAddressType", REPLACE, ip_address_type).otherwise(REPLACE_ONLY),
        Rule::new("/endpointConfiguration/types/*", ADD_REMOVE_REPLACE, endpoint_types).otherwise(ENDPOINT_OPS),
        Rule::new("/endpointConfiguration/types", ADD_REMOVE, endpoint_types).otherwise(ENDPOINT_OPS),
        Rule::set("/endpointConfiguration/vpcEndpointIds", ADD_REMOVE, vpc_endpoint_ids),
        Rule::new("/binaryMediaTypes/*", ADD_REMOVE_REPLACE, binary_media_types),
    ],
};

fn name(api: &mut RestApi, patch: &Patch) {
    patch.text().clone_into(&mut api.name);
}

fn description(api: &mut RestApi, patch: &Patch) -> Result<()> {
    if patch.op == Op::Replace && patch.text().is_empty() {
        return Err(Failure::bad_request("Description cannot be an empty string"));
    }
    api.description = patch.optional_text();
    Ok(())
}

fn api_key_source(api: &mut RestApi, patch: &Patch) -> Result<()> {
    api.api_key_source = match patch.text() {
        "HEADER" => ApiKeySource::Header,
        "AUTHORIZER" => ApiKeySource::Authorizer,
        _ => return Err(Failure::bad_request("Invalid apiKeySource specified. Valid options are HEADER,AUTHORIZER")),
    };
    Ok(())
}

fn minimum_compression_size(api: &mut RestApi, patch: &Patch) -> Result<()> {
    // A text that is no number is refused like a number out of range.
    let size = patch.optional_text().map(|text| compression_size(text.parse().unwrap_or(-1)));
    api.minimum_compression_size = size.transpose()?;
    Ok(())
}

fn disable_execute_api_endpoint(api: &mut RestApi, patch: &Patch) {
    api.disable_execute_api_endpoint = patch.flag();
}

fn policy(api: &mut RestApi, patch: &Patch) {
    api.policy = patch.optional_text();
}

fn security_policy(api: &mut RestApi, patch: &Patch) {
    api.security_policy = patch.optional_text();
}

fn endpoint_access_mode(api: &mut RestApi, patch: &Patch) {
    api.endpoint_access_mode = patch.optional_text();
}

fn ip_address_type(api: &mut RestApi, patch: &Patch) -> Result<()> {
    if !matches!(patch.text(), "ipv4" | "dualstack") {
        return Err(Failure::bad_request("ipAddressType must be either ipv4 or dualstack."));
    }
    patch.text().clone_into(&mut api.endpoint_configuration.ip_address_type);
    Ok(())
}

fn endpoint_types(api: &mut RestApi, patch: &Patch) -> Result<()> {
    // The type is the value; an operation without one names it in its path.
    let name = patch.value.as_deref().unwrap_or_else(|| patch.segment(2));
    let Some(chosen) = endpoint_type(name) else {
        let message = "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE";
        return Err(Failure::bad_request(message));
    };
    let configuration = &mut api.endpoint_configuration;
    match patch.op {
        Op::Remove => configuration.types.retain(|present| *present != chosen),
        Op::Add if configuration.types.contains(&chosen) => {}
        Op::Add => configuration.types.push(chosen),
        Op::Replace | Op::Move | Op::Test | Op::Copy => configuration.types = vec![chosen],
    }
    if configuration.types == [EndpointType::Private] {
        configuration.ip_address_type = EndpointConfiguration::of(EndpointType::Private).ip_address_type;
    }
    Ok(())
}

fn vpc_endpoint_ids(api: &mut RestApi, patch: &Patch) {
    edit_list(&mut api.endpoint_configuration.vpc_endpoint_ids, patch.op, patch.text());
}

fn binary_media_types(api: &mut RestApi, patch: &Patch) -> Result<()> {
    let types = &mut api.binary_media_types;
    let named = patch.segment(1);
    if named.is_empty() {
        return Err(patch.invalid_path());
    }
    if patch.op == Op::Replace {
        edit_list(types, Op::Remove, named);
        let replacement = patch.value.as_deref().filter(|value| !value.is_empty()).unwrap_or(named);
        edit_list(types, Op::Add, replacement);
    } else {
        edit_list(types, patch.op, named);
    }
    Ok(())
}
