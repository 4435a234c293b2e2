//! What a caller gets: the function's answer or its error, or the runner's refusal.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// The end of an invocation that reached a function, 200 on the wire whatever the function did.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The function's answer, or the error object.
    pub payload: Bytes,
    /// `X-Amz-Function-Error`.
    pub function_error: Option<FunctionError>,
    /// `X-Amz-Executed-Version`.
    pub executed_version: Arc<str>,
    /// The last 4096 bytes of the invocation's log, not yet base64, when asked for.
    pub log_tail: Option<Bytes>,
    /// From dispatch to the complete answer.
    pub duration: Duration,
    /// `duration` in started milliseconds.
    pub billed_duration: Duration,
    /// Time of the initialisation that preceded this invocation, if it was the worker's first.
    pub init_duration: Option<Duration>,
    /// The largest measured memory of the worker's processes, in MB.
    pub max_memory_used_mb: u32,
}

/// The value of `X-Amz-Function-Error`. AWS says `Unhandled` for every error of a function, caught or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionError {
    /// What logs and metrics call the error: `Sandbox.Timedout`, `Runtime.ExitError`, `Function.Unknown`, ….
    pub error_type: String,
}

impl FunctionError {
    /// The header's value.
    pub const HEADER_VALUE: &'static str = "Unhandled";
}

/// Why an invocation did not reach a function.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvokeError {
    /// No worker was free in time: 429 `TooManyRequestsException` with this `Reason`.
    #[error("no worker was free within the queue timeout")]
    Throttled {
        /// `Reason` of the answer.
        reason: ThrottleReason,
    },
    /// The runner is ending.
    #[error("the function runner is shutting down")]
    ShuttingDown,
}

/// `Reason` of a `TooManyRequestsException`, as far as the runner throttles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ThrottleReason {
    /// A limit on workers, of the version or of the host, is reached.
    ConcurrentInvocationLimitExceeded,
}

impl ThrottleReason {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ConcurrentInvocationLimitExceeded => "ConcurrentInvocationLimitExceeded",
        }
    }
}
