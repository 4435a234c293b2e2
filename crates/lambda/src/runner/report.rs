//! The end of an invocation: the platform's log lines and the caller's [`Outcome`].

use std::fmt::Write;
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::function::{FunctionVersion, LogFormat};
use super::logs::WorkerLog;
use super::outcome::{FunctionError, Outcome};
use super::platform_error::PlatformError;

/// How an invocation ended.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// The function answered.
    Success { payload: Bytes },
    /// The runtime reported an error; the payload is its own.
    Failed { payload: Bytes, error_type: String },
    /// The platform speaks in the function's place.
    Platform(PlatformError),
}

/// What REPORT measures.
#[derive(Debug, Clone, Copy)]
pub(super) struct Figures {
    pub(super) duration: Duration,
    pub(super) init_duration: Option<Duration>,
    pub(super) max_memory_bytes: u64,
}

const MIB: u64 = 1024 * 1024;

/// Writes the lines that open an invocation.
pub(super) fn open(log: &WorkerLog, version: &FunctionVersion, request_id: Uuid, wants_tail: bool, now: Timestamp) {
    log.begin(request_id, wants_tail);
    log.platform(&match version.log_format {
        LogFormat::Text => format!("START RequestId: {request_id} Version: {}", version.version),
        LogFormat::Json => system_record(
            "platform.start",
            now,
            &json!({"requestId": request_id.to_string(), "version": &*version.version}),
        ),
    });
}

/// Writes the lines that close an invocation and makes its outcome.
pub(super) fn close(
    log: &WorkerLog,
    version: &FunctionVersion,
    request_id: Uuid,
    end: End,
    figures: Figures,
    now: Timestamp,
) -> Outcome {
    log.catch_up();
    let problem = match &end {
        End::Platform(error) => Some(error),
        End::Success { .. } | End::Failed { .. } => None,
    };
    match version.log_format {
        LogFormat::Text => close_text(log, version, request_id, problem, figures, now),
        LogFormat::Json => {
            log.platform(&system_record("platform.report", now, &json_report(version, request_id, problem, figures)));
        }
    }
    let mut outcome = outcome(version, request_id, end, figures);
    outcome.log_tail = log.end();
    outcome
}

/// The outcome alone, for an invocation that no worker saw.
pub(super) fn outcome(version: &FunctionVersion, request_id: Uuid, end: End, figures: Figures) -> Outcome {
    let (payload, function_error) = match end {
        End::Success { payload } => (payload, None),
        End::Failed { payload, error_type } => (payload, Some(FunctionError { error_type })),
        End::Platform(error) => {
            (error.payload(request_id), Some(FunctionError { error_type: error.report_type().to_owned() }))
        }
    };
    Outcome {
        payload,
        function_error,
        executed_version: version.version.clone(),
        log_tail: None,
        duration: figures.duration,
        billed_duration: billed(figures.duration),
        init_duration: figures.init_duration,
        max_memory_used_mb: memory_mb(figures.max_memory_bytes),
    }
}

fn close_text(
    log: &WorkerLog,
    version: &FunctionVersion,
    request_id: Uuid,
    problem: Option<&PlatformError>,
    figures: Figures,
    now: Timestamp,
) {
    match problem {
        Some(error @ PlatformError::TimedOut { .. }) => {
            log.platform(&format!("{now:.3} {request_id} {}", error.text()));
            log.platform("");
        }
        Some(error @ (PlatformError::Exited { .. } | PlatformError::OutOfMemory)) => {
            log.platform(&format!("RequestId: {request_id} Error: {}", error.text()));
            log.platform(error.error_type());
        }
        Some(
            PlatformError::InvalidEntrypoint { .. }
            | PlatformError::ResponseTooLarge { .. }
            | PlatformError::TruncatedResponse
            | PlatformError::InvalidResponseMode,
        )
        | None => {}
    }
    log.platform(&format!("END RequestId: {request_id}"));
    log.platform(&text_report(version, request_id, problem, figures));
}

