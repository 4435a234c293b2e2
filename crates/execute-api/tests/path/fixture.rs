//! An API made of JSON, a function port that answers what a test says, and a client.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use definition::{ApiSnapshot, Scope, time::EpochMillis};
use execute_api::{
    address::Address,
    gateway::{BackendTls, Gateway},
    ports::{FunctionAnswer, FunctionCall, FunctionRefusal, Functions, PortFuture, Ports},
    request::{ClientRequest, Headers},
    respond::ResponseBody,
    stage::{ClientIdentity, LoadedStage, StageLimits, StageSource, Stages},
};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};

pub(crate) const API_ID: &str = "abcdef1234";
pub(crate) const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:calc";
/// 2025-04-09T12:34:56.123Z.
pub(crate) const NOW: EpochMillis = EpochMillis(1_744_202_096_123);

pub(crate) fn function_uri() -> String {
    format!("arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{FUNCTION_ARN}/invocations")
}

pub(crate) fn streaming_function_uri() -> String {
    format!(
        "arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/{FUNCTION_ARN}/response-streaming-invocations"
    )
}

pub(crate) fn scope() -> Scope {
    Scope { account: "123456789012".to_owned(), region: "us-east-1".to_owned() }
}

/// An API under construction.
pub(crate) struct Api {
    pub(crate) snapshot: Value,
    pub(crate) stage: Value,
    pub(crate) client_identity: Option<Arc<ClientIdentity>>,
}

impl Api {
    pub(crate) fn new() -> Self {
        let snapshot = json!({
            "restApi": {
                "id": API_ID, "name": "test", "createdDate": 0, "apiKeySource": "HEADER",
                "endpointConfiguration": {"types": ["REGIONAL"], "ipAddressType": "ipv4"},
                "disableExecuteApiEndpoint": false, "rootResourceId": "root000000",
            },
            "resources": [{"id": "root000000", "path": "/"}],
            "methods": [], "models": [], "requestValidators": [], "authorizers": [], "gatewayResponses": [],
        });
        let stage = json!({
            "stageName": "prod", "deploymentId": "d1e2f3", "cacheClusterEnabled": false, "cacheClusterStatus": "NOT_AVAILABLE",
            "methodSettings": {}, "tracingEnabled": false, "createdDate": 0, "lastUpdatedDate": 0,
        });
        Self { snapshot, stage, client_identity: None }
    }

    /// Sets a member of the REST API.
    pub(crate) fn set(mut self, name: &str, value: Value) -> Self {
        self.snapshot["restApi"][name] = value;
        self
    }

    pub(crate) fn variables(mut self, variables: Value) -> Self {
        self.stage["variables"] = variables;
        self
    }

    pub(crate) fn push(mut self, list: &str, value: Value) -> Self {
        self.snapshot[list].as_array_mut().expect("a list").push(value);
        self
    }

    /// Adds a method; `more` is merged into it. The resource is made when it is missing.
    pub(crate) fn method(mut self, http_method: &str, path: &str, integration: Value, more: Value) -> Self {
        let resources = self.snapshot["resources"].as_array_mut().expect("a list");
        let known = resources.iter().find(|resource| resource["path"] == path).map(|resource| resource["id"].clone());
        let id = known.unwrap_or_else(|| {
            let id = json!(format!("res{:03}", resources.len()));
            let part = path.rsplit('/').next().expect("a part");
            resources.push(json!({"id": id, "parentId": "root000000", "pathPart": part, "path": path}));
            id
        });
        let mut method = json!({
            "resourceId": id, "httpMethod": http_method, "authorizationType": "NONE", "apiKeyRequired": false,
        });
        if !integration.is_null() {
            method["methodIntegration"] = with_defaults(integration);
        }
        for (name, value) in more.as_object().into_iter().flatten() {
            method[name] = value.clone();
        }
        self.push("methods", method)
    }

    pub(crate) fn lambda_proxy(self, http_method: &str, path: &str) -> Self {
        let integration = json!({"type": "AWS_PROXY", "httpMethod": "POST", "uri": function_uri()});
        self.method(http_method, path, integration, Value::Null)
    }

    pub(crate) fn snapshot(&self) -> ApiSnapshot {
        serde_json::from_value(self.snapshot.clone()).expect("a snapshot")
    }

    pub(crate) fn load(&self) -> Arc<LoadedStage> {
        self.load_in(&stages())
    }

    /// Loads the API as one of several, or once more.
    pub(crate) fn load_in(&self, stages: &Stages) -> Arc<LoadedStage> {
        let stage = serde_json::from_value(self.stage.clone()).expect("a stage");
        let (scope, snapshot) = (scope(), self.snapshot());
        stages.compile(&StageSource {
            scope: &scope,
            stage: &stage,
            snapshot: &snapshot,
            canary_snapshot: None,
            client_identity: self.client_identity.as_ref(),
        })
    }

    pub(crate) fn deploy(&self, functions: Arc<FakeFunctions>) -> Client {
        Client { gateway: gateway(functions), stage: self.load() }
    }
}

