//! A function's response within its time: the integration's for all of it, and the stream's from one piece to the next.
//!
//! Developer Guide, "Considerations for response payload streaming".

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::combinators::UnsyncBoxBody;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{Failure, ports::FunctionFailure};

/// How long a response may take, from when the function is called.
pub(super) struct StreamTime {
    pub(super) started: Instant,
    timeout_ms: u32,
    idle_timeout: Duration,
}

/// Why a response has no end.
#[derive(Debug)]
pub(super) enum Interruption {
    /// The function failed.
    Failed(FunctionFailure),
    /// The integration's time is over, or the function paused for too long.
    TooSlow {
        /// The time that was over.
        limit_ms: u64,
    },
}

/// The rest of a response.
pub(super) struct TimedBody {
    body: UnsyncBoxBody<Bytes, FunctionFailure>,
    /// What was read with the metadata and belongs to the body.
    first: Bytes,
    length: Option<u64>,
    timeout_ms: u32,
    due: Pin<Box<Sleep>>,
    idle_timeout: Duration,
    next_piece_due: Pin<Box<Sleep>>,
}

impl StreamTime {
    pub(super) fn begin(timeout_ms: u32, idle_timeout: Duration) -> Self {
        Self { started: Instant::now(), timeout_ms, idle_timeout }
    }

    fn due(&self) -> Instant {
        self.started + Duration::from_millis(self.timeout_ms.into())
    }

    /// Until when the function must have begun.
    pub(super) fn first_piece_due(&self) -> Instant {
        self.due().min(self.started + self.idle_timeout)
    }

    /// The failure of a function that has not begun until then.
    pub(super) fn overdue(&self) -> Failure {
        let idle_ms = u32::try_from(self.idle_timeout.as_millis()).unwrap_or(u32::MAX);
        Failure::IntegrationTimeout { timeout_ms: self.timeout_ms.min(idle_ms) }
    }
}

impl TimedBody {
    pub(super) fn new(body: UnsyncBoxBody<Bytes, FunctionFailure>, time: &StreamTime) -> Self {
        Self {
            body,
            first: Bytes::new(),
            length: None,
            timeout_ms: time.timeout_ms,
            due: Box::pin(sleep_until(time.due())),
            idle_timeout: time.idle_timeout,
            next_piece_due: Box::pin(sleep_until(Instant::now() + time.idle_timeout)),
        }
    }

    /// Gives back what was read too much; it comes first.
    pub(super) fn put_back(&mut self, first: Bytes) {
        self.first = first;
    }

    /// The same body, announced with this length.
    pub(super) fn with_length(self, length: Option<u64>) -> Self {
        Self { length, ..self }
    }
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Interruption;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Interruption>>> {
        let this = self.get_mut();
        if !this.first.is_empty() {
            return Poll::Ready(Some(Ok(Frame::data(std::mem::take(&mut this.first)))));
        }
        if this.due.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(Interruption::TooSlow { limit_ms: this.timeout_ms.into() })));
        }
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            this.next_piece_due.as_mut().reset(Instant::now() + this.idle_timeout);
            return Poll::Ready(frame.map(|frame| frame.map_err(Interruption::Failed)));
        }
        if this.next_piece_due.as_mut().poll(cx).is_ready() {
            let limit_ms = u64::try_from(this.idle_timeout.as_millis()).unwrap_or(u64::MAX);
            return Poll::Ready(Some(Err(Interruption::TooSlow { limit_ms })));
        }
        Poll::Pending
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}
