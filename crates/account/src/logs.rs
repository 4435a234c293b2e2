//! Amazon CloudWatch Logs: log groups, streams and events ("Amazon CloudWatch Logs API Reference").
//!
//! The rest of the process writes through [`LogWriter`]; [`Logs`] answers the service's clients, over JSON 1.1. What was written
//! before a call is there for it to read. Metric filters, subscriptions, Insights and the like are refused by name.

mod writer;
mod failure;
mod names;
mod groups;
mod streams;
mod tags;
mod put_events;
mod position_token;
mod get_events;
mod filter_events;
pub mod filter_pattern;

use bytes::Bytes;
use definition::{Caller, time::EpochMillis};
use http::{HeaderName, HeaderValue, Request, Response, StatusCode, header};
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use store::Store;

use failure::Failure;
pub use writer::{LogEvent, LogWriter};

/// The bytes of an event's message ("CloudWatch Logs quotas"): 1 MiB with what AWS adds to each.
pub const EVENT_BYTES_MAX: usize = 1024 * 1024 - store::LOG_EVENT_OVERHEAD_BYTES;
/// What names this service in `X-Amz-Target`, before the operation.
pub const TARGET_PREFIX: &str = "Logs_20140328.";
/// The longest request that is read: a full batch of events whose every character is escaped.
const REQUEST_BYTES_MAX: usize = 6 * 1024 * 1024 + 1024 * 1024;

/// CloudWatch Logs over a store.
#[derive(Debug, Clone)]
pub struct Logs {
    store: Store,
    writer: LogWriter,
}

/// A call: who makes it, what it says, and when.
struct Call {
    caller: Caller,
    body: Bytes,
    now: EpochMillis,
}

impl Call {
    /// The operation's input. Members that it does not know are ignored, as AWS does.
    fn input<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        let body = if self.body.is_empty() { b"{}" } else { self.body.as_ref() };
        serde_json::from_slice(body).map_err(Failure::Malformed)
    }
}

/// What an operation answers: its output, or nothing.
type Outcome = Result<Option<Value>, Failure>;

impl Logs {
    /// The service over `store`; what `writer` still holds is written before it is read.
    #[must_use]
    pub fn new(store: Store, writer: LogWriter) -> Self {
        Self { store, writer }
    }

    /// Answers one request in the name of `caller`. Everything that can go wrong becomes an error response of the service.
    pub async fn handle(&self, caller: &Caller, request: Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let request_id = uuid::Uuid::new_v4().to_string();
        let outcome = self.answer(caller, request, now).await;
        let (status, body) = match outcome {
            Ok(output) => (StatusCode::OK, output),
            Err(failure) => {
                if let Failure::Store(source) = &failure {
                    tracing::error!(error = source as &dyn std::error::Error, %request_id, "an operation on logs failed");
                }
                (failure.status(), Some(json!({ "__type": failure.code(), "message": failure.message() })))
            }
        };
        let mut response = Response::new(body.map(|body| body.to_string()).unwrap_or_default().into());
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-amz-json-1.1"));
        if let Ok(request_id) = HeaderValue::from_str(&request_id) {
            headers.insert(HeaderName::from_static("x-amzn-requestid"), request_id);
        }
        response
    }

    async fn answer(&self, caller: &Caller, request: Request<Bytes>, now: Timestamp) -> Outcome {
        let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok()).unwrap_or_default();
        let operation = target.strip_prefix(TARGET_PREFIX).unwrap_or(target).to_owned();
        let body = request.into_body();
        if body.len() > REQUEST_BYTES_MAX {
            return Err(Failure::RequestTooLarge);
        }
        let call = Call { caller: caller.clone(), body, now: now.into() };
        // Who reads or deletes means what was logged until now.
        self.writer.flush().await;
        let store = &self.store;
        match operation.as_str() {
            "CreateLogGroup" => groups::create(store, &call).await,
            "DeleteLogGroup" => groups::delete(store, &call).await,
            "DescribeLogGroups" => groups::describe(store, &call).await,
            "PutRetentionPolicy" => groups::put_retention(store, &call).await,
            "DeleteRetentionPolicy" => groups::delete_retention(store, &call).await,
            "CreateLogStream" => streams::create(store, &call).await,
            "DeleteLogStream" => streams::delete(store, &call).await,
            "DescribeLogStreams" => streams::describe(store, &call).await,
            "PutLogEvents" => put_events::put(store, &call).await,
            "GetLogEvents" => get_events::get(store, &call).await,
            "FilterLogEvents" => filter_events::filter(store, &call).await,
            "TagLogGroup" => tags::tag_group(store, &call).await,
            "UntagLogGroup" => tags::untag_group(store, &call).await,
            "ListTagsLogGroup" => tags::list_of_group(store, &call).await,
            "TagResource" => tags::tag_resource(store, &call).await,
            "UntagResource" => tags::untag_resource(store, &call).await,
            "ListTagsForResource" => tags::list_of_resource(store, &call).await,
            _ => Err(Failure::UnknownOperation { operation }),
        }
    }
}
