//! The environment of a worker's process. It starts empty: nothing of the gate's own leaks into a function.
//!
//! AWS: Lambda Developer Guide, "Defined runtime environment variables".

use std::path::Path;

use indexmap::IndexMap;

use super::entrypoint::Entrypoint;
use super::function::{FunctionVersion, LogFormat, Runtime};

/// Credentials that look like some, so that no SDK searches for others; they open nothing.
const CREDENTIALS: [(&str, &str); 3] = [
    ("AWS_ACCESS_KEY_ID", "ASIALAMBDAGATELOCAL0"),
    ("AWS_SECRET_ACCESS_KEY", "lambdagate-local-function-secret-key-000"),
    ("AWS_SESSION_TOKEN", "lambdagate-local-function"),
];

/// What differs between the workers of one version.
pub(super) struct WorkerPlace<'a> {
    /// `host:port` of the worker's Runtime API.
    pub(super) runtime_api: String,
    pub(super) log_stream: &'a str,
    pub(super) temporary_dir: &'a Path,
    pub(super) runtime_dir: &'a Path,
    /// Byte-code of this package, shared by its workers.
    pub(super) code_cache_dir: &'a Path,
}

/// All variables, each once: what a customer may override, then the customer's, then what the platform reserves.
pub(super) fn variables(
    version: &FunctionVersion,
    entrypoint: &Entrypoint,
    place: &WorkerPlace<'_>,
) -> Vec<(String, String)> {
    let mut all = IndexMap::new();
    all.extend(overridable(version, entrypoint, place));
    all.extend(version.environment.clone());
    all.extend(reserved(version, place).map(|(name, value)| (name.to_owned(), value)));
    all.into_iter().collect()
}

fn overridable(version: &FunctionVersion, entrypoint: &Entrypoint, place: &WorkerPlace<'_>) -> Vec<(String, String)> {
    let task = version.code_dir.display();
    let runtime = place.runtime_dir.display();
    let cache = place.code_cache_dir.display();
    let own = entrypoint.interpreter_dir.as_ref().map(|dir| format!("{}:", dir.display())).unwrap_or_default();
    let (major, _) = entrypoint.interpreter_version;
    let mut list = vec![
        ("LANG", "en_US.UTF-8".to_owned()),
        ("PATH", format!("{own}/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin")),
        (
            "LD_LIBRARY_PATH",
            format!("/var/lang/lib:/lib64:/usr/lib64:{runtime}:{runtime}/lib:{task}:{task}/lib:/opt/lib"),
        ),
        ("SHLVL", "0".to_owned()),
        ("PWD", task.to_string()),
        ("TMPDIR", place.temporary_dir.display().to_string()),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ];
    match version.runtime {
        Runtime::Node { .. } => {
            let modules = format!("/opt/nodejs/node{major}/node_modules:/opt/nodejs/node_modules");
            list.push(("NODE_PATH", format!("{modules}:{runtime}/node_modules:{runtime}:{task}")));
            list.push(("LAMBDAGATE_CODE_CACHE", cache.to_string()));
        }
        Runtime::Python { .. } => {
            list.push(("LC_CTYPE", "C.UTF-8".to_owned()));
            list.push(("PYTHONPATH", runtime.to_string()));
            list.push(("PYTHONNOUSERSITE", "1".to_owned()));
            list.push(("PYTHONPYCACHEPREFIX", cache.to_string()));
        }
        Runtime::Provided => {}
    }
    list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn reserved<'a>(
    version: &'a FunctionVersion,
    place: &'a WorkerPlace<'a>,
) -> impl Iterator<Item = (&'static str, String)> {
    let mut list = vec![
        ("_HANDLER", version.handler.clone()),
        ("AWS_LAMBDA_RUNTIME_API", place.runtime_api.clone()),
        ("AWS_REGION", version.region.to_string()),
        ("AWS_DEFAULT_REGION", version.region.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", version.name.to_string()),
        ("AWS_LAMBDA_FUNCTION_VERSION", version.version.to_string()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", version.memory_mb.to_string()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{}", version.name)),
        ("AWS_LAMBDA_LOG_STREAM_NAME", place.log_stream.to_owned()),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
        ("LAMBDA_TASK_ROOT", version.code_dir.display().to_string()),
        ("LAMBDA_RUNTIME_DIR", place.runtime_dir.display().to_string()),
        ("TZ", ":UTC".to_owned()),
    ];
    list.extend(CREDENTIALS.map(|(name, value)| (name, value.to_owned())));
    match version.runtime {
        Runtime::Node { .. } | Runtime::Python { .. } => {
            list.push(("AWS_EXECUTION_ENV", format!("AWS_Lambda_{}", version.runtime)));
        }
        Runtime::Provided => {}
    }
    if version.log_format == LogFormat::Json {
        list.push(("AWS_LAMBDA_LOG_FORMAT", "JSON".to_owned()));
        let level = version.application_log_level.clone().unwrap_or_else(|| "INFO".to_owned());
        list.push(("AWS_LAMBDA_LOG_LEVEL", level));
    }
    list.into_iter()
}
