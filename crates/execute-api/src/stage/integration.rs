//! A method's backend and the mappings on the way there and back, compiled.

use std::{sync::Arc, time::Duration};

use definition::{
    ApiSnapshot, Scope,
    integration::{ContentHandling, Integration, IntegrationType, PassthroughBehavior, ResponseTransferMode},
    method::{HttpMethod, Method},
    rest_api::{EndpointType, RestApi},
};
use http::HeaderValue;
use iam::arn::{IntegrationUri, InvocationMode};
use indexmap::IndexMap;
use vtl::java_regex::{Pattern, PatternError};

use super::ClientIdentity;
use crate::{
    Failure,
    content_handling::{TemplateSet, mock_status},
    failure::INVALID_ENDPOINT,
    integrate::http::{BackendUrl, Transfer},
    parameter_mapping::{RequestMapping, ResponseMapping},
    ports::Authority,
    template::{MappingTemplate, Phase},
    trace::fact,
};

mod service;

#[cfg(test)]
pub(crate) use service::tests::target as service_target;
pub(crate) use service::{ServiceTarget, Spec};

/// The longest pause in a stream to clients of an edge-optimised API ("Considerations for response payload streaming").
const EDGE_IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// The longest pause in a stream to clients of a regional or private API.
const REGIONAL_IDLE_TIMEOUT: Duration = Duration::from_mins(5);
/// `credentials` that stand for the caller's own.
const CALLER_CREDENTIALS: &str = "arn:aws:iam::*:user/*";

/// A method's backend, ready to be called.
#[derive(Debug)]
pub(crate) struct LoadedIntegration {
    pub(crate) timeout_ms: u32,
    pub(crate) backend: Backend,
}

/// The kinds of backend, each with what it needs of the definition.
#[derive(Debug)]
pub(crate) enum Backend {
    Mock(Mappings),
    LambdaProxy(FunctionTarget),
    LambdaStream {
        target: FunctionTarget,
        /// The longest pause in the function's response.
        idle_timeout: Duration,
    },
    Lambda(FunctionTarget, Mappings),
    AwsService(ServiceTarget, Mappings),
    HttpProxy(HttpTarget, RequestMapping),
    Http(HttpTarget, Mappings),
}

/// A function and the right to call it.
#[derive(Debug)]
pub(crate) struct FunctionTarget {
    pub(crate) function_arn: Box<str>,
    /// Where the call would go in AWS, for the execution log.
    pub(crate) url: Box<str>,
    /// The role of `credentials`; without one the gateway calls in its own name.
    role: Option<Box<str>>,
    source: MethodSource,
}

/// Where a call comes from: `{prefix}{METHOD}{suffix}`, with the method of the request where the API says `ANY`.
#[derive(Debug)]
pub(crate) struct MethodSource {
    prefix: Box<str>,
    suffix: Box<str>,
    account: Box<str>,
}

/// An HTTP backend's URL and how it is to be reached.
#[derive(Debug)]
pub(crate) struct HttpTarget {
    /// The URL with stage variables filled in.
    pub(crate) url: BackendUrl,
    /// The method towards the backend; absent: the client's.
    pub(crate) http_method: Option<http::Method>,
    pub(crate) content_handling: Option<ContentHandling>,
    pub(crate) transfer: Transfer,
    /// The API's id, as the backend is told it.
    pub(crate) api_id: HeaderValue,
    /// The `User-Agent` of requests that have none.
    pub(crate) user_agent: HeaderValue,
}

/// How the two ends of a connection to an HTTPS backend know each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct BackendSecurity {
    /// How much of the backend's certificate is verified.
    pub(crate) verification: CertificateVerification,
    /// The certificate that is presented to it, if it asks for one.
    pub(crate) identity: Option<Arc<ClientIdentity>>,
}

/// How much of an HTTPS backend's certificate is verified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) enum CertificateVerification {
    /// Its chain to a trusted authority, its time and its name.
    #[default]
    Full,
    /// Its time and its name, whoever issued it.
    AnyAuthority,
}

