//! Invoke, on the wire ("Invoke" of the Lambda API reference).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::fixture::{ARN, ECHO, ROLE, Service, json_of, zip};

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_answered_with_the_functions_result() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    let response = service.invoke("f", &[], r#"{"a":1}"#).await;
    assert_eq!(response.status(), 200);
    assert_eq!(json_of(&response), json!({ "event": { "a": 1 }, "arn": ARN }));
    let headers = response.headers();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(headers["x-amz-executed-version"], "$LATEST");
    assert_eq!(headers["x-amzn-remapped-content-length"], "0");
    assert!(headers["x-amzn-trace-id"].to_str().unwrap().starts_with("Root=1-"));
    assert!(!headers.contains_key("x-amz-function-error") && !headers.contains_key("x-amz-log-result"));

    let response = service.invoke(&format!("{}%3A$LATEST", ARN.replace(':', "%3A")), &[], "").await;
    assert_eq!(json_of(&response), json!({ "event": {}, "arn": format!("{ARN}:$LATEST") }));
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn headers_ask_for_the_log_and_carry_the_client() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    let client = STANDARD.encode(r#"{"client":{"app_title":"t"}}"#);
    let response = service.invoke("f", &[("X-Amz-Log-Type", "Tail"), ("X-Amz-Client-Context", &client)], "{}").await;
    assert_eq!(json_of(&response)["client"]["client"]["app_title"], "t");
    let request_id = response.headers()["x-amzn-requestid"].to_str().unwrap();
    let tail = STANDARD.decode(&response.headers()["x-amz-log-result"]).unwrap();
    let tail = String::from_utf8(tail).unwrap();
    assert!(tail.starts_with(&format!("START RequestId: {request_id}")), "{tail}");
    assert!(tail.contains("seen") && tail.contains("REPORT RequestId"), "{tail}");
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_function_that_raises_is_an_answer_with_an_error() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    let source = "def handler(event, context):\n    raise ValueError('no ' + event['what'])\n";
    let input = json!({
        "FunctionName": "f", "Runtime": "python3.11", "Role": ROLE, "Handler": "app.handler", "Timeout": 20,
        "Code": { "ZipFile": zip(&[("app.py", source)]) },
    });
    service.create(input).await;
    let response = service.invoke("f", &[], r#"{"what":"way"}"#).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["x-amz-function-error"]),
        (200, &"Unhandled".parse().unwrap())
    );
    assert_eq!(json_of(&response)["errorMessage"], "no way");
    assert_eq!(json_of(&response)["errorType"], "ValueError");
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn new_code_and_configuration_run_from_the_next_call_on() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node("let n = 0; exports.handler = async () => `old ${++n} ${process.env.WHO}`;").await;
    assert_eq!(json_of(&service.invoke("f", &[], "").await), "old 1 undefined");
    // A statement of the policy changes the revision, and leaves the worker alone.
    let permission =
        json!({ "StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com" });
    assert_eq!(service.call("POST", "/2015-03-31/functions/f/policy", permission).await.0, 201);
    assert_eq!(json_of(&service.invoke("f", &[], "").await), "old 2 undefined");
    let environment = json!({ "Environment": { "Variables": { "WHO": "me" } } });
    service.call("PUT", "/2015-03-31/functions/f/configuration", environment).await;
    assert_eq!(json_of(&service.invoke("f", &[], "").await), "old 1 me");
    let code = json!({ "ZipFile": zip(&[("index.js", "exports.handler = async () => 'new';")]) });
    assert_eq!(service.call("PUT", "/2015-03-31/functions/f/code", code).await.0, 200);
    assert_eq!(json_of(&service.invoke("f", &[], "").await), "new");
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_package_is_unpacked_again_when_the_cache_is_gone() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    std::fs::remove_dir_all(dir.path().join("cache")).unwrap();
    assert_eq!(json_of(&service.invoke("f", &[], "1").await)["event"], 1);
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_cannot_be_made_is_refused() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(ECHO).await;
    for (headers, payload, status, error) in [
        (vec![], "{\"a\":".to_owned(), 400, "InvalidRequestContentException"),
        (vec![("X-Amz-Invocation-Type", "Later")], "{}".to_owned(), 400, "ValidationException"),
        (vec![("X-Amz-Log-Type", "All")], "{}".to_owned(), 400, "ValidationException"),
        (vec![("X-Amz-Client-Context", "!")], "{}".to_owned(), 400, "InvalidRequestContentException"),
        (vec![("X-Amz-Invocation-Type", "Event")], "1".repeat(1024 * 1024 + 1), 413, "RequestTooLargeException"),
        (vec![("X-Amz-Invocation-Type", "DryRun")], "{".to_owned(), 400, "InvalidRequestContentException"),
    ] {
        let response = service.invoke("f", &headers, &payload).await;
        let found = (response.status().as_u16(), response.headers()["x-amzn-errortype"].to_str().unwrap());
        assert_eq!(found, (status, error), "{headers:?}");
    }
    let response = service.invoke("f", &[("X-Amz-Invocation-Type", "DryRun")], "{}").await;
    assert_eq!((response.status().as_u16(), response.body().len()), (204, 0));
    assert!(!response.headers().contains_key("x-amz-executed-version"));
    let response = service.invoke("f:prod", &[], "{}").await;
    let text = json!({ "Type": "User", "Message": format!("Function not found: {ARN}:prod") });
    assert_eq!((response.status().as_u16(), json_of(&response)), (404, text));
    let elsewhere = ARN.replace("us-east-1", "eu-west-1");
    let (_, answer) =
        service.call("POST", &format!("/2015-03-31/functions/{elsewhere}/invocations"), Value::Null).await;
    assert_eq!(answer["Message"], "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')");
    assert_eq!(service.runner.worker_count(), 0);
}
