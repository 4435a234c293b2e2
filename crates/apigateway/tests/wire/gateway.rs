//! A control plane of its own for each test.

use std::sync::{Arc, Mutex};

use apigateway::{
    AuthorizerTest, AuthorizerTestResult, AuthorizerTester, ControlPlane, Ids, TestInvocation, TestInvocationResult,
};
use bytes::Bytes;
use definition::{Caller, Scope};
use http::Request;
use indexmap::IndexMap;
use serde_json::{Value, json};
use store::Store;

/// When every call of these tests is made.
pub(crate) const NOW: i64 = 1_700_000_000;

/// A control plane over an empty store.
pub(crate) struct Gateway {
    pub(crate) control_plane: ControlPlane,
    pub(crate) store: Store,
    /// What the test invoker was asked to run.
    pub(crate) invocations: Arc<Mutex<Vec<TestInvocation>>>,
}

/// Lets everybody in, as whom the header `Authorization` names.
fn authorizer_tester() -> AuthorizerTester {
    Arc::new(|test: AuthorizerTest| {
        let result = AuthorizerTestResult {
            client_status: 0,
            log: format!("Starting authorizer: {}", test.authorizer.id),
            latency_ms: 3,
            principal_id: test.headers.get("Authorization").cloned(),
            policy: None,
            authorization: None,
            claims: None,
        };
        Box::pin(async move { result }) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
    })
}

/// An answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The header `x-amzn-ErrorType`, or nothing.
    pub(crate) error: String,
    /// The body; null when it is empty.
    pub(crate) json: Value,
}

impl Reply {
    /// The text of the member `id`.
    pub(crate) fn id(&self) -> String {
        self.text("id")
    }

    /// The text of a member.
    pub(crate) fn text(&self, member: &str) -> String {
        self.json[member].as_str().unwrap_or_else(|| panic!("no {member} in {self:?}")).to_owned()
    }
}

/// The scope of all calls.
pub(crate) fn scope() -> Scope {
    Scope { account: "000000000000".to_owned(), region: "us-east-1".to_owned() }
}

/// Who makes all calls.
pub(crate) fn caller() -> Caller {
    Caller {
        scope: scope(),
        access_key: Some("AKIDEXAMPLE".to_owned()),
        user_arn: "arn:aws:iam::000000000000:root".to_owned(),
        user_id: "000000000000".to_owned(),
    }
}

pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::from_second(NOW).unwrap()
}

impl Gateway {
    pub(crate) fn start() -> Self {
        let store = Store::in_memory().unwrap();
        let invocations: Arc<Mutex<Vec<TestInvocation>>> = Arc::default();
        let seen = Arc::clone(&invocations);
        let invoker = Arc::new(move |invocation: TestInvocation| {
            seen.lock().unwrap().push(invocation);
            let result = TestInvocationResult {
                status: 200,
                body: "hello".to_owned(),
                headers: IndexMap::from([("Content-Type".to_owned(), "application/json".to_owned())]),
                multi_value_headers: IndexMap::new(),
                log: "Execution log".to_owned(),
                latency_ms: 7,
            };
            Box::pin(async move { result }) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
        });
        let control_plane = ControlPlane::new(store.clone(), Ids::seeded(1), invoker, authorizer_tester());
        Self { control_plane, store, invocations }
    }

