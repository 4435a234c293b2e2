//! A Lambda service in a temporary directory, and requests made of text.

use std::io::{Cursor, Write as _};
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use definition::{Caller, Scope};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use lambda::runner::{Interpreters, LogSink, Runner, RunnerConfig};
use lambda::{Lambda, LambdaConfig};
use serde_json::{Value, json};
use store::Store;
use tempfile::TempDir;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

pub(crate) const ROLE: &str = "arn:aws:iam::000000000000:role/run";
pub(crate) const ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:f";
pub(crate) const ECHO: &str = "exports.handler = async (event, context) => { console.log('seen'); return { event, arn: context.invokedFunctionArn, client: context.clientContext }; };";

static INTERPRETERS: LazyLock<Interpreters> = LazyLock::new(|| {
    let path = std::env::var_os("PATH").unwrap();
    Interpreters::discover(&path, &[])
});

#[expect(clippy::disallowed_methods, reason = "a test is the edge of its process")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

pub(crate) fn scope() -> Scope {
    Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() }
}

/// What functions logged, and a bell that rings at every line.
#[derive(Default)]
pub(crate) struct Logs {
    lines: Mutex<Vec<String>>,
    bell: Notify,
}

impl Logs {
    pub(crate) fn count(&self, text: &str) -> usize {
        self.lines.lock().unwrap().iter().filter(|line| line.contains(text)).count()
    }

    /// Waits until `text` was logged `count` times.
    pub(crate) async fn wait_for(&self, text: &str, count: usize) {
        let reached = async {
            loop {
                let rung = self.bell.notified();
                if self.count(text) >= count {
                    return;
                }
                rung.await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), reached).await.unwrap();
    }
}

/// A service that ends with the test.
pub(crate) struct Service {
    pub(crate) lambda: Lambda,
    pub(crate) store: Store,
    pub(crate) runner: Runner,
    pub(crate) logs: Arc<Logs>,
}

impl Service {
    /// Over a store in memory. Must be called within a multi-thread runtime.
    pub(crate) fn start(dir: &TempDir) -> Self {
        Self::over(Store::in_memory().unwrap(), dir)
    }

    pub(crate) fn over(store: Store, dir: &TempDir) -> Self {
        let program = env!("CARGO_BIN_EXE_lambda-worker-init").into();
        let logs = Arc::new(Logs::default());
        let mut config = RunnerConfig::new(program, dir.path().join("scratch"), INTERPRETERS.clone(), now);
        let receiver = Arc::clone(&logs);
        config.log_sink = LogSink::new(move |record| {
            receiver.lines.lock().unwrap().push(record.message.to_owned());
            receiver.bell.notify_waiters();
        });
        let runner = Runner::new(config, Handle::current()).unwrap();
        let base_url = "http://127.0.0.1:4566".to_owned();
        let mut config = LambdaConfig::new(dir.path().join("cache"), base_url, Handle::current(), now);
        config.retry_base = Duration::from_millis(10);
        Self { lambda: Lambda::new(store.clone(), runner.clone(), config), store, runner, logs }
    }

    pub(crate) async fn send(&self, request: Request<Bytes>) -> Response<Bytes> {
        let caller = Caller {
            scope: scope(),
            access_key: None,
            user_arn: "arn:aws:iam::000000000000:root".to_owned(),
            user_id: "000000000000".to_owned(),
        };
        let response = self.lambda.handle(&caller, request, now()).await;
        assert_eq!(response.headers()["x-amzn-requestid"].len(), 36);
        let (head, body) = response.into_parts();
        Response::from_parts(head, body.collect().await.unwrap().to_bytes())
    }

    /// Sends JSON; the status and the JSON that came back.
    pub(crate) async fn call(&self, method: &str, target: &str, body: Value) -> (u16, Value) {
        let body = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let response = self.send(Request::builder().method(method).uri(target).body(body).unwrap()).await;
        let json = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        (response.status().as_u16(), json)
    }

    /// The refusal of a call: status, `x-amzn-ErrorType` and body.
    pub(crate) async fn refusal(&self, method: &str, target: &str, body: &Value) -> (u16, String, Value) {
        let bytes = if body.is_null() { Bytes::new() } else { Bytes::from(body.to_string()) };
        let response = self.send(Request::builder().method(method).uri(target).body(bytes).unwrap()).await;
        let error_type = response.headers().get("x-amzn-errortype").map_or("", |value| value.to_str().unwrap());
        let json = serde_json::from_slice(response.body()).unwrap_or(Value::Null);
        (response.status().as_u16(), error_type.to_owned(), json)
    }

    /// Asserts that a call is refused so.
    pub(crate) async fn refuses(
        &self,
        method: &str,
        target: &str,
        body: Value,
        status: u16,
        error: &str,
        answer: Value,
    ) {
        let expected = (status, error.to_owned(), answer);
        assert_eq!(self.refusal(method, target, &body).await, expected, "{method} {target} {body}");
    }

    pub(crate) async fn create(&self, input: Value) -> Value {
        let (status, answer) = self.call("POST", "/2015-03-31/functions", input).await;
        assert_eq!(status, 201, "{answer}");
        answer
    }

    /// Creates the Node function `f` of this source.
    pub(crate) async fn create_node(&self, source: &str) -> Value {
        self.create(node("f", source)).await
    }

    pub(crate) async fn invoke(&self, name: &str, headers: &[(&str, &str)], payload: &str) -> Response<Bytes> {
        let mut request = Request::builder().method("POST").uri(format!("/2015-03-31/functions/{name}/invocations"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Bytes::copy_from_slice(payload.as_bytes())).unwrap()).await
    }
}

/// `CreateFunction`'s input for a Node function.
pub(crate) fn node(name: &str, source: &str) -> Value {
    json!({
        "FunctionName": name,
        "Runtime": "nodejs20.x",
        "Role": ROLE,
        "Handler": "index.handler",
        "Timeout": 20,
        "MemorySize": 256,
        "Code": { "ZipFile": zip(&[("index.js", source)]) },
    })
}

/// A package of these files, base64.
pub(crate) fn zip(files: &[(&str, &str)]) -> String {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in files {
        writer.start_file(*name, SimpleFileOptions::default().unix_permissions(0o755)).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    STANDARD.encode(writer.finish().unwrap().into_inner())
}

pub(crate) fn json_of(response: &Response<Bytes>) -> Value {
    serde_json::from_slice(response.body()).unwrap()
}
