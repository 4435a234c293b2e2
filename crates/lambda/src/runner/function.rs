//! What is run: a version of a function, and one call of it.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use uuid::Uuid;

/// An immutable version of a function, as a worker sees it. Workers are shared between values whose `arn`, `version`
/// and `revision_id` are equal, so a new configuration needs a new revision id.
#[derive(Debug, Clone)]
pub struct FunctionVersion {
    /// The function's ARN without a qualifier.
    pub arn: Arc<str>,
    /// The function's bare name.
    pub name: Arc<str>,
    /// `$LATEST` or a number.
    pub version: Arc<str>,
    /// Changes with every change of code or configuration.
    pub revision_id: Arc<str>,
    /// The account that owns the function.
    pub account: Arc<str>,
    /// The region of the ARN.
    pub region: Arc<str>,
    /// How the code is started.
    pub runtime: Runtime,
    /// The handler as configured, such as `index.handler`; empty for a custom runtime without one.
    pub handler: String,
    /// Time of one invocation, 1 to 900 seconds.
    pub timeout: Duration,
    /// Memory limit in MB; the worker's processes are killed above it.
    pub memory_mb: u32,
    /// `/tmp` size in MB. Recorded only: mode `process` cannot enforce it.
    pub ephemeral_storage_mb: u32,
    /// The customer's variables in declaration order.
    pub environment: IndexMap<String, String>,
    /// The unpacked deployment package, read-only by convention.
    pub code_dir: PathBuf,
    /// Base64 SHA-256 of the package; keys byte-code caches.
    pub code_sha256: String,
    /// Shape of log records.
    pub log_format: LogFormat,
    /// `AWS_LAMBDA_LOG_LEVEL` of JSON logging, when configured.
    pub application_log_level: Option<String>,
}

/// `LoggingConfig.LogFormat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines of text.
    Text,
    /// One JSON object per record.
    Json,
}

/// A runtime identifier that this runner can execute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Runtime {
    /// `nodejs{major}.x`.
    Node {
        /// 18 to 26.
        major: u32,
    },
    /// `python3.{minor}`.
    Python {
        /// 9 to 15.
        minor: u32,
    },
    /// `provided`, `provided.al2`, `provided.al2023`: the package's own `bootstrap`.
    Provided,
}

/// The identifier names no runtime that can be executed here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("runtime {identifier:?} cannot be executed by local workers")]
pub struct UnknownRuntime {
    /// The identifier as given.
    pub identifier: String,
}

/// Oldest and newest `nodejs{major}.x`.
pub(super) const NODE_MAJORS: std::ops::RangeInclusive<u32> = 18..=26;
/// Oldest and newest `python3.{minor}`.
pub(super) const PYTHON_MINORS: std::ops::RangeInclusive<u32> = 9..=15;

impl FromStr for Runtime {
    type Err = UnknownRuntime;

    fn from_str(identifier: &str) -> Result<Self, UnknownRuntime> {
        let number = |text: &str| text.parse().ok().filter(|_| !text.starts_with(['0', '+']));
        let node = identifier.strip_prefix("nodejs").and_then(|rest| rest.strip_suffix(".x")).and_then(number);
        if let Some(major) = node.filter(|major| NODE_MAJORS.contains(major)) {
            return Ok(Self::Node { major });
        }
        let python = identifier.strip_prefix("python3.").and_then(number);
        if let Some(minor) = python.filter(|minor| PYTHON_MINORS.contains(minor)) {
            return Ok(Self::Python { minor });
        }
        match identifier {
            "provided" | "provided.al2" | "provided.al2023" => Ok(Self::Provided),
            _ => Err(UnknownRuntime { identifier: identifier.to_owned() }),
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node { major } => write!(f, "nodejs{major}.x"),
            Self::Python { minor } => write!(f, "python3.{minor}"),
            Self::Provided => f.write_str("provided"),
        }
    }
}

/// One call of a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// `awsRequestId`; the same for every attempt of an asynchronous call.
    pub request_id: Uuid,
    /// The ARN as called, with its alias or version.
    pub invoked_function_arn: String,
    /// The event, which must be JSON; empty means `{}`.
    pub payload: Bytes,
    /// The decoded client context, JSON.
    pub client_context: Option<String>,
    /// The Cognito identity, JSON.
    pub cognito_identity: Option<String>,
    /// The X-Ray header, `Root=…;Parent=…;Sampled=…`; empty for none.
    pub trace_id: String,
    /// Whether the caller wants the last 4096 bytes of the invocation's log.
    pub log_tail: bool,
}
