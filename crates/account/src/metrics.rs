//! Amazon CloudWatch metrics: what was measured, per minute ("Amazon CloudWatch API Reference").
//!
//! The rest of the process writes through [`MetricWriter`]; [`Metrics`] answers the service's clients in the three protocols
//! that they speak: CBOR, JSON 1.0, and forms with XML. What was written before a call is there for it to read. Alarms,
//! dashboards, streams and metric math are refused by name.

mod datapoint;
mod writer;
mod failure;
mod document;
mod protocol;
mod query_form;
mod cbor;
mod statistic;
mod metric_key;
mod put_data;
mod list;
mod get_statistics;
mod get_data;

use bytes::Bytes;
use definition::{Caller, time::EpochMillis};
use http::{Request, Response};
use jiff::Timestamp;
use store::Store;

pub use cbor::{InvalidCbor, decode as decode_cbor};
pub use document::Document;
use failure::Failure;
use protocol::Protocol;
pub use protocol::{PATH_PREFIX, TARGET_PREFIX};
pub use writer::{MetricDatum, MetricWriter};

/// CloudWatch metrics over a store.
#[derive(Debug, Clone)]
pub struct Metrics {
    store: Store,
    writer: MetricWriter,
}

/// A call: who makes it, what it says, and when.
struct Call {
    caller: Caller,
    input: Document,
    now: EpochMillis,
}

/// What an operation answers: its output, or nothing.
type Outcome = Result<Option<Document>, Failure>;

impl Metrics {
    /// The service over `store`; what `writer` still holds is written before it is read.
    #[must_use]
    pub fn new(store: Store, writer: MetricWriter) -> Self {
        Self { store, writer }
    }

    /// Answers one request in the name of `caller`. Everything that can go wrong becomes an error response of the service.
    pub async fn handle(&self, caller: &Caller, request: Request<Bytes>, now: Timestamp) -> Response<Bytes> {
        let request_id = uuid::Uuid::new_v4().to_string();
        let protocol = Protocol::of(&request);
        let (operation, outcome) = match protocol.read(&request) {
            Ok((operation, input)) => {
                let call = Call { caller: caller.clone(), input, now: now.into() };
                let outcome = self.answer(&operation, &call).await;
                (operation, outcome)
            }
            Err(failure) => (String::new(), Err(failure)),
        };
        if let Err(Failure::Store(source)) = &outcome {
            tracing::error!(error = source as &dyn std::error::Error, %request_id, "an operation on metrics failed");
        }
        protocol.respond(&operation, outcome, &request_id)
    }

    async fn answer(&self, operation: &str, call: &Call) -> Outcome {
        self.writer.flush().await;
        match operation {
            "PutMetricData" => put_data::put(&self.store, call).await,
            "ListMetrics" => list::list(&self.store, call).await,
            "GetMetricStatistics" => get_statistics::get(&self.store, call).await,
            "GetMetricData" => get_data::get(&self.store, call).await,
            _ => Err(Failure::UnknownOperation { operation: operation.to_owned() }),
        }
    }
}
