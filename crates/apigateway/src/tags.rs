//! Tags of what can have them, by ARN. API Reference, "Tags".
//!
//! The ARNs have no account, those of private domain names and their access associations excepted:
//! `arn:aws:apigateway:{region}::/restapis/{id}`, and with `/stages/{name}` behind.

use definition::{
    api_key::ApiKey,
    client_certificate::ClientCertificate,
    domain_name::{DomainName, DomainNameAccessAssociation},
    rest_api::RestApi,
    stage::Stage,
    usage_plan::UsagePlan,
    vpc_link::VpcLink,
};
use iam::arn::Arn;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Reader, Transaction};

use crate::{
    access_associations, api_keys,
    call::Call,
    client_certificates, domain_names,
    failure::{Failure, Result},
    rest_apis::{self, Tags},
    stages, usage_plans, vpc_links,
    wire::Answer,
};

/// How many tags a thing can have.
const TAGS_MAX: usize = 50;
/// The longest key, in characters.
const KEY_CHARS_MAX: usize = 128;
/// The longest value, in characters.
const VALUE_CHARS_MAX: usize = 256;

/// A thing that has tags.
enum Tagged {
    RestApi(RestApi),
    Stage { api: String, stage: Stage },
    ApiKey(ApiKey),
    UsagePlan(UsagePlan),
    DomainName(DomainName),
    AccessAssociation(DomainNameAccessAssociation),
    VpcLink(VpcLink),
    ClientCertificate(ClientCertificate),
}

impl Tagged {
    fn tags(&mut self) -> &mut Tags {
        match self {
            Self::RestApi(api) => &mut api.tags,
            Self::Stage { stage, .. } => &mut stage.tags,
            Self::ApiKey(key) => &mut key.tags,
            Self::UsagePlan(plan) => &mut plan.tags,
            Self::DomainName(domain) => &mut domain.tags,
            Self::AccessAssociation(association) => &mut association.tags,
            Self::VpcLink(link) => &mut link.tags,
            Self::ClientCertificate(certificate) => &mut certificate.tags,
        }
    }
}

/// Tags, if there may be such tags.
pub(crate) fn checked(tags: IndexMap<String, String>) -> Result<Tags> {
    if tags.len() > TAGS_MAX {
        return Err(Failure::bad_request(format!("Too many tags specified: the limit is {TAGS_MAX}")));
    }
    for (key, value) in &tags {
        if key.is_empty() || key.chars().count() > KEY_CHARS_MAX || key.starts_with("aws:") {
            return Err(Failure::bad_request(format!("Invalid tag key specified: {key}")));
        }
        if value.chars().count() > VALUE_CHARS_MAX {
            return Err(Failure::bad_request(format!("Invalid tag value specified for key: {key}")));
        }
    }
    Ok(tags)
}

/// A record's wire form with its tags, an empty map of them included.
pub(crate) fn shown(record: &impl Serialize, tags: &Tags) -> Result<Value> {
    let mut document = serde_json::to_value(record)?;
    document["tags"] = json!(tags);
    Ok(document)
}

/// `GetTags`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(json!({ "tags": find(reader, call)?.tags() }))
}

/// `TagResource`: tags that are not named stay.
pub(crate) fn put(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: TagResourceInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("tags", input.tags.as_ref());
    violations.finish()?;
    let mut tagged = find(transaction, call)?;
    let mut tags = std::mem::take(tagged.tags());
    tags.extend(input.tags.unwrap_or_default());
    *tagged.tags() = checked(tags)?;
    keep(transaction, call, &tagged)?;
    Ok(Answer::no_content())
}

/// `UntagResource`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let mut violations = call.violations();
    violations.required_uri("tagKeys", call.query("tagKeys"));
    violations.finish()?;
    let mut tagged = find(transaction, call)?;
    for (_, key) in call.query.iter().filter(|(name, _)| name == "tagKeys") {
        tagged.tags().shift_remove(key);
    }
    keep(transaction, call, &tagged)?;
    Ok(Answer::no_content())
}

fn find(reader: &Reader<'_>, call: &Call) -> Result<Tagged> {
    let text = call.path("resource_arn");
    let invalid = || Failure::bad_request(format!("Invalid ARN. ARN is not well formed {text}"));
    let arn: Arn = text.parse().map_err(|_| invalid())?;
    if arn.service() != "apigateway" || arn.region() != call.scope().region {
        return Err(invalid());
    }
    let segments: Vec<&str> = arn.resource().split('/').collect();
    match segments.as_slice() {
        ["", "restapis", api] => Ok(Tagged::RestApi(rest_apis::find(reader, call.scope(), api)?)),
        ["", "restapis", api, "stages", name] => {
            Ok(Tagged::Stage { api: (*api).to_owned(), stage: stages::find(reader, call.scope(), api, name)? })
        }
        ["", "apikeys", id] => Ok(Tagged::ApiKey(api_keys::find(reader, call.scope(), id)?)),
        ["", "usageplans", id] => Ok(Tagged::UsagePlan(usage_plans::find(reader, call.scope(), id)?)),
        ["", "domainnames", id] => Ok(Tagged::DomainName(domain_names::find(reader, call.scope(), id)?)),
        ["", "domainnameaccessassociations", "domainname", ..] => {
            let id = segments[2..].join("/");
            Ok(Tagged::AccessAssociation(access_associations::find(reader, call.scope(), &id)?))
        }
        ["", "vpclinks", id] => Ok(Tagged::VpcLink(vpc_links::find(reader, call.scope(), id)?)),
        ["", "clientcertificates", id] => {
            Ok(Tagged::ClientCertificate(client_certificates::find(reader, call.scope(), id)?))
        }
        _ => Err(Failure::not_found(format!("Invalid resource specified: {}", arn.resource()))),
    }
}

fn keep(transaction: &mut Transaction<'_>, call: &Call, tagged: &Tagged) -> Result<()> {
    match tagged {
        Tagged::RestApi(api) => rest_apis::keep(transaction, call.scope(), api),
        Tagged::Stage { api, stage } => stages::keep(transaction, call.scope(), api, stage),
        Tagged::ApiKey(key) => api_keys::keep(transaction, call.scope(), key),
        Tagged::UsagePlan(plan) => usage_plans::keep(transaction, call.scope(), plan),
        Tagged::DomainName(domain) => domain_names::keep(transaction, call.scope(), domain),
        Tagged::AccessAssociation(association) => access_associations::keep(transaction, call.scope(), association),
        Tagged::VpcLink(link) => vpc_links::keep(transaction, call.scope(), link),
        Tagged::ClientCertificate(certificate) => client_certificates::keep(transaction, call.scope(), certificate),
    }
}

#[derive(Deserialize)]
struct TagResourceInput {
    tags: Option<IndexMap<String, String>>,
}
