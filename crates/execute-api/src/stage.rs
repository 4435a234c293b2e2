//! A deployed stage as requests meet it: everything that can be prepared before the first of them has been.
//!
//! Compiling a stage never fails as a whole. A method whose template, mapping, model or URI is broken keeps the reason and
//! answers every request with it; the others serve. Where definitions come from is the caller's business.

use std::{collections::HashMap, sync::Arc};

use definition::{
    ApiSnapshot, Scope,
    id::{DeploymentId, ResourceId, RestApiId},
    integration::IntegrationType,
    method::{HttpMethod, Method},
    rest_api::EndpointType,
    stage::Stage,
};
use indexmap::IndexMap;

use crate::{
    Failure, address,
    authorize::Access,
    cache::{ResponseCache, cluster_bytes},
    canary::{Canary, Share},
    content_handling::BinaryMediaTypes,
    observe::StageWatch,
    route::Router,
    throttle::Bucket,
    validate::RequestValidation,
};

pub(crate) mod gateway_responses;
mod client_identity;
mod integration;
mod memory;
mod method_settings;
mod registry;
mod rules;

pub use client_identity::{ClientIdentity, InvalidIdentity};
pub(crate) use gateway_responses::{GatewayResponses, error_variable};
#[cfg(test)]
pub(crate) use integration::service_target;
pub(crate) use integration::{
    Backend, BackendSecurity, BrokenTemplate, CertificateVerification, FunctionTarget, HttpTarget, LoadedIntegration,
    LoadedResponse, LoadedTemplate, Mappings, ServiceTarget, Spec, with_stage_variables,
};
pub use memory::StageLimits;
pub(crate) use method_settings::{Reach, Ruling};
pub use registry::{Stages, Ticket};
pub(crate) use rules::{MethodRules, StageRules};

use memory::{Load, StageMemory};
use method_settings::MethodSettings;

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
    /// `EDGE`, `REGIONAL` or `PRIVATE`.
    pub(crate) endpoint_type: EndpointType,
    /// What it wants told of its requests.
    pub(crate) watch: StageWatch,
    pub(crate) variables: IndexMap<String, String>,
    pub(crate) router: Router,
    pub(crate) methods: Vec<LoadedMethod>,
    pub(crate) gateway_responses: GatewayResponses,
    pub(crate) binary_media_types: BinaryMediaTypes,
    /// Compress responses of at least this many bytes; absent: never.
    pub(crate) minimum_compression_bytes: Option<usize>,
    /// What all APIs of the account draw from; absent without a limit, and under test invocation.
    pub(crate) account_bucket: Option<Arc<Bucket>>,
    /// The other release that some requests get.
    pub(crate) canary: Option<Canary>,
    /// Whether this is a canary itself; absent on stages without one.
    pub(crate) is_canary: Option<bool>,
}

/// What a stage is compiled from.
#[derive(Debug, Clone, Copy)]
pub struct StageSource<'a> {
    /// The account and region of the API.
    pub scope: &'a Scope,
    /// The stage.
    pub stage: &'a Stage,
    /// What its deployment froze.
    pub snapshot: &'a ApiSnapshot,
    /// What the deployment of its canary froze; without it, a canary serves the stage's own.
    pub canary_snapshot: Option<&'a ApiSnapshot>,
    /// The client certificate that the stage names; without it, a stage that names one calls no HTTP backend.
    pub client_identity: Option<&'a Arc<ClientIdentity>>,
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
    /// What the stage's settings say of it.
    pub(crate) rules: StageRules,
    pub(crate) validation: RequestValidation,
    /// The way to the backend, or what every request that would take it is answered with.
    pub(crate) integration: Result<LoadedIntegration, Failure>,
}

