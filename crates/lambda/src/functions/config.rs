//! The settings of a function as a request gives them: what breaks the service model, what makes no sense, what is not
//! available here, and what is left becomes part of the record.
//!
//! AWS: Lambda API reference, "`UpdateFunctionConfiguration`"; Lambda Developer Guide, "Lambda quotas".

use definition::function::{
    Architecture, DESCRIPTION_CHARS_MAX, ENVIRONMENT_BYTES_MAX, Environment, EphemeralStorage, Function,
    HANDLER_BYTES_MAX, LogFormat, LoggingConfig, MEMORY_MB_MAX, MEMORY_MB_MIN, MemoryMb, OutOfRange, STORAGE_MB_MAX,
    STORAGE_MB_MIN, StorageMb, TIMEOUT_SECONDS_MAX, TIMEOUT_SECONDS_MIN, TimeoutSeconds, TracingConfig, TracingMode,
};
use definition::time::EpochMillis;
use iam::arn::RoleArn;
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use crate::failure::{Failure, Result};
use crate::runner::Runtime;
use crate::violations::Violations;

/// Runtimes that this gate can run, newest first, as the refusal of an unknown one lists them.
const RUNTIMES: &str = "nodejs24.x, nodejs22.x, nodejs20.x, nodejs18.x, python3.14, python3.13, python3.12, python3.11, \
                        python3.10, python3.9, provided.al2023, provided.al2, provided";
/// Languages of AWS's runtimes that have no workers here.
const OTHER_LANGUAGES: [&str; 4] = ["java", "dotnet", "ruby", "go1.x"];
const APPLICATION_LEVELS: [&str; 6] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];
const SYSTEM_LEVELS: [&str; 3] = ["DEBUG", "INFO", "WARN"];
const ROLE_PATTERN: &str = r"arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role/?[a-zA-Z_0-9+=,.@\-_/]+";
const VARIABLE_PATTERN: &str = "[a-zA-Z]([a-zA-Z0-9_])+";
/// Variables that belong to the platform.
const RESERVED_VARIABLES: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// The settings that `CreateFunction` and `UpdateFunctionConfiguration` share. An absent one stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct ConfigInput {
    pub(crate) role: Option<String>,
    pub(crate) runtime: Option<String>,
    pub(crate) handler: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) timeout: Option<i64>,
    pub(crate) memory_size: Option<i64>,
    pub(crate) environment: Option<EnvironmentInput>,
    pub(crate) revision_id: Option<String>,
    ephemeral_storage: Option<StorageInput>,
    tracing_config: Option<TracingInput>,
    logging_config: Option<LoggingInput>,
    snap_start: Option<SnapStartInput>,
    vpc_config: Option<Value>,
    dead_letter_config: Option<Value>,
    layers: Option<Vec<Value>>,
    file_system_configs: Option<Vec<Value>>,
    image_config: Option<Value>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
    tenancy_config: Option<Value>,
    durable_config: Option<Value>,
    capacity_provider_config: Option<Value>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct EnvironmentInput {
    pub(crate) variables: Option<IndexMap<String, String>>,
}

