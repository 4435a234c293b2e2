//! Lambda authorizers: functions that say who a caller is and what the caller may do.
//!
//! [`LambdaAuthorizer`] is compiled once per stage. A request gives it an [`Identity`], which may be refused without a call; the
//! function is [asked](LambdaAuthorizer::ask) with an event of the authorizer's kind, and what it returned becomes a
//! [`Verdict`]. What the verdict's policy means for the request, and how long it is remembered, is the caller's business.
//!
//! Developer Guide, "Use API Gateway Lambda authorizers", "Input to an API Gateway Lambda authorizer", "Output from an API
//! Gateway Lambda authorizer".

mod event;
mod identity_source;
mod verdict;
#[cfg(test)]
mod tests;

use std::time::Duration;

use bytes::Bytes;
use definition::{
    Scope,
    authorizer::Authorizer,
    id::{AuthorizerId, RestApiId},
    integration::TIMEOUT_MS_MAX,
};
use iam::arn::{IntegrationUri, InvocationMode};
use indexmap::IndexMap;
use vtl::java_regex::Pattern;

use crate::{
    Failure,
    exchange::Exchange,
    integrate::error_message,
    ports::{Authority, FunctionAnswer, FunctionCall, FunctionRefusal, Functions, InvocationType},
    stage::with_stage_variables,
};

pub use verdict::{RESOURCE_CHARS_MAX, Verdict};

use identity_source::IdentitySource;

/// How long a verdict is remembered when the authorizer does not say.
const TTL_SECONDS_DEFAULT: u32 = 300;
/// Where a token stands when the authorizer does not say.
const TOKEN_SOURCE_DEFAULT: &str = "method.request.header.Authorization";
/// What a function throws to refuse a caller.
const UNAUTHORIZED: &str = "Unauthorized";

/// A Lambda authorizer as requests meet it.
#[derive(Debug)]
pub struct LambdaAuthorizer {
    id: AuthorizerId,
    kind: Kind,
    sources: Vec<IdentitySource>,
    ttl_seconds: u32,
    function_arn: Box<str>,
    url: Box<str>,
    role: Option<Box<str>>,
    /// `arn:aws:execute-api:{region}:{account}:{api}`: what the ARNs of methods and authorizers begin with.
    api_arn: Box<str>,
    account: Box<str>,
}

/// What an authorizer is told.
#[derive(Debug)]
enum Kind {
    /// One token, which must match the pattern as a whole if there is one.
    Token { validation: Option<Box<Pattern>> },
    /// The request without its body.
    Request,
}

/// What identifies a caller: the values of the identity sources, in order. Verdicts are remembered by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity(Vec<Option<String>>);

impl Identity {
    /// The values that the request had.
    pub fn values(&self) -> impl Iterator<Item = &str> {
        self.0.iter().flatten().map(String::as_str)
    }
}

/// Why there is no verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizerFailure {
    /// The request does not say who calls, or the function does not know the caller.
    #[error("unauthorized")]
    Unauthorized,
    /// The authorizer is set up in a way that cannot work, or its function answered something that is no verdict.
    #[error("{detail}")]
    Configuration {
        /// The reason, as the execution log words it after `Execution failed due to configuration error: `.
        detail: String,
    },
    /// The function could not be asked, or did not answer in time.
    #[error("{detail}")]
    Failed {
        /// The reason, for the operator.
        detail: String,
    },
}

impl AuthorizerFailure {
    /// The status of the client's answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthorized => 401,
            Self::Configuration { .. } | Self::Failed { .. } => 500,
        }
    }

    /// The `x-amzn-ErrorType` of the client's answer.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::Unauthorized => "UnauthorizedException",
            Self::Configuration { .. } => "AuthorizerConfigurationException",
            Self::Failed { .. } => "AuthorizerFailureException",
        }
    }

    fn configuration(detail: impl Into<String>) -> Self {
        Self::Configuration { detail: detail.into() }
    }
}

impl From<Failure> for AuthorizerFailure {
    /// An authorizer that could not be compiled authorizes nobody.
    fn from(failure: Failure) -> Self {
        let detail = if let Failure::ApiConfiguration { detail } = failure { detail } else { failure.reason() };
        Self::Configuration { detail }
    }
}

impl LambdaAuthorizer {
    /// Compiles an authorizer of the type `TOKEN` or `REQUEST`, or says why no request can be authorized by it.
    pub fn compile(
        scope: &Scope,
        api_id: &RestApiId,
        variables: &IndexMap<String, String>,
        authorizer: &Authorizer,
    ) -> Result<Self, Failure> {
        let kind = match authorizer.authorizer_type.as_str() {
            "TOKEN" => Kind::Token { validation: validation(authorizer)? },
            "REQUEST" => Kind::Request,
            other => return Err(Failure::Unsupported { feature: format!("authorizers of type {other}") }),
        };
        let sources = identity_source::parse(authorizer.identity_source.as_deref(), &kind)?;
        let uri = with_stage_variables(authorizer.authorizer_uri.as_deref().unwrap_or_default(), variables);
        let uri: IntegrationUri = uri.parse().map_err(|_| Failure::configuration("Invalid authorizer URI"))?;
        let function = uri.lambda().filter(|function| function.mode() == InvocationMode::Buffered);
        let function = function.and_then(|function| function.function_arn().ok());
        let Some(function) = function else { return Err(Failure::configuration("Invalid authorizer URI")) };
        let role = authorizer.authorizer_credentials.as_deref().filter(|arn| !arn.is_empty());
        let Scope { account, region } = scope;
        Ok(Self {
            id: authorizer.id.clone(),
            kind,
            sources,
            ttl_seconds: authorizer.authorizer_result_ttl_in_seconds.unwrap_or(TTL_SECONDS_DEFAULT),
            url: format!("https://lambda.{}.amazonaws.com/2015-03-31/functions/{function}/invocations", uri.region())
                .into(),
            function_arn: function.to_string().into(),
            role: role.map(|arn| with_stage_variables(arn, variables).into()),
            api_arn: format!("arn:aws:execute-api:{region}:{account}:{api_id}").into(),
            account: account.as_str().into(),
        })
    }

