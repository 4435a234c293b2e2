//! What can be patched of a domain name. AWS page: "Patch operations", "DomainName".

use definition::{
    domain_name::{DomainName, MutualTlsAuthentication},
    rest_api::{EndpointConfiguration, EndpointType},
};

use super::wire::ROUTING_MODES;
use crate::{
    failure::{Failure, Result},
    patch::{Dialect, Op, Patch, Rule, Table},
    rest_apis::endpoint_type,
};

const REPLACE: &[Op] = &[Op::Replace];
const REPLACE_REMOVE: &[Op] = &[Op::Replace, Op::Remove];
const ADD_REMOVE: &[Op] = &[Op::Add, Op::Remove];
/// Moving a domain name to another endpoint type adds its certificate, in AWS's own words.
const SET: &[Op] = &[Op::Add, Op::Replace];

/// The paths of a domain name.
pub(super) static TABLE: Table<DomainName> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::set("/certificateArn", SET, |domain, patch| {
            domain.certificate_arn = patch.optional_text();
            domain.certificate_upload_date = None;
        }),
        Rule::set("/certificateName", SET, |domain, patch| {
            domain.certificate_name = patch.optional_text();
        }),
        Rule::set("/regionalCertificateArn", SET, |domain, patch| {
            domain.regional_certificate_arn = patch.optional_text();
        }),
        Rule::set("/regionalCertificateName", SET, |domain, patch| {
            domain.regional_certificate_name = patch.optional_text();
        }),
        Rule::set("/ownershipVerificationCertificateArn", REPLACE, |domain, patch| {
            domain.ownership_verification_certificate_arn = patch.optional_text();
        }),
        Rule::set("/securityPolicy", REPLACE, |domain, patch| {
            patch.text().clone_into(&mut domain.security_policy);
        }),
        Rule::set("/endpointAccessMode", REPLACE, |domain, patch| {
            domain.endpoint_access_mode = patch.optional_text();
        }),
        Rule::new("/routingMode", REPLACE, routing_mode),
        Rule::set("/policy", REPLACE_REMOVE, |domain, patch| {
            domain.policy = patch.optional_text();
        }),
        Rule::set("/managementPolicy", REPLACE, |domain, patch| {
            domain.management_policy = patch.optional_text();
        }),
        Rule::new("/endpointConfiguration/types/*", REPLACE, replace_type),
        Rule::new("/endpointConfiguration/types", ADD_REMOVE, edit_types),
        Rule::new("/endpointConfiguration/ipAddressType", REPLACE, ip_address_type),
        Rule::set("/mutualTlsAuthentication/truststoreUri", REPLACE, truststore_uri),
        Rule::new("/mutualTlsAuthentication/truststoreVersion", REPLACE, truststore_version),
        Rule::set("/mutualTlsAuthentication", &[Op::Remove], |domain, _| {
            domain.mutual_tls_authentication = None;
        }),
    ],
};

fn routing_mode(domain: &mut DomainName, patch: &Patch) -> Result<()> {
    if !ROUTING_MODES.contains(&patch.text()) {
        let options = ROUTING_MODES.join(",");
        return Err(Failure::bad_request(format!("Invalid routingMode specified. Valid options are {options}")));
    }
    domain.routing_mode = Some(patch.text().to_owned());
    Ok(())
}

fn known_type(name: &str) -> Result<EndpointType> {
    let unknown = || Failure::bad_request("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
    endpoint_type(name).ok_or_else(unknown)
}

/// The path names the type that the domain name has, by name or as the only one, and the value another.
fn replace_type(domain: &mut DomainName, patch: &Patch) -> Result<()> {
    let configuration = &mut domain.endpoint_configuration;
    let replaced = match patch.segment(2) {
        "0" => configuration.types.first().copied().unwrap_or_default(),
        name => known_type(name)?,
    };
    let replacement = known_type(patch.text())?;
    let Some(place) = configuration.types.iter().position(|present| *present == replaced) else {
        return Err(patch.invalid_path());
    };
    configuration.types[place] = replacement;
    configuration.types.dedup();
    Ok(())
}

fn edit_types(domain: &mut DomainName, patch: &Patch) -> Result<()> {
    let chosen = known_type(patch.text())?;
    let types = &mut domain.endpoint_configuration.types;
    types.retain(|present| *present != chosen);
    if patch.op == Op::Add {
        types.push(chosen);
    }
    Ok(())
}

fn ip_address_type(domain: &mut DomainName, patch: &Patch) -> Result<()> {
    let EndpointConfiguration { ip_address_type, .. } = &mut domain.endpoint_configuration;
    if !matches!(patch.text(), "ipv4" | "dualstack") {
        return Err(Failure::bad_request("ipAddressType must be either ipv4 or dualstack."));
    }
    patch.text().clone_into(ip_address_type);
    Ok(())
}

/// An empty address ends mutual TLS.
fn truststore_uri(domain: &mut DomainName, patch: &Patch) {
    let truststore_version = domain.mutual_tls_authentication.take().and_then(|before| before.truststore_version);
    domain.mutual_tls_authentication =
        patch.optional_text().map(|truststore_uri| MutualTlsAuthentication { truststore_uri, truststore_version });
}

fn truststore_version(domain: &mut DomainName, patch: &Patch) -> Result<()> {
    let mutual_tls = domain.mutual_tls_authentication.as_mut().ok_or_else(|| patch.invalid_path())?;
    mutual_tls.truststore_version = patch.optional_text();
    Ok(())
}
