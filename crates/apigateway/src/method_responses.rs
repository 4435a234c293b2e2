//! Declared responses of methods. API Reference, "MethodResponse".

use definition::{
    id::StatusCode,
    method::{Method, MethodResponse},
};
use indexmap::IndexMap;
use serde::Deserialize;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    mapping,
    methods::{self, ENTRY_OPS, UNKNOWN_CONTENT_TYPE, UNKNOWN_PARAMETER},
    models,
    patch::{self, Dialect, Rule, Table, edit_entry},
    wire::Answer,
};

static TABLE: Table<MethodResponse> = Table {
    dialect: Dialect::Plain,
    rules: &[
        Rule::new("/responseParameters/*", ENTRY_OPS, |response, patch| {
            let name = patch.segment(1);
            edit_entry(&mut response.response_parameters, name, patch.op, patch.flag(), UNKNOWN_PARAMETER)
        }),
        Rule::new("/responseModels/*", ENTRY_OPS, |response, patch| {
            let (content_type, model) = (patch.segment(1), patch.text().to_owned());
            edit_entry(&mut response.response_models, content_type, patch.op, model, UNKNOWN_CONTENT_TYPE)
        }),
    ],
};

/// The refusal of a status code for which there is no response, of the method or of its integration.
pub(crate) fn unknown() -> Failure {
    Failure::not_found("Invalid Response status code specified")
}

/// The status code in the call's path, whose constraint was checked before.
pub(crate) fn status_code(call: &Call) -> Result<StatusCode> {
    call.path("status_code").parse().map_err(|_| unknown())
}

/// `PutMethodResponse`.
pub(crate) fn put(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: PutMethodResponseInput = call.decode()?;
    call.violations().finish()?;
    let mut method = methods::named(transaction, call)?;
    let status_code = status_code(call)?;
    if method.method_responses.contains_key(&status_code) {
        return Err(Failure::conflict("Response already exists for this resource"));
    }
    let response = MethodResponse {
        status_code,
        response_parameters: input.response_parameters,
        response_models: input.response_models,
    };
    check(transaction, call, &response)?;
    method.method_responses.insert(status_code, response.clone());
    methods::keep(transaction, call.scope(), call.api(), &method)?;
    Answer::created(response)
}

/// `GetMethodResponse`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    call.violations().finish()?;
    let mut method = methods::named(reader, call)?;
    Answer::ok(take(&mut method, status_code(call)?)?)
}

/// `UpdateMethodResponse`, which answers 201.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut method = methods::named(transaction, call)?;
    let mut response = take(&mut method, status_code(call)?)?;
    TABLE.apply(&mut response, &patches)?;
    check(transaction, call, &response)?;
    method.method_responses.insert(response.status_code, response.clone());
    methods::keep(transaction, call.scope(), call.api(), &method)?;
    Answer::created(response)
}

/// `DeleteMethodResponse`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    call.violations().finish()?;
    let mut method = methods::named(transaction, call)?;
    take(&mut method, status_code(call)?)?;
    methods::keep(transaction, call.scope(), call.api(), &method)?;
    Ok(Answer::no_content())
}

/// Takes a response out of its method.
fn take(method: &mut Method, status_code: StatusCode) -> Result<MethodResponse> {
    method.method_responses.remove(&status_code).ok_or_else(unknown)
}

fn check(reader: &Reader<'_>, call: &Call, response: &MethodResponse) -> Result<()> {
    mapping::check_response_headers(response.response_parameters.as_ref())?;
    models::check_references(reader, call, response.response_models.as_ref())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PutMethodResponseInput {
    response_parameters: Option<IndexMap<String, bool>>,
    response_models: Option<IndexMap<String, String>>,
}
