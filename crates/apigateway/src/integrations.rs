//! What stands behind methods. API Reference, "Integration".

mod patch;
mod rules;
mod wire;

use definition::{integration::Integration, method::Method};
use store::{Reader, Transaction};

use crate::{
    call::Call,
    failure::{Failure, Result},
    methods,
    wire::Answer,
};

pub(crate) use rules::check;
pub(crate) use wire::{CONTENT_HANDLINGS, content_handling};

/// The method that the call's path names, and its integration, taken out of it.
pub(crate) fn taken(reader: &Reader<'_>, call: &Call) -> Result<(Method, Integration)> {
    let mut method = methods::named(reader, call)?;
    let integration = method.integration.take();
    let unknown = || Failure::not_found("Invalid Integration identifier specified");
    Ok((method, integration.ok_or_else(unknown)?))
}

/// Puts an integration back into its method and keeps both.
pub(crate) fn keep(
    transaction: &mut Transaction<'_>,
    call: &Call,
    mut method: Method,
    integration: Integration,
) -> Result<()> {
    method.integration = Some(integration);
    methods::keep(transaction, call.scope(), call.api(), &method)
}

/// `PutIntegration`: replaces an integration that may be there, with its responses.
pub(crate) fn put(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let input: wire::PutIntegrationInput = call.decode()?;
    input.check(call)?;
    let method = methods::named(transaction, call)?;
    let integration = input.into_integration(method.resource_id.as_str())?;
    check(&integration, &method, call.scope())?;
    keep(transaction, call, method, integration.clone())?;
    Answer::created(integration)
}

/// `GetIntegration`.
pub(crate) fn get(reader: &Reader<'_>, call: &Call) -> Result<Answer> {
    Answer::ok(taken(reader, call)?.1)
}

/// `UpdateIntegration`.
pub(crate) fn update(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let patches = crate::patch::read(call)?;
    let (method, mut integration) = taken(transaction, call)?;
    patch::TABLE.apply(&mut integration, &patches)?;
    rules::settle(&mut integration);
    check(&integration, &method, call.scope())?;
    keep(transaction, call, method, integration.clone())?;
    Answer::ok(integration)
}

/// `DeleteIntegration`.
pub(crate) fn delete(transaction: &mut Transaction<'_>, call: &Call) -> Result<Answer> {
    let (method, _) = taken(transaction, call)?;
    methods::keep(transaction, call.scope(), call.api(), &method)?;
    Ok(Answer::no_content())
}