/// The mappings of a custom integration.
#[derive(Debug)]
pub(crate) struct Mappings {
    pub(crate) parameters: RequestMapping,
    pub(crate) templates: TemplateSet<LoadedTemplate>,
    pub(crate) passthrough: PassthroughBehavior,
    pub(crate) content_handling: Option<ContentHandling>,
    responses: Vec<LoadedResponse>,
}

/// What becomes of one kind of answer of the backend.
#[derive(Debug)]
pub(crate) struct LoadedResponse {
    pub(crate) status: u16,
    selection: Selection,
    /// Whether the method declares a response of this status.
    declared: bool,
    pub(crate) parameters: ResponseMapping,
    pub(crate) templates: TemplateSet<LoadedTemplate>,
    pub(crate) content_handling: Option<ContentHandling>,
}

#[derive(Debug)]
enum Selection {
    Default,
    Pattern(Box<Pattern>),
}

/// A mapping template, or why there is none.
#[derive(Debug)]
pub(crate) enum LoadedTemplate {
    /// A text without a reference or directive renders to itself.
    Fixed(Box<FixedTemplate>),
    Rendered(Box<MappingTemplate>),
    Broken(Box<BrokenTemplate>),
}

/// A text that renders to itself.
#[derive(Debug)]
pub(crate) struct FixedTemplate {
    pub(crate) text: Box<str>,
    /// What it means to a mock.
    pub(crate) mock_status: Result<i64, Failure>,
}

/// A text that is no template.
#[derive(Debug)]
pub(crate) struct BrokenTemplate {
    pub(crate) source: Box<str>,
    /// What every request that meets it fails with.
    pub(crate) failure: Failure,
    /// The reason with the source line and a caret, for a person.
    pub(crate) report: Box<str>,
}

impl LoadedIntegration {
    /// Compiles a method's integration, or says why no request can reach it.
    pub(crate) fn compile(
        scope: &Scope,
        stage_name: &str,
        variables: &IndexMap<String, String>,
        snapshot: &ApiSnapshot,
        resource_path: &str,
        method: &Method,
        identity: Option<&Arc<ClientIdentity>>,
    ) -> Result<Self, Failure> {
        let integration =
            method.integration.as_ref().ok_or_else(|| Failure::configuration("No integration defined for method"))?;
        refuse_unsupported(integration)?;
        let source = || {
            let (region, account, api_id) = (&scope.region, &scope.account, &snapshot.rest_api.id);
            MethodSource {
                prefix: format!("arn:aws:execute-api:{region}:{account}:{api_id}/{stage_name}/").into(),
                suffix: resource_path.into(),
                account: account.as_str().into(),
            }
        };
        let function =
            |uri: &IntegrationUri, mode| FunctionTarget::compile(integration, uri, variables, source(), mode);
        let parameters =
            || RequestMapping::compile(integration.request_parameters.as_ref(), integration.integration_type);
        let backend = match integration.integration_type {
            IntegrationType::Mock => Backend::Mock(Mappings::compile(method, integration)?),
            IntegrationType::AwsProxy => {
                parameters().check()?;
                let uri = service_uri(integration, variables)?;
                match integration.response_transfer_mode {
                    Some(ResponseTransferMode::Stream) => Backend::LambdaStream {
                        target: function(&uri, InvocationMode::Streaming)?,
                        idle_timeout: idle_timeout(&snapshot.rest_api),
                    },
                    Some(ResponseTransferMode::Buffered) | None => {
                        Backend::LambdaProxy(function(&uri, InvocationMode::Buffered)?)
                    }
                }
            }
            IntegrationType::Aws => {
                let (uri, mappings) = (service_uri(integration, variables)?, Mappings::compile(method, integration)?);
                if uri.lambda().is_some() {
                    Backend::Lambda(function(&uri, InvocationMode::Buffered)?, mappings)
                } else {
                    Backend::AwsService(ServiceTarget::compile(integration, &uri, variables, source())?, mappings)
                }
            }
            IntegrationType::HttpProxy => {
                let target = HttpTarget::compile(integration, variables, &snapshot.rest_api, identity)?;
                Backend::HttpProxy(target, parameters())
            }
            IntegrationType::Http => {
                let target = HttpTarget::compile(integration, variables, &snapshot.rest_api, identity)?;
                Backend::Http(target, Mappings::compile(method, integration)?)
            }
        };
        Ok(Self { timeout_ms: integration.timeout_in_millis, backend })
    }
}

