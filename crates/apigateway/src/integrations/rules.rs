//! What an integration must be, whichever call made it so.

use definition::{
    Scope,
    integration::{Integration, IntegrationType, ResponseTransferMode, STREAM_NEEDS_PROXY, TIMEOUT_MS_MIN},
    method::Method,
};
use iam::arn::{IntegrationUri, InvalidIntegrationUri, RoleArn};

use crate::{
    failure::{Failure, Result},
    mapping, methods,
};

/// The credentials that stand for the caller's own.
const CALLER_CREDENTIALS: &str = "arn:aws:iam::*:user/*";

/// The way to a backend where none is said.
const INTERNET: &str = "INTERNET";
/// The way to a backend in a private network.
const VPC_LINK: &str = "VPC_LINK";
/// The ways to a backend, in the order of the service model.
pub(super) const CONNECTION_TYPES: [&str; 2] = [INTERNET, VPC_LINK];

/// Whether the backend is a URL.
fn is_http(integration_type: IntegrationType) -> bool {
    match integration_type {
        IntegrationType::Http | IntegrationType::HttpProxy => true,
        IntegrationType::Mock | IntegrationType::Aws | IntegrationType::AwsProxy => false,
    }
}

/// Takes from an integration what its type does not have, and completes what it must have.
pub(super) fn settle(integration: &mut Integration) {
    if integration.integration_type == IntegrationType::Mock {
        (integration.http_method, integration.uri) = (None, None);
    }
    let connection_type = integration.connection_type.take().unwrap_or_else(|| INTERNET.to_owned());
    integration.connection_type = is_http(integration.integration_type).then_some(connection_type);
}

/// The refusal of a time-out where this is the longest.
pub(super) fn timeout_out_of_range(timeout_ms_max: u32) -> Failure {
    Failure::bad_request(format!("Timeout should be between {TIMEOUT_MS_MIN} ms and {timeout_ms_max} ms"))
}

/// Refuses an integration that its method cannot have.
pub(crate) fn check(integration: &Integration, method: &Method, scope: &Scope) -> Result<()> {
    let uri = integration.uri.as_deref().unwrap_or_default();
    match integration.integration_type {
        IntegrationType::Mock => {}
        IntegrationType::Http | IntegrationType::HttpProxy => {
            methods::http_method(integration.http_method.as_deref().unwrap_or_default())?;
            check_url(uri)?;
            check_connection(integration)?;
        }
        IntegrationType::Aws | IntegrationType::AwsProxy => {
            methods::http_method(integration.http_method.as_deref().unwrap_or_default())?;
            check_arn(uri, integration)?;
        }
    }
    check_credentials(integration.credentials.as_deref(), scope)?;
    if integration.response_transfer_mode == Some(ResponseTransferMode::Stream)
        && !integration.integration_type.is_proxy()
    {
        return Err(Failure::bad_request(STREAM_NEEDS_PROXY));
    }
    let timeout_ms_max = integration.timeout_ms_max();
    if !(TIMEOUT_MS_MIN..=timeout_ms_max).contains(&integration.timeout_in_millis) {
        return Err(timeout_out_of_range(timeout_ms_max));
    }
    mapping::check_request_mappings(integration.request_parameters.as_ref(), method)?;
    mapping::check_templates(integration.request_templates.as_ref())?;
    mapping::check_cache_key(&integration.cache_key_parameters, method)
}

fn check_connection(integration: &Integration) -> Result<()> {
    let connection_type = integration.connection_type.as_deref();
    if connection_type.is_some_and(|text| !CONNECTION_TYPES.contains(&text)) {
        let options = CONNECTION_TYPES.join(",");
        return Err(Failure::bad_request(format!("Invalid ConnectionType specified. Valid options are {options}")));
    }
    if connection_type == Some(VPC_LINK) && integration.connection_id.is_none() {
        return Err(Failure::bad_request("ConnectionId is required when connectionType is VPC_LINK"));
    }
    Ok(())
}

/// Refuses a text that is no address, whatever its stage variables hold.
fn check_url(uri: &str) -> Result<()> {
    let host = ["http://", "https://"].iter().find_map(|scheme| uri.strip_prefix(scheme));
    let host_present = host.is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['/', '?', '#', ':']));
    let from_variable = uri.starts_with("${stageVariables.");
    let printable = !uri.chars().any(|c| c.is_whitespace() || c.is_control());
    if (host_present || from_variable) && printable {
        return Ok(());
    }
    Err(Failure::bad_request("Invalid HTTP endpoint specified for URI"))
}

/// Refuses a text that names no action of an AWS service, or one that needs a role when there is none.
fn check_arn(uri: &str, integration: &Integration) -> Result<()> {
    let parsed: IntegrationUri = match uri.parse() {
        Ok(parsed) => parsed,
        // Each stage says for itself what is called.
        Err(InvalidIntegrationUri::Target { text }) if text.starts_with("${stageVariables.") => return Ok(()),
        Err(InvalidIntegrationUri::Target { .. }) => {
            return Err(Failure::bad_request("AWS ARN for integration must contain path or action"));
        }
        Err(
            InvalidIntegrationUri::TooLong { .. }
            | InvalidIntegrationUri::Form { .. }
            | InvalidIntegrationUri::Region(_)
            | InvalidIntegrationUri::Service { .. },
        ) => return Err(Failure::bad_request("Invalid ARN specified in the request")),
    };
    if parsed.lambda().is_some() {
        return Ok(());
    }
    if integration.integration_type == IntegrationType::AwsProxy && parsed.service() != "firehose" {
        let message = "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream \
                       invocations.";
        return Err(Failure::bad_request(message));
    }
    if integration.credentials.is_none() {
        return Err(Failure::bad_request("Role ARN must be specified for AWS integrations"));
    }
    Ok(())
}

fn check_credentials(credentials: Option<&str>, scope: &Scope) -> Result<()> {
    let Some(credentials) = credentials.filter(|text| *text != CALLER_CREDENTIALS) else { return Ok(()) };
    if credentials.contains("${stageVariables.") {
        return Ok(());
    }
    let role: RoleArn =
        credentials.parse().map_err(|_| Failure::bad_request("Invalid ARN specified in the request"))?;
    if role.account().as_str() != scope.account {
        return Err(Failure::AccessDenied("Cross-account pass role is not allowed.".into()));
    }
    Ok(())
}