impl std::fmt::Debug for EnvironmentInput {
    /// Without the values, which may be secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnvironmentInput").finish_non_exhaustive()
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct StorageInput {
    size: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct TracingInput {
    mode: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct SnapStartInput {
    apply_on: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct LoggingInput {
    log_format: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
    log_group: Option<String>,
}

/// A function with every setting at its default; the caller sets what has none.
pub(crate) fn new_function(name: &str, now: EpochMillis) -> Function {
    Function {
        function_name: name.to_owned(),
        role: String::new(),
        runtime: String::new(),
        handler: String::new(),
        description: String::new(),
        code_size: 0,
        code_sha256: String::new(),
        timeout: TimeoutSeconds::default(),
        memory_size: MemoryMb::default(),
        ephemeral_storage: EphemeralStorage::default(),
        environment: None,
        tracing_config: TracingConfig::default(),
        architecture: Architecture::default(),
        logging_config: LoggingConfig::default(),
        last_modified: now,
        revision_id: Uuid::new_v4().to_string(),
        execution_id: Uuid::new_v4().to_string(),
        last_version: 0,
        permissions: Vec::new(),
        tags: IndexMap::new(),
    }
}

/// Refuses a setting that AWS has and this gate has not.
pub(crate) fn refuse(what: &str, is_asked: bool) -> Result<()> {
    if is_asked { Err(Failure::NotImplemented(what.to_owned())) } else { Ok(()) }
}

/// The one architecture of a list, if a list is given.
pub(crate) fn architecture(violations: &mut Violations, given: Option<&[String]>) -> Option<Architecture> {
    let given = given?;
    match given {
        [one] if one == "x86_64" => return Some(Architecture::X86_64),
        [one] if one == "arm64" => return Some(Architecture::Arm64),
        [] => violations.add("architectures", "[]", "Member must have length greater than or equal to 1"),
        [_] => violations.add(
            "architectures",
            format_args!("[{}]", given.join(", ")),
            "Member must satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], Member must not be null]",
        ),
        _ => violations.add(
            "architectures",
            format_args!("[{}]", given.join(", ")),
            "Member must have length less than or equal to 1",
        ),
    }
    None
}

impl ConfigInput {
    /// Finds what breaks the service model.
    pub(crate) fn violations(&self, violations: &mut Violations) {
        if let Some(role) = self.role.as_deref().filter(|role| role.parse::<RoleArn>().is_err()) {
            violations.pattern("role", role, ROLE_PATTERN);
        }
        if let Some(handler) = self.handler.as_deref() {
            violations.length("handler", handler, HANDLER_BYTES_MAX);
            if handler.is_empty() || handler.contains(char::is_whitespace) {
                violations.pattern("handler", handler, r"[^\s]+");
            }
        }
        violations.length("description", self.description.as_deref().unwrap_or_default(), DESCRIPTION_CHARS_MAX);
        violations.range("timeout", self.timeout, TIMEOUT_SECONDS_MIN, TIMEOUT_SECONDS_MAX);
        violations.range("memorySize", self.memory_size, MEMORY_MB_MIN, MEMORY_MB_MAX);
        if let Some(storage) = &self.ephemeral_storage {
            if storage.size.is_none() {
                violations.missing("ephemeralStorage.size");
            }
            violations.range("ephemeralStorage.size", storage.size, STORAGE_MB_MIN, STORAGE_MB_MAX);
        }
        let mode = self.tracing_config.as_ref().and_then(|tracing| tracing.mode.as_deref());
        violations.choice("tracingConfig.mode", mode, &["Active", "PassThrough"]);
        let apply_on = self.snap_start.as_ref().and_then(|snap_start| snap_start.apply_on.as_deref());
        violations.choice("snapStart.applyOn", apply_on, &["PublishedVersions", "None"]);
        if let Some(logging) = &self.logging_config {
            violations.choice("loggingConfig.logFormat", logging.log_format.as_deref(), &["JSON", "Text"]);
            let level = logging.application_log_level.as_deref();
            violations.choice("loggingConfig.applicationLogLevel", level, &APPLICATION_LEVELS);
            violations.choice("loggingConfig.systemLogLevel", logging.system_log_level.as_deref(), &SYSTEM_LEVELS);
        }
        for name in self.variables().into_iter().flat_map(IndexMap::keys).filter(|name| !is_variable(name)) {
            let constraint = format!(
                "Map keys must satisfy constraint: [Member must satisfy regular expression pattern: {VARIABLE_PATTERN}]"
            );
            violations.add("environment.variables", name, constraint);
        }
    }

    /// Refuses a new function that lacks what a package needs.
    pub(crate) fn require_runtime_and_handler(&self) -> Result<()> {
        if self.runtime.is_none() || self.handler.is_none() {
            let text = "Runtime and Handler are mandatory parameters for functions created with deployment packages.";
            return Err(Failure::InvalidParameterValue(text.to_owned()));
        }
        Ok(())
    }

    /// Sets what is given. [`Self::violations`] has found nothing.
    pub(crate) fn apply(&self, function: &mut Function) -> Result<()> {
        self.refuse_absent_features(function)?;
        if let Some(runtime) = &self.runtime {
            check_runtime(runtime)?;
            function.runtime.clone_from(runtime);
        }
        for (given, setting) in [
            (&self.role, &mut function.role),
            (&self.handler, &mut function.handler),
            (&self.description, &mut function.description),
        ] {
            if let Some(given) = given {
                setting.clone_from(given);
            }
        }
        if let Some(seconds) = self.timeout {
            function.timeout = within(seconds)?;
        }
        if let Some(mb) = self.memory_size {
            function.memory_size = within(mb)?;
        }
        if let Some(size) = self.ephemeral_storage.as_ref().and_then(|storage| storage.size) {
            function.ephemeral_storage = EphemeralStorage { size: within::<StorageMb>(size)? };
        }
        if let Some(mode) = self.tracing_config.as_ref().and_then(|tracing| tracing.mode.as_deref()) {
            let mode = if mode == "Active" { TracingMode::Active } else { TracingMode::PassThrough };
            function.tracing_config = TracingConfig { mode };
        }
        if let Some(logging) = &self.logging_config {
            logging.apply(&mut function.logging_config)?;
        }
        if let Some(variables) = self.variables() {
            check_variables(variables)?;
            function.environment = Some(Environment { variables: variables.clone() });
        }
        Ok(())
    }

    fn variables(&self) -> Option<&IndexMap<String, String>> {
        self.environment.as_ref().and_then(|environment| environment.variables.as_ref())
    }

    fn refuse_absent_features(&self, function: &Function) -> Result<()> {
        let apply_on = self.snap_start.as_ref().and_then(|snap_start| snap_start.apply_on.as_deref());
        let group = self.logging_config.as_ref().and_then(|logging| logging.log_group.as_deref());
        let own_group = format!("/aws/lambda/{}", function.function_name);
        for (what, is_asked) in [
            ("SnapStart", apply_on == Some("PublishedVersions")),
            ("LoggingConfig.LogGroup", group.is_some_and(|group| group != own_group)),
            ("VpcConfig", self.vpc_config.as_ref().is_some_and(says_something)),
            ("DeadLetterConfig", self.dead_letter_config.as_ref().is_some_and(says_something)),
            ("Layers", self.layers.as_ref().is_some_and(|layers| !layers.is_empty())),
            ("FileSystemConfigs", self.file_system_configs.as_ref().is_some_and(|configs| !configs.is_empty())),
            ("ImageConfig", self.image_config.as_ref().is_some_and(says_something)),
            ("KMSKeyArn", self.kms_key_arn.as_ref().is_some_and(|arn| !arn.is_empty())),
            ("TenancyConfig", self.tenancy_config.as_ref().is_some_and(says_something)),
            ("DurableConfig", self.durable_config.as_ref().is_some_and(says_something)),
            ("CapacityProviderConfig", self.capacity_provider_config.as_ref().is_some_and(says_something)),
        ] {
            refuse(what, is_asked)?;
        }
        Ok(())
    }
}

impl LoggingInput {
    fn apply(&self, config: &mut LoggingConfig) -> Result<()> {
        match self.log_format.as_deref() {
            Some("JSON") => config.log_format = LogFormat::Json,
            Some(_) => *config = LoggingConfig::default(),
            None => {}
        }
        let has_level = self.application_log_level.is_some() || self.system_log_level.is_some();
        if has_level && config.log_format == LogFormat::Text {
            let text = "LogLevel is not supported when LogFormat is set to \"Text\". Remove LogLevel from your request \
                        or change the LogFormat to \"JSON\" and try again.";
            return Err(Failure::InvalidParameterValue(text.to_owned()));
        }
        if let Some(level) = &self.application_log_level {
            config.application_log_level = Some(level.clone());
        }
        if let Some(level) = &self.system_log_level {
            config.system_log_level = Some(level.clone());
        }
        Ok(())
    }
}

/// Whether a structure asks for anything: clients send empty ones to clear a setting.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(says_something),
        Value::Object(members) => members.values().any(says_something),
        Value::Bool(is_set) => *is_set,
        Value::Number(_) => true,
    }
}

fn within<T: TryFrom<u32, Error = OutOfRange>>(value: i64) -> Result<T> {
    let value = u32::try_from(value).unwrap_or(u32::MAX);
    T::try_from(value).map_err(|error| Failure::InvalidParameterValue(error.to_string()))
}

fn check_runtime(runtime: &str) -> Result<()> {
    if runtime.parse::<Runtime>().is_ok() {
        return Ok(());
    }
    refuse(&format!("runtime {runtime}"), OTHER_LANGUAGES.iter().any(|language| runtime.starts_with(language)))?;
    Err(Failure::InvalidParameterValue(format!(
        "Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [{RUNTIMES}] or \
         be a valid ARN"
    )))
}

/// A letter, then at least one letter, digit or underscore.
fn is_variable(name: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
    // The reserved names with a leading underscore have a refusal of their own.
    name.len() > 1 && name.bytes().all(is_inner) && (starts_well || is_reserved(name))
}

fn is_reserved(name: &str) -> bool {
    RESERVED_VARIABLES.contains(&name)
}

fn check_variables(variables: &IndexMap<String, String>) -> Result<()> {
    let reserved: Vec<&str> = variables.keys().map(String::as_str).filter(|name| is_reserved(name)).collect();
    if !reserved.is_empty() {
        return Err(Failure::InvalidParameterValue(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: {}",
            reserved.join(", ")
        )));
    }
    let json = serde_json::to_string(variables).unwrap_or_default();
    if json.len() > ENVIRONMENT_BYTES_MAX {
        return Err(Failure::InvalidParameterValue(format!(
            "Lambda was unable to configure your environment variables because the environment variables you have \
             provided exceeded the 4KB limit. String measured: {json}"
        )));
    }
    Ok(())
}
