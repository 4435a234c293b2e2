//! The gateway's own errors, customised or not. API Reference, "GatewayResponse".
//!
//! A record exists for what a user set. What is shown of the other types follows from their family's default and from the
//! table of built-in ones.

mod built_in;

use definition::{gateway_response::GatewayResponse, id::StatusCode};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::{Value, json};
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    mapping,
    methods::{ENTRY_OPS, UNKNOWN_CONTENT_TYPE, UNKNOWN_PARAMETER},
    patch::{self, Dialect, Op, Rule, Table},
    rest_apis,
    wire::{Answer, Violations, whole_collection},
};

static TABLE: Table<GatewayResponse> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::new("/statusCode", &[Op::Replace], |response, patch| {
            let refusal = |_| Failure::bad_request("Invalid status code specified");
            response.status_code = patch.optional_text().map(|code| code.parse().map_err(refusal)).transpose()?;
            Ok(())
        }),
        Rule::new("/responseParameters/*", ENTRY_OPS, |response, patch| {
            edit(&mut response.response_parameters, patch, "responseParameters", UNKNOWN_PARAMETER)
        }),
        Rule::new("/responseTemplates/*", ENTRY_OPS, |response, patch| {
            edit(&mut response.response_templates, patch, "responseTemplates", UNKNOWN_CONTENT_TYPE)
        }),
    ],
};

/// `PutGatewayResponse`.
pub(crate) fn put(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: PutGatewayResponseInput = call.decode()?;
    let mut violations = type_violations(call);
    if let Some(code) = input.status_code.as_deref().filter(|code| code.parse::<StatusCode>().is_err()) {
        violations.member("statusCode", code, r"Member must satisfy regular expression pattern: [1-5]\d\d");
    }
    violations.finish()?;
    rest_apis::find(transaction, call.scope(), call.api())?;
    let response = GatewayResponse {
        response_type: call.path("response_type").to_owned(),
        status_code: input.status_code.and_then(|code| code.parse().ok()),
        response_parameters: filled(input.response_parameters, "responseParameters")?,
        response_templates: filled(input.response_templates, "responseTemplates")?,
    };
    mapping::check_gateway_response(&response)?;
    keep(transaction, call, &response)?;
    Answer::created(shown(&find_all(transaction, call)?, &response.response_type))
}

/// `GetGatewayResponses`: all types, by their names.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::find(reader, call.scope(), call.api())?;
    let customised = find_all(reader, call)?;
    whole_collection(built_in::TYPES.iter().map(|built_in| shown(&customised, built_in.name)).collect())
}

/// `GetGatewayResponse`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    type_violations(call).finish()?;
    rest_apis::find(reader, call.scope(), call.api())?;
    Answer::ok(shown(&find_all(reader, call)?, call.path("response_type")))
}

/// `UpdateGatewayResponse`: customises a type that was not.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read_with(call, type_violations(call))?;
    rest_apis::find(transaction, call.scope(), call.api())?;
    let name = call.path("response_type");
    let mut response = transaction.get(call.scope(), call.api(), name)?.unwrap_or_else(|| GatewayResponse {
        response_type: name.to_owned(),
        status_code: None,
        response_parameters: IndexMap::new(),
        response_templates: IndexMap::new(),
    });
    TABLE.apply(&mut response, &patches)?;
    mapping::check_gateway_response(&response)?;
    keep(transaction, call, &response)?;
    Answer::ok(shown(&find_all(transaction, call)?, name))
}

/// `DeleteGatewayResponse`: the type is no longer customised.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    type_violations(call).finish()?;
    rest_apis::find(transaction, call.scope(), call.api())?;
    if !transaction.delete::<GatewayResponse>(call.scope(), call.api(), call.path("response_type"))? {
        return Err(Failure::not_found("Gateway response type not defined on api"));
    }
    Ok(Answer::accepted())
}

fn type_violations(call: &Call) -> Violations {
    let mut violations = call.violations();
    let name = call.path("response_type");
    if built_in::find(name).is_none() {
        let rule = format!("Member must satisfy enum value set: [{}]", built_in::MODEL_ORDER.join(", "));
        violations.uri("responseType", name, &rule);
    }
    violations
}

/// Refuses a response of a type that there is not, or with mappings that are none.
pub(crate) fn check(response: &GatewayResponse) -> Result<()> {
    if built_in::find(&response.response_type).is_none() {
        return Err(Failure::bad_request(format!("Invalid response type specified: {}", response.response_type)));
    }
    mapping::check_gateway_response(response)
}

/// The customised types of the API; there are at most as many as there are types.
fn find_all(reader: &Reader<'_>, call: &Call) -> Result<Vec<GatewayResponse>> {
    Ok(reader.list_all(call.scope(), call.api())?)
}

fn keep(transaction: &mut Transaction<'_>, call: &Call, response: &GatewayResponse) -> Result<()> {
    transaction.put(call.scope(), call.api(), &response.response_type, response)?;
    Ok(())
}

/// A type's wire form: its own settings, else its family's, else the built-in ones.
fn shown(customised: &[GatewayResponse], name: &str) -> Value {
    let set = |name: &str| customised.iter().find(|response| response.response_type == name);
    let built_in = built_in::find(name);
    let own = set(name);
    let family = built_in.and_then(built_in::BuiltIn::family).and_then(set);
    let layers = || own.into_iter().chain(family);
    let status_code = layers().find_map(|layer| layer.status_code.map(String::from));
    let templates = layers().map(|layer| &layer.response_templates).find(|templates| !templates.is_empty());
    let parameters = layers().map(|layer| &layer.response_parameters).find(|parameters| !parameters.is_empty());
    let mut document = json!({ "responseType": name });
    if let Some(code) = status_code.or_else(|| built_in.and_then(|built_in| built_in.status_code).map(str::to_owned)) {
        document["statusCode"] = Value::String(code);
    }
    document["responseParameters"] = parameters.map_or_else(|| json!({}), |parameters| json!(parameters));
    document["responseTemplates"] = templates
        .map_or_else(|| json!({ "application/json": built_in::DEFAULT_TEMPLATE }), |templates| json!(templates));
    document["defaultResponse"] = Value::Bool(own.is_none());
    document
}

/// A map whose values must all be there.
fn filled(map: Option<IndexMap<String, Option<String>>>, member: &'static str) -> Result<IndexMap<String, String>> {
    let entries = map.unwrap_or_default().into_iter();
    entries
        .map(|(name, value)| Ok((name, value.filter(|value| !value.is_empty()).ok_or_else(|| null_value(member))?)))
        .collect()
}

fn edit(
    map: &mut IndexMap<String, String>,
    patch: &patch::Patch,
    member: &'static str,
    missing: &'static str,
) -> Result<()> {
    if patch.op != Op::Remove && patch.text().is_empty() {
        return Err(null_value(member));
    }
    let mut entries = Some(std::mem::take(map)).filter(|map| !map.is_empty());
    patch::edit_entry(&mut entries, patch.segment(1), patch.op, patch.text().to_owned(), missing)?;
    *map = entries.unwrap_or_default();
    Ok(())
}

fn null_value(member: &str) -> Failure {
    Failure::bad_request(format!("Invalid null or empty value in {member}"))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PutGatewayResponseInput {
    status_code: Option<String>,
    response_parameters: Option<IndexMap<String, Option<String>>>,
    response_templates: Option<IndexMap<String, Option<String>>>,
}
