//! The least that stands between a client and Lambda runtimes: a queue of waiting runtimes, an event, an answer.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header::HeaderValue};
use tokio::sync::oneshot;

use crate::serve;

/// About as long as a proxy event of a small request.
const EVENT: &str = include_str!("event.json");
const DEADLINE_MS: &str = "4102444800000";
const FUNCTION_ARN: &str = "arn:aws:lambda:us-east-1:000000000000:function:bench";

/// What a client waits for: the runtime's answer.
type Reply = oneshot::Sender<Bytes>;

#[derive(Default)]
struct Exchange {
    /// Runtimes that wait for an event.
    waiting: VecDeque<oneshot::Sender<u64>>,
    /// Events that wait for a runtime.
    queued: VecDeque<u64>,
    replies: HashMap<u64, Reply>,
    next_id: u64,
}

fn exchange() -> MutexGuard<'static, Exchange> {
    static EXCHANGE: OnceLock<Arc<Mutex<Exchange>>> = OnceLock::new();
    EXCHANGE.get_or_init(Arc::default).lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) fn run(port: u16, runtime_api: u16) {
    std::thread::spawn(move || serve::on_every_core(runtime_api, |_| (), 0, |_, request| runtime(request)));
    serve::on_every_core(port, |_| (), 0, |_, _| client());
}

/// A client's request: any is the same event.
async fn client() -> Response<Full<Bytes>> {
    let (reply, answer) = oneshot::channel();
    {
        let mut exchange = exchange();
        let id = exchange.next_id;
        exchange.next_id += 1;
        exchange.replies.insert(id, reply);
        let mut event = Some(id);
        while let (Some(id), Some(runtime)) = (event, exchange.waiting.pop_front()) {
            event = runtime.send(id).err();
        }
        exchange.queued.extend(event);
    }
    match answer.await {
        Ok(body) => Response::new(Full::new(body)),
        Err(_) => status(StatusCode::BAD_GATEWAY),
    }
}

/// A runtime's request: the next event, or the answer to one.
async fn runtime(request: Request<Incoming>) -> Response<Full<Bytes>> {
    if request.method() == Method::GET {
        return next().await;
    }
    let id = request.uri().path().rsplit('/').nth(1).and_then(|id| id.parse::<u64>().ok());
    let body = request.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let reply = id.and_then(|id| exchange().replies.remove(&id));
    if let Some(reply) = reply {
        // A client that has gone takes no answer.
        let _ = reply.send(body);
    }
    status(StatusCode::ACCEPTED)
}

async fn next() -> Response<Full<Bytes>> {
    let (sender, event) = oneshot::channel();
    {
        let mut exchange = exchange();
        match exchange.queued.pop_front() {
            Some(id) => drop(sender.send(id)),
            None => exchange.waiting.push_back(sender),
        }
    }
    let Ok(id) = event.await else { return status(StatusCode::INTERNAL_SERVER_ERROR) };
    let mut response = Response::new(Full::new(Bytes::from_static(EVENT.as_bytes())));
    let headers = response.headers_mut();
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    headers.insert("lambda-runtime-aws-request-id", HeaderValue::from(id));
    headers.insert("lambda-runtime-deadline-ms", HeaderValue::from_static(DEADLINE_MS));
    headers.insert("lambda-runtime-invoked-function-arn", HeaderValue::from_static(FUNCTION_ARN));
    response
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    response
}
