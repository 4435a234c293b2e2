//! Any calls of the control plane are answered, and none by a failure inside.
//!
//! Calls are separated by a line `---`. The first line of a call is its method and target, the others are its body. `{api}`,
//! `{root}` and `{resource}` in a target stand for the ids of what is there at the beginning, `{id}` for the last id answered.
#![no_main]

use std::{
    pin::Pin,
    sync::{Arc, LazyLock},
};

use apigateway::{
    AuthorizerTest, AuthorizerTestResult, AuthorizerTester, ControlPlane, Ids, TestInvocation, TestInvocationResult,
    TestInvoker,
};
use bytes::Bytes;
use definition::{Caller, Scope};
use http::{Request, StatusCode};
use serde_json::Value;
use store::Store;
use tokio::runtime::{Builder, Runtime};

/// More calls than this tell nothing new.
const CALLS_MAX: usize = 12;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Builder::new_current_thread().enable_time().build().expect("a runtime"));
static STORE: LazyLock<Store> = LazyLock::new(|| Store::in_memory().expect("a store"));

libfuzzer_sys::fuzz_target!(|text: &str| {
    RUNTIME.block_on(async {
        let control = Control::start().await;
        let mut last = String::new();
        for call in text.split("\n---\n").take(CALLS_MAX) {
            let (line, body) = call.split_once('\n').unwrap_or((call, ""));
            let target = line.replace("{api}", &control.api).replace("{root}", &control.root);
            let target = target.replace("{resource}", &control.resource).replace("{id}", &last);
            if let Some(id) = control.call(&target, body).await["id"].as_str() {
                id.clone_into(&mut last);
            }
        }
        STORE.write(|transaction| transaction.clear()).await.expect("an empty store");
    });
});

/// A control plane over the emptied store, with an API of one method.
struct Control {
    plane: ControlPlane,
    caller: Caller,
    api: String,
    root: String,
    resource: String,
}

impl Control {
    async fn start() -> Self {
        let caller = Caller {
            scope: Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() },
            access_key: None,
            user_arn: "arn:aws:iam::000000000000:root".to_owned(),
            user_id: "000000000000".to_owned(),
        };
        let plane = ControlPlane::new(STORE.clone(), Ids::seeded(1), test_invoker(), authorizer_tester());
        let mut control = Self { plane, caller, api: String::new(), root: String::new(), resource: String::new() };
        let api = control.call("POST /restapis", r#"{"name":"fuzz"}"#).await;
        control.api = text(&api, "id");
        control.root = text(&api, "rootResourceId");
        let resources = format!("/restapis/{}/resources", control.api);
        let resource = control.call(&format!("POST {resources}/{}", control.root), r#"{"pathPart":"pets"}"#).await;
        control.resource = text(&resource, "id");
        let method = format!("PUT {resources}/{}/methods/GET", control.resource);
        control.call(&method, r#"{"authorizationType":"NONE"}"#).await;
        control.call(&format!("{method}/integration"), r#"{"type":"MOCK"}"#).await;
        control
    }

    /// The answer's document; null without one.
    async fn call(&self, line: &str, body: &str) -> Value {
        let (method, target) = line.split_once(' ').unwrap_or(("GET", line));
        let request = Request::builder().method(method).uri(target).body(Bytes::copy_from_slice(body.as_bytes()));
        let Ok(request) = request else { return Value::Null };
        let response = self.plane.handle(&self.caller, request, jiff::Timestamp::UNIX_EPOCH).await;
        let status = response.status();
        assert!(!status.is_server_error() || status == StatusCode::NOT_IMPLEMENTED, "{line}: {status}");
        serde_json::from_slice(response.body()).unwrap_or_default()
    }
}

/// All tests of methods come to the same.
fn test_invoker() -> TestInvoker {
    Arc::new(|_: TestInvocation| -> Pin<Box<dyn Future<Output = TestInvocationResult> + Send>> {
        let result = TestInvocationResult {
            status: 200,
            body: String::new(),
            headers: Default::default(),
            multi_value_headers: Default::default(),
            log: String::new(),
            latency_ms: 1,
        };
        Box::pin(async { result })
    })
}

/// So do those of authorizers.
fn authorizer_tester() -> AuthorizerTester {
    Arc::new(|_: AuthorizerTest| -> Pin<Box<dyn Future<Output = AuthorizerTestResult> + Send>> {
        let result = AuthorizerTestResult {
            client_status: 0,
            log: String::new(),
            latency_ms: 1,
            principal_id: None,
            policy: None,
            authorization: None,
            claims: None,
        };
        Box::pin(async { result })
    })
}

fn text(document: &Value, member: &str) -> String {
    document[member].as_str().unwrap_or_default().to_owned()
}
