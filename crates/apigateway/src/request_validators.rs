//! Request validators. API Reference, "RequestValidator".

use definition::{id::RequestValidatorId, request_validator::RequestValidator, rest_api::RestApi};
use serde::Deserialize;
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    ids::fresh,
    methods,
    patch::{self, Dialect, Op, Rule, Table},
    rest_apis,
    wire::Answer,
};

static TABLE: Table<RequestValidator> = Table {
    dialect: Dialect::Listed,
    rules: &[
        Rule::new("/name", &[Op::Replace], |validator, patch| {
            if patch.text().trim().is_empty() {
                return Err(Failure::bad_request("Request Validator name cannot be blank"));
            }
            validator.name = Some(patch.text().to_owned());
            Ok(())
        }),
        Rule::set("/validateRequestParameters", &[Op::Replace], |validator, patch| {
            validator.validate_request_parameters = patch.flag();
        }),
        Rule::set("/validateRequestBody", &[Op::Replace], |validator, patch| {
            validator.validate_request_body = patch.flag();
        }),
    ],
};

/// The validator that the call's path names; also refuses, in the same words, when the API does not exist.
fn named(reader: &Reader<'_>, call: &Call) -> Result<RequestValidator> {
    let unknown = || Failure::not_found("Invalid Request Validator identifier specified");
    reader.get(call.scope(), call.api(), call.path("requestvalidator_id"))?.ok_or_else(unknown)
}

fn keep(transaction: &mut Transaction<'_>, call: &Call, validator: &RequestValidator) -> Result<()> {
    transaction.put(call.scope(), call.api(), validator.id.as_str(), validator)?;
    Ok(())
}

/// `CreateRequestValidator`.
pub(crate) fn create(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: CreateRequestValidatorInput = call.decode()?;
    if transaction.get::<RestApi>(call.scope(), "", call.api())?.is_none() {
        return Err(Failure::bad_request("Invalid REST API identifier specified"));
    }
    let taken = |id: &RequestValidatorId| {
        Ok(transaction.get::<RequestValidator>(call.scope(), call.api(), id.as_str())?.is_some())
    };
    let validator = RequestValidator {
        id: fresh(|| call.ids.short(), taken)?,
        name: input.name,
        validate_request_body: input.validate_request_body.unwrap_or_default(),
        validate_request_parameters: input.validate_request_parameters.unwrap_or_default(),
    };
    keep(transaction, call, &validator)?;
    Answer::created(validator)
}

/// `GetRequestValidators`.
pub(crate) fn list(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    rest_apis::list_below::<RequestValidator>(reader, call)
}

/// `GetRequestValidator`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(named(reader, call)?)
}

/// `UpdateRequestValidator`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = patch::read(call)?;
    let mut validator = named(transaction, call)?;
    TABLE.apply(&mut validator, &patches)?;
    keep(transaction, call, &validator)?;
    Answer::ok(validator)
}

/// `DeleteRequestValidator`: refused while a method refers to it.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let validator = named(transaction, call)?;
    let id = &validator.id;
    let refers = |method: &definition::method::Method| (method.request_validator_id.as_ref() == Some(id)).then_some(());
    if let Some((user, ())) = methods::find_user(transaction, call, refers)? {
        let name = validator.name.as_deref().unwrap_or(id.as_str());
        let message = format!("Cannot delete request validator '{name}', is referenced in method: {user}");
        return Err(Failure::conflict(message));
    }
    transaction.delete::<RequestValidator>(call.scope(), call.api(), id.as_str())?;
    Ok(Answer::accepted())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CreateRequestValidatorInput {
    name: Option<String>,
    validate_request_body: Option<bool>,
    validate_request_parameters: Option<bool>,
}
