//! Asynchronous invocations: durable, retried, ended ("Invoking a Lambda function asynchronously").

use std::time::Duration;

use bytes::Bytes;
use lambda::{Authority, InvocationType};
use store::{Reader, Store};
use tempfile::TempDir;

use crate::fixture::{ARN, Service, scope};

const NOTE: &str =
    "exports.handler = async (event, context) => { console.log(`note ${event.n} ${context.awsRequestId}`); };";
const FAIL: &str = "exports.handler = async (event, context) => { console.log(`try ${context.awsRequestId}`); throw new Error('no'); };";

async fn queued(service: &Service) -> u64 {
    service.store.read(|reader: &Reader<'_>| reader.count_events()).await.unwrap()
}

/// Waits until the queue is empty: the dispatcher ends an event after the function's log was seen.
async fn drained(service: &Service) {
    let empty = async {
        while queued(service).await > 0 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), empty).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_outlives_the_gate_that_took_it() {
    let dir = TempDir::new().unwrap();
    let path = dir.path().join("data");
    let service = Service::over(Store::open(&path).unwrap(), &dir);
    service.create_node(NOTE).await;
    let response = service.invoke("f", &[("X-Amz-Invocation-Type", "Event")], r#"{"n":7}"#).await;
    assert_eq!((response.status().as_u16(), response.body().len()), (202, 0));
    assert!(!response.headers().contains_key("x-amz-executed-version"));
    let request_id = response.headers()["x-amzn-requestid"].to_str().unwrap().to_owned();
    assert_eq!(queued(&service).await, 1);
    service.lambda.shutdown().await;
    drop(service);

    let service = Service::over(Store::open(&path).unwrap(), &dir);
    service.lambda.start_dispatcher();
    service.lambda.start_dispatcher();
    service.logs.wait_for(&format!("note 7 {request_id}"), 1).await;
    drained(&service).await;
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_function_is_tried_three_times_under_one_request_id() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(FAIL).await;
    service.lambda.start_dispatcher();
    let response = service.invoke("f", &[("X-Amz-Invocation-Type", "Event")], "").await;
    let request_id = response.headers()["x-amzn-requestid"].to_str().unwrap();
    service.logs.wait_for(&format!("try {request_id}"), 3).await;
    drained(&service).await;
    assert_eq!(service.logs.count(&format!("try {request_id}")), 3);
    service.lambda.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_queues_too_and_an_event_of_no_function_ends() {
    let dir = TempDir::new().unwrap();
    let service = Service::start(&dir);
    service.create_node(NOTE).await;
    service.lambda.grant_gateway(&scope(), "f", "a1b2c3d4e5").await.unwrap();
    let authority = Authority::Gateway {
        source_arn: "arn:aws:execute-api:us-east-1:000000000000:a1b2c3d4e5/test/POST/notes".to_owned(),
        source_account: "000000000000".to_owned(),
    };
    let payload = Bytes::from_static(br#"{"n":1}"#);
    let kind = InvocationType::Event;
    let answer = service.lambda.invoke_for_gateway(ARN, payload, kind, authority, String::new()).await.unwrap();
    assert_eq!((answer.status, answer.payload.len()), (202, 0));
    assert_eq!(service.call("DELETE", "/2015-03-31/functions/f", serde_json::Value::Null).await.0, 204);
    service.lambda.start_dispatcher();
    drained(&service).await;
    assert_eq!(service.logs.count("note"), 0);
    service.lambda.shutdown().await;
}
