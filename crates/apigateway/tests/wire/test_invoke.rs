//! Specification, "TestInvokeMethod".

use serde_json::{Value, json};

use crate::gateway::Gateway;

#[tokio::test]
async fn a_test_runs_the_current_definition() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    let path = api.mock("POST").await;
    api.deploy("test").await;
    let operation = ["replace /operationName later"];
    assert_eq!(gateway.patch(&path, &operation).await.status, 200);
    let body = json!({
        "pathWithQueryString": "/?a=b", "body": "{}", "headers": { "X": "1" }, "multiValueHeaders": { "Y": ["1", "2"] },
        "stageVariables": { "v": "w" },
    });
    let reply = gateway.expect(200, "POST", &path, body).await.json;
    let expected = json!({
        "status": 200, "body": "hello", "headers": { "Content-Type": "application/json" }, "multiValueHeaders": {},
        "log": "Execution log", "latency": 7,
    });
    assert_eq!(reply, expected);
    let invocations = gateway.invocations.lock().unwrap();
    let [invocation] = invocations.as_slice() else { panic!("{invocations:?}") };
    assert_eq!(invocation.snapshot.methods[0].operation_name.as_deref(), Some("later"));
    assert_eq!(invocation.path_with_query_string.as_deref(), Some("/?a=b"));
    assert_eq!(invocation.multi_value_headers["Y"], ["1", "2"]);
    assert_eq!(invocation.resource_id.as_str(), api.root);
    assert_eq!(invocation.http_method.as_str(), "POST");
    assert_eq!(invocation.user_agent.as_deref(), Some("aws-cli/2"));
}

#[tokio::test]
async fn any_serves_the_methods_that_the_resource_does_not_have() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    api.mock("ANY").await;
    api.mock("GET").await;
    let path = |method: &str| api.at(&format!("/resources/{}/methods/{method}", api.root));
    for method in ["GET", "POST", "ANY"] {
        gateway.expect(200, "POST", &path(method), Value::Null).await;
    }
    let unknown = "Invalid Method identifier specified";
    gateway.refused(("POST", &path("TRACE"), Value::Null), "NotFoundException", unknown).await;
    gateway.refused(("GET", &path("POST"), Value::Null), "NotFoundException", unknown).await;
    let invocations = gateway.invocations.lock().unwrap();
    let tested: Vec<&str> = invocations.iter().map(|invocation| invocation.http_method.as_str()).collect();
    assert_eq!(tested, ["GET", "POST", "ANY"]);
}

#[tokio::test]
async fn a_certificate_that_nobody_has_is_not_left_out() {
    let gateway = Gateway::start();
    let path = gateway.api().await.mock("GET").await;
    let message = "Invalid Client Certificate identifier specified";
    let body = json!({ "clientCertificateId": "a1b2c3" });
    gateway.refused(("POST", &path, body), "BadRequestException", message).await;
    assert!(gateway.invocations.lock().unwrap().is_empty());
    gateway.expect(200, "POST", &path, json!({ "clientCertificateId": "" })).await;
}

#[tokio::test]
async fn what_is_not_there_is_not_run() {
    let gateway = Gateway::start();
    let api = gateway.api().await;
    for (path, message) in [
        ("/restapis/zzzzzzzzzz/resources/zzzzzz/methods/GET".to_owned(), "Invalid Resource identifier specified"),
        (api.at("/resources/zzzzzz/methods/GET"), "Invalid Resource identifier specified"),
        (api.at(&format!("/resources/{}/methods/GET", api.root)), "Invalid Method identifier specified"),
    ] {
        gateway.refused(("POST", &path, Value::Null), "NotFoundException", message).await;
    }
    assert!(gateway.invocations.lock().unwrap().is_empty());
}
