//! What the rest of the process writes is what the services' clients read.
#![allow(clippy::unwrap_used, reason = "tests say so when something is not as it should be")]

use account::{
    logs::{LogEvent, LogWriter, Logs},
    metrics::{MetricDatum, MetricWriter, Metrics},
};
use bytes::Bytes;
use definition::{Caller, Scope};
use http::Request;
use jiff::Timestamp;
use serde_json::{Value, json};
use store::Store;
use tokio::runtime::Handle;

fn clock() -> Timestamp {
    "2026-01-31T12:00:30Z".parse().unwrap()
}

fn caller() -> Caller {
    Caller {
        scope: Scope { account: "123456789012".to_owned(), region: "eu-west-1".to_owned() },
        access_key: None,
        user_arn: "arn:aws:iam::123456789012:root".to_owned(),
        user_id: "123456789012".to_owned(),
    }
}

fn request(target: String, input: &Value) -> Request<Bytes> {
    Request::post("/").header("x-amz-target", target).body(input.to_string().into()).unwrap()
}

fn event(stream: &str, at_ms: i64, message: &str) -> LogEvent {
    LogEvent {
        account: "123456789012".into(),
        region: "eu-west-1".into(),
        group: "API-Gateway-Execution-Logs_a1b2c3d4e5/prod".into(),
        stream: stream.into(),
        at_ms,
        message: message.to_owned(),
    }
}

async fn filter(logs: &Logs, input: Value) -> Value {
    let request = request("Logs_20140328.FilterLogEvents".to_owned(), &input);
    let response = logs.handle(&caller(), request, clock()).await;
    serde_json::from_slice(response.body()).unwrap()
}

#[tokio::test]
async fn logged_events_are_read_at_once() {
    let store = Store::in_memory().unwrap();
    let writer = LogWriter::start(store.clone(), &Handle::current(), clock);
    let logs = Logs::new(store, writer.clone());
    let now = clock().as_millisecond();
    writer.put(event("one", now, "b"));
    writer.put(event("two", now - 1, "a"));
    writer.put(event("one", now, ""));

    let group = json!({ "logGroupName": "API-Gateway-Execution-Logs_a1b2c3d4e5/prod" });
    let answer = filter(&logs, group.clone()).await;
    let read: Vec<_> = answer["events"].as_array().unwrap().iter().map(|event| &event["message"]).collect();
    assert_eq!(read, ["a", "b"]);
    assert_eq!(answer["events"][0]["ingestionTime"], now);

    let long = "é".repeat(1024 * 1024);
    writer.put(event("one", now + 1, &long));
    let answer = filter(&logs, json!({ "logGroupName": group["logGroupName"], "startTime": now + 1 })).await;
    let kept = answer["events"][0]["message"].as_str().unwrap();
    assert_eq!(kept.len(), account::logs::EVENT_BYTES_MAX / 2 * 2);
}

#[tokio::test]
async fn measured_values_add_up_per_minute() {
    let store = Store::in_memory().unwrap();
    let writer = MetricWriter::start(store.clone(), &Handle::current(), clock);
    let metrics = Metrics::new(store, writer.clone());
    let now = clock().as_millisecond();
    for (value, dimensions) in [(10.0, ["Stage", "ApiName"]), (20.0, ["ApiName", "Stage"])] {
        writer.put(MetricDatum {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            namespace: "AWS/ApiGateway".into(),
            name: "Latency".into(),
            dimensions: dimensions.map(|name| (name.to_owned(), name.to_lowercase())).to_vec(),
            unit: "Milliseconds",
            minute_ms: now,
            values: vec![(value, 2.0), (f64::NAN, 1.0)],
        });
        // What was stored in an earlier batch is added to.
        writer.flush().await;
    }

    let input = json!({
        "Namespace": "AWS/ApiGateway", "MetricName": "Latency", "StartTime": now / 1000 - 60, "EndTime": now / 1000 + 60,
        "Period": 60, "Statistics": ["Sum", "SampleCount"], "ExtendedStatistics": ["p50"],
        "Dimensions": [{ "Name": "ApiName", "Value": "apiname" }, { "Name": "Stage", "Value": "stage" }],
    });
    let request = request("GraniteServiceVersion20100801.GetMetricStatistics".to_owned(), &input);
    let response = metrics.handle(&caller(), request, clock()).await;
    let answer: Value = serde_json::from_slice(response.body()).unwrap();
    let minute: f64 = "1769860800".parse().unwrap();
    assert_eq!(
        answer["Datapoints"],
        json!([{ "Timestamp": minute, "Sum": 60.0, "SampleCount": 4.0, "Unit": "Milliseconds",
                 "ExtendedStatistics": { "p50": 10.0 } }])
    );
}
