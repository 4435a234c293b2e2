//! The rest of a backend's answer, read while the client takes it.
//!
//! Developer Guide, "Stream the integration response for your proxy integrations in API Gateway".

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

use super::{connection::Connection, error_chain, pool::Pool, url::Origin};
use crate::{
    map_response::RESPONSE_BYTES_MAX,
    message_body::{StreamError, TransferMode},
};

/// How the client is to get an answer.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Transfer {
    /// As a whole, as far as it can tell.
    Buffered,
    /// Each part as it comes, with pauses no longer than this.
    Stream { idle_timeout: Duration },
}

impl Transfer {
    /// The mode as AWS names it.
    pub(crate) fn mode(self) -> TransferMode {
        match self {
            Self::Buffered => TransferMode::Buffered,
            Self::Stream { .. } => TransferMode::Stream,
        }
    }
}

/// The time of an answer: when the whole of it must be there, and how long that was in the beginning.
#[derive(Debug, Clone, Copy)]
pub(super) struct Time {
    pub(super) deadline: Instant,
    pub(super) timeout: Duration,
}

/// A body that a backend is still sending.
#[derive(Debug)]
pub(super) struct AnswerBody {
    /// What was read before the head of the answer went to the client.
    read_ahead: VecDeque<Bytes>,
    /// Absent when the answer has been read to its end, or failed.
    source: Option<Source>,
    transfer: Transfer,
    /// Absent when the caller bounds the time.
    time: Option<Time>,
    bytes: usize,
    /// Runs while a part is waited for.
    wait: Option<Pin<Box<Sleep>>>,
    waits: bool,
}

/// Where the body comes from.
#[derive(Debug)]
struct Source {
    incoming: Incoming,
    connection: Connection,
    origin: Arc<Origin>,
    pool: Arc<Pool>,
}

impl AnswerBody {
    /// A body of which nothing has been read.
    pub(super) fn new(
        incoming: Incoming,
        connection: Connection,
        origin: Arc<Origin>,
        pool: Arc<Pool>,
        transfer: Transfer,
    ) -> Self {
        let source = Some(Source { incoming, connection, origin, pool });
        let read_ahead = VecDeque::new();
        let mut body = Self { read_ahead, source, transfer, time: None, bytes: 0, wait: None, waits: false };
        if body.is_end_stream() {
            body.release();
        }
        body
    }

    /// Bounds the time of what is not read ahead.
    pub(super) fn limit(&mut self, time: Time) {
        self.time = Some(time);
    }

    /// Reads ahead until the end, or so many bytes; tells the whole body if that was the end. The caller bounds the time.
    pub(super) async fn read_ahead(&mut self, bytes_max: usize) -> Result<Option<Bytes>, StreamError> {
        let mut read = VecDeque::new();
        let mut bytes = 0;
        while bytes <= bytes_max && !self.is_end_stream() {
            match std::future::poll_fn(|cx| Pin::new(&mut *self).poll_frame(cx)).await {
                None => break,
                Some(frame) => {
                    if let Ok(part) = frame?.into_data() {
                        bytes += part.len();
                        read.push_back(part);
                    }
                }
            }
        }
        if !self.is_end_stream() {
            self.read_ahead = read;
            return Ok(None);
        }
        // Most bodies come in one piece, which need not be copied.
        let whole = if read.len() > 1 {
            let mut joined = BytesMut::with_capacity(bytes);
            for part in &read {
                joined.extend_from_slice(part);
            }
            joined.freeze()
        } else {
            read.pop_front().unwrap_or_default()
        };
        Ok(Some(whole))
    }

    /// Keeps the connection for its next request, if it is fit for one.
    fn release(&mut self) {
        if let Some(Source { connection, origin, pool, .. }) = self.source.take() {
            pool.put(origin, connection);
        }
    }

    /// Ready with the reason when the next part has been waited for too long.
    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<StreamError> {
        let Some(Time { deadline, timeout }) = self.time else { return Poll::Pending };
        let (until, limit) = match self.transfer {
            Transfer::Buffered => (deadline, timeout),
            Transfer::Stream { idle_timeout } => {
                let pause = Instant::now() + idle_timeout;
                if pause < deadline { (pause, idle_timeout) } else { (deadline, timeout) }
            }
        };
        let wait = self.wait.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if !self.waits {
            self.waits = true;
            wait.as_mut().reset(until);
        }
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        wait.as_mut().poll(cx).map(|()| StreamError::TooSlow { limit_ms })
    }

    fn poll_source(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        loop {
            let Some(source) = &mut self.source else { return Poll::Ready(None) };
            source.connection.drive(cx);
            let frame = match Pin::new(&mut source.incoming).poll_frame(cx) {
                Poll::Pending => return self.poll_too_slow(cx).map(|error| Some(Err(error))),
                Poll::Ready(None) => {
                    self.release();
                    return Poll::Ready(None);
                }
                Poll::Ready(Some(Err(error))) => {
                    return Poll::Ready(Some(Err(StreamError::Broken { detail: error_chain(&error) })));
                }
                Poll::Ready(Some(Ok(frame))) => frame,
            };
            self.waits = false;
            if source.incoming.is_end_stream() {
                source.connection.drive(cx);
                self.release();
            }
            // Trailers are for the gateway, which has no use for them.
            if let Some(part) = frame.data_ref() {
                self.bytes += part.len();
                if self.transfer.mode() == TransferMode::Buffered && self.bytes > RESPONSE_BYTES_MAX {
                    return Poll::Ready(Some(Err(StreamError::TooLarge { limit: RESPONSE_BYTES_MAX })));
                }
                return Poll::Ready(Some(Ok(frame)));
            }
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        if let Some(part) = self.read_ahead.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(part))));
        }
        let part = self.poll_source(cx);
        if matches!(part, Poll::Ready(Some(Err(_)))) {
            // Dropped in the middle, the connection is closed.
            self.source = None;
        }
        part
    }

    fn is_end_stream(&self) -> bool {
        self.read_ahead.is_empty() && self.source.as_ref().is_none_or(|source| source.incoming.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let ahead = self.read_ahead.iter().map(Bytes::len).sum::<usize>() as u64;
        let rest = self.source.as_ref().map_or_else(|| SizeHint::with_exact(0), |source| source.incoming.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + ahead);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + ahead);
        }
        hint
    }
}
