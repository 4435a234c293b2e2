//! A request's body on its way to a backend.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::time::Instant;

use crate::message_body::{MessageBody, StreamError, StreamingBody};

/// What is sent to a backend.
#[derive(Debug)]
pub(super) enum SentBody {
    Whole(Bytes),
    Streaming { upload: StreamingBody, progress: Arc<UploadProgress> },
}

/// How far an upload has come. A backend's time does not run while its gateway waits for the client.
#[derive(Debug)]
pub(super) struct UploadProgress {
    started: Instant,
    /// Milliseconds from the start to the last part.
    last_part_ms: AtomicU64,
    waits_for_client: AtomicBool,
}

impl UploadProgress {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            started: Instant::now(),
            last_part_ms: AtomicU64::new(0),
            waits_for_client: AtomicBool::new(false),
        })
    }

    /// When the backend's time is up, given how much it has after the last part that it was sent.
    pub(super) fn deadline(&self, timeout: Duration) -> Instant {
        if self.waits_for_client.load(Ordering::Relaxed) {
            // The client has a time of its own, which its listener keeps.
            return Instant::now() + timeout;
        }
        self.started + Duration::from_millis(self.last_part_ms.load(Ordering::Relaxed)) + timeout
    }

    fn note(&self, waits_for_client: bool) {
        self.waits_for_client.store(waits_for_client, Ordering::Relaxed);
        if !waits_for_client {
            let elapsed = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
            self.last_part_ms.store(elapsed, Ordering::Relaxed);
        }
    }
}

impl SentBody {
    /// The progress of a body that is sent while it arrives.
    pub(super) fn progress(&self) -> Option<Arc<UploadProgress>> {
        match self {
            Self::Whole(_) => None,
            Self::Streaming { progress, .. } => Some(Arc::clone(progress)),
        }
    }
}

impl From<MessageBody> for SentBody {
    fn from(body: MessageBody) -> Self {
        match body {
            MessageBody::Whole(bytes) => Self::Whole(bytes),
            MessageBody::Streaming(upload) => Self::Streaming { upload, progress: UploadProgress::new() },
        }
    }
}

impl Body for SentBody {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        match self.get_mut() {
            Self::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Streaming { upload, progress } => {
                let part = Pin::new(upload).poll_frame(cx);
                progress.note(part.is_pending());
                part
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.is_empty(),
            Self::Streaming { upload, .. } => upload.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Streaming { upload, .. } => upload.size_hint(),
        }
    }
}
