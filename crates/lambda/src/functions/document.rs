//! `FunctionConfiguration` as answers show it, with what each kind of answer leaves out.

use definition::Scope;
use definition::function::{Function, LogFormat};
use definition::time::EpochMillis;
use serde_json::{Value, json};
use store::Sha256Hash;

use crate::names::LATEST;

/// What AWS says while a function is made and, in the same words, while it is changed.
const SETTLING: &str = "The function is being created.";
/// The level of JSON logs that name none.
const LEVEL_DEFAULT: &str = "INFO";

/// When, in the life of a function, it is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// In the answer of `CreateFunction`.
    Created,
    /// In the answer of an update.
    Updating,
    /// At rest.
    Settled,
    /// In a list.
    Listed,
}

/// The configuration under `arn`, which is qualified as the call was.
pub(crate) fn configuration(function: &Function, scope: &Scope, arn: &str, moment: Moment) -> Value {
    let mut document = json!({
        "FunctionName": function.function_name,
        "FunctionArn": arn,
        "Runtime": function.runtime,
        "Role": function.role,
        "Handler": function.handler,
        "CodeSize": function.code_size,
        "Description": function.description,
        "Timeout": function.timeout,
        "MemorySize": function.memory_size,
        "LastModified": last_modified(function.last_modified),
        "CodeSha256": function.code_sha256,
        "Version": LATEST,
        "TracingConfig": function.tracing_config,
        "RevisionId": function.revision_id,
        "PackageType": "Zip",
        "Architectures": [function.architecture],
        "EphemeralStorage": function.ephemeral_storage,
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": logging(function),
    });
    if let Some(environment) = &function.environment {
        document["Environment"] = json!(environment);
    }
    if moment != Moment::Listed {
        let runtime = Sha256Hash::of(function.runtime.as_bytes());
        let arn = format!("arn:aws:lambda:{}::runtime:{runtime}", scope.region);
        document["RuntimeVersionConfig"] = json!({ "RuntimeVersionArn": arn });
    }
    let state: &[(&str, &str)] = match moment {
        Moment::Created => &[("State", "Pending"), ("StateReason", SETTLING), ("StateReasonCode", "Creating")],
        Moment::Updating => &[
            ("State", "Active"),
            ("LastUpdateStatus", "InProgress"),
            ("LastUpdateStatusReason", SETTLING),
            ("LastUpdateStatusReasonCode", "Creating"),
        ],
        Moment::Settled => &[("State", "Active"), ("LastUpdateStatus", "Successful")],
        Moment::Listed => &[],
    };
    for (member, value) in state {
        document[*member] = json!(value);
    }
    document
}

fn logging(function: &Function) -> Value {
    let config = &function.logging_config;
    let group = format!("/aws/lambda/{}", function.function_name);
    match config.log_format {
        LogFormat::Text => json!({ "LogFormat": "Text", "LogGroup": group }),
        LogFormat::Json => json!({
            "LogFormat": "JSON",
            "ApplicationLogLevel": config.application_log_level.as_deref().unwrap_or(LEVEL_DEFAULT),
            "SystemLogLevel": config.system_log_level.as_deref().unwrap_or(LEVEL_DEFAULT),
            "LogGroup": group,
        }),
    }
}

/// `2026-01-31T09:08:07.123+0000`.
fn last_modified(time: EpochMillis) -> String {
    time.timestamp().strftime("%Y-%m-%dT%H:%M:%S%.3f+0000").to_string()
}
