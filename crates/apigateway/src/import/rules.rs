//! An imported definition under the rules of the operations that make the same things one by one.

use std::collections::HashMap;

use definition::{ApiSnapshot, Scope, id::ResourceId, method::Method, openapi::FINDINGS_MAX};

use crate::{authorizers, failure::Result, gateway_responses, integration_responses, integrations, mapping, rest_apis};

/// What of a definition those operations would refuse, and why; not more than [`FINDINGS_MAX`] of it.
pub(super) fn broken(definition: &ApiSnapshot, scope: &Scope) -> Vec<String> {
    let mut broken = Broken(Vec::new());
    broken.note(
        || "create the REST API".to_owned(),
        rest_apis::check_endpoint(&definition.rest_api.endpoint_configuration),
    );
    for authorizer in &definition.authorizers {
        broken.note(|| format!("create authorizer '{}'", authorizer.name), authorizers::check(authorizer));
    }
    for response in &definition.gateway_responses {
        let what = || format!("put gateway response '{}'", response.response_type);
        broken.note(what, gateway_responses::check(response));
    }
    let paths = definition.resources.iter().map(|resource| (&resource.id, resource.path.as_str())).collect();
    for method in &definition.methods {
        broken.method(method, &paths, scope);
    }
    broken.0
}

struct Broken(Vec<String>);

impl Broken {
    fn note(&mut self, what: impl Fn() -> String, checked: Result<()>) {
        if let Err(failure) = checked
            && self.0.len() < FINDINGS_MAX
        {
            self.0.push(format!("Unable to {}: {}", what(), failure.message()));
        }
    }

    fn method(&mut self, method: &Method, paths: &HashMap<&ResourceId, &str>, scope: &Scope) {
        let path = paths.get(&method.resource_id).copied().unwrap_or_default();
        let place = format!("'{}' for resource at path '{path}'", method.http_method);
        let checked = mapping::check_method_parameters(method.request_parameters.as_ref());
        self.note(|| format!("put method {place}"), checked);
        for response in method.method_responses.values() {
            let checked = mapping::check_response_headers(response.response_parameters.as_ref());
            self.note(|| format!("put method response on {place}"), checked);
        }
        let Some(integration) = &method.integration else { return };
        self.note(|| format!("put integration on {place}"), integrations::check(integration, method, scope));
        for response in integration.integration_responses.values() {
            let checked = integration_responses::check(response, method);
            self.note(|| format!("put integration response on {place}"), checked);
        }
    }
}
