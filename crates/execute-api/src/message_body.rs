//! A response's body on its way to the client: whole, or as its backend sends it.
//!
//! Most bodies are whole, and cost neither a box nor a task. A streaming one comes from an HTTP backend or from a function that
//! streams; whoever needs all of it (compression, the cache, a log of payloads) gathers it, within a limit. One that fails midway
//! must never look complete: its error reaches the listener, which breaks the connection off. Developer Guide, "Stream the
//! integration response for your proxy integrations in API Gateway".

use std::{
    fmt,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;

use crate::Failure;

/// A body that is whole, or comes as it is sent.
#[derive(Debug)]
pub enum MessageBody {
    /// All of it.
    Whole(Bytes),
    /// What its source sends, when it sends it.
    Streaming(StreamingBody),
}

/// A body whose source is still sending it.
pub struct StreamingBody {
    body: Pin<Box<dyn Body<Data = Bytes, Error = StreamError> + Send>>,
    mode: TransferMode,
}

/// What an integration's `responseTransferMode` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TransferMode {
    /// The response as a whole. It may be passed on while it arrives as long as nobody can tell, and may be gathered.
    #[default]
    Buffered,
    /// Each part as it comes: never gathered, nor compressed, cached or transformed.
    Stream,
}

/// Why a body ends before its end. The client sees a connection that broke off.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamError {
    /// The source broke off.
    #[error("the response broke off: {detail}")]
    Broken {
        /// What happened, for the operator.
        detail: String,
    },
    /// The source sent more than passes.
    #[error("the response exceeds {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The source took longer than it may, or paused for too long.
    #[error("the response did not arrive within {limit_ms} ms")]
    TooSlow {
        /// The time that it had, in milliseconds.
        limit_ms: u64,
    },
}

impl StreamingBody {
    /// A body of which nothing has been read.
    pub fn new(body: impl Body<Data = Bytes, Error = StreamError> + Send + 'static, mode: TransferMode) -> Self {
        Self { body: Box::pin(body), mode }
    }

    /// Whether the body may be gathered, or must pass part by part.
    #[must_use]
    pub fn mode(&self) -> TransferMode {
        self.mode
    }
}

impl Body for StreamingBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        self.body.as_mut().poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl fmt::Debug for StreamingBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamingBody").field("mode", &self.mode).finish_non_exhaustive()
    }
}

impl MessageBody {
    /// A body without a byte.
    #[must_use]
    pub const fn empty() -> Self {
        Self::Whole(Bytes::new())
    }

    /// The body, unless it is still being sent.
    #[must_use]
    pub fn as_whole(&self) -> Option<&Bytes> {
        match self {
            Self::Whole(bytes) => Some(bytes),
            Self::Streaming(_) => None,
        }
    }

    /// Reads a body to its end, so that it is whole, and shows it.
    ///
    /// # Errors
    /// [`StreamError::TooLarge`] when it has more bytes than `bytes_max`, or what its source fails with. The body is spent then.
    pub async fn gather(&mut self, bytes_max: usize) -> Result<&Bytes, StreamError> {
        if let Self::Streaming(streaming) = self {
            let whole = read_to_end(streaming.body.as_mut(), bytes_max, || StreamError::TooLarge { limit: bytes_max });
            *self = Self::Whole(whole.await?);
        }
        match self {
            Self::Whole(bytes) if bytes.len() <= bytes_max => Ok(bytes),
            Self::Whole(_) | Self::Streaming(_) => Err(StreamError::TooLarge { limit: bytes_max }),
        }
    }
}

/// Reads a body of at most so many bytes to its end. One that comes in a single piece is not copied.
pub(crate) async fn read_to_end<B, E>(body: B, bytes_max: usize, too_large: impl Fn() -> E) -> Result<Bytes, E>
where
    B: Body<Data = Bytes>,
    E: From<B::Error>,
{
    if body.is_end_stream() {
        return Ok(Bytes::new());
    }
    if body.size_hint().lower() > bytes_max as u64 {
        return Err(too_large());
    }
    let mut body = pin!(body);
    let mut first = Bytes::new();
    let mut joined: Option<BytesMut> = None;
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        if first.len().max(joined.as_ref().map_or(0, BytesMut::len)) + data.len() > bytes_max {
            return Err(too_large());
        }
        if first.is_empty() {
            first = data;
        } else {
            joined.get_or_insert_with(|| BytesMut::from(&first[..])).extend_from_slice(&data);
        }
    }
    Ok(joined.map_or(first, BytesMut::freeze))
}

impl Body for MessageBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Streaming(streaming) => Pin::new(streaming).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Streaming(streaming) => streaming.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Streaming(streaming) => streaming.size_hint(),
        }
    }
}

impl Default for MessageBody {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Bytes> for MessageBody {
    fn from(bytes: Bytes) -> Self {
        Self::Whole(bytes)
    }
}

impl From<String> for MessageBody {
    fn from(text: String) -> Self {
        Self::Whole(text.into())
    }
}

impl From<StreamError> for Failure {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Broken { detail } => Self::IntegrationFailure { detail },
            StreamError::TooLarge { limit } => Self::ResponseTooLarge { limit },
            StreamError::TooSlow { limit_ms } => {
                Self::IntegrationTimeout { timeout_ms: u32::try_from(limit_ms).unwrap_or(u32::MAX) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
