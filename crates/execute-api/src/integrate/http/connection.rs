//! One HTTP/1.1 connection to a backend.
//!
//! Nobody but the request that uses it drives a connection: there is no task per connection, hence no hand-over between tasks,
//! and whoever drops the request closes the connection with it.

use std::{
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll},
};

use http::{Request, Response};
use hyper::{
    body::Incoming,
    client::conn::{
        TrySendError,
        http1::{Builder, SendRequest},
    },
};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use super::{stream::BackendStream, upload::SentBody};

/// The largest response head that is read, in bytes.
const HEAD_BYTES_MAX: usize = 64 * 1024;
/// What is read at a time, in bytes.
const BUFFER_BYTES_MAX: usize = 64 * 1024;

/// A connection and the requests that go over it, one after the other.
pub(super) struct Connection {
    sender: SendRequest<SentBody>,
    /// Reads and writes; absent once the connection has ended.
    driver: Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection").field("ended", &self.driver.is_none()).finish_non_exhaustive()
    }
}

impl Connection {
    /// Speaks HTTP over a stream. Nothing is sent yet.
    pub(super) async fn open<S>(stream: S) -> hyper::Result<Self>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let mut builder = Builder::new();
        builder.max_buf_size(BUFFER_BYTES_MAX).max_header_size(HEAD_BYTES_MAX);
        // The parser keeps names in lower case; capitals at word starts are how clients write nearly all of them.
        builder.title_case_headers(true);
        let (sender, connection) = builder.handshake(TokioIo::new(BackendStream::new(stream))).await?;
        Ok(Self { sender, driver: Some(Box::pin(connection)) })
    }

    /// Whether the next request may go over the connection: it is open, the last request was sent and its answer read to the end.
    pub(super) async fn is_reusable(&mut self) -> bool {
        poll_fn(|cx| {
            self.drive(cx);
            Poll::Ready(self.is_clean())
        })
        .await
    }

    /// Whether the last request was sent and its answer read to the end, as of the last [`Connection::drive`].
    pub(super) fn is_clean(&self) -> bool {
        self.driver.is_some() && self.sender.is_ready()
    }

    /// Sends a request and waits for the head of its answer. An error that holds the request tells that nothing was sent.
    pub(super) async fn exchange(
        &mut self,
        request: Request<SentBody>,
    ) -> Result<Response<Incoming>, TrySendError<Request<SentBody>>> {
        let mut response = pin!(self.sender.try_send_request(request));
        let driver = &mut self.driver;
        poll_fn(|cx| {
            drive(driver, cx);
            response.as_mut().poll(cx)
        })
        .await
    }

    /// Reads and writes as far as possible.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        drive(&mut self.driver, cx);
    }
}

fn drive(driver: &mut Option<Pin<Box<dyn Future<Output = hyper::Result<()>> + Send>>>, cx: &mut Context<'_>) {
    let Some(connection) = driver else { return };
    if let Poll::Ready(ended) = connection.as_mut().poll(cx) {
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection to an HTTP backend ended");
        }
        *driver = None;
    }
}
