//! One client's connection: which protocol it speaks, how many requests it may hold, and when it ends.
//!
//! Clients speak HTTP/1.1, or HTTP/2 without asking first ("prior knowledge"), which its first bytes tell. What a request gets is
//! the caller's business.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use execute_api::request::WrittenNames;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::{body::Incoming, rt::Executor, server::conn, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};

use super::{
    activity::{Activity, InFlight, Overdue},
    client_stream::ClientStream,
    header_names::{HEAD_BYTES_MAX, HeadTap},
};

/// What a client that speaks HTTP/2 says first (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How many bytes of an HTTP/1.1 connection's input are buffered at the most; a head must fit.
const BUFFER_BYTES_MAX: usize = HEAD_BYTES_MAX;
/// Requests that one HTTP/2 connection may have in flight.
const STREAMS_MAX: u32 = 100;
/// Bytes of an HTTP/2 request's head, counted as RFC 9113 counts them.
const HEADER_LIST_BYTES_MAX: u32 = 64 * 1024;
/// Streams that a client may open and reset before they are served; one that does so again and again is cut off.
const RESET_STREAMS_MAX: usize = 20;
/// How long an HTTP/2 request may take altogether: its body, its answer, and a client that does not open its window.
const STREAM_TIMEOUT: Duration = Duration::from_mins(15);
/// How many bytes of an answer HTTP/2 gets at a time: what it has been given is no longer under our limits.
const PIECE_BYTES_MAX: usize = 64 * 1024;
/// After so long without a sign of life, an HTTP/2 client is asked for one.
const PING_INTERVAL: Duration = Duration::from_mins(1);
/// How long it may take to give it.
const PING_TIMEOUT: Duration = Duration::from_secs(20);

/// Serves a connection until it ends, or is told to by `stopped`: then the requests in flight are the last ones.
///
/// `answer` gets each request with the names of its header fields as they were written, when they are known. The future that it
/// gives is moved, and an idle connection keeps the room for it: a large one belongs into a box.
pub(crate) async fn serve<T, A, F, B>(stream: T, answer: A, stopped: watch::Receiver<bool>)
where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    A: Fn(Request<Incoming>, Option<WrittenNames>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let activity = Activity::new();
    let mut stream = ClientStream::new(stream, Rc::clone(&activity));
    let mut stopping = stopped.clone();
    let is_http2 = tokio::select! {
        biased;
        // A client that goes without a word is no error.
        read = stream.starts_with(PREFACE) => match read { Ok(is_http2) => is_http2, Err(_) => return },
        _ = stopping.wait_for(|stop| *stop) => return,
        _ = activity.overdue() => return,
    };
    if is_http2 {
        activity.set_multiplexed();
        serve_http2(stream, answer, &activity, stopped).await;
    } else {
        serve_http1(stream, answer, &activity, stopped).await;
    }
}

async fn serve_http1<T, A, F, B>(
    stream: ClientStream<T>,
    answer: A,
    activity: &Rc<Activity>,
    stopped: watch::Receiver<bool>,
) where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    A: Fn(Request<Incoming>, Option<WrittenNames>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let (stream, names) = HeadTap::new(stream);
    let connection_activity = Rc::clone(activity);
    let service = service_fn(move |request| {
        let in_flight = connection_activity.begin();
        let answered = answer(request, names.next_head());
        async move { Ok::<_, Infallible>(answered.await.map(|body| AnswerBody::whole(body, in_flight))) }
    });
    let connection = conn::http1::Builder::new()
        // A head's time is counted here, without a timer for each.
        .header_read_timeout(None)
        .max_buf_size(BUFFER_BYTES_MAX)
        .serve_connection(stream, service);
    drive(connection, conn::http1::Connection::graceful_shutdown, activity, stopped).await;
}

