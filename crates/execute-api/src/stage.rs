//! A deployed stage as requests meet it: everything that can be prepared before the first of them has been.
//!
//! Compiling a stage never fails as a whole. A method whose template, mapping, model or URI is broken keeps the reason and
//! answers every request with it; the others serve. Where definitions come from is the caller's business.

use definition::{
    ApiSnapshot, Scope,
    id::{DeploymentId, ResourceId, RestApiId},
    integration::IntegrationType,
    method::{HttpMethod, Method},
    stage::Stage,
};
use indexmap::IndexMap;

use crate::{
    Failure, address, authorize::Access, content_handling::BinaryMediaTypes, route::Router, throttle::Limit,
    validate::RequestValidation,
};

mod gateway_responses;
mod integration;
mod registry;

pub(crate) use gateway_responses::GatewayResponses;
pub(crate) use integration::{
    Backend, BrokenTemplate, CertificateVerification, FunctionTarget, HttpTarget, LoadedIntegration, LoadedResponse, LoadedTemplate,
    Mappings,
};
pub use registry::{Stages, Ticket};

/// The stage name under which test invocations run.
pub const TEST_STAGE: &str = "test-invoke-stage";

/// A stage, or the current definition under test invocation, compiled.
#[derive(Debug)]
pub struct LoadedStage {
    pub(crate) scope: Scope,
    pub(crate) api_id: RestApiId,
    pub(crate) name: Box<str>,
    /// Absent under test invocation.
    pub(crate) deployment_id: Option<DeploymentId>,
    /// The host name that AWS would give the API.
    pub(crate) domain_name: Box<str>,
    /// Whether the API refuses its default host.
    pub(crate) default_host_disabled: bool,
    pub(crate) variables: IndexMap<String, String>,
    pub(crate) router: Router,
    pub(crate) methods: Vec<LoadedMethod>,
    pub(crate) gateway_responses: GatewayResponses,
    pub(crate) binary_media_types: BinaryMediaTypes,
    /// Compress responses of at least this many bytes; absent: never.
    pub(crate) minimum_compression_bytes: Option<usize>,
}

/// A method of a stage, compiled.
#[derive(Debug)]
pub(crate) struct LoadedMethod {
    pub(crate) resource_id: ResourceId,
    /// The resource's path template.
    pub(crate) resource_path: Box<str>,
    pub(crate) http_method: HttpMethod,
    pub(crate) operation_name: Option<Box<str>>,
    pub(crate) access: Access,
    pub(crate) api_key_required: bool,
    pub(crate) limit: Limit,
    pub(crate) validation: RequestValidation,
    /// The way to the backend, or what every request that would take it is answered with.
    pub(crate) integration: Result<LoadedIntegration, Failure>,
}

impl LoadedStage {
    /// Compiles a stage of an API from the frozen definition that it serves.
    #[must_use]
    pub fn compile(scope: &Scope, stage: &Stage, snapshot: &ApiSnapshot) -> Self {
        let variables = stage.variables.clone().unwrap_or_default();
        Self::build(scope, stage.stage_name.as_str(), Some(stage), variables, snapshot)
    }

    /// Compiles an API's current definition for a test invocation.
    #[must_use]
    pub fn for_test_invocation(scope: &Scope, variables: IndexMap<String, String>, snapshot: &ApiSnapshot) -> Self {
        Self::build(scope, TEST_STAGE, None, variables, snapshot)
    }

    fn build(
        scope: &Scope,
        name: &str,
        stage: Option<&Stage>,
        variables: IndexMap<String, String>,
        snapshot: &ApiSnapshot,
    ) -> Self {
        let api = &snapshot.rest_api;
        let environment = Environment { scope, name, stage, variables: &variables, snapshot };
        let mut router = Router::new();
        let mut methods = Vec::with_capacity(snapshot.methods.len());
        for method in &snapshot.methods {
            let Some(resource) = snapshot.resources.iter().find(|resource| resource.id == method.resource_id) else {
                continue;
            };
            router.insert(&resource.path, method.http_method, methods.len());
            methods.push(LoadedMethod::compile(&environment, &resource.path, method));
        }
        Self {
            gateway_responses: GatewayResponses::compile(&snapshot.gateway_responses),
            binary_media_types: BinaryMediaTypes::new(&api.binary_media_types),
            minimum_compression_bytes: api.minimum_compression_size.and_then(|bytes| usize::try_from(bytes).ok()),
            scope: scope.clone(),
            api_id: api.id.clone(),
            name: name.into(),
            deployment_id: stage.map(|stage| stage.deployment_id.clone()),
            domain_name: address::default_domain_name(&api.id, &scope.region).into(),
            default_host_disabled: api.disable_execute_api_endpoint,
            variables,
            router,
            methods,
        }
    }
}

/// What all methods of a stage are compiled in.
struct Environment<'a> {
    scope: &'a Scope,
    name: &'a str,
    /// Absent under test invocation.
    stage: Option<&'a Stage>,
    variables: &'a IndexMap<String, String>,
    snapshot: &'a ApiSnapshot,
}

impl LoadedMethod {
    fn compile(environment: &Environment<'_>, resource_path: &str, method: &Method) -> Self {
        let Environment { scope, name, stage, variables, snapshot } = *environment;
        let validators = &snapshot.request_validators;
        let validator =
            method.request_validator_id.as_ref().and_then(|id| validators.iter().find(|known| known.id == *id));
        Self {
            validation: RequestValidation::compile(method, validator, &snapshot.models),
            integration: match refused_by_stage(stage, method) {
                Some(feature) => Err(Failure::Unsupported { feature }),
                // Without the checks that were asked for, no request may pass.
                None if method.request_validator_id.is_some() && validator.is_none() => {
                    Err(Failure::configuration("Invalid request validator"))
                }
                None => LoadedIntegration::compile(scope, name, variables, snapshot, resource_path, method),
            },
            resource_id: method.resource_id.clone(),
            resource_path: resource_path.into(),
            http_method: method.http_method,
            operation_name: method.operation_name.as_deref().map(Into::into),
            access: Access::of(snapshot, stage, method),
            api_key_required: method.api_key_required,
            limit: stage.map_or(Limit::None, |stage| Limit::of(stage, resource_path, method.http_method)),
        }
    }
}

/// A backend that expects the stage's client certificate must not be called without it.
fn refused_by_stage(stage: Option<&Stage>, method: &Method) -> Option<String> {
    stage?.client_certificate_id.as_ref()?;
    match method.integration.as_ref()?.integration_type {
        IntegrationType::Http | IntegrationType::HttpProxy => Some("clientCertificateId".to_owned()),
        IntegrationType::Aws | IntegrationType::AwsProxy | IntegrationType::Mock => None,
    }
}
