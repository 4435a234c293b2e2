//! The variables of access logs: those of templates, and those that only the end of a request knows.

use std::{borrow::Cow, time::Duration};

use super::escaped;
use crate::{
    context::ContextVariable,
    message_body::TransferMode,
    observe::{Ended, Sent},
    stage::{Backend, error_variable},
};

/// A variable, found once by its name.
#[derive(Debug, Clone)]
pub(super) enum Variable {
    /// One that is known when the response's head is.
    Ended(OfEnded),
    /// One that is not known before the response has been sent.
    Sent(OfSent),
}

/// What is known when the response's head is.
#[derive(Debug, Clone)]
pub(super) enum OfEnded {
    /// A variable that templates have, too.
    Context(&'static ContextVariable),
    /// `error.*`.
    Error(Box<str>),
    Status,
    /// The status of the backend's service: of Lambda, not of the function.
    ServiceStatus,
    /// The status that the integration gave: of a proxy function, the function's own.
    IntegrationStatus,
    IntegrationRequestId,
    /// `BUFFERED` or `STREAMED`.
    TransferMode,
    /// Of a response that streams: how long the backend took to the end of its head, in milliseconds.
    TimeToAllHeaders,
    XrayTraceId,
    EndpointType,
    BasePathMatched,
}

/// What is not known before the response has been sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OfSent {
    /// In bytes.
    ResponseLength,
    /// In milliseconds.
    ResponseLatency,
    /// What the backend took, in milliseconds.
    IntegrationLatency,
    /// Of a response that streams: how long the backend took to the first byte of its body, in milliseconds.
    TimeToFirstContent,
    IntegrationError,
}

impl Variable {
    /// The variable of this path below `$context`; `None` when no request has it.
    pub(super) fn named(path: &str) -> Option<Self> {
        Some(match path {
            "status" => Self::Ended(OfEnded::Status),
            "integrationStatus" | "integration.integrationStatus" => Self::Ended(OfEnded::ServiceStatus),
            "integration.status" => Self::Ended(OfEnded::IntegrationStatus),
            "integration.requestId" | "awsEndpointRequestId" => Self::Ended(OfEnded::IntegrationRequestId),
            "integration.responseTransferMode" => Self::Ended(OfEnded::TransferMode),
            "integration.timeToAllHeaders" => Self::Ended(OfEnded::TimeToAllHeaders),
            "xrayTraceId" => Self::Ended(OfEnded::XrayTraceId),
            "endpointType" => Self::Ended(OfEnded::EndpointType),
            "customDomain.basePathMatched" => Self::Ended(OfEnded::BasePathMatched),
            "responseLength" => Self::Sent(OfSent::ResponseLength),
            "responseLatency" => Self::Sent(OfSent::ResponseLatency),
            "integrationLatency" | "integration.latency" => Self::Sent(OfSent::IntegrationLatency),
            "integration.timeToFirstContent" => Self::Sent(OfSent::TimeToFirstContent),
            "integration.error" | "integrationErrorMessage" => Self::Sent(OfSent::IntegrationError),
            _ if path.starts_with("error.") => Self::Ended(OfEnded::Error(path.into())),
            _ => Self::Ended(OfEnded::Context(ContextVariable::named(path)?)),
        })
    }

    pub(super) fn is_backend_request_id(&self) -> bool {
        matches!(self, Self::Ended(OfEnded::IntegrationRequestId))
    }
}

impl OfEnded {
    /// The value for a request, escaped.
    pub(super) fn read<'e>(&self, ended: &'e Ended<'_>) -> Option<Cow<'e, str>> {
        let value = match self {
            // It is a JSON text with its quotes, to be written as it is.
            Self::Error(path) if &**path == "error.messageString" => {
                return error_variable(ended.failure?, path).map(Cow::Owned);
            }
            Self::Context(variable) => variable.read(ended.context),
            Self::Error(path) => error_variable(ended.failure?, path).map(Cow::Owned),
            Self::Status => Some(number(ended.status.into())),
            Self::ServiceStatus => Some(number(ended.backend?.status?.into())),
            Self::IntegrationStatus => Some(number(ended.backend?.integration_status?.into())),
            Self::IntegrationRequestId => ended.backend?.request_id.as_deref().map(Cow::Borrowed),
            Self::TransferMode => Some(Cow::Borrowed(match transfer_mode(ended)? {
                TransferMode::Buffered => "BUFFERED",
                TransferMode::Stream => "STREAMED",
            })),
            Self::TimeToAllHeaders => {
                let streams = transfer_mode(ended)? == TransferMode::Stream;
                ended.backend.filter(|_| streams).map(|backend| millis(backend.latency))
            }
            Self::XrayTraceId => {
                let root = ended.context.trace_id.split(';').find_map(|field| field.strip_prefix("Root="));
                root.map(Cow::Borrowed)
            }
            Self::EndpointType => Some(Cow::Borrowed(ended.stage.endpoint_type.as_str())),
            Self::BasePathMatched => ended.context.base_path.map(Cow::Borrowed),
        };
        value.map(escaped)
    }
}

impl OfSent {
    /// The value for a request, escaped.
    pub(super) fn read(self, sent: &Sent<'_>) -> Option<Cow<'static, str>> {
        match self {
            Self::ResponseLength => Some(number(sent.bytes.into())),
            Self::ResponseLatency => Some(millis(sent.latency)),
            Self::IntegrationLatency => sent.integration_latency.map(millis),
            Self::TimeToFirstContent => sent.time_to_first_content.map(millis),
            Self::IntegrationError => Some(escaped(Cow::Owned(sent.failure?.log_line()))),
        }
    }
}

/// How the integration's response is passed on; `None` where no integration can be called.
fn transfer_mode(ended: &Ended<'_>) -> Option<TransferMode> {
    let (method, _) = ended.method?;
    let integration = method.integration.as_ref().ok()?;
    Some(match &integration.backend {
        Backend::LambdaStream { .. } => TransferMode::Stream,
        Backend::HttpProxy(target, _) => target.transfer.mode(),
        Backend::Mock(_)
        | Backend::LambdaProxy(_)
        | Backend::Lambda(..)
        | Backend::AwsService(..)
        | Backend::Http(..) => TransferMode::Buffered,
    })
}

fn number(number: u128) -> Cow<'static, str> {
    Cow::Owned(number.to_string())
}

fn millis(time: Duration) -> Cow<'static, str> {
    number(time.as_millis())
}
