//! An imported definition under the rules of the operations that make the same things one by one.

use std::collections::HashMap;

use definition::{ApiSnapshot, Scope, id::ResourceId, method::Method, openapi::FINDINGS_MAX};

use crate::{authorizers, failure::Result, gateway_responses, integration_responses, integrations, mapping, rest_apis};

/// Something that those operations would refuse.
pub(crate) struct Broken {
    /// What it is.
    pub(crate) subject: Subject,
    /// Why, naming what it is.
    pub(crate) text: String,
}

/// What of a definition a rule is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Subject {
    /// The API's own settings.
    RestApi,
    /// The authorizer with this id.
    Authorizer(String),
    /// The gateway response of this type.
    GatewayResponse(String),
    /// The method with this record's id.
    Method(String),
    /// The integration of that method.
    Integration(String),
}

/// What of a definition those operations would refuse, and why; not more than [`FINDINGS_MAX`] of it.
pub(crate) fn broken(definition: &ApiSnapshot, scope: &Scope) -> Vec<Broken> {
    let mut broken = Collected(Vec::new());
    broken.note(|| Subject::RestApi, || "create the REST API".to_owned(), rest_apis::check(&definition.rest_api));
    for authorizer in &definition.authorizers {
        let subject = || Subject::Authorizer(authorizer.id.to_string());
        let what = || format!("create authorizer '{}'", authorizer.name);
        broken.note(subject, what, authorizers::check(authorizer));
    }
    for response in &definition.gateway_responses {
        let what = || format!("put gateway response '{}'", response.response_type);
        let subject = || Subject::GatewayResponse(response.response_type.clone());
        broken.note(subject, what, gateway_responses::check(response));
    }
    let paths = definition.resources.iter().map(|resource| (&resource.id, resource.path.as_str())).collect();
    for method in &definition.methods {
        broken.method(method, &paths, scope);
    }
    broken.0
}

struct Collected(Vec<Broken>);

impl Collected {
    fn note(&mut self, subject: impl Fn() -> Subject, what: impl Fn() -> String, checked: Result<()>) {
        if let Err(failure) = checked
            && self.0.len() < FINDINGS_MAX
        {
            let text = format!("Unable to {}: {}", what(), failure.message());
            self.0.push(Broken { subject: subject(), text });
        }
    }

    fn method(&mut self, method: &Method, paths: &HashMap<&ResourceId, &str>, scope: &Scope) {
        let path = paths.get(&method.resource_id).copied().unwrap_or_default();
        let place = format!("'{}' for resource at path '{path}'", method.http_method);
        let checked = mapping::check_method_parameters(method.request_parameters.as_ref());
        let subject = || Subject::Method(method.record_id());
        self.note(subject, || format!("put method {place}"), checked);
        for response in method.method_responses.values() {
            let checked = mapping::check_response_headers(response.response_parameters.as_ref());
            self.note(subject, || format!("put method response on {place}"), checked);
        }
        let Some(integration) = &method.integration else { return };
        let subject = || Subject::Integration(method.record_id());
        let checked = integrations::check(integration, method, scope);
        self.note(subject, || format!("put integration on {place}"), checked);
        for response in integration.integration_responses.values() {
            let checked = integration_responses::check(response, method);
            self.note(subject, || format!("put integration response on {place}"), checked);
        }
    }
}
