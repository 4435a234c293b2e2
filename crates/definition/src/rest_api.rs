//! A REST API's own settings ("RestApi" of the API reference).

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::{
    id::{ResourceId, RestApiId},
    time::EpochSeconds,
};

/// The settings of a REST API; its resources, methods and models are records of their own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RestApi {
    /// The API's id, the first label of its host.
    pub id: RestApiId,
    /// The name; names need not be unique.
    pub name: String,
    /// A free text, never empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// A version identifier of the user's, such as OpenAPI's `info.version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// When the API was created.
    pub created_date: EpochSeconds,
    /// Where a client's API key is read from.
    pub api_key_source: ApiKeySource,
    /// Edge, regional or private, and its address family.
    pub endpoint_configuration: EndpointConfiguration,
    /// Media types whose payloads are binary, in the order given; `*/*` is all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub binary_media_types: Vec<String>,
    /// Compress responses of at least this many bytes (0 to 10,485,760); absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum_compression_size: Option<u32>,
    /// Whether the default `execute-api` host is refused.
    pub disable_execute_api_endpoint: bool,
    /// The resource policy's JSON text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<String>,
    /// Tags, in the order given.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub tags: IndexMap<String, String>,
    /// The id of the resource `/`.
    pub root_resource_id: ResourceId,
    /// The TLS policy's name, when one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_policy: Option<String>,
    /// `BASIC` or `STRICT`, when one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endpoint_access_mode: Option<String>,
}

impl RestApi {
    /// A new API for which nothing was said. It still needs a name.
    #[must_use]
    pub fn new(id: RestApiId, root_resource_id: ResourceId, created_date: EpochSeconds) -> Self {
        Self {
            id,
            name: String::new(),
            description: None,
            version: None,
            created_date,
            api_key_source: ApiKeySource::default(),
            endpoint_configuration: EndpointConfiguration::of(EndpointType::default()),
            binary_media_types: Vec::new(),
            minimum_compression_size: None,
            disable_execute_api_endpoint: false,
            policy: None,
            tags: IndexMap::new(),
            root_resource_id,
            security_policy: None,
            endpoint_access_mode: None,
        }
    }
}

/// Where the API key of a metered request is read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiKeySource {
    /// The `X-API-Key` request header.
    #[default]
    Header,
    /// The authorizer's `usageIdentifierKey`.
    Authorizer,
}

/// How an API is reached ("EndpointConfiguration").
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointConfiguration {
    /// One endpoint type; AWS's wire has a list and allows one member.
    pub types: Vec<EndpointType>,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// VPC endpoints of a private API.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vpc_endpoint_ids: Vec<String>,
}

impl EndpointConfiguration {
    /// The configuration of an API of `endpoint_type` for which nothing else was said.
    #[must_use]
    pub fn of(endpoint_type: EndpointType) -> Self {
        let ip_address_type = match endpoint_type {
            EndpointType::Private => "dualstack",
            EndpointType::Edge | EndpointType::Regional => "ipv4",
        };
        Self { types: vec![endpoint_type], ip_address_type: ip_address_type.to_owned(), vpc_endpoint_ids: Vec::new() }
    }
}

/// The type of an API's endpoint. Edge-optimised APIs are served as regional ones; private ones are refused, since who may reach
/// them cannot be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum EndpointType {
    /// Behind a CDN; the default of `CreateRestApi`.
    #[default]
    Edge,
    /// In one region.
    Regional,
    /// Reachable through VPC endpoints only.
    Private,
}

impl EndpointType {
    /// The type as the wire spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Edge => "EDGE",
            Self::Regional => "REGIONAL",
            Self::Private => "PRIVATE",
        }
    }
}
