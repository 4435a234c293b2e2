//! The first step: which method of the stage serves the request.

use crate::{
    Failure, address,
    context::{Identity, RequestContext},
    exchange::Exchange,
    request::{PathParameters, head::RequestHead},
    stage::{LoadedMethod, LoadedStage, MethodRules},
};

mod examined;
pub mod router;

pub(crate) use examined::examined;
pub use router::Router;

/// A request and the method that serves it. Nothing has been checked yet.
#[derive(Debug)]
pub(crate) struct Routed<'a> {
    pub(crate) stage: &'a LoadedStage,
    pub(crate) method: &'a LoadedMethod,
    pub(crate) head: &'a RequestHead,
    pub(crate) path_parameters: PathParameters,
    pub(crate) context: RequestContext<'a>,
    rules: &'a MethodRules,
}

impl<'a> Routed<'a> {
    /// The request on its way to a method that is known, however it was found.
    pub(crate) fn to(
        method: &'a LoadedMethod,
        path_parameters: PathParameters,
        stage: &'a LoadedStage,
        head: &'a RequestHead,
    ) -> Self {
        let context = context(stage, Some(method), head);
        let http_method = head.known_method().unwrap_or(method.http_method);
        let rules = method.rules.of(http_method);
        Self { stage, method, head, path_parameters, context, rules }
    }

    /// What the stage's settings say of requests like this one.
    pub(crate) fn rules(&self) -> &'a MethodRules {
        self.rules
    }

    /// What mappings may read.
    pub(crate) fn exchange(&self) -> Exchange<'_> {
        Exchange {
            context: &self.context,
            path: &self.path_parameters,
            query: &self.head.query,
            headers: &self.head.headers,
            stage_variables: &self.stage.variables,
        }
    }
}

/// Finds the method, or says why there is none, which AWS words as a missing authentication token.
pub(crate) fn route<'a>(stage: &'a LoadedStage, head: &'a RequestHead) -> Result<Routed<'a>, Failure> {
    let found = head.known_method().and_then(|http_method| stage.router.find(head.path.below_stage(), http_method));
    match found {
        Some(found) => Ok(Routed::to(&stage.methods[found.method], found.path_parameters, stage, head)),
        None => Err(no_method(head)),
    }
}

/// A client that sends an `Authorization` header meant for something else is told so, where no method fits.
fn no_method(head: &RequestHead) -> Failure {
    match head.headers.value_of(&http::header::AUTHORIZATION) {
        Some(value) if !value.starts_with("AWS4-HMAC-SHA256") => Failure::incomplete_signature(&value),
        Some(_) | None => Failure::MissingAuthenticationToken,
    }
}

/// What is known of the request; without a method, what is known of it before one was found.
pub(crate) fn context<'a>(
    stage: &'a LoadedStage,
    method: Option<&'a LoadedMethod>,
    head: &'a RequestHead,
) -> RequestContext<'a> {
    let sender = &head.sender;
    RequestContext {
        account_id: &stage.scope.account,
        api_id: stage.api_id.as_str(),
        stage: &stage.name,
        deployment_id: stage.deployment_id.as_ref().map(definition::id::DeploymentId::as_str),
        resource_id: method.map_or("", |method| method.resource_id.as_str()),
        resource_path: method.map_or("", |method| &method.resource_path),
        http_method: head.method.as_str(),
        operation_name: method.and_then(|method| method.operation_name.as_deref()),
        path: head.path.whole(),
        protocol: "HTTP/1.1",
        domain_name: &head.domain_name,
        domain_prefix: address::first_label(&head.domain_name),
        base_path: head.base_path.as_deref(),
        request_id: &head.request_id,
        extended_request_id: &head.extended_request_id,
        trace_id: &head.trace_id,
        request_time: head.received_at,
        identity: Identity {
            source_ip: &sender.source_ip,
            user_agent: sender.user_agent.as_deref(),
            api_key: sender.api_key.as_deref(),
            api_key_id: sender.api_key_id.as_deref(),
            account_id: sender.account_id.as_deref(),
            caller: sender.caller.as_deref(),
            user: sender.user.as_deref(),
            user_arn: sender.user_arn.as_deref(),
            access_key: sender.access_key.as_deref(),
        },
        is_canary: stage.is_canary,
    }
}
