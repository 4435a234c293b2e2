//! The bytes of a connection to a backend.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream on which a failed write is not the end.
///
/// A backend that refuses an upload answers and closes before it has read everything. What is sent then fails, while the answer
/// still waits to be read; so the failure is kept quiet, and reading tells how the connection ends.
#[derive(Debug)]
pub(super) struct BackendStream<S> {
    stream: S,
    is_refused: bool,
}

impl<S> BackendStream<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, is_refused: false }
    }

    /// Takes note of a write that failed because the backend has closed. Nothing more is written from then on.
    fn noted(&mut self, cx: &Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match &written {
            Poll::Ready(Err(error)) if is_closed(error) => {
                self.is_refused = true;
                // Reading comes next, which may have found nothing before the backend closed.
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Poll::Ready(_) | Poll::Pending => written,
        }
    }
}

fn is_closed(error: &io::Error) -> bool {
    [io::ErrorKind::BrokenPipe, io::ErrorKind::ConnectionReset, io::ErrorKind::ConnectionAborted]
        .contains(&error.kind())
}

impl<S: AsyncRead + Unpin> AsyncRead for BackendStream<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for BackendStream<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.is_refused {
            return Poll::Pending;
        }
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.noted(cx, written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_refused {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_refused {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.is_refused {
            return Poll::Pending;
        }
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.noted(cx, written)
    }
}
