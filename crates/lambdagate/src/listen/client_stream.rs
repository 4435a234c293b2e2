//! A client's byte stream, with what was read ahead of it, and with an eye on who keeps whom waiting.

use std::{
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use bytes::{Buf as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

use super::activity::Activity;

/// How many bytes are read at first, to see which protocol the client speaks.
const AHEAD_BYTES_MAX: usize = 4096;

/// A stream that notes its activity.
#[derive(Debug)]
pub(crate) struct ClientStream<T> {
    stream: T,
    /// Read, but not passed on yet.
    ahead: Bytes,
    activity: Rc<Activity>,
}

impl<T: AsyncRead + Unpin> ClientStream<T> {
    /// A stream of which nothing has been read.
    pub(crate) fn new(stream: T, activity: Rc<Activity>) -> Self {
        Self { stream, ahead: Bytes::new(), activity }
    }

    /// Whether the stream starts with these bytes; waits until that can be told. What was read is read again.
    pub(crate) async fn starts_with(&mut self, expected: &[u8]) -> io::Result<bool> {
        let mut read = BytesMut::with_capacity(AHEAD_BYTES_MAX);
        let starts = loop {
            let count = self.stream.read_buf(&mut read).await?;
            let common = expected.len().min(read.len());
            let differs = read[..common] != expected[..common];
            if differs || count == 0 || common == expected.len() {
                break !differs && common == expected.len();
            }
        };
        self.ahead = read.freeze();
        Ok(starts)
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for ClientStream<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.ahead.is_empty() {
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
            if buffer.filled().len() > before {
                this.activity.on_read();
            }
        } else {
            let count = this.ahead.len().min(buffer.remaining());
            buffer.put_slice(&this.ahead[..count]);
            this.ahead.advance(count);
            if this.ahead.is_empty() {
                // Gives the memory back, which a connection may outlive by far.
                this.ahead = Bytes::new();
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for ClientStream<T> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.activity.on_write(bytes.len(), &outcome);
        outcome
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let outcome = Pin::new(&mut this.stream).poll_write_vectored(cx, slices);
        this.activity.on_write(slices.iter().map(|slice| slice.len()).sum(), &outcome);
        outcome
    }
}
