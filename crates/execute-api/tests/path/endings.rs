//! Specification 7.6 and 10: requests whose response takes its time, or that nobody waits for to the end.

use std::{sync::Arc, time::Duration};

use definition::time::EpochMillis;
use execute_api::{
    ports::{FunctionAnswer, FunctionCall, FunctionRefusal, Functions, PortFuture},
    respond::ResponseBody,
    trace::{explanation::Explanation, kept::Explained},
};
use serde_json::json;
use tokio::sync::mpsc;

use crate::{
    fixture::{API_ID, Api, NOW, get},
    lambda_stream::{Piece, Written, failure, next, piece, streaming},
    observability::{Watched, access_log, setting, watch},
};

const FORMAT: &str = "$context.status $context.responseLength $context.responseLatency $context.integration.latency \
                      $context.integration.responseTransferMode $context.integration.timeToAllHeaders \
                      $context.integration.timeToFirstContent $context.integration.error";
const STAGE: [(&str, &str); 2] = [("ApiName", "test"), ("Stage", "prod")];

/// A function that never answers.
struct Silent;

impl Functions for Silent {
    fn invoke(&self, _: FunctionCall) -> PortFuture<'_, Result<FunctionAnswer, FunctionRefusal>> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_wait_is_told_of() {
    let mut api = Api::new().lambda_proxy("GET", "/");
    api.stage["accessLogSettings"] = access_log(FORMAT);
    api.stage["methodSettings"] = setting("INFO", false);
    let watched = watch(&api, Arc::new(Silent), Explained::Always);
    tokio::time::timeout(Duration::from_secs(3), watched.client.respond(get("/prod"))).await.unwrap_err();

    assert_eq!(watched.logs.lines("access"), ["499 0 3000 - BUFFERED - - -"]);
    assert_eq!(watched.logs.0.lock().unwrap()[0].at, EpochMillis(NOW.0 + 3000));
    let steps = watched.logs.lines(&format!("API-Gateway-Execution-Logs_{API_ID}/prod"));
    assert!(steps.last().unwrap().ends_with(") The connection ended before there was a response"), "{steps:?}");
    let explanation: Explanation = serde_json::from_slice(&watched.explanations.get(None).unwrap()).unwrap();
    assert_eq!((explanation.status, explanation.took_us), (499, 3_000_000));
    watched.client.gateway.hand_over_metrics(NOW);
    assert_eq!(watched.metrics.values("4XXError", &STAGE), [(1.0, 1.0)]);
    assert_eq!(watched.metrics.values("Latency", &STAGE), [(3000.0, 1.0)]);
    assert_eq!(watched.metrics.values("IntegrationLatency", &STAGE), []);
}

#[tokio::test]
async fn who_waits_is_told_of_once() {
    let mut api = Api::new().lambda_proxy("GET", "/");
    api.stage["accessLogSettings"] = access_log("$context.status");
    let watched = watch(&api, Written::begin().0, Explained::OnRequest);
    drop(watched.client.respond(get("/prod/nowhere")).await);
    assert_eq!(watched.logs.lines("access"), ["403"]);
}

/// A response of which two seconds passed before its first piece came; nothing has been told of it.
async fn begun() -> (Watched, mpsc::UnboundedSender<Piece>, ResponseBody) {
    let mut api = streaming(Api::new(), json!({}));
    api.stage["accessLogSettings"] = access_log(FORMAT);
    let (functions, pen) = Written::begin();
    let watched = watch(&api, functions, Explained::OnRequest);
    pen.send(piece("{\"statusCode\":201}\0\0\0\0\0\0\0\0")).expect("a reader");
    let mut body = watched.client.respond(get("/prod")).await.into_body();
    tokio::time::sleep(Duration::from_secs(2)).await;
    pen.send(piece("first")).expect("a reader");
    assert_eq!(next(&mut body).await.expect("a piece").expect("a piece"), "first");
    tokio::time::sleep(Duration::from_secs(3)).await;
    watched.client.gateway.hand_over_metrics(NOW);
    assert_eq!(watched.metrics.values("Count", &STAGE), []);
    assert!(watched.logs.lines("access").is_empty());
    (watched, pen, body)
}

#[tokio::test(start_paused = true)]
async fn a_response_that_streams_is_told_of_when_it_has_been_sent() {
    let (watched, pen, mut body) = begun().await;
    pen.send(piece("second")).unwrap();
    drop(pen);
    assert_eq!(next(&mut body).await.unwrap().unwrap(), "second");
    assert_eq!(next(&mut body).await, None);
    drop(body);
    assert_eq!(watched.logs.lines("access"), ["201 11 5000 5000 STREAMED 0 2000 -"]);
    watched.client.gateway.hand_over_metrics(NOW);
    assert_eq!(watched.metrics.values("Count", &STAGE), [(1.0, 1.0)]);
    assert_eq!(watched.metrics.values("Latency", &STAGE), [(5000.0, 1.0)]);
    assert_eq!(watched.metrics.values("IntegrationLatency", &STAGE), [(5000.0, 1.0)]);
}

#[tokio::test(start_paused = true)]
async fn a_response_that_breaks_off_says_why() {
    let (watched, pen, mut body) = begun().await;
    pen.send(failure()).unwrap();
    next(&mut body).await.unwrap().unwrap_err();
    drop(body);
    let lines = watched.logs.lines("access");
    assert!(lines[0].starts_with("201 5 5000 5000 STREAMED 0 2000 Execution failed"), "{lines:?}");
    assert_eq!(lines.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_midway_got_so_many_bytes() {
    let (watched, _pen, body) = begun().await;
    drop(body);
    assert_eq!(watched.logs.lines("access"), ["201 5 5000 5000 STREAMED 0 2000 -"]);
}