fn text_report(
    version: &FunctionVersion,
    request_id: Uuid,
    problem: Option<&PlatformError>,
    figures: Figures,
) -> String {
    let mut line = format!(
        "REPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: {} MB\tMax Memory Used: {} MB\t",
        milliseconds(figures.duration),
        billed(figures.duration).as_millis(),
        version.memory_mb,
        memory_mb(figures.max_memory_bytes),
    );
    // Writing to a string cannot fail.
    if let Some(init) = figures.init_duration {
        let _ = write!(line, "Init Duration: {:.2} ms\t", milliseconds(init));
    }
    match problem {
        Some(PlatformError::TimedOut { .. }) => line.push_str("Status: timeout\t"),
        Some(error) => {
            let _ = write!(line, "Status: error\tError Type: {}\t", error.report_type());
        }
        None => {}
    }
    line
}

fn json_report(
    version: &FunctionVersion,
    request_id: Uuid,
    problem: Option<&PlatformError>,
    figures: Figures,
) -> serde_json::Value {
    let status = match problem {
        Some(PlatformError::TimedOut { .. }) => "timeout",
        Some(_) => "error",
        None => "success",
    };
    let mut record = json!({
        "requestId": request_id.to_string(),
        "metrics": {
            "durationMs": milliseconds(figures.duration),
            "billedDurationMs": saturating_millis(billed(figures.duration)),
            "memorySizeMB": version.memory_mb,
            "maxMemoryUsedMB": memory_mb(figures.max_memory_bytes),
        },
        "status": status,
    });
    if let Some(init) = figures.init_duration {
        record["metrics"]["initDurationMs"] = milliseconds(init).into();
    }
    if let Some(error) = problem {
        record["errorType"] = error.report_type().into();
    }
    record
}

/// The line a worker's log begins with.
pub(super) fn init_start(version: &FunctionVersion, runtime_version: &str, now: Timestamp) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, runtime_version.as_bytes());
    let mut arn = format!("arn:aws:lambda:{}::runtime:", version.region);
    for byte in digest.as_ref() {
        let _ = write!(arn, "{byte:02x}");
    }
    match version.log_format {
        LogFormat::Text => format!("INIT_START Runtime Version: {runtime_version}\tRuntime Version ARN: {arn}"),
        LogFormat::Json => {
            let record = json!({
                "initializationType": "on-demand",
                "phase": "init",
                "runtimeVersion": runtime_version,
                "runtimeVersionArn": arn,
                "functionName": &*version.name,
                "functionVersion": &*version.version,
            });
            system_record("platform.initStart", now, &record)
        }
    }
}

/// The line that reports a failed initialisation; `status` is `timeout`, or `error` with a type.
pub(super) fn init_report(
    version: &FunctionVersion,
    duration: Duration,
    error_type: Option<&str>,
    now: Timestamp,
) -> String {
    let status = if error_type.is_some() { "error" } else { "timeout" };
    match version.log_format {
        LogFormat::Text => {
            let detail = error_type.map(|name| format!("\tError Type: {name}")).unwrap_or_default();
            format!(
                "INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: {status}{detail}",
                milliseconds(duration)
            )
        }
        LogFormat::Json => {
            let mut record = json!({
                "initializationType": "on-demand",
                "phase": "init",
                "status": status,
                "metrics": {"durationMs": milliseconds(duration)},
            });
            if let Some(name) = error_type {
                record["errorType"] = name.into();
            }
            system_record("platform.initReport", now, &record)
        }
    }
}

fn system_record(kind: &str, now: Timestamp, record: &serde_json::Value) -> String {
    json!({"time": format!("{now:.3}"), "type": kind, "record": record}).to_string()
}

/// Two decimals, as the report prints them.
fn milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 100_000.0).round() / 100.0
}

/// AWS bills every started millisecond.
fn billed(duration: Duration) -> Duration {
    let started = duration.as_nanos().div_ceil(1_000_000);
    Duration::from_millis(u64::try_from(started).unwrap_or(u64::MAX))
}

fn saturating_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn memory_mb(bytes: u64) -> u32 {
    u32::try_from(bytes.div_ceil(MIB)).unwrap_or(u32::MAX)
}
