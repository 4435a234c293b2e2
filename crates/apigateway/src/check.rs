//! A document read for what is to be said about it, and kept nowhere.
//!
//! No AWS operation does this. `lambdagate import --check` does.

use std::collections::HashMap;

use definition::{
    Scope,
    openapi::{
        self, BasePathMode, Checked, Diagnostic, DocumentationMode, ImportError, ImportOptions, Severity, escaped,
    },
    rest_api::RestApi,
    time::EpochSeconds,
};

use crate::{
    failure::Result,
    import::rules::{self, Subject},
    rest_apis, tags,
};

/// The id of the API that a document would make, and of its root. References between models hold it.
const ID: &str = "0000000000";

/// All that an import of a document would refuse or ignore, in the document's order as far as it is known.
pub fn check_document(document: &[u8], scope: &Scope) -> Result<Vec<Diagnostic>, ImportError> {
    let Checked { snapshot, mut diagnostics, origins } = openapi::check(document, &options(scope)?, &mut counted())?;
    let errors: Vec<String> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.severity == Severity::Error)
        .filter_map(|diagnostic| diagnostic.pointer.clone())
        .collect();
    let mut add = |pointer: Option<String>, message: String| {
        diagnostics.push(Diagnostic { severity: Severity::Error, message, pointer });
    };
    let api = &snapshot.rest_api;
    let policy = api.policy.as_deref().map(|text| rest_apis::normalize_policy(text, scope, &api.id));
    if let Some(Err(failure)) = policy {
        add(Some("/x-amazon-apigateway-policy".to_owned()), failure.message());
    }
    if let Err(failure) = tags::checked(api.tags.clone()) {
        add(Some("/tags".to_owned()), failure.message());
    }
    for broken in rules::broken(&snapshot, scope) {
        // What could not be read is not judged by what stands for it.
        let (whole, place) = pointers(&broken.subject, &origins);
        let is_read = |whole: &String| !errors.iter().any(|error| error.starts_with(whole.as_str()));
        if whole.as_ref().is_none_or(is_read) {
            add(place, broken.text);
        }
    }
    Ok(diagnostics)
}

fn options(scope: &Scope) -> Result<ImportOptions, ImportError> {
    let id = || ImportError::Unsupported("no id for an API".to_owned());
    let base = RestApi::new(ID.parse().map_err(|_| id())?, ID.parse().map_err(|_| id())?, EpochSeconds(0));
    Ok(ImportOptions {
        scope: scope.clone(),
        base,
        base_path: BasePathMode::Ignore,
        endpoint_type: None,
        vpc_endpoint_ids: Vec::new(),
        documentation: DocumentationMode::Read,
    })
}

/// The ids of the parts of a definition that nobody keeps.
fn counted() -> impl FnMut() -> String {
    let mut number = 0_u32;
    move || {
        number += 1;
        format!("{number:06x}")
    }
}

/// Where in the document the subject of a rule stands: all that it is read from, and the place to point at.
fn pointers(subject: &Subject, origins: &HashMap<String, String>) -> (Option<String>, Option<String>) {
    let whole = match subject {
        Subject::RestApi => Some("/x-amazon-apigateway-endpoint-configuration".to_owned()),
        Subject::GatewayResponse(kind) => Some(format!("/x-amazon-apigateway-gateway-responses/{}", escaped(kind))),
        Subject::Authorizer(id) | Subject::Method(id) | Subject::Integration(id) => origins.get(id).cloned(),
    };
    let place = match subject {
        Subject::Integration(_) => whole.as_ref().map(|method| format!("{method}/x-amazon-apigateway-integration")),
        Subject::RestApi | Subject::GatewayResponse(_) | Subject::Authorizer(_) | Subject::Method(_) => whole.clone(),
    };
    (whole, place)
}

#[cfg(test)]
mod tests;