async fn serve_http2<T, A, F, B>(
    stream: ClientStream<T>,
    answer: A,
    activity: &Rc<Activity>,
    stopped: watch::Receiver<bool>,
) where
    T: AsyncRead + AsyncWrite + Unpin + 'static,
    A: Fn(Request<Incoming>, Option<WrittenNames>) -> F + 'static,
    F: Future<Output = Response<B>> + 'static,
    B: Body<Data = Bytes> + Unpin + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let connection_activity = Rc::clone(activity);
    let service = service_fn(move |request| {
        let in_flight = connection_activity.begin();
        let answered = answer(request, None);
        async move { Ok::<_, Infallible>(answered.await.map(|body| AnswerBody::in_pieces(body, in_flight))) }
    });
    let connection = conn::http2::Builder::new(StreamExecutor)
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADER_LIST_BYTES_MAX)
        .max_pending_accept_reset_streams(RESET_STREAMS_MAX)
        .keep_alive_interval(PING_INTERVAL)
        .keep_alive_timeout(PING_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    drive(connection, conn::http2::Connection::graceful_shutdown, activity, stopped).await;
}

/// Runs a connection to its end. One that is idle, or is told to stop, ends as its protocol has it; one that is stuck is dropped.
async fn drive<C>(connection: C, end: fn(Pin<&mut C>), activity: &Activity, mut stopped: watch::Receiver<bool>)
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = std::pin::pin!(connection);
    let mut is_ending = false;
    loop {
        tokio::select! {
            // What has arrived is looked at before the order to stop: a request that was sent in time is answered.
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection ended early");
                }
                return;
            }
            _ = stopped.wait_for(|stop| *stop), if !is_ending => {}
            overdue = activity.overdue() => {
                if is_ending || overdue != Overdue::Idle {
                    tracing::debug!(?overdue, "a connection that is stuck is cut");
                    return;
                }
            }
        }
        is_ending = true;
        end(connection.as_mut());
    }
}

/// Runs the streams of HTTP/2 connections on the connection's own thread.
#[derive(Debug, Clone, Copy)]
struct StreamExecutor;

impl<F: Future<Output = ()> + 'static> Executor<F> for StreamExecutor {
    fn execute(&self, stream: F) {
        // The task ends with its connection, and with its time.
        tokio::task::spawn_local(tokio::time::timeout(STREAM_TIMEOUT, stream));
    }
}

/// What a future gives, unless it, or what begins it, panics: a fault in the answer to one request is no other request's misfortune.
pub(crate) fn unless_panicked<F: Future>(
    begin: impl FnOnce() -> Pin<Box<F>>,
) -> impl Future<Output = Option<F::Output>> {
    let mut future = catch_unwind(AssertUnwindSafe(begin)).ok();
    std::future::poll_fn(move |cx| {
        let Some(future) = &mut future else { return Poll::Ready(None) };
        // What a panic leaves half done is dropped and never polled again.
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Some),
            Err(_) => Poll::Ready(None),
        }
    })
}

/// An answer's body, whose request is in flight as long as it is there.
#[derive(Debug)]
struct AnswerBody<B> {
    body: B,
    piece_bytes_max: usize,
    /// What is left of a part that was larger than a piece.
    rest: Bytes,
    _in_flight: InFlight,
}

impl<B> AnswerBody<B> {
    fn whole(body: B, in_flight: InFlight) -> Self {
        Self { body, piece_bytes_max: usize::MAX, rest: Bytes::new(), _in_flight: in_flight }
    }

    fn in_pieces(body: B, in_flight: InFlight) -> Self {
        Self { piece_bytes_max: PIECE_BYTES_MAX, ..Self::whole(body, in_flight) }
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for AnswerBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        if self.rest.is_empty() {
            match ready!(Pin::new(&mut self.body).poll_frame(cx)).map(|frame| frame.map(Frame::into_data)) {
                Some(Ok(Ok(data))) => self.rest = data,
                Some(Ok(Err(other))) => return Poll::Ready(Some(Ok(other))),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
        let piece = self.rest.len().min(self.piece_bytes_max);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(piece)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (rest, body) = (self.rest.len() as u64, self.body.size_hint());
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower() + rest);
        if let Some(upper) = body.upper() {
            hint.set_upper(upper + rest);
        }
        hint
    }
}

#[cfg(test)]
mod tests;