/// How long a stream may pause, by where the API's clients come in.
fn idle_timeout(rest_api: &RestApi) -> Duration {
    match rest_api.endpoint_configuration.types.first().copied().unwrap_or_default() {
        EndpointType::Edge => EDGE_IDLE_TIMEOUT,
        EndpointType::Regional | EndpointType::Private => REGIONAL_IDLE_TIMEOUT,
    }
}

/// How the client gets an HTTP backend's response.
fn transfer(integration: &Integration, rest_api: &RestApi) -> Transfer {
    match integration.response_transfer_mode {
        Some(ResponseTransferMode::Stream) => Transfer::Stream { idle_timeout: idle_timeout(rest_api) },
        Some(ResponseTransferMode::Buffered) | None => Transfer::Buffered,
    }
}

fn refuse_unsupported(integration: &Integration) -> Result<(), Failure> {
    let unsupported = |feature: String| Err(Failure::Unsupported { feature });
    let streams = integration.response_transfer_mode == Some(ResponseTransferMode::Stream);
    if streams && !integration.integration_type.is_proxy() {
        return unsupported(format!("responseTransferMode STREAM of type {}", integration.integration_type));
    }
    if let Some(kind) = integration.connection_type.as_deref().filter(|kind| *kind != "INTERNET") {
        return unsupported(format!("connectionType {kind}"));
    }
    if integration.credentials.as_deref() == Some(CALLER_CREDENTIALS) {
        return unsupported("the caller's own credentials for an integration".to_owned());
    }
    Ok(())
}

/// The service that an integration's URI names in this stage.
fn service_uri(integration: &Integration, variables: &IndexMap<String, String>) -> Result<IntegrationUri, Failure> {
    let text = with_stage_variables(integration.uri.as_deref().unwrap_or_default(), variables);
    text.parse().map_err(|_| Failure::invalid_endpoint())
}

impl MethodSource {
    /// The ARN of the method that a request of this HTTP method calls.
    pub(crate) fn arn(&self, http_method: &str) -> String {
        let Self { prefix, suffix, .. } = self;
        format!("{prefix}{http_method}{suffix}")
    }

    /// The account that owns the API.
    pub(crate) fn account(&self) -> &str {
        &self.account
    }
}

impl FunctionTarget {
    fn compile(
        integration: &Integration,
        uri: &IntegrationUri,
        variables: &IndexMap<String, String>,
        source: MethodSource,
        mode: InvocationMode,
    ) -> Result<Self, Failure> {
        let Some(function) = uri.lambda() else {
            let service = uri.service();
            return Err(Failure::configuration(format!(
                "{INVALID_ENDPOINT}: proxy integrations with {service} are not supported"
            )));
        };
        let (version, action) = match mode {
            InvocationMode::Buffered => ("2015-03-31", "invocations"),
            InvocationMode::Streaming => ("2021-11-15", "response-streaming-invocations"),
        };
        if function.mode() != mode {
            return Err(Failure::configuration(format!(
                "{INVALID_ENDPOINT}: the response transfer mode calls for a URI of {version} that ends in /{action}"
            )));
        }
        if integration.http_method.as_deref() != Some("POST") {
            return Err(Failure::configuration("Lambda functions are invoked with the integration HTTP method POST"));
        }
        let function_arn = function.function_arn().map_err(|_| Failure::invalid_endpoint())?.to_string();
        let url = format!("https://lambda.{}.amazonaws.com/{version}/functions/{function_arn}/{action}", uri.region());
        let role = integration.credentials.as_deref().filter(|arn| !arn.is_empty());
        let role = role.map(|arn| with_stage_variables(arn, variables).into());
        Ok(Self { function_arn: function_arn.into(), url: url.into(), role, source })
    }

