//! A response's body on its way to the client. What its end decides, its length and the times, is told when it ends: because all of
//! it was taken, because its backend broke off, or because the client went away.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use definition::time::EpochMillis;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use super::{Ended, Observers, Sent};
use crate::{
    Failure,
    access_log::Draft,
    cache::CacheOutcome,
    message_body::{StreamError, StreamingBody},
    metrics::{Labels, Measured, MethodLabels},
    ports::LogEvent,
};

/// A body that is passed on, and counted.
pub(super) struct Sending {
    body: StreamingBody,
    told: Told,
    observers: Arc<Observers>,
    bytes: u64,
    first_content_at: Option<Instant>,
    failure: Option<Failure>,
}

/// What is told when the body has ended, as far as it is known before.
struct Told {
    arrived_at: EpochMillis,
    started: Instant,
    /// When the backend was called, if one was.
    called_at: Option<Instant>,
    serial: u64,
    labels: Arc<Labels>,
    method_labels: Option<Arc<MethodLabels>>,
    status: u16,
    cache: Option<CacheOutcome>,
    /// The access log's line, and the event that it will be the text of.
    line: Option<(LogEvent, Draft)>,
}

impl Sending {
    pub(super) fn new(body: StreamingBody, ended: &Ended<'_>, observers: &Arc<Observers>) -> Self {
        let watch = &ended.stage.watch;
        let access_log = watch.access_log.as_ref().filter(|_| observers.logs.is_some());
        let line = access_log.map(|log| {
            let event = observers.event(ended.stage, &log.group, ended.context.request_time, String::new());
            (event, log.draft(ended))
        });
        let told = Told {
            arrived_at: ended.context.request_time,
            started: ended.started,
            called_at: ended.backend.map(|backend| backend.called_at),
            serial: watch.serial,
            labels: Arc::clone(&watch.labels),
            method_labels: ended.method_labels().cloned(),
            status: ended.status,
            cache: ended.cache,
            line,
        };
        let observers = Arc::clone(observers);
        Self { body, told, observers, bytes: 0, first_content_at: None, failure: None }
    }
}

impl Body for Sending {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        match &frame {
            Some(Ok(frame)) => {
                if let Some(part) = frame.data_ref().filter(|part| !part.is_empty()) {
                    self.first_content_at.get_or_insert_with(Instant::now);
                    self.bytes += part.len() as u64;
                }
            }
            Some(Err(error)) => self.failure = Some(error.clone().into()),
            None => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        // A panic has its own report.
        if std::thread::panicking() {
            return;
        }
        let Self { told, observers, bytes, first_content_at, failure, .. } = self;
        let since = |start: Instant, end: Instant| end.saturating_duration_since(start);
        let now = Instant::now();
        let sent = Sent {
            bytes: *bytes,
            latency: since(told.started, now),
            integration_latency: told.called_at.map(|called_at| since(called_at, now)),
            time_to_first_content: told.called_at.zip(*first_content_at).map(|(called_at, at)| since(called_at, at)),
            failure: failure.as_ref(),
        };
        let at = ended_at(told.arrived_at, sent.latency);
        observers.measure(&told.measured(&sent), at);
        if let (Some(sink), Some((event, draft))) = (&observers.logs, told.line.take()) {
            sink.put(LogEvent { at, text: draft.line(&sent), ..event });
        }
    }
}

impl Told {
    fn measured(&self, sent: &Sent<'_>) -> Measured<'_> {
        Measured {
            serial: self.serial,
            labels: &self.labels,
            method_labels: self.method_labels.as_ref(),
            status: self.status,
            cache: self.cache,
            latency: sent.latency,
            integration_latency: sent.integration_latency,
        }
    }
}

/// The time so long after a request's arrival.
pub(super) fn ended_at(arrived_at: EpochMillis, after: Duration) -> EpochMillis {
    let after_ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
    EpochMillis(arrived_at.0.saturating_add(after_ms))
}
