//! The ARN-shaped URIs by which an `AWS` or `AWS_PROXY` integration names what it calls:
//! `arn:aws:apigateway:{region}:{[subdomain.]service}:{path|action}/{rest}`.
//!
//! The rest may hold `${stageVariables.name}`, which is filled in per stage before [`LambdaTarget::function_arn`] is
//! asked; this module leaves it alone. AWS page: "Integration" of the API Gateway API reference, member `uri`.

use std::fmt;
use std::str::FromStr;

use super::{ARN_BYTES_MAX, FunctionArn, InvalidArn, InvalidRegion, Region};

/// The API dates and last path segments under which Lambda takes invocations, and what each means.
const LAMBDA_PATHS: [(&str, &str, InvocationMode); 2] = [
    ("2015-03-31/functions/", "/invocations", InvocationMode::Buffered),
    ("2021-11-15/functions/", "/response-streaming-invocations", InvocationMode::Streaming),
];

/// An integration's URI, split into its parts.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IntegrationUri {
    partition: Box<str>,
    region: Region,
    subdomain: Option<Box<str>>,
    service: Box<str>,
    target: IntegrationTarget,
}

/// What of the service is called.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IntegrationTarget {
    /// `path/{rest}`: a path of the service's HTTP API, without its leading slash.
    Path(Box<str>),
    /// `action/{rest}`: an action of the service's query API.
    Action(Box<str>),
}

/// How Lambda is to answer an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvocationMode {
    /// With the whole payload at once (`Invoke`).
    Buffered,
    /// Piece by piece (`InvokeWithResponseStream`).
    Streaming,
}

/// The function that an integration calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LambdaTarget<'a> {
    function: &'a str,
    mode: InvocationMode,
}

/// Why a text is not an integration URI.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidIntegrationUri {
    /// The text is longer than any ARN.
    #[error("an integration URI has at most {ARN_BYTES_MAX} bytes, this one has {bytes}")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// The text does not have the six colon-separated parts of an ARN of the service `apigateway`.
    #[error("{text:?} is not of the form arn:aws:apigateway:region:service:path/… or action/…")]
    Form {
        /// The text that was read.
        text: Box<str>,
    },
    /// The fourth part does not name a region.
    #[error("the region of the integration URI is invalid")]
    Region(#[from] InvalidRegion),
    /// The fifth part does not name a service.
    #[error("{text:?} does not name a service")]
    Service {
        /// The fifth part.
        text: Box<str>,
    },
    /// The sixth part begins neither with `path/` nor with `action/`.
    #[error("{text:?} begins neither with path/ nor with action/")]
    Target {
        /// The sixth part.
        text: Box<str>,
    },
}

impl IntegrationUri {
    /// The partition, which decides the domain of the service's hosts.
    #[must_use]
    pub fn partition(&self) -> &str {
        &self.partition
    }

    /// The region whose endpoint is called, which may differ from the API's.
    #[must_use]
    pub fn region(&self) -> &Region {
        &self.region
    }

    /// The service's endpoint prefix, such as `lambda`, `sqs` or `dynamodb`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// What stands before the service, such as the bucket in `bucket.s3`.
    #[must_use]
    pub fn subdomain(&self) -> Option<&str> {
        self.subdomain.as_deref()
    }

    /// What of the service is called.
    #[must_use]
    pub fn target(&self) -> &IntegrationTarget {
        &self.target
    }

    /// The function that is called; `None` when this is not an invocation of a Lambda function.
    #[must_use]
    pub fn lambda(&self) -> Option<LambdaTarget<'_>> {
        let IntegrationTarget::Path(path) = &self.target else { return None };
        if &*self.service != "lambda" || self.subdomain.is_some() {
            return None;
        }
        LAMBDA_PATHS.iter().find_map(|(prefix, suffix, mode)| {
            let function = path.strip_prefix(prefix)?.strip_suffix(suffix)?;
            (!function.is_empty() && !function.contains('/')).then_some(LambdaTarget { function, mode: *mode })
        })
    }
}

impl LambdaTarget<'_> {
    /// The function's ARN as the URI spells it, which may still hold `${stageVariables.name}`.
    #[must_use]
    pub fn function_text(&self) -> &str {
        self.function
    }

    /// How the function is to answer.
    #[must_use]
    pub fn mode(&self) -> InvocationMode {
        self.mode
    }

    /// The function's ARN; fails when the text is none, for example because a stage variable is not filled in.
    pub fn function_arn(&self) -> Result<FunctionArn, InvalidArn> {
        self.function.parse()
    }
}

impl FromStr for IntegrationUri {
    type Err = InvalidIntegrationUri;

    fn from_str(text: &str) -> Result<Self, InvalidIntegrationUri> {
        if text.len() > ARN_BYTES_MAX {
            return Err(InvalidIntegrationUri::TooLong { bytes: text.len() });
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let &["arn", partition, "apigateway", region, host, target] = parts.as_slice() else {
            return Err(InvalidIntegrationUri::Form { text: text.into() });
        };
        if partition.is_empty() || text.chars().any(char::is_control) {
            return Err(InvalidIntegrationUri::Form { text: text.into() });
        }
        let (subdomain, service) = match host.rsplit_once('.') {
            Some((subdomain, service)) => (Some(subdomain), service),
            None => (None, host),
        };
        let is_service_byte = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if service.is_empty() || !service.bytes().all(is_service_byte) || subdomain.is_some_and(str::is_empty) {
            return Err(InvalidIntegrationUri::Service { text: host.into() });
        }
        let target = match target.split_once('/') {
            Some(("path", rest)) => IntegrationTarget::Path(rest.into()),
            Some(("action", rest)) => IntegrationTarget::Action(rest.into()),
            _ => return Err(InvalidIntegrationUri::Target { text: target.into() }),
        };
        Ok(Self {
            partition: partition.into(),
            region: region.parse()?,
            subdomain: subdomain.map(Into::into),
            service: service.into(),
            target,
        })
    }
}

impl fmt::Display for IntegrationUri {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "arn:{}:apigateway:{}:", self.partition, self.region)?;
        if let Some(subdomain) = &self.subdomain {
            write!(formatter, "{subdomain}.")?;
        }
        match &self.target {
            IntegrationTarget::Path(rest) => write!(formatter, "{}:path/{rest}", self.service),
            IntegrationTarget::Action(rest) => write!(formatter, "{}:action/{rest}", self.service),
        }
    }
}