    /// In whose name a request of this HTTP method calls the function.
    pub(crate) fn authority(&self, http_method: &str) -> Authority {
        let (source_arn, source_account) = (self.source.arn(http_method), self.source.account().to_owned());
        match &self.role {
            Some(arn) => Authority::Role { arn: arn.to_string(), source_arn, source_account },
            None => Authority::Gateway { source_arn, source_account },
        }
    }
}

impl HttpTarget {
    fn compile(
        integration: &Integration,
        variables: &IndexMap<String, String>,
        rest_api: &RestApi,
        identity: Option<&Arc<ClientIdentity>>,
    ) -> Result<Self, Failure> {
        let url = with_stage_variables(integration.uri.as_deref().unwrap_or_default(), variables);
        let http_method: Option<HttpMethod> = integration.http_method.as_deref().and_then(|text| text.parse().ok());
        let http_method = http_method.ok_or_else(|| Failure::configuration("Invalid integration HTTP method"))?;
        let fixed_method = Some(http_method).filter(|method| *method != HttpMethod::Any);
        let insecure = integration.tls_config.is_some_and(|tls| tls.insecure_skip_verification);
        let verification = if insecure { CertificateVerification::AnyAuthority } else { CertificateVerification::Full };
        let header = |text: String| {
            HeaderValue::try_from(text).map_err(|_| Failure::configuration("Invalid REST API identifier"))
        };
        Ok(Self {
            url: BackendUrl::compile(&url, BackendSecurity { verification, identity: identity.cloned() }),
            http_method: fixed_method.and_then(|method| http::Method::from_bytes(method.as_str().as_bytes()).ok()),
            content_handling: integration.content_handling,
            transfer: transfer(integration, rest_api),
            api_id: header(rest_api.id.to_string())?,
            user_agent: header(format!("AmazonAPIGateway_{}", rest_api.id))?,
        })
    }
}

impl Mappings {
    fn compile(method: &Method, integration: &Integration) -> Result<Self, Failure> {
        let responses = integration.integration_responses.values();
        Ok(Self {
            parameters: RequestMapping::compile(integration.request_parameters.as_ref(), integration.integration_type),
            templates: templates(integration.request_templates.as_ref(), Phase::Request),
            passthrough: integration.passthrough_behavior,
            content_handling: integration.content_handling,
            responses: responses.map(|response| LoadedResponse::compile(method, response)).collect::<Result<_, _>>()?,
        })
    }

    /// The response whose pattern fits a text, lowest status first, or the default one.
    pub(crate) fn select(&self, text: &str, backend_status: &str) -> Result<&LoadedResponse, Failure> {
        let mut default = None;
        let mut selected = None;
        for response in &self.responses {
            match &response.selection {
                Selection::Default => default = default.or(Some(response)),
                Selection::Pattern(pattern) => {
                    let fits = pattern.is_full_match(text);
                    if fits.map_err(invalid_pattern)? {
                        selected = Some(response);
                        break;
                    }
                }
            }
        }
        let Some(response) = selected.or(default) else {
            return Err(Failure::configuration(format!(
                "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: \
                 {backend_status}"
            )));
        };
        if !response.declared {
            let status = response.status;
            return Err(Failure::configuration(format!(
                "Output mapping refers to an invalid method response: {status}"
            )));
        }
        Ok(response)
    }
}

