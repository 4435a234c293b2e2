//! A request's body, which must arrive in time, and which can be read to its end after the answer is known.
//!
//! A client that stops in the middle of a body would hold its connection, and what was read so far, for ever: each part must
//! follow the one before within a while, and the whole must not take too long either.
//!
//! A server that closes a connection with unread bytes makes the network drop its answer: the client sees a reset instead of the
//! 413 that it should read. So what an answer left unread is read and thrown away, within limits.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};

/// The next part of a body must arrive within this time.
const PART_TIMEOUT: Duration = Duration::from_secs(30);
/// A body must arrive within this time, counted from when it was first waited for.
const BODY_TIMEOUT: Duration = Duration::from_mins(5);
/// So many bytes are thrown away; a client that sends more finds the connection closed.
const DISCARDED_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Throwing away may take so long.
const DISCARD_TIMEOUT: Duration = Duration::from_secs(5);

/// A body off the wire.
#[derive(Debug)]
pub(crate) struct RequestBody<B = Incoming> {
    incoming: B,
    begun: bool,
    /// Reading failed: nothing more will come.
    failed: bool,
    /// When the whole must be there; set when there is first something to wait for.
    deadline: Option<Instant>,
    /// Runs while a part is waited for.
    wait: Option<Pin<Box<Sleep>>>,
}

/// Why a body ends before its end.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError<E: std::error::Error + 'static> {
    /// The connection broke, or the framing is wrong.
    #[error("the body could not be read")]
    Broken(#[source] E),
    /// The client took too long.
    #[error("the body did not arrive in time")]
    TooSlow,
}

impl<B> RequestBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + 'static,
{
    /// A body of which nothing has been read.
    pub(crate) fn new(incoming: B) -> Self {
        Self { incoming, begun: false, failed: false, deadline: None, wait: None }
    }

    /// Reads what is left and forgets it. A client that waits for `100 Continue` (`waits`) and has not been given it sends nothing,
    /// so nothing is read.
    pub(crate) async fn discard(&mut self, waits: bool) {
        if self.failed || self.incoming.is_end_stream() || (waits && !self.begun) {
            return;
        }
        let discarding = async {
            let mut discarded = 0;
            while discarded <= DISCARDED_BYTES_MAX {
                let Some(Ok(frame)) = self.incoming.frame().await else { return };
                discarded += frame.data_ref().map_or(0, Bytes::len);
            }
        };
        // Out of time, the answer may be lost; the connection is closed either way.
        let _ = tokio::time::timeout(DISCARD_TIMEOUT, discarding).await;
    }

    /// Ready when the next part has been waited for too long.
    fn poll_too_slow(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let now = Instant::now();
        let deadline = *self.deadline.get_or_insert(now + BODY_TIMEOUT);
        let wait = || Box::pin(tokio::time::sleep_until(deadline.min(now + PART_TIMEOUT)));
        self.wait.get_or_insert_with(wait).as_mut().poll(cx)
    }
}

impl<B> Body for RequestBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + 'static,
{
    type Data = Bytes;
    type Error = BodyError<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        self.begun = true;
        let part = match Pin::new(&mut self.incoming).poll_frame(cx) {
            Poll::Ready(part) => part.map(|part| part.map_err(BodyError::Broken)),
            Poll::Pending => {
                ready!(self.poll_too_slow(cx));
                Some(Err(BodyError::TooSlow))
            }
        };
        self.wait = None;
        self.failed = matches!(part, Some(Err(_)));
        Poll::Ready(part)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::Full;

    use super::*;

    /// A byte after each pause, so many of them, and then nothing more, not even the end.
    struct Dripping {
        pause: Duration,
        left: usize,
        sleep: Option<Pin<Box<Sleep>>>,
    }

    impl Body for Dripping {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            cx: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
            if self.left == 0 {
                return Poll::Pending;
            }
            let pause = self.pause;
            ready!(self.sleep.get_or_insert_with(|| Box::pin(tokio::time::sleep(pause))).as_mut().poll(cx));
            self.sleep = None;
            self.left -= 1;
            Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"x")))))
        }
    }

    /// The seconds after which reading fails, and the bytes read until then.
    async fn seconds_until_too_slow(pause: Duration, parts: usize) -> (u64, usize) {
        let started = Instant::now();
        let mut body = RequestBody::new(Dripping { pause, left: parts, sleep: None });
        let mut read = 0;
        loop {
            match body.frame().await {
                Some(Ok(_)) => read += 1,
                Some(Err(BodyError::TooSlow)) => break,
                other => panic!("unexpected {other:?}"),
            }
        }
        // What has failed is not waited for again.
        body.discard(false).await;
        (started.elapsed().as_secs(), read)
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_midway_is_ended() {
        let expected = (3 + PART_TIMEOUT.as_secs(), 3);
        assert_eq!(seconds_until_too_slow(Duration::from_secs(1), 3).await, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_ended_too() {
        let expected = (BODY_TIMEOUT.as_secs(), 10);
        assert_eq!(seconds_until_too_slow(Duration::from_secs(29), 1000).await, expected);
    }

    #[tokio::test]
    async fn a_body_in_time_is_read_to_its_end() {
        let body = RequestBody::new(Full::new(Bytes::from_static(b"abc")));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "abc");
    }
}
