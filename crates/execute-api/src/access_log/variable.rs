//! The variables of access logs: those of templates, and those that only the end of a request knows.

use std::borrow::Cow;

use super::escaped;
use crate::{context::ContextVariable, failure::GatewayResponseType, observe::Ended, stage::error_variable};

/// A variable, found once by its name.
#[derive(Debug, Clone)]
pub(super) enum Variable {
    /// One that templates have, too.
    Context(&'static ContextVariable),
    /// `error.*`.
    Error(Box<str>),
    /// One of the end.
    End(End),
}

/// What only the end of a request knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Status,
    ResponseLength,
    ResponseLatency,
    /// What the backend took, in milliseconds.
    IntegrationLatency,
    /// The status of the backend's service: of Lambda, not of the function.
    ServiceStatus,
    /// The status that the integration gave: of a proxy function, the function's own.
    IntegrationStatus,
    IntegrationRequestId,
    IntegrationError,
    XrayTraceId,
    EndpointType,
}

impl End {
    fn named(name: &str) -> Option<Self> {
        match name {
            "status" => Some(Self::Status),
            "responseLength" => Some(Self::ResponseLength),
            "responseLatency" => Some(Self::ResponseLatency),
            "integrationLatency" | "integration.latency" => Some(Self::IntegrationLatency),
            "integrationStatus" | "integration.integrationStatus" => Some(Self::ServiceStatus),
            "integration.status" => Some(Self::IntegrationStatus),
            "integration.requestId" | "awsEndpointRequestId" => Some(Self::IntegrationRequestId),
            "integration.error" | "integrationErrorMessage" => Some(Self::IntegrationError),
            "xrayTraceId" => Some(Self::XrayTraceId),
            "endpointType" => Some(Self::EndpointType),
            _ => None,
        }
    }

    fn read<'e>(self, ended: &'e Ended<'_>) -> Option<Cow<'e, str>> {
        let number = |number: u128| Cow::Owned(number.to_string());
        let backend = ended.backend;
        match self {
            Self::Status => Some(number(ended.status.into())),
            Self::ResponseLength => Some(number(ended.body_bytes?.into())),
            Self::ResponseLatency => Some(number(ended.latency.as_millis())),
            Self::IntegrationLatency => Some(number(backend?.latency.as_millis())),
            Self::ServiceStatus => Some(number(backend?.status?.into())),
            Self::IntegrationStatus => Some(number(backend?.integration_status?.into())),
            Self::IntegrationRequestId => backend?.request_id.as_deref().map(Cow::Borrowed),
            Self::IntegrationError => {
                Some(Cow::Owned(ended.failure.filter(|_| is_integration_error(ended))?.log_line()))
            }
            Self::XrayTraceId => {
                let root = ended.context.trace_id.split(';').find_map(|field| field.strip_prefix("Root="));
                root.map(Cow::Borrowed)
            }
            Self::EndpointType => Some(Cow::Borrowed(ended.stage.endpoint_type.as_str())),
        }
    }
}

/// Whether the request failed with or after its backend.
fn is_integration_error(ended: &Ended<'_>) -> bool {
    let response_type = ended.failure.and_then(crate::Failure::response_type);
    ended.backend.is_some()
        && matches!(
            response_type,
            Some(
                GatewayResponseType::IntegrationFailure
                    | GatewayResponseType::IntegrationTimeout
                    | GatewayResponseType::ApiConfigurationError
                    | GatewayResponseType::Default5xx
            )
        )
}

impl Variable {
    /// The variable of this path below `$context`; `None` when no request has it.
    pub(super) fn named(path: &str) -> Option<Self> {
        if path.starts_with("error.") {
            return Some(Self::Error(path.into()));
        }
        let context = || ContextVariable::named(path).map(Self::Context);
        End::named(path).map(Self::End).or_else(context)
    }

    pub(super) fn is_backend_request_id(&self) -> bool {
        matches!(self, Self::End(End::IntegrationRequestId))
    }

    /// The value for a request, escaped.
    pub(super) fn read<'e>(&self, ended: &'e Ended<'_>) -> Option<Cow<'e, str>> {
        match self {
            Self::Context(variable) => variable.read(ended.context).map(escaped),
            // It is a JSON text with its quotes, to be written as it is.
            Self::Error(path) if &**path == "error.messageString" => {
                error_variable(ended.failure?, path).map(Cow::Owned)
            }
            Self::Error(path) => error_variable(ended.failure?, path).map(|value| escaped(Cow::Owned(value))),
            Self::End(end) => end.read(ended).map(escaped),
        }
    }
}
