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
