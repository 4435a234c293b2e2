//! Custom domain names: hosts of a user's own before the stages of APIs. API Reference, "DomainName".
//!
//! Differs from AWS: certificates are named and not looked up, since there is no ACM, and a domain name is available at once.

mod hosted_zones;
mod patch;
mod rules;
mod wire;

use definition::{
    Scope,
    domain_name::{DomainName, MutualTlsAuthentication},
};
use store::{Reader, Transaction};

use crate::{
    access_associations,
    call::Call,
    failure::{Failure, Result},
    rest_apis, tags,
    wire::{Answer, PageRequest, collection},
};

/// How many an account has at most in a region ("Quotas for configuring and running a REST API in API Gateway").
const DOMAINS_MAX: u64 = 120;

/// Whose things a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Owner {
    /// The caller's account.
    Caller,
    /// Other accounts, which have none here.
    Others,
}

/// What the query member `resourceOwner` asks for.
pub(crate) fn resource_owner(call: &Call) -> Result<Owner> {
    let asked = call.query("resourceOwner").filter(|owner| !owner.is_empty()).unwrap_or("SELF");
    let mut violations = call.violations();
    if !matches!(asked, "SELF" | "OTHER_ACCOUNTS") {
        violations.uri("resourceOwner", asked, "Member must satisfy enum value set: [SELF, OTHER_ACCOUNTS]");
    }
    violations.finish()?;
    Ok(if asked == "SELF" { Owner::Caller } else { Owner::Others })
}

/// The domain name with this record id.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, id: &str) -> Result<DomainName> {
    reader.get(scope, "", id)?.ok_or_else(unknown)
}

/// The domain name that the call's path names and, if it is private, its query.
pub(crate) fn named(reader: &Reader<'_>, call: &Call) -> Result<DomainName> {
    let domain_name = call.path("domain_name");
    let id = call.query("domainNameId").filter(|id| !id.is_empty());
    let found = find(reader, call.scope(), &DomainName::record_id_of(domain_name, id))?;
    // A path that holds the id as well would find it, too.
    if found.domain_name == domain_name { Ok(found) } else { Err(unknown()) }
}

fn unknown() -> Failure {
    Failure::not_found("Invalid domain name identifier specified")
}

/// Keeps a domain name, new or changed.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, domain: &DomainName) -> Result<()> {
    transaction.put(scope, "", &domain.record_id(), domain)?;
    Ok(())
}

/// `CreateDomainName`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::CreateDomainNameInput = call.decode()?;
    input.check(call)?;
    let scope = call.scope();
    let host = rules::checked_host(input.domain_name.as_deref().unwrap_or_default())?;
    rules::check_way_back(&host, call)?;
    let shows_tags = input.tags.is_some();
    let endpoint_configuration = rest_apis::endpoint_configuration(input.endpoint_configuration);
    let mut domain = DomainName::new(host, endpoint_configuration);
    domain.certificate_name = input.certificate_name;
    domain.certificate_arn = input.certificate_arn;
    domain.regional_certificate_name = input.regional_certificate_name;
    domain.regional_certificate_arn = input.regional_certificate_arn;
    domain.security_policy = input.security_policy.unwrap_or(domain.security_policy);
    domain.endpoint_access_mode = input.endpoint_access_mode;
    domain.ownership_verification_certificate_arn = input.ownership_verification_certificate_arn;
    domain.policy = input.policy.filter(|policy| !policy.is_empty());
    domain.routing_mode = input.routing_mode;
    domain.tags = tags::checked(input.tags.unwrap_or_default())?;
    domain.mutual_tls_authentication = input.mutual_tls_authentication.map(|asked| MutualTlsAuthentication {
        truststore_uri: asked.truststore_uri.unwrap_or_default(),
        truststore_version: asked.truststore_version,
    });
    rules::check_certificates(&domain, None)?;
    rules::settle(&mut domain, scope, call)?;
    if is_taken(transaction, scope, &domain)? {
        return Err(Failure::conflict("The domain name you provided already exists."));
    }
    if transaction.count::<DomainName>(scope, "")? >= DOMAINS_MAX {
        return Err(Failure::limit_exceeded("domain names", "account"));
    }
    transaction.insert(scope, "", &domain.record_id(), &domain)?;
    if shows_tags {
        return Answer::created(tags::shown(&domain, &domain.tags)?);
    }
    Answer::created(domain)
}

/// Whether a domain name of the same host is there, public or private as this one.
fn is_taken(reader: &Reader<'_>, scope: &Scope, domain: &DomainName) -> Result<bool> {
    if domain.is_private() {
        let with_id = DomainName::record_id_of(&domain.domain_name, Some(""));
        return Ok(!reader.list_prefix::<DomainName>(scope, "", &with_id)?.is_empty());
    }
    Ok(reader.get::<DomainName>(scope, "", &domain.domain_name)?.is_some())
}

/// `GetDomainNames`. Other accounts have none here.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let owner = resource_owner(call)?;
    let page = PageRequest::of(call)?;
    if owner == Owner::Others {
        return collection(Vec::new(), None);
    }
    let found = reader.list::<DomainName>(call.scope(), "", page.after, page.limit)?;
    let items = found.items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    collection(items, found.next)
}

/// `GetDomainName`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let domain = named(reader, call)?;
    Answer::ok(tags::shown(&domain, &domain.tags)?)
}

/// `UpdateDomainName`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = crate::patch::read(call)?;
    let before = named(transaction, call)?;
    let mut domain = before.clone();
    patch::TABLE.apply(&mut domain, &patches)?;
    rules::check_move(&before, &domain)?;
    rules::check_certificates(&domain, Some(&before))?;
    rules::settle(&mut domain, call.scope(), call)?;
    keep(transaction, call.scope(), &domain)?;
    Answer::ok(tags::shown(&domain, &domain.tags)?)
}

/// `DeleteDomainName`, with its mappings and its access associations.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let domain = named(transaction, call)?;
    access_associations::delete_all(transaction, call.scope(), &domain)?;
    transaction.delete_children::<DomainName>(call.scope(), &domain.record_id())?;
    transaction.delete::<DomainName>(call.scope(), "", &domain.record_id())?;
    Ok(Answer::accepted())
}
