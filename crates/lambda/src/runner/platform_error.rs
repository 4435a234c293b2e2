//! The errors that the platform reports in a function's place, with AWS's exact texts.

use std::fmt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;

/// The largest buffered answer of a function: 6 MiB and 100 bytes.
pub(super) const RESPONSE_BYTES_MAX: u64 = 6 * 1024 * 1024 + 100;

/// Why the platform ends an invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum PlatformError {
    /// The invocation's time is over.
    TimedOut { limit: Duration },
    /// The process ended before it answered.
    Exited { ending: Ending },
    /// The memory watch killed the process.
    OutOfMemory,
    /// There is nothing to execute.
    InvalidEntrypoint { text: String },
    /// The answer is larger than its caller takes: [`RESPONSE_BYTES_MAX`], or the limit of streamed responses.
    ResponseTooLarge { limit: u64 },
    /// The answer's body ended early.
    TruncatedResponse,
    /// The runtime asked for a response mode that does not exist.
    InvalidResponseMode,
}

/// How a process ended, in the words of AWS's report (which are Go's).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    Success,
    Code(i32),
    Signal(i32),
}

impl From<ExitStatus> for Ending {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(0), _) => Self::Success,
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("Runtime exited without providing a reason"),
            Self::Code(code) => write!(f, "Runtime exited with error: exit status {code}"),
            Self::Signal(signal) => match signal_name(*signal) {
                Some(name) => write!(f, "Runtime exited with error: signal: {name}"),
                None => write!(f, "Runtime exited with error: signal: signal {signal}"),
            },
        }
    }
}

/// Go's names of the signals that end a process.
fn signal_name(signal: i32) -> Option<&'static str> {
    Some(match signal {
        1 => "hangup",
        2 => "interrupt",
        3 => "quit",
        4 => "illegal instruction",
        5 => "trace/breakpoint trap",
        6 => "aborted",
        7 => "bus error",
        8 => "floating point exception",
        9 => "killed",
        10 => "user defined signal 1",
        11 => "segmentation fault",
        12 => "user defined signal 2",
        13 => "broken pipe",
        14 => "alarm clock",
        15 => "terminated",
        _ => return None,
    })
}

impl PlatformError {
    /// The `errorType` of the payload.
    pub(super) fn error_type(&self) -> &'static str {
        match self {
            Self::TimedOut { .. } => "Sandbox.Timedout",
            Self::Exited { .. } | Self::OutOfMemory => "Runtime.ExitError",
            Self::InvalidEntrypoint { .. } => "Runtime.InvalidEntrypoint",
            Self::ResponseTooLarge { .. } => "Function.ResponseSizeTooLarge",
            Self::TruncatedResponse => "Runtime.TruncatedResponse",
            Self::InvalidResponseMode => "Runtime.InvalidResponseModeHeader",
        }
    }

    /// What REPORT calls the error: out of memory has a name there that the payload does not show.
    pub(super) fn report_type(&self) -> &'static str {
        match self {
            Self::OutOfMemory => "Runtime.OutOfMemory",
            Self::TimedOut { .. }
            | Self::Exited { .. }
            | Self::InvalidEntrypoint { .. }
            | Self::ResponseTooLarge { .. }
            | Self::TruncatedResponse
            | Self::InvalidResponseMode => self.error_type(),
        }
    }

    /// The text after `RequestId: … Error: `.
    pub(super) fn text(&self) -> String {
        match self {
            Self::TimedOut { limit } => format!("Task timed out after {:.2} seconds", limit.as_secs_f64()),
            Self::Exited { ending } => ending.to_string(),
            Self::OutOfMemory => Ending::Signal(9).to_string(),
            Self::InvalidEntrypoint { text } => text.clone(),
            Self::ResponseTooLarge { limit } => {
                format!("Response payload size exceeded maximum allowed payload size ({limit} bytes).")
            }
            Self::TruncatedResponse => "Response body is shorter than announced".to_owned(),
            Self::InvalidResponseMode => "Invalid function response mode".to_owned(),
        }
    }

    /// The payload that the caller receives.
    pub(super) fn payload(&self, request_id: Uuid) -> Bytes {
        let text = serde_json::Value::from(match self {
            Self::ResponseTooLarge { .. } => self.text(),
            Self::TimedOut { .. }
            | Self::Exited { .. }
            | Self::OutOfMemory
            | Self::InvalidEntrypoint { .. }
            | Self::TruncatedResponse
            | Self::InvalidResponseMode => format!("RequestId: {request_id} Error: {}", self.text()),
        });
        // The size error is the one that AWS words message first and without the request.
        let error_type = self.error_type();
        Bytes::from(match self {
            Self::ResponseTooLarge { .. } => format!(r#"{{"errorMessage":{text},"errorType":"{error_type}"}}"#),
            Self::TimedOut { .. }
            | Self::Exited { .. }
            | Self::OutOfMemory
            | Self::InvalidEntrypoint { .. }
            | Self::TruncatedResponse
            | Self::InvalidResponseMode => format!(r#"{{"errorType":"{error_type}","errorMessage":{text}}}"#),
        })
    }
}