    /// The authorizer's id.
    #[must_use]
    pub fn id(&self) -> &AuthorizerId {
        &self.id
    }

    /// How long a verdict may be remembered, in seconds; 0 is not at all.
    #[must_use]
    pub fn ttl_seconds(&self) -> u32 {
        self.ttl_seconds
    }

    /// Where the call would go in AWS, for the execution log.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Who calls, unless the request does not say it in the way that the authorizer demands: a token must be there and fit its
    /// pattern; the sources of a `REQUEST` authorizer must be there while verdicts are remembered by them.
    pub fn identity(&self, exchange: &Exchange<'_>) -> Result<Identity, AuthorizerFailure> {
        let values: Vec<Option<String>> = self.sources.iter().map(|source| source.read(exchange)).collect();
        let is_complete = values.iter().all(Option::is_some);
        match &self.kind {
            Kind::Token { validation } => {
                let token = values.first().and_then(Option::as_deref).ok_or(AuthorizerFailure::Unauthorized)?;
                // A pattern that gives up on a token has not accepted it.
                let fits = |pattern: &Pattern| pattern.is_full_match(token).unwrap_or(false);
                if !validation.as_deref().is_none_or(fits) {
                    return Err(AuthorizerFailure::Unauthorized);
                }
            }
            Kind::Request if self.ttl_seconds > 0 && !is_complete => return Err(AuthorizerFailure::Unauthorized),
            Kind::Request => {}
        }
        Ok(Identity(values))
    }

    /// The ARN of what a request calls. `path` is the request's, below the stage.
    #[must_use]
    pub fn method_arn(&self, stage: &str, http_method: &str, path: &str) -> String {
        format!("{}/{stage}/{http_method}/{}", self.api_arn, path.strip_prefix('/').unwrap_or(path))
    }

    /// What the function is told of a request. `path` is the request's, below the stage.
    #[must_use]
    pub fn event(&self, identity: &Identity, method_arn: &str, path: &str, exchange: &Exchange<'_>) -> Vec<u8> {
        match self.kind {
            Kind::Token { .. } => event::token(method_arn, identity.values().next().unwrap_or_default()),
            Kind::Request => event::request(method_arn, path, exchange),
        }
    }

    /// Calls the function once. It may think as long as an integration.
    pub async fn ask(
        &self,
        functions: &dyn Functions,
        event: Vec<u8>,
        trace_id: &str,
    ) -> Result<FunctionAnswer, AuthorizerFailure> {
        let call = FunctionCall {
            function_arn: self.function_arn.to_string(),
            payload: Bytes::from(event),
            invocation_type: InvocationType::RequestResponse,
            authority: self.authority(),
            trace_id: trace_id.to_owned(),
        };
        match tokio::time::timeout(Duration::from_millis(TIMEOUT_MS_MAX.into()), functions.invoke(call)).await {
            Ok(answer) => answer.map_err(|refusal| refused(&refusal)),
            Err(_) => Err(AuthorizerFailure::Failed { detail: "Authorizer timed out".to_owned() }),
        }
    }

    /// In whose name the function is called.
    fn authority(&self) -> Authority {
        let source_arn = format!("{}/authorizers/{}", self.api_arn, self.id);
        let source_account = self.account.to_string();
        match &self.role {
            Some(arn) => Authority::Role { arn: arn.to_string(), source_arn, source_account },
            None => Authority::Gateway { source_arn, source_account },
        }
    }
}

/// What a function's answer says. A function refuses a caller by failing with the very message `Unauthorized`.
pub fn verdict(answer: &FunctionAnswer) -> Result<Verdict, AuthorizerFailure> {
    if answer.function_error.is_none() {
        return Verdict::read(&answer.payload);
    }
    if error_message(&answer.payload) == UNAUTHORIZED {
        return Err(AuthorizerFailure::Unauthorized);
    }
    Err(AuthorizerFailure::configuration("Authorizer error"))
}

fn validation(authorizer: &Authorizer) -> Result<Option<Box<Pattern>>, Failure> {
    let text = authorizer.identity_validation_expression.as_deref().filter(|text| !text.is_empty());
    let pattern = text.map(Pattern::new).transpose();
    let refusal = |error| Failure::configuration(format!("Invalid identity validation expression: {error}"));
    Ok(pattern.map_err(refusal)?.map(Box::new))
}

fn refused(refusal: &FunctionRefusal) -> AuthorizerFailure {
    let detail = refusal.to_string();
    match refusal {
        FunctionRefusal::Permission { .. } | FunctionRefusal::Role { .. } | FunctionRefusal::NotFound { .. } => {
            AuthorizerFailure::Configuration { detail }
        }
        FunctionRefusal::Throttled { .. } | FunctionRefusal::Payload { .. } | FunctionRefusal::Unavailable { .. } => {
            AuthorizerFailure::Failed { detail }
        }
    }
}
