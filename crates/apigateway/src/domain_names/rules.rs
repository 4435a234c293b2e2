//! What a domain name must be, whichever call made it so, and what follows from its endpoint types.

use definition::{
    Scope,
    domain_name::DomainName,
    rest_api::{EndpointConfiguration, EndpointType},
    time::EpochSeconds,
};
use iam::arn::Arn;
use serde_json::Value;

use super::hosted_zones;
use crate::{
    call::Call,
    failure::{Failure, Result},
    security_policy,
};

/// Bytes of a host name (RFC 1035).
const HOST_BYTES_MAX: usize = 253;
/// Bytes of one of its labels.
const LABEL_BYTES_MAX: usize = 63;
/// The label that makes a host an API's own.
const API_HOST_LABEL: &str = "execute-api";
/// The domains of AWS's own hosts, for which nobody else has a certificate.
const AWS_DOMAINS: [&str; 2] = [".amazonaws.com", ".amazonaws.com.cn"];
/// Where certificates of edge-optimised endpoints live.
const EDGE_REGION: &str = "us-east-1";
/// The hosted zone of all edge-optimised endpoints.
const EDGE_HOSTED_ZONE: &str = "Z2FDTNDATAQYW2";

/// The host, if it can be a domain name's: at least two labels, the first of which may be `*`; no address, no API's own host and
/// none of AWS's.
pub(super) fn checked_host(host: &str) -> Result<String> {
    if host.is_empty() {
        return Err(Failure::bad_request("No Domain Name specified"));
    }
    let invalid = || Failure::bad_request(format!("Invalid domain name specified: {host}"));
    let labels: Vec<&str> = host.strip_prefix("*.").unwrap_or(host).split('.').collect();
    let is_wildcard = host.starts_with("*.");
    let all_labels = labels.len() + usize::from(is_wildcard);
    let last_is_number = labels.last().is_none_or(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
    let second = if is_wildcard { labels.first() } else { labels.get(1) };
    if host.len() > HOST_BYTES_MAX
        || all_labels < 2
        || !labels.iter().all(|label| is_label(label))
        || last_is_number
        || second == Some(&API_HOST_LABEL)
        || AWS_DOMAINS.iter().any(|domain| host.ends_with(domain))
    {
        return Err(invalid());
    }
    Ok(host.to_owned())
}

/// Refuses the host that the caller has just called: whatever is sent to it from then on is an API's, and the way back is gone.
pub(super) fn check_way_back(host: &str, call: &Call) -> Result<()> {
    let called = call.host.as_deref().unwrap_or_default();
    let called = called.rsplit_once(':').map_or(called, |(name, _)| name);
    let called = called.trim_end_matches('.').to_ascii_lowercase();
    let is_covered = match host.strip_prefix('*') {
        Some(parent) => called.strip_suffix(parent).is_some_and(|label| !label.is_empty() && !label.contains('.')),
        None => called == host,
    };
    if is_covered {
        let message = format!("Invalid domain name specified: {host}. The control API is called by this name");
        return Err(Failure::bad_request(message));
    }
    Ok(())
}

fn is_label(label: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=LABEL_BYTES_MAX).contains(&label.len())
        && label.bytes().all(is_inner)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Refuses to make a public domain name private, or the other way round.
pub(super) fn check_move(before: &DomainName, after: &DomainName) -> Result<()> {
    if before.is_private() == after.is_private() {
        return Ok(());
    }
    Err(Failure::bad_request("A domain name cannot be changed between public and private endpoint types"))
}

/// Refuses endpoint types without a certificate, and certificates (other than those `before`) without their endpoint type.
pub(super) fn check_certificates(domain: &DomainName, before: Option<&DomainName>) -> Result<()> {
    let types = &domain.endpoint_configuration.types;
    let has_edge = domain.certificate_arn.is_some() || domain.certificate_name.is_some();
    let has_regional = domain.regional_certificate_arn.is_some() || domain.regional_certificate_name.is_some();
    for endpoint_type in types {
        let present = match endpoint_type {
            EndpointType::Edge | EndpointType::Private => has_edge,
            EndpointType::Regional => has_regional,
        };
        if !present {
            let name = endpoint_type.as_str();
            let message = format!("A certificate was not provided for the endpoint type {name}.");
            return Err(Failure::bad_request(message));
        }
    }
    let edge = |of: &DomainName| (of.certificate_arn.clone(), of.certificate_name.clone());
    let regional = |of: &DomainName| (of.regional_certificate_arn.clone(), of.regional_certificate_name.clone());
    let is_new_edge = has_edge && before.is_none_or(|before| edge(before) != edge(domain));
    let is_new_regional = has_regional && before.is_none_or(|before| regional(before) != regional(domain));
    let strange = if is_new_edge && types.as_slice() == [EndpointType::Regional] {
        EndpointType::Edge
    } else if is_new_regional && !types.is_empty() && !types.contains(&EndpointType::Regional) {
        EndpointType::Regional
    } else {
        return Ok(());
    };
    let (strange, active) = (strange.as_str(), types.first().copied().unwrap_or_default().as_str());
    Err(Failure::bad_request(format!("Cannot import certificates for {strange} while {active} is active.")))
}

/// Refuses a domain name that cannot be, and gives it the members that follow from the others. Those of an endpoint type that it has
/// no longer go.
pub(super) fn settle(domain: &mut DomainName, scope: &Scope, call: &Call) -> Result<()> {
    check_types(&domain.endpoint_configuration)?;
    check_access(domain)?;
    let types = domain.endpoint_configuration.types.clone();
    settle_edge(domain, scope, call, &types)?;
    settle_regional(domain, scope, call, types.contains(&EndpointType::Regional))?;
    if let Some(arn) = &domain.ownership_verification_certificate_arn {
        check_certificate(arn, &scope.region)?;
    }
    if domain.is_private() && domain.domain_name_id.is_none() {
        domain.domain_name_id = Some(call.ids.long());
        let Scope { region, account } = scope;
        domain.domain_name_arn =
            Some(format!("arn:aws:apigateway:{region}:{account}:/domainnames/{}", domain.record_id()));
    }
    Ok(())
}

/// The members of an edge-optimised or private endpoint.
fn settle_edge(domain: &mut DomainName, scope: &Scope, call: &Call, types: &[EndpointType]) -> Result<()> {
    let is_edge = types.contains(&EndpointType::Edge);
    if !is_edge && !domain.is_private() {
        (domain.certificate_arn, domain.certificate_name, domain.certificate_upload_date) = (None, None, None);
    }
    if let Some(arn) = &domain.certificate_arn {
        check_certificate(arn, if is_edge { EDGE_REGION } else { &scope.region })?;
    }
    if domain.certificate_arn.is_some() || domain.certificate_name.is_some() {
        domain.certificate_upload_date.get_or_insert(EpochSeconds::from(call.now));
    }
    if is_edge {
        domain.distribution_domain_name.get_or_insert_with(|| format!("d{}.cloudfront.net", call.ids.long()));
        domain.distribution_hosted_zone_id = Some(EDGE_HOSTED_ZONE.to_owned());
    } else {
        (domain.distribution_domain_name, domain.distribution_hosted_zone_id) = (None, None);
    }
    Ok(())
}

/// The members of a regional endpoint.
fn settle_regional(domain: &mut DomainName, scope: &Scope, call: &Call, is_regional: bool) -> Result<()> {
    if !is_regional {
        (domain.regional_certificate_arn, domain.regional_certificate_name) = (None, None);
        (domain.regional_domain_name, domain.regional_hosted_zone_id) = (None, None);
        return Ok(());
    }
    if let Some(arn) = &domain.regional_certificate_arn {
        check_certificate(arn, &scope.region)?;
    }
    let region = &scope.region;
    domain
        .regional_domain_name
        .get_or_insert_with(|| format!("d-{}.{API_HOST_LABEL}.{region}.amazonaws.com", call.ids.long()));
    domain.regional_hosted_zone_id = hosted_zones::of_region(region).map(str::to_owned);
    Ok(())
}

fn check_types(configuration: &EndpointConfiguration) -> Result<()> {
    use EndpointType::{Edge, Private, Regional};
    match configuration.types.as_slice() {
        [] => Err(Failure::bad_request("REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.")),
        [Private] if configuration.ip_address_type != "dualstack" => {
            Err(Failure::bad_request("Only dualstack ipAddressType is supported for Private APIs."))
        }
        // Both, while a domain name moves from one to the other.
        [_] | [Edge, Regional] | [Regional, Edge] => Ok(()),
        _ => Err(Failure::bad_request("Cannot create a domain name with these multiple Endpoint Types.")),
    }
}

/// Refuses a TLS policy that is none, and members that tell callers apart where they could not.
fn check_access(domain: &DomainName) -> Result<()> {
    security_policy::check(Some(&domain.security_policy), domain.endpoint_access_mode.as_deref())?;
    if let Some(mutual_tls) = &domain.mutual_tls_authentication {
        let is_regional = domain.endpoint_configuration.types.as_slice() == [EndpointType::Regional];
        if !is_regional || domain.security_policy == "TLS_1_0" {
            let message = "Mutual TLS authentication needs the endpoint type REGIONAL and at least TLS 1.2";
            return Err(Failure::bad_request(message));
        }
        let object = mutual_tls.truststore_uri.strip_prefix("s3://").and_then(|rest| rest.split_once('/'));
        if object.is_none_or(|(bucket, key)| bucket.is_empty() || key.is_empty()) {
            return Err(Failure::bad_request("Invalid truststoreUri specified: it must be s3://bucket-name/key-name"));
        }
    }
    for policy in [&domain.policy, &domain.management_policy].into_iter().flatten() {
        if !domain.is_private() {
            return Err(Failure::bad_request("Policies are supported only for private domain names"));
        }
        let parsed: Option<Value> = serde_json::from_str(policy).ok();
        if parsed.is_none_or(|policy| policy.get("Statement").is_none()) {
            return Err(Failure::bad_request(
                "Invalid policy document. Please check the policy syntax and ensure that Principals are valid.",
            ));
        }
    }
    Ok(())
}

/// Refuses what is no certificate's ARN, or that of a certificate elsewhere.
fn check_certificate(text: &str, region: &str) -> Result<()> {
    let invalid = || Failure::bad_request(format!("Invalid certificate ARN: {text}."));
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    if arn.service() != "acm" || !arn.resource().starts_with("certificate/") {
        return Err(invalid());
    }
    if arn.region() != region {
        let message = format!("Invalid certificate ARN: {text}. Certificate must be in '{region}'.");
        return Err(Failure::bad_request(message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::checked_host;

    fn check(host: &str, is_allowed: bool) {
        assert_eq!(checked_host(host).is_ok(), is_allowed, "{host:?}");
    }

    #[test]
    fn a_host_has_labels_and_is_nobody_elses() {
        for host in
            ["api.example.com", "example.com", "*.example.com", "*.localhost", "a-1.b2.io", "xn--bcher-kva.example"]
        {
            check(host, true);
        }
        for host in [
            "",
            "localhost",
            "*",
            "*.",
            "a.*.com",
            "*a.example.com",
            "API.example.com",
            "-a.example.com",
            "a-.example.com",
            "a..com",
            ".com",
            "example.com.",
            "a_b.example.com",
            "a b.example.com",
            "a/b.example.com",
            "example.com:80",
            "ex+ample.com",
            "127.0.0.1",
            "abc.execute-api.us-east-1.amazonaws.com",
            "apigateway.us-east-1.amazonaws.com",
            "*.amazonaws.com.cn",
            "*.execute-api.localhost",
            "bücher.example",
        ] {
            check(host, false);
        }
        check(&format!("{}.com", "a".repeat(63)), true);
        check(&format!("{}.com", "a".repeat(64)), false);
        check(&format!("{}com", "ab.".repeat(90)), false);
    }
}