impl LoadedStage {
    /// Compiles a stage of an API, with its canary, from the frozen definitions that they serve.
    fn compile(source: &StageSource<'_>, memory: &StageMemory, account_bucket: Option<&Arc<Bucket>>) -> Self {
        let StageSource { scope, stage, snapshot, canary_snapshot, client_identity } = *source;
        let asked = stage.cache_cluster_enabled.then(|| stage.cache_cluster_size.as_deref().and_then(cluster_bytes));
        let cache = memory.cache(asked.flatten());
        let mut load = memory.load();
        let mut build = |release: Release<'_>, snapshot| {
            let name = stage.stage_name.as_str();
            let origin = Origin { scope, name, snapshot, client_identity, release: Some(release) };
            let account_bucket = account_bucket.cloned();
            Self { account_bucket, ..Self::build(&origin, release.variables(), &mut Some(&mut load)) }
        };
        let release = Release { stage, deployment_id: &stage.deployment_id, cache: cache.as_ref(), overrides: None };
        let mut loaded = build(release, snapshot);
        if let Some(settings) = &stage.canary_settings {
            loaded.is_canary = Some(false);
            let share = Share::percent(settings.percent_traffic);
            let release = Release {
                deployment_id: settings.deployment_id.as_ref().unwrap_or(&stage.deployment_id),
                cache: release.cache.filter(|_| settings.use_stage_cache),
                overrides: settings.stage_variable_overrides.as_ref(),
                ..release
            };
            let canary = build(release, canary_snapshot.unwrap_or(snapshot));
            let canary = Self { is_canary: Some(true), watch: canary.watch.of_canary(), ..canary };
            loaded.canary = Some(Canary { share, release: Box::new(canary) });
        }
        load.finish();
        loaded
    }

    /// Compiles an API's current definition for a test invocation.
    #[must_use]
    pub fn for_test_invocation(
        scope: &Scope,
        variables: IndexMap<String, String>,
        snapshot: &ApiSnapshot,
        client_identity: Option<&Arc<ClientIdentity>>,
    ) -> Self {
        let origin = Origin { scope, name: TEST_STAGE, snapshot, client_identity, release: None };
        Self::build(&origin, variables, &mut None)
    }

    fn build(origin: &Origin<'_>, variables: IndexMap<String, String>, load: &mut Option<&mut Load<'_>>) -> Self {
        let Origin { scope, name, snapshot, release, .. } = *origin;
        let api = &snapshot.rest_api;
        let settings = MethodSettings::of(release.map(|release| release.stage));
        let environment = Environment { origin, variables: &variables, settings: &settings };
        let mut router = Router::new();
        let mut methods = Vec::with_capacity(snapshot.methods.len());
        let paths: HashMap<_, _> = snapshot.resources.iter().map(|resource| (&resource.id, &resource.path)).collect();
        for method in &snapshot.methods {
            let Some(path) = paths.get(&method.resource_id) else { continue };
            router.insert(path, method.http_method, methods.len());
            methods.push(LoadedMethod::compile(&environment, path, method, load));
        }
        Self {
            gateway_responses: GatewayResponses::compile(&snapshot.gateway_responses),
            binary_media_types: BinaryMediaTypes::new(&api.binary_media_types),
            minimum_compression_bytes: api.minimum_compression_size.and_then(|bytes| usize::try_from(bytes).ok()),
            scope: scope.clone(),
            api_id: api.id.clone(),
            name: name.into(),
            deployment_id: release.map(|release| release.deployment_id.clone()),
            domain_name: address::default_domain_name(&api.id, &scope.region).into(),
            default_host_disabled: api.disable_execute_api_endpoint,
            endpoint_type: api.endpoint_configuration.types.first().copied().unwrap_or_default(),
            watch: StageWatch::of(scope, api, release.map(|release| release.stage)),
            variables,
            router,
            methods,
            account_bucket: None,
            canary: None,
            is_canary: None,
        }
    }
}

/// Where a release of a stage comes from.
#[derive(Debug, Clone, Copy)]
struct Origin<'a> {
    scope: &'a Scope,
    name: &'a str,
    snapshot: &'a ApiSnapshot,
    client_identity: Option<&'a Arc<ClientIdentity>>,
    /// Absent under test invocation.
    release: Option<Release<'a>>,
}

/// What a stage serves, or its canary.
#[derive(Debug, Clone, Copy)]
struct Release<'a> {
    stage: &'a Stage,
    deployment_id: &'a DeploymentId,
    /// Absent when its responses are not cached.
    cache: Option<&'a Arc<ResponseCache>>,
    /// Variables in place of the stage's.
    overrides: Option<&'a IndexMap<String, String>>,
}

impl Release<'_> {
    fn variables(&self) -> IndexMap<String, String> {
        let mut variables = self.stage.variables.clone().unwrap_or_default();
        variables.extend(self.overrides.into_iter().flatten().map(|(name, value)| (name.clone(), value.clone())));
        variables
    }
}

/// What all methods of a release are compiled in.
struct Environment<'a> {
    origin: &'a Origin<'a>,
    variables: &'a IndexMap<String, String>,
    settings: &'a MethodSettings<'a>,
}

impl LoadedMethod {
    fn compile(
        environment: &Environment<'_>,
        resource_path: &str,
        method: &Method,
        load: &mut Option<&mut Load<'_>>,
    ) -> Self {
        let Environment { origin, variables, settings } = *environment;
        let Origin { scope, name, snapshot, client_identity, release } = *origin;
        let validators = &snapshot.request_validators;
        let validator =
            method.request_validator_id.as_ref().and_then(|id| validators.iter().find(|known| known.id == *id));
        let rules = match (release, load) {
            (Some(release), Some(load)) => StageRules::compile(settings, release, resource_path, method, load),
            (None, _) | (_, None) => StageRules::none(),
        };
        Self {
            validation: RequestValidation::compile(method, validator, &snapshot.models),
            integration: match refused_by_stage(origin, method) {
                Some(failure) => Err(failure),
                // Without the checks that were asked for, no request may pass.
                None if method.request_validator_id.is_some() && validator.is_none() => {
                    Err(Failure::configuration("Invalid request validator"))
                }
                None => {
                    LoadedIntegration::compile(scope, name, variables, snapshot, resource_path, method, client_identity)
                }
            },
            resource_id: method.resource_id.clone(),
            resource_path: resource_path.into(),
            http_method: method.http_method,
            operation_name: method.operation_name.as_deref().map(Into::into),
            access: Access::of(snapshot, method),
            api_key_required: method.api_key_required,
            rules,
        }
    }
}

/// A backend that expects the stage's client certificate must not be called without it.
fn refused_by_stage(origin: &Origin<'_>, method: &Method) -> Option<Failure> {
    let release = origin.release.filter(|_| origin.client_identity.is_none())?;
    release.stage.client_certificate_id.as_ref()?;
    match method.integration.as_ref()?.integration_type {
        IntegrationType::Http | IntegrationType::HttpProxy => {
            Some(Failure::configuration("Invalid client certificate"))
        }
        IntegrationType::Aws | IntegrationType::AwsProxy | IntegrationType::Mock => None,
    }
}