fn with_defaults(mut integration: Value) -> Value {
    let defaults = [
        ("passthroughBehavior", json!("WHEN_NO_MATCH")),
        ("timeoutInMillis", json!(29000)),
        ("cacheNamespace", json!("ns")),
        ("cacheKeyParameters", json!([])),
    ];
    for (name, value) in defaults {
        if integration.get(name).is_none() {
            integration[name] = value;
        }
    }
    integration
}

/// Stages without a limit but for 64 MiB of cached responses.
pub(crate) fn stages() -> Stages {
    Stages::new(StageLimits { account: None, cache_bytes_max: 64 * 1024 * 1024 })
}

pub(crate) fn gateway(functions: Arc<FakeFunctions>) -> Gateway {
    Gateway::new(Ports::new(functions), BackendTls::trusting([]).expect("TLS"))
}

type Respond = Box<dyn Fn(&FunctionCall) -> Result<FunctionAnswer, FunctionRefusal> + Send + Sync>;

/// Answers calls as a test says, and remembers them.
pub(crate) struct FakeFunctions {
    respond: Respond,
    calls: Mutex<Vec<FunctionCall>>,
}

impl FakeFunctions {
    pub(crate) fn new(
        respond: impl Fn(&FunctionCall) -> Result<FunctionAnswer, FunctionRefusal> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self { respond: Box::new(respond), calls: Mutex::default() })
    }

    pub(crate) fn answering(payload: &str) -> Arc<Self> {
        let payload = payload.to_owned();
        Self::new(move |_| Ok(success(&payload)))
    }

    pub(crate) fn never() -> Arc<Self> {
        Self::new(|call| panic!("unexpected call of {}", call.function_arn))
    }

    pub(crate) fn calls(&self) -> Vec<FunctionCall> {
        self.calls.lock().expect("no panic").clone()
    }

    pub(crate) fn event(&self) -> Value {
        let calls = self.calls();
        let [call] = calls.as_slice() else { panic!("{} calls", calls.len()) };
        serde_json::from_slice(&call.payload).expect("JSON")
    }
}

impl Functions for FakeFunctions {
    fn invoke(&self, call: FunctionCall) -> PortFuture<'_, Result<FunctionAnswer, FunctionRefusal>> {
        let answer = (self.respond)(&call);
        self.calls.lock().expect("no panic").push(call);
        Box::pin(std::future::ready(answer))
    }
}

pub(crate) fn success(payload: &str) -> FunctionAnswer {
    FunctionAnswer {
        status: 200,
        payload: Bytes::from(payload.to_owned()),
        function_error: None,
        request_id: "lambda-request".to_owned(),
    }
}

pub(crate) fn function_error(message: &str) -> FunctionAnswer {
    let payload = json!({"errorMessage": message, "errorType": "Error", "stackTrace": []}).to_string();
    FunctionAnswer { function_error: Some("Unhandled".to_owned()), ..success(&payload) }
}

/// Sends requests to one stage.
pub(crate) struct Client {
    pub(crate) gateway: Gateway,
    pub(crate) stage: Arc<LoadedStage>,
}

pub(crate) struct Request<'a> {
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) headers: &'a [(&'a str, &'a str)],
    pub(crate) body: &'a [u8],
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().expect("text"))
    }
}

pub(crate) fn get(target: &str) -> Request<'_> {
    Request { method: "GET", target, headers: &[], body: b"" }
}

pub(crate) fn post<'a>(target: &'a str, body: &'a str) -> Request<'a> {
    Request { method: "POST", target, headers: &[], body: body.as_bytes() }
}

impl<'a> Request<'a> {
    pub(crate) fn headers(self, headers: &'a [(&'a str, &'a str)]) -> Self {
        Self { headers, ..self }
    }
}

impl Client {
    pub(crate) async fn send(&self, request: Request<'_>) -> Answer {
        let (head, body) = self.respond(request).await.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    /// The response, whose body may still be on its way.
    pub(crate) async fn respond(&self, request: Request<'_>) -> http::Response<ResponseBody> {
        let host = format!("{API_ID}.execute-api.us-east-1.amazonaws.com");
        let address = Address::parse(&host, request.target).expect("an address");
        self.respond_at(address, &host, request).await
    }

    /// The response to a request that was addressed otherwise than by the API's own host.
    pub(crate) async fn respond_at(
        &self,
        address: Address,
        host: &str,
        request: Request<'_>,
    ) -> http::Response<ResponseBody> {
        let mut headers = Headers::default();
        headers.append("Host", host);
        request.headers.iter().for_each(|(name, value)| headers.append(name, value));
        let request = ClientRequest {
            method: request.method.parse().expect("a method"),
            target: request.target.to_owned(),
            headers,
            body: Full::new(Bytes::copy_from_slice(request.body)),
            source_ip: [203, 0, 113, 9].into(),
            local_port: 443,
            secure: true,
            received_at: NOW,
        };
        self.gateway.handle(address, Some(&self.stage), request).await
    }

    #[track_caller]
    pub(crate) fn get(&self, target: &str) -> Answer {
        self.run(get(target))
    }

    #[track_caller]
    pub(crate) fn run(&self, request: Request<'_>) -> Answer {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(self.send(request))
    }
}
