//! A request's body, which must arrive in time, and which is read to its end after the answer is known.
//!
//! A client that stops in the middle of a body would hold its connection, and what was read so far, for ever: each part must
//! follow the one before within a while, and the whole must not take too long either.
//!
//! A server that closes a connection with unread bytes makes the network drop its answer: the client sees a reset instead of the
//! 413 that it should read. So what an answer left unread is read and thrown away, within limits. Whoever answers has the body on
//! loan for that ([`LentBody`]): a backend may still be taking it while its answer is already on the way ([`Remainder`]).

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use execute_api::message_body::{MessageBody, StreamError, StreamingBody};
use http::Response;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::{
    sync::oneshot,
    time::{Instant, Sleep},
};

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
struct RequestBody<B> {
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

/// A body on loan: dropped, what is left of it goes back to the listener.
#[derive(Debug)]
pub(crate) struct LentBody<B = Incoming> {
    /// Absent only while it is being dropped.
    body: Option<RequestBody<B>>,
    /// Absent for a body without a byte, of which nothing can be left.
    back: Option<oneshot::Sender<RequestBody<B>>>,
}

/// What is left of a body that was lent, once it comes back.
#[derive(Debug)]
pub(crate) struct Remainder<B = Incoming> {
    back: Option<oneshot::Receiver<RequestBody<B>>>,
    /// Whether the client waits for `100 Continue`.
    waits: bool,
}

/// Lends a body of which nothing has been read. A client that waits for `100 Continue` (`waits`) is given it when somebody reads.
pub(crate) fn lend<B: Body>(incoming: B, waits: bool) -> (LentBody<B>, Remainder<B>) {
    let (back, returned) = if incoming.is_end_stream() {
        (None, None)
    } else {
        let (back, returned) = oneshot::channel();
        (Some(back), Some(returned))
    };
    (LentBody { body: Some(RequestBody::new(incoming)), back }, Remainder { back: returned, waits })
}

impl<B> Remainder<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + 'static,
{
    /// Whether nothing can be left of the body, because it has none.
    pub(crate) fn is_settled(&self) -> bool {
        self.back.is_none()
    }

    /// Sees to it that nothing of the request is left unread when its response ends.
    pub(crate) async fn settle(mut self, response: Response<MessageBody>) -> Response<MessageBody> {
        let Some(back) = &mut self.back else { return response };
        let (head, body) = response.into_parts();
        let body = match body {
            MessageBody::Whole(_) => {
                self.discard().await;
                body
            }
            // Whoever streams may still be reading the request; if not, nobody ever will.
            MessageBody::Streaming(streaming) => match back.try_recv() {
                Err(oneshot::error::TryRecvError::Closed) => MessageBody::Streaming(streaming),
                Ok(body) => {
                    let (again, returned) = oneshot::channel();
                    // The receiver is at hand, so this cannot fail.
                    let _ = again.send(body);
                    self.back = Some(returned);
                    settling(streaming, self)
                }
                Err(oneshot::error::TryRecvError::Empty) => settling(streaming, self),
            },
        };
        Response::from_parts(head, body)
    }

    async fn discard(self) {
        let Some(back) = self.back else { return };
        if let Ok(mut body) = back.await {
            body.discard(self.waits).await;
        }
    }
}

fn settling<B>(body: StreamingBody, remainder: Remainder<B>) -> MessageBody
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + 'static,
{
    let mode = body.mode();
    let settling = Settling { body: MessageBody::Streaming(body), place: Place::Passing(remainder) };
    MessageBody::Streaming(StreamingBody::new(settling, mode))
}

/// A response before whose end what is left of its request is read.
struct Settling<B> {
    body: MessageBody,
    place: Place<B>,
}

enum Place<B> {
    /// The response is being passed on.
    Passing(Remainder<B>),
    /// The response's last part waits until the request has been read.
    Discarding { last: Option<Frame<Bytes>>, discarding: Pin<Box<dyn Future<Output = ()> + Send>> },
    /// All is done.
    Done,
}

impl<B> Body for Settling<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: std::error::Error + 'static,
{
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        let this = self.get_mut();
        if let Place::Passing(_) = this.place {
            let last = match ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) if this.body.is_end_stream() => Some(frame),
                None => None,
                part @ Some(_) => return Poll::Ready(part),
            };
            // With the response goes whatever still holds the request.
            this.body = MessageBody::empty();
            if let Place::Passing(remainder) = std::mem::replace(&mut this.place, Place::Done) {
                this.place = Place::Discarding { last, discarding: Box::pin(remainder.discard()) };
            }
        }
        match &mut this.place {
            Place::Discarding { last, discarding } => {
                ready!(discarding.as_mut().poll(cx));
                let last = last.take();
                this.place = Place::Done;
                Poll::Ready(last.map(Ok))
            }
            Place::Passing(_) | Place::Done => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self.place, Place::Done)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Body for LentBody<B>
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
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        Pin::new(body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint)
    }
}

impl<B> Drop for LentBody<B> {
    fn drop(&mut self) {
        if let (Some(body), Some(back)) = (self.body.take(), self.back.take()) {
            // A listener that has gone wants nothing back.
            let _ = back.send(body);
        }
    }
}

impl<B> RequestBody<B> {
    /// A body of which nothing has been read.
    fn new(incoming: B) -> Self {
        Self { incoming, begun: false, failed: false, deadline: None, wait: None }
    }
}

impl<B> RequestBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + 'static,
{
    /// Reads what is left and forgets it. A client that waits for `100 Continue` (`waits`) and has not been given it sends nothing,
    /// so nothing is read.
    async fn discard(&mut self, waits: bool) {
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
