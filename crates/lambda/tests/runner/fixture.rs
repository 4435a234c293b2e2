//! A runner in a temporary directory, functions made of source text, and what their invocations answered.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use bytes::Bytes;
use indexmap::IndexMap;
use lambda::runner::{
    FunctionVersion, Interpreters, Invocation, InvokeError, LogFormat, LogSink, Outcome, Runner, RunnerConfig, Runtime,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Handle;
use uuid::Uuid;

/// The first `node` and `python3` of the path; a version manager's many shims would cost every test their starts.
static INTERPRETERS: LazyLock<Interpreters> = LazyLock::new(|| {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let find = |name: &str| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
    let files: Vec<_> = ["node", "python3"].into_iter().filter_map(find).collect();
    Interpreters::discover(OsStr::new(""), &files)
});

/// The Python that functions run on.
pub(crate) fn python() -> &'static Path {
    &INTERPRETERS.resolve(Runtime::Python { minor: 11 }).unwrap().path
}

#[expect(clippy::disallowed_methods, reason = "a test is the edge of its process")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// A runner that ends with the test.
pub(crate) struct Host {
    pub(crate) runner: Runner,
    logs: Arc<Mutex<Vec<String>>>,
    dir: TempDir,
}

impl Host {
    pub(crate) fn start() -> Self {
        Self::start_with(|_| {})
    }

    /// Must be called within a multi-thread runtime.
    pub(crate) fn start_with(change: impl FnOnce(&mut RunnerConfig)) -> Self {
        let dir = TempDir::new().unwrap();
        let logs = Arc::new(Mutex::new(Vec::new()));
        let program = env!("CARGO_BIN_EXE_lambda-worker-init").into();
        let mut config = RunnerConfig::new(program, dir.path().join("scratch"), INTERPRETERS.clone(), now);
        let received = Arc::clone(&logs);
        config.log_sink = LogSink::new(move |record| received.lock().unwrap().push(record.message.to_owned()));
        change(&mut config);
        let runner = Runner::new(config, Handle::current()).unwrap();
        Self { runner, logs, dir }
    }

    /// A function of these files; `change` sets what is not the default.
    pub(crate) fn function(&self, runtime: &str, handler: &str, files: &[(&str, &str)]) -> FunctionVersion {
        let id = Uuid::new_v4().simple().to_string();
        let code_dir = self.dir.path().join(&id);
        for (name, text) in files {
            let path = code_dir.join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        FunctionVersion {
            arn: format!("arn:aws:lambda:us-east-1:000000000000:function:{id}").into(),
            name: id.as_str().into(),
            version: "$LATEST".into(),
            revision_id: id.as_str().into(),
            account: "000000000000".into(),
            region: "us-east-1".into(),
            runtime: runtime.parse::<Runtime>().unwrap(),
            handler: handler.into(),
            timeout: Duration::from_secs(30),
            memory_mb: 512,
            ephemeral_storage_mb: 512,
            environment: IndexMap::new(),
            code_dir: code_dir.canonicalize().unwrap(),
            code_sha256: id,
            log_format: LogFormat::Text,
            application_log_level: None,
        }
    }

    pub(crate) fn node(&self, source: &str) -> Arc<FunctionVersion> {
        Arc::new(self.function("nodejs20.x", "index.handler", &[("index.js", source)]))
    }

    pub(crate) fn python(&self, source: &str) -> Arc<FunctionVersion> {
        Arc::new(self.function("python3.11", "app.handler", &[("app.py", source)]))
    }

    pub(crate) async fn invoke(&self, version: &Arc<FunctionVersion>, event: &str) -> Answer {
        self.try_invoke(version, invocation(version, event)).await.unwrap()
    }

    pub(crate) async fn try_invoke(
        &self,
        version: &Arc<FunctionVersion>,
        invocation: Invocation,
    ) -> Result<Answer, InvokeError> {
        let request_id = invocation.request_id;
        let outcome = self.runner.invoke(version, invocation).await?;
        let json = serde_json::from_slice(&outcome.payload).unwrap_or(Value::Null);
        Ok(Answer { request_id, json, outcome })
    }

    /// Everything that workers logged so far.
    pub(crate) fn log(&self) -> Vec<String> {
        self.logs.lock().unwrap().clone()
    }

    pub(crate) fn scratch(&self) -> &Path {
        self.dir.path()
    }
}

/// A call of `version` with this event.
pub(crate) fn invocation(version: &FunctionVersion, event: &str) -> Invocation {
    Invocation {
        request_id: Uuid::new_v4(),
        invoked_function_arn: version.arn.to_string(),
        payload: Bytes::copy_from_slice(event.as_bytes()),
        client_context: None,
        cognito_identity: None,
        trace_id: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0".into(),
        log_tail: false,
    }
}

/// What an invocation answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) request_id: Uuid,
    pub(crate) json: Value,
    pub(crate) outcome: Outcome,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.outcome.payload).unwrap()
    }

    /// Asserts a success and answers its value.
    #[track_caller]
    pub(crate) fn success(&self) -> &Value {
        assert_eq!(self.outcome.function_error, None, "{}", self.text());
        &self.json
    }

    /// Asserts a function error with exactly this payload; `{id}` stands for the request id.
    #[track_caller]
    pub(crate) fn assert_error(&self, payload: &str) {
        assert!(self.outcome.function_error.is_some(), "no error: {}", self.text());
        assert_eq!(self.text(), payload.replace("{id}", &self.request_id.to_string()));
    }
}

/// Changes a version in place, as a new configuration would.
pub(crate) fn changed(
    version: &Arc<FunctionVersion>,
    change: impl FnOnce(&mut FunctionVersion),
) -> Arc<FunctionVersion> {
    let mut version = FunctionVersion::clone(version);
    change(&mut version);
    version.revision_id = Uuid::new_v4().to_string().into();
    Arc::new(version)
}
