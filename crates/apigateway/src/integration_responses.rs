//! What becomes of the answers of backends. API Reference, "IntegrationResponse".

use definition::{
    id::StatusCode,
    integration::{Integration, IntegrationResponse},
    method::Method,
};
use indexmap::IndexMap;
use serde::Deserialize;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::Result,
    integrations::{self, CONTENT_HANDLINGS, content_handling},
    mapping,
    method_responses::{status_code, unknown},
    methods::{ENTRY_OPS, UNKNOWN_CONTENT_TYPE, UNKNOWN_PARAMETER},
    patch::{self, Dialect, Op, Rule, Table, edit_entry},
    wire::Answer,
};

static TABLE: Table<IntegrationResponse> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::set("/selectionPattern", &[Op::Replace, Op::Remove], |response, patch| {
            response.selection_pattern = patch.value.clone().filter(|_| patch.op != Op::Remove);
        }),
        Rule::new("/contentHandling", &[Op::Replace, Op::Remove], |response, patch| {
            response.content_handling = content_handling(patch.optional_text().as_deref())?;
            Ok(())
        }),
        Rule::new("/responseParameters/*", ENTRY_OPS, |response, patch| {
            let (name, source) = (patch.segment(1), patch.text().to_owned());
            edit_entry(&mut response.response_parameters, name, patch.op, source, UNKNOWN_PARAMETER)
        }),
        Rule::new("/responseTemplates/*", ENTRY_OPS, |response, patch| {
            let (content_type, template) = (patch.segment(1), patch.optional_text());
            edit_entry(&mut response.response_templates, content_type, patch.op, template, UNKNOWN_CONTENT_TYPE)
        }),
    ],
};

/// `PutIntegrationResponse`: replaces a response that may be there. The method need not have a response of the code.
pub(crate) fn put(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: PutIntegrationResponseInput = call.decode()?;
    let mut violations = call.violations();
    violations.choice("contentHandling", input.content_handling.as_deref(), &CONTENT_HANDLINGS);
    violations.finish()?;
    let (method, mut integration) = integrations::taken(transaction, call)?;
    let blank_is_null = |template: Option<String>| template.filter(|text| !text.is_empty());
    let response = IntegrationResponse {
        status_code: status_code(call)?,
        selection_pattern: input.selection_pattern,
        response_parameters: input.response_parameters,
        response_templates: input
            .response_templates
            .map(|templates| templates.into_iter().map(|(name, text)| (name, blank_is_null(text))).collect()),
        content_handling: content_handling(input.content_handling.as_deref())?,
    };
    check(&response, &method)?;
    integration.integration_responses.insert(response.status_code, response.clone());
    integrations::keep(transaction, call, method, integration)?;
    Answer::created(response)
}

/// `GetIntegrationResponse`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    call.violations().finish()?;
    let (_, mut integration) = integrations::taken(reader, call)?;
    Answer::ok(take(&mut integration, status_code(call)?)?)
}

/// `UpdateIntegrationResponse`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let (method, mut integration) = integrations::taken(transaction, call)?;
    let mut response = take(&mut integration, status_code(call)?)?;
    TABLE.apply(&mut response, &patches)?;
    check(&response, &method)?;
    integration.integration_responses.insert(response.status_code, response.clone());
    integrations::keep(transaction, call, method, integration)?;
    Answer::ok(response)
}

/// `DeleteIntegrationResponse`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    call.violations().finish()?;
    let (method, mut integration) = integrations::taken(transaction, call)?;
    take(&mut integration, status_code(call)?)?;
    integrations::keep(transaction, call, method, integration)?;
    Ok(Answer::no_content())
}

/// Takes a response out of its integration.
fn take(integration: &mut Integration, status_code: StatusCode) -> Result<IntegrationResponse> {
    integration.integration_responses.remove(&status_code).ok_or_else(unknown)
}

/// Refuses a response that the integration of its method cannot have.
pub(crate) fn check(response: &IntegrationResponse, method: &Method) -> Result<()> {
    let method_response = method.method_responses.get(&response.status_code);
    mapping::check_response_mappings(response.response_parameters.as_ref(), method_response)?;
    mapping::check_templates(response.response_templates.as_ref())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PutIntegrationResponseInput {
    selection_pattern: Option<String>,
    response_parameters: Option<IndexMap<String, String>>,
    response_templates: Option<IndexMap<String, Option<String>>>,
    content_handling: Option<String>,
}
