//! Domain name access associations: which VPC endpoints may call private domain names. API Reference,
//! "DomainNameAccessAssociation".
//!
//! Differs from AWS: all of them belong to the account that the domain name belongs to, so rejecting one ends it as deleting does.

use definition::{
    Scope,
    domain_name::{DomainName, DomainNameAccessAssociation},
};
use iam::arn::Arn;
use indexmap::IndexMap;
use serde::Deserialize;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    domain_names::{self, Owner},
    failure::{Failure, Result},
    tags,
    wire::{Answer, PageRequest, collection},
};

/// The only kind of source.
const VPC_ENDPOINT: &str = "VPCE";
/// What the ARNs of associations have before the part that is their record's id.
const ARN_PREFIX: &str = "/domainnameaccessassociations/";
/// How many a domain name has at most.
const ASSOCIATIONS_MAX: usize = 100;

/// What the ids of a domain name's associations start with.
fn id_prefix(domain: &DomainName) -> String {
    format!("domainname/{}/vpcesource/", domain.domain_name)
}

/// The association with this record id.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, id: &str) -> Result<DomainNameAccessAssociation> {
    reader.get(scope, "", id)?.ok_or_else(unknown)
}

/// Keeps an association, new or changed.
pub(crate) fn keep(
    transaction: &mut Transaction<'_>,
    scope: &Scope,
    association: &DomainNameAccessAssociation,
) -> Result<()> {
    let id = record_id(&association.domain_name_access_association_arn, scope)?;
    transaction.put(scope, "", &id, association)?;
    Ok(())
}

/// Ends all associations of a domain name that goes.
pub(crate) fn delete_all(transaction: &mut Transaction<'_>, scope: &Scope, domain: &DomainName) -> Result<()> {
    for association in of_domain(transaction, scope, domain)? {
        let id = record_id(&association.domain_name_access_association_arn, scope)?;
        transaction.delete::<DomainNameAccessAssociation>(scope, "", &id)?;
    }
    Ok(())
}

fn of_domain(reader: &Reader<'_>, scope: &Scope, domain: &DomainName) -> Result<Vec<DomainNameAccessAssociation>> {
    let mut found: Vec<DomainNameAccessAssociation> = reader.list_prefix(scope, "", &id_prefix(domain))?;
    found.retain(|association| Some(&association.domain_name_arn) == domain.domain_name_arn.as_ref());
    Ok(found)
}

/// `CreateDomainNameAccessAssociation`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateInput = call.decode()?;
    input.check(call)?;
    let scope = call.scope();
    let domain_name_arn = input.domain_name_arn.unwrap_or_default();
    let Some(domain) = domain_of(transaction, scope, &domain_name_arn)? else {
        return Err(Failure::bad_request("Invalid domain name identifier specified"));
    };
    let source = input.access_association_source.unwrap_or_default();
    let digits = source.strip_prefix("vpce-").unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()) {
        return Err(Failure::bad_request(format!("Invalid VPC endpoint identifier specified: {source}")));
    }
    let others = of_domain(transaction, scope, &domain)?;
    if others.iter().any(|other| other.access_association_source == source) {
        return Err(Failure::conflict("The domain name access association already exists."));
    }
    if others.len() >= ASSOCIATIONS_MAX {
        return Err(Failure::limit_exceeded("domain name access associations", "domain name"));
    }
    let shows_tags = input.tags.is_some();
    let id = format!("{}{source}", id_prefix(&domain));
    let association = DomainNameAccessAssociation {
        domain_name_access_association_arn: format!(
            "arn:aws:apigateway:{}:{}:{ARN_PREFIX}{id}",
            scope.region, scope.account
        ),
        domain_name_arn,
        access_association_source_type: VPC_ENDPOINT.to_owned(),
        access_association_source: source,
        tags: tags::checked(input.tags.unwrap_or_default())?,
    };
    transaction.insert(scope, "", &id, &association)?;
    if shows_tags {
        return Answer::created(tags::shown(&association, &association.tags)?);
    }
    Answer::created(association)
}

/// `GetDomainNameAccessAssociations`. Other accounts have none here.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let owner = domain_names::resource_owner(call)?;
    let page = PageRequest::of(call)?;
    if owner == Owner::Others {
        return collection(Vec::new(), None);
    }
    let found = reader.list::<DomainNameAccessAssociation>(call.scope(), "", page.after, page.limit)?;
    let items = found.items.iter().map(serde_json::to_value).collect::<Result<_, _>>()?;
    collection(items, found.next)
}

/// `DeleteDomainNameAccessAssociation`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let id = record_id(call.path("domain_name_access_association_arn"), call.scope())?;
    find(transaction, call.scope(), &id)?;
    transaction.delete::<DomainNameAccessAssociation>(call.scope(), "", &id)?;
    Ok(Answer::accepted())
}

/// `RejectDomainNameAccessAssociation`.
pub(crate) fn reject(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let arn = call.query("domainNameAccessAssociationArn");
    let domain_name_arn = call.query("domainNameArn");
    let mut violations = call.violations();
    violations.required_uri("domainNameAccessAssociationArn", arn);
    violations.required_uri("domainNameArn", domain_name_arn);
    violations.finish()?;
    let id = record_id(arn.unwrap_or_default(), call.scope())?;
    let association = find(transaction, call.scope(), &id)?;
    if Some(association.domain_name_arn.as_str()) != domain_name_arn {
        return Err(Failure::not_found("Invalid domain name identifier specified"));
    }
    transaction.delete::<DomainNameAccessAssociation>(call.scope(), "", &id)?;
    Ok(Answer::accepted())
}

/// The private domain name with this ARN.
fn domain_of(reader: &Reader<'_>, scope: &Scope, text: &str) -> Result<Option<DomainName>> {
    let arn = parse(text, scope)?;
    let Some(id) = arn.resource().strip_prefix("/domainnames/") else { return Ok(None) };
    let found: Option<DomainName> = reader.get(scope, "", id)?;
    Ok(found.filter(|domain| domain.domain_name_arn.as_deref() == Some(text)))
}

/// The id of the record of the association with this ARN.
fn record_id(text: &str, scope: &Scope) -> Result<String> {
    let arn = parse(text, scope)?;
    arn.resource().strip_prefix(ARN_PREFIX).map(str::to_owned).ok_or_else(unknown)
}

fn parse(text: &str, scope: &Scope) -> Result<Arn> {
    let arn: Option<Arn> = text.parse().ok();
    arn.filter(|arn| arn.service() == "apigateway" && arn.region() == scope.region)
        .ok_or_else(|| Failure::bad_request(format!("Invalid ARN. ARN is not well formed {text}")))
}

fn unknown() -> Failure {
    Failure::not_found("Invalid domain name access association identifier specified")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateInput {
    domain_name_arn: Option<String>,
    access_association_source_type: Option<String>,
    access_association_source: Option<String>,
    tags: Option<IndexMap<String, String>>,
}

impl CreateInput {
    /// Refuses what breaks the service model's constraints.
    fn check(&self, call: &Call) -> Result<()> {
        let mut violations = call.violations();
        violations.required("domainNameArn", self.domain_name_arn.as_ref());
        violations.required("accessAssociationSourceType", self.access_association_source_type.as_ref());
        violations.choice(
            "accessAssociationSourceType",
            self.access_association_source_type.as_deref(),
            &[VPC_ENDPOINT],
        );
        violations.required("accessAssociationSource", self.access_association_source.as_ref());
        violations.finish()
    }
}