    /// One call; a null body is an empty one, a text is sent as it is.
    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Reply {
        let bytes = match &body {
            Value::Null => Bytes::new(),
            Value::String(text) => Bytes::from(text.clone()),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => Bytes::from(body.to_string()),
        };
        let request =
            Request::builder().method(method).uri(path).header("user-agent", "aws-cli/2").body(bytes).unwrap();
        let response = self.control_plane.handle(&caller(), request, now()).await;
        assert!(response.headers().contains_key("x-amzn-requestid"), "{method} {path}");
        assert!(response.headers().contains_key("x-amz-apigw-id"), "{method} {path}");
        assert_eq!(response.headers()["content-type"], "application/json", "{method} {path}");
        let error = response.headers().get("x-amzn-errortype").map_or("", |value| value.to_str().unwrap()).to_owned();
        let json = if response.body().is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(response.body()).unwrap_or_else(|error| panic!("{method} {path}: {error}"))
        };
        Reply { status: response.status().as_u16(), error, json }
    }

    /// One call that must be answered with this status.
    pub(crate) async fn expect(&self, status: u16, method: &str, path: &str, body: Value) -> Reply {
        let reply = self.call(method, path, body).await;
        assert_eq!(reply.status, status, "{method} {path}: {reply:?}");
        reply
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.expect(200, "GET", path, Value::Null).await.json
    }

    /// One call that must be refused so.
    pub(crate) async fn refused(&self, call: (&str, &str, Value), error: &str, message: &str) {
        let (method, path, body) = call;
        let reply = self.call(method, path, body.clone()).await;
        let status = match error {
            "NotFoundException" => 404,
            "ConflictException" => 409,
            "AccessDeniedException" => 403,
            "LimitExceededException" => 429,
            _ => 400,
        };
        let expected = Reply { status, error: error.to_owned(), json: json!({ "message": message }) };
        assert_eq!(reply, expected, "{method} {path} {body}");
    }

    /// A patch; each operation is `op path value`, the value being the rest of the text.
    pub(crate) async fn patch(&self, path: &str, operations: &[&str]) -> Reply {
        self.call("PATCH", path, patch_document(operations)).await
    }

    /// A new API; its path.
    pub(crate) async fn api(&self) -> Api<'_> {
        let reply = self.expect(201, "POST", "/restapis", json!({ "name": "pets" })).await;
        Api { gateway: self, id: reply.id(), root: reply.text("rootResourceId") }
    }
}

/// The body of a patch.
pub(crate) fn patch_document(operations: &[&str]) -> Value {
    let parse = |text: &&str| {
        let mut parts = text.splitn(3, ' ');
        let (op, path) = (parts.next(), parts.next());
        match parts.next() {
            Some(value) if op == Some("copy") => json!({ "op": op, "path": path, "from": value }),
            Some(value) => json!({ "op": op, "path": path, "value": value }),
            None => json!({ "op": op, "path": path }),
        }
    };
    json!({ "patchOperations": operations.iter().map(parse).collect::<Vec<_>>() })
}

/// An API of a test.
pub(crate) struct Api<'a> {
    pub(crate) gateway: &'a Gateway,
    pub(crate) id: String,
    pub(crate) root: String,
}

impl Api<'_> {
    /// A path below the API.
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("/restapis/{}{rest}", self.id)
    }

    /// A new resource below another; its id.
    pub(crate) async fn resource(&self, parent: &str, path_part: &str) -> String {
        let path = self.at(&format!("/resources/{parent}"));
        self.gateway.expect(201, "POST", &path, json!({ "pathPart": path_part })).await.id()
    }

    /// A new method of a resource; its path.
    pub(crate) async fn method(&self, resource: &str, name: &str) -> String {
        let path = self.at(&format!("/resources/{resource}/methods/{name}"));
        self.gateway.expect(201, "PUT", &path, json!({ "authorizationType": "NONE" })).await;
        path
    }

    /// A new method of the root that answers by itself; its path.
    pub(crate) async fn mock(&self, name: &str) -> String {
        let path = self.method(&self.root, name).await;
        self.gateway.expect(201, "PUT", &format!("{path}/integration"), json!({ "type": "MOCK" })).await;
        path
    }

    /// A new deployment of the API, to this stage; its id.
    pub(crate) async fn deploy(&self, stage: &str) -> String {
        let body = json!({ "stageName": stage });
        self.gateway.expect(201, "POST", &self.at("/deployments"), body).await.id()
    }
}