impl Mappings {
    /// How [`select`](Self::select) chooses for a text, as a trace tells it: what was tried, and what fitted.
    pub(crate) fn selection(&self, text: &str) -> fact::Selection {
        let mut candidates = Vec::new();
        let mut default = None;
        let mut chosen = None;
        for response in &self.responses {
            let pattern = match &response.selection {
                Selection::Default => {
                    default = default.or(Some(response.status));
                    None
                }
                Selection::Pattern(pattern) => {
                    if chosen.is_none() && pattern.is_full_match(text).unwrap_or(false) {
                        chosen = Some(response.status);
                    }
                    Some(pattern.as_str().to_owned())
                }
            };
            candidates.push(fact::Candidate { status: response.status, pattern, declared: response.declared });
        }
        fact::Selection { text: text.to_owned(), candidates, chosen: chosen.or(default) }
    }
}

impl LoadedResponse {
    fn compile(method: &Method, response: &definition::integration::IntegrationResponse) -> Result<Self, Failure> {
        let declared = method.method_responses.get(&response.status_code);
        let is_declared = |target: &str| {
            let parameters = declared.and_then(|declared| declared.response_parameters.as_ref());
            parameters.is_some_and(|parameters| parameters.contains_key(target))
        };
        let mut parameters = response.response_parameters.clone();
        if let Some(parameters) = &mut parameters {
            parameters.retain(|target, _| is_declared(target));
        }
        let selection = match response.selection_pattern.as_deref().filter(|pattern| !pattern.is_empty()) {
            None => Selection::Default,
            Some(pattern) => Selection::Pattern(Box::new(Pattern::new(pattern).map_err(invalid_pattern)?)),
        };
        Ok(Self {
            status: response.status_code.get(),
            selection,
            declared: declared.is_some(),
            parameters: ResponseMapping::compile(parameters.as_ref()),
            templates: templates(response.response_templates.as_ref(), Phase::Response),
            content_handling: response.content_handling,
        })
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is mapped")]
fn invalid_pattern(error: PatternError) -> Failure {
    Failure::configuration(format!("Invalid selection pattern: {error}"))
}

fn templates(sources: Option<&IndexMap<String, Option<String>>>, phase: Phase) -> TemplateSet<LoadedTemplate> {
    let sources = sources.into_iter().flatten();
    let compiled = sources.map(|(content_type, source)| {
        let source = source.as_deref().filter(|source| !source.is_empty());
        (content_type.clone(), source.map(|source| LoadedTemplate::compile(source, phase)))
    });
    compiled.collect()
}

impl LoadedTemplate {
    /// The text that it was compiled from.
    pub(crate) fn source(&self) -> &str {
        match self {
            Self::Fixed(fixed) => &fixed.text,
            Self::Rendered(template) => template.source(),
            Self::Broken(broken) => &broken.source,
        }
    }

    fn compile(source: &str, phase: Phase) -> Self {
        if !source.contains(['$', '#']) && source.len() <= vtl::TEMPLATE_BYTES_MAX {
            return Self::Fixed(Box::new(FixedTemplate { text: source.into(), mock_status: mock_status(source) }));
        }
        match MappingTemplate::compile(source) {
            Ok(template) => Self::Rendered(Box::new(template)),
            Err(error) => Self::Broken(Box::new(BrokenTemplate {
                source: source.into(),
                failure: error.failure(phase),
                report: format!("{error:#}").into(),
            })),
        }
    }
}

/// Fills in `${stageVariables.name}`; a variable that the stage does not have is empty.
pub(crate) fn with_stage_variables(text: &str, variables: &IndexMap<String, String>) -> String {
    const OPEN: &str = "${stageVariables.";
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        let Some((name, after)) = after.split_once('}') else { break };
        filled.push_str(before);
        filled.push_str(variables.get(name).map_or("", String::as_str));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stage_variables_are_filled_in_and_missing_ones_are_empty() {
        let variables = IndexMap::from([("fn".to_owned(), "calc".to_owned())]);
        let cases = [
            ("a:${stageVariables.fn}:${stageVariables.alias}/x", "a:calc:/x"),
            ("${stageVariables.fn}", "calc"),
            ("${stageVariables.fn", "${stageVariables.fn"),
            ("${other.fn}", "${other.fn}"),
        ];
        for (text, expected) in cases {
            assert_eq!(with_stage_variables(text, &variables), expected);
        }
    }
}
