//! Methods and their declared responses ("Method", "MethodResponse" of the API reference).

use std::{collections::BTreeMap, fmt, str::FromStr};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    id::{AuthorizerId, RequestValidatorId, ResourceId, StatusCode},
    integration::Integration,
};

/// A method of a resource, with all that hangs below it: responses, integration, integration responses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Method {
    /// The resource that carries the method; not part of AWS's wire form.
    pub resource_id: ResourceId,
    /// The HTTP method, or `ANY`.
    pub http_method: HttpMethod,
    /// How callers prove who they are.
    pub authorization_type: AuthorizationType,
    /// The authorizer of `CUSTOM`, `COGNITO_USER_POOLS` and `JWT`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorizer_id: Option<AuthorizerId>,
    /// `OAuth` scopes of which a token must hold one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authorization_scopes: Vec<String>,
    /// Whether a request needs an API key of a usage plan.
    pub api_key_required: bool,
    /// A name for generated SDKs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operation_name: Option<String>,
    /// Declared parameters `method.request.{path|querystring|header}.NAME` and whether each is required. An empty map that the
    /// user sent is told apart from none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_parameters: Option<IndexMap<String, bool>>,
    /// Models of the body by content type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_models: Option<IndexMap<String, String>>,
    /// The validator in force; without one, nothing is validated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_validator_id: Option<RequestValidatorId>,
    /// Declared responses by status code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub method_responses: BTreeMap<StatusCode, MethodResponse>,
    /// What stands behind the method.
    #[serde(default, rename = "methodIntegration", skip_serializing_if = "Option::is_none")]
    pub integration: Option<Integration>,
}

impl Method {
    /// The id under which a method is kept: `{resourceId}/{METHOD}`.
    #[must_use]
    pub fn record_id(&self) -> String {
        format!("{}/{}", self.resource_id, self.http_method)
    }
}

/// A declared response of a method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MethodResponse {
    /// The status code.
    pub status_code: StatusCode,
    /// Declared headers `method.response.header.NAME`; the flag has no effect.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_parameters: Option<IndexMap<String, bool>>,
    /// Models of the body by content type; documentation only, at run time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_models: Option<IndexMap<String, String>>,
}

/// An HTTP method that a resource can carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "each variant is the method of its name; ANY stands for all seven others")]
pub enum HttpMethod {
    Get,
    Put,
    Post,
    Delete,
    Patch,
    Options,
    Head,
    Any,
}

impl HttpMethod {
    /// All methods, in the order of AWS's error text.
    pub const ALL: [Self; 8] =
        [Self::Get, Self::Put, Self::Post, Self::Delete, Self::Patch, Self::Options, Self::Head, Self::Any];

    /// The method's wire name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Put => "PUT",
            Self::Post => "POST",
            Self::Delete => "DELETE",
            Self::Patch => "PATCH",
            Self::Options => "OPTIONS",
            Self::Head => "HEAD",
            Self::Any => "ANY",
        }
    }
}

impl FromStr for HttpMethod {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        Self::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
            .ok_or_else(|| UnknownChoice::new("HTTP method", text))
    }
}

impl fmt::Display for HttpMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How a method's callers prove who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AuthorizationType {
    /// They need not.
    #[default]
    None,
    /// By a Signature Version 4 signature.
    AwsIam,
    /// To a Lambda authorizer.
    Custom,
    /// By a token of an Amazon Cognito user pool.
    CognitoUserPools,
    /// By a JSON Web Token of a configured issuer.
    Jwt,
}

impl AuthorizationType {
    /// The wire name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::AwsIam => "AWS_IAM",
            Self::Custom => "CUSTOM",
            Self::CognitoUserPools => "COGNITO_USER_POOLS",
            Self::Jwt => "JWT",
        }
    }

    /// Whether a method of this type must name an authorizer.
    #[must_use]
    pub fn needs_authorizer(self) -> bool {
        match self {
            Self::None | Self::AwsIam => false,
            Self::Custom | Self::CognitoUserPools | Self::Jwt => true,
        }
    }
}

impl FromStr for AuthorizationType {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        [Self::None, Self::AwsIam, Self::Custom, Self::CognitoUserPools, Self::Jwt]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| UnknownChoice::new("authorization type", text))
    }
}

/// A text that is none of the values that its place allows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {what}")]
pub struct UnknownChoice {
    /// What the text should have named.
    pub what: &'static str,
    /// The offending text.
    pub text: Box<str>,
}

impl UnknownChoice {
    /// An error about `text` standing where a `what` belongs.
    #[must_use]
    pub fn new(what: &'static str, text: &str) -> Self {
        Self { what, text: text.into() }
    }
}
