//! VPC links: ways into private networks, which integrations name. API Reference, "VpcLink".
//!
//! Differs from AWS: no load balancer is looked for. A link is ready as soon as its creation was answered, and no request can take
//! it: the data plane refuses integrations with a VPC link.

use definition::{
    ApiSnapshot, Scope, id::VpcLinkId, method::Method, rest_api::RestApi, stage::Stage, vpc_link::VpcLink,
};
use iam::arn::Arn;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::fresh,
    patch::{self, Dialect, Op, Rule, Table},
    tags,
    wire::{Answer, PageRequest, collection},
};

/// How many an account has at most in a region ("Quotas for configuring and running a REST API in API Gateway").
const LINKS_MAX: u64 = 20;
/// How many users of a link the refusal to delete it names.
const USERS_NAMED_MAX: usize = 20;

static TABLE: Table<VpcLink> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::new("/name", &[Op::Replace], |link, patch| {
            link.name = checked_name(patch.value.clone())?;
            Ok(())
        }),
        Rule::set("/description", &[Op::Replace], |link, patch| {
            link.description = patch.optional_text();
        }),
        Rule::new("/targetArns", &[], |_, patch| Err(patch.invalid_path()))
            .otherwise("Target arns are not allowed to be changed/added."),
    ],
};

/// The link with this id.
pub(crate) fn find(reader: &Reader<'_>, scope: &Scope, id: &str) -> Result<VpcLink> {
    let unknown = || Failure::not_found("Invalid Vpc Link identifier specified");
    reader.get(scope, "", id)?.ok_or_else(unknown)
}

fn named(reader: &Reader<'_>, call: &Call) -> Result<VpcLink> {
    find(reader, call.scope(), call.path("vpclink_id"))
}

/// Keeps a link, new or changed.
pub(crate) fn keep(transaction: &mut Transaction<'_>, scope: &Scope, link: &VpcLink) -> Result<()> {
    transaction.put(scope, "", link.id.as_str(), link)?;
    Ok(())
}

/// A link that is ready, with its tags only if it has any.
fn shown_briefly(link: &VpcLink) -> Result<Value> {
    let mut document = serde_json::to_value(link)?;
    document["status"] = json!("AVAILABLE");
    document["statusMessage"] = json!("Your vpc link is ready for use");
    Ok(document)
}

fn shown(link: &VpcLink) -> Result<Value> {
    let mut document = shown_briefly(link)?;
    document["tags"] = json!(link.tags);
    Ok(document)
}

/// `CreateVpcLink`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateVpcLinkInput = call.decode()?;
    let mut violations = call.violations();
    violations.required("name", input.name.as_ref());
    violations.required("targetArns", input.target_arns.as_ref());
    violations.finish()?;
    let scope = call.scope();
    let shows_tags = input.tags.is_some();
    let name = checked_name(input.name)?;
    let target_arns = input.target_arns.unwrap_or_default();
    check_targets(&target_arns)?;
    let tags = tags::checked(input.tags.unwrap_or_default())?;
    if transaction.count::<VpcLink>(scope, "")? >= LINKS_MAX {
        return Err(Failure::limit_exceeded("VPC links", "account"));
    }
    let taken = |id: &VpcLinkId| Ok(transaction.get::<VpcLink>(scope, "", id.as_str())?.is_some());
    let id = fresh(|| call.ids.short(), taken)?;
    let link = VpcLink { id, name, description: input.description, target_arns, tags };
    keep(transaction, scope, &link)?;
    let mut document = if shows_tags { tags::shown(&link, &link.tags)? } else { serde_json::to_value(&link)? };
    document["status"] = json!("PENDING");
    Answer::accepted_with(document)
}

/// `GetVpcLinks`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    let page = PageRequest::of(call)?;
    let found = reader.list::<VpcLink>(call.scope(), "", page.after, page.limit)?;
    let items = found.items.iter().map(shown_briefly).collect::<Result<_>>()?;
    collection(items, found.next)
}

/// `GetVpcLink`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(shown(&named(reader, call)?)?)
}

/// `UpdateVpcLink`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut link = named(transaction, call)?;
    TABLE.apply(&mut link, &patches)?;
    keep(transaction, call.scope(), &link)?;
    Answer::ok(shown(&link)?)
}

/// `DeleteVpcLink`: refused while a stage serves an integration that names it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let link = named(transaction, call)?;
    let users = users(transaction, call.scope(), link.id.as_str())?;
    if !users.is_empty() {
        return Err(Failure::bad_request(format!(
            "Cannot delete vpc link. Vpc link '{}', is referenced in [{}] in format of [RESTApiId:Method:Resource:Stage].",
            link.id,
            users.join(", "),
        )));
    }
    transaction.delete::<VpcLink>(call.scope(), "", link.id.as_str())?;
    Ok(Answer::accepted())
}

fn checked_name(name: Option<String>) -> Result<String> {
    name.filter(|name| !name.is_empty()).ok_or_else(|| Failure::bad_request("Name cannot be empty"))
}

/// Refuses what is not one network load balancer.
fn check_targets(arns: &[String]) -> Result<()> {
    let text = match arns {
        [one] => one,
        [] => return Err(Failure::bad_request("No target arn specified for vpc link.")),
        _ => return Err(Failure::bad_request("More than one target arn specified for vpc link.")),
    };
    let not_well_formed = || Failure::bad_request(format!("Invalid ARN. ARN is not well formed {text}"));
    let arn: Arn = text.parse().map_err(|_| not_well_formed())?;
    if arn.service() != "elasticloadbalancing" || !arn.resource().starts_with("loadbalancer/net/") {
        return Err(Failure::bad_request("NLB ARN is malformed"));
    }
    Ok(())
}

/// Who names a link in what stages serve: `API:method:resource:stage`, at most [`USERS_NAMED_MAX`] of them.
fn users(reader: &Reader<'_>, scope: &Scope, link: &str) -> Result<Vec<String>> {
    let mut users = Vec::new();
    for api in reader.list_all::<RestApi>(scope, "")? {
        for stage in reader.list_all::<Stage>(scope, api.id.as_str())? {
            for method in served(reader, scope, &api, &stage)? {
                let connection =
                    method.integration.as_ref().and_then(|integration| integration.connection_id.as_deref());
                if connection == Some(link) && users.len() < USERS_NAMED_MAX {
                    let (name, resource) = (method.http_method.as_str(), &method.resource_id);
                    users.push(format!("{}:{name}:{resource}:{}", api.id, stage.stage_name));
                }
            }
        }
    }
    Ok(users)
}

/// The methods that a stage serves, those of its canary included.
fn served(reader: &Reader<'_>, scope: &Scope, api: &RestApi, stage: &Stage) -> Result<Vec<Method>> {
    let canary = stage.canary_settings.as_ref().and_then(|canary| canary.deployment_id.as_ref());
    let canary = canary.filter(|id| **id != stage.deployment_id);
    let mut methods = Vec::new();
    for deployment in std::iter::once(&stage.deployment_id).chain(canary) {
        let snapshot: Option<ApiSnapshot> = reader.get(scope, api.id.as_str(), deployment.as_str())?;
        methods.extend(snapshot.into_iter().flat_map(|snapshot| snapshot.methods));
    }
    Ok(methods)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateVpcLinkInput {
    name: Option<String>,
    description: Option<String>,
    target_arns: Option<Vec<String>>,
    tags: Option<IndexMap<String, String>>,
}
