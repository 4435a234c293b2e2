//! What is known of a request besides its message: `$context`, `context.*` and a proxy event's `requestContext`.
//!
//! Developer Guide, "Variables for data transformations for API Gateway".

mod variables;
#[cfg(test)]
pub(crate) mod fixture;

use definition::time::EpochMillis;

pub use variables::{ContextVariable, context_variable};

/// The facts of one request, borrowed from the stage, the route and the request that hold them.
#[derive(Debug, Clone)]
pub struct RequestContext<'a> {
    /// The account that owns the API.
    pub account_id: &'a str,
    /// The API's id.
    pub api_id: &'a str,
    /// The stage's name.
    pub stage: &'a str,
    /// The deployment that serves the request; absent under test invocation.
    pub deployment_id: Option<&'a str>,
    /// The resource's id.
    pub resource_id: &'a str,
    /// The resource's path template.
    pub resource_path: &'a str,
    /// The client's HTTP method, after `X-HTTP-Method-Override`.
    pub http_method: &'a str,
    /// The method's operation name, when it has one.
    pub operation_name: Option<&'a str>,
    /// The path as the client sent it, with the stage or base path in front; never percent-decoded.
    pub path: &'a str,
    /// `HTTP/1.1`.
    pub protocol: &'a str,
    /// The host that the client addressed, without the port.
    pub domain_name: &'a str,
    /// The first label of that host.
    pub domain_prefix: &'a str,
    /// The base path of a custom domain name by which the API was found; absent without one. Access logs alone show it.
    pub base_path: Option<&'a str>,
    /// The request's id, a UUID.
    pub request_id: &'a str,
    /// The id that no client can choose.
    pub extended_request_id: &'a str,
    /// The trace header's value towards backends.
    pub trace_id: &'a str,
    /// When the request arrived.
    pub request_time: EpochMillis,
    /// Who sent it.
    pub identity: Identity<'a>,
    /// Whether a canary serves it; absent on stages without one.
    pub is_canary: Option<bool>,
}

/// Who sent a request, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Identity<'a> {
    /// The client's address.
    pub source_ip: &'a str,
    /// The `User-Agent` header.
    pub user_agent: Option<&'a str>,
    /// The API key, on methods that require one.
    pub api_key: Option<&'a str>,
    /// The API key's id, on methods that require one.
    pub api_key_id: Option<&'a str>,
    /// The caller's account, on signed requests.
    pub account_id: Option<&'a str>,
    /// The caller's unique id, on signed requests.
    pub caller: Option<&'a str>,
    /// The user's unique id, on signed requests.
    pub user: Option<&'a str>,
    /// The caller's ARN, on signed requests.
    pub user_arn: Option<&'a str>,
    /// The access key id, on signed requests.
    pub access_key: Option<&'a str>,
}
