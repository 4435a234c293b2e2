//! A response that its caller gets while the function still writes it.
//!
//! The Runtime API's handler passes each piece on through a bounded channel, so that a slow caller slows the function down and
//! nothing else; how the invocation ended follows when the last piece is through. A caller that goes away closes the channel:
//! the function runs on, and what it still writes is thrown away, as AWS does.
//!
//! AWS: Lambda Developer Guide, "Response streaming for Lambda functions".

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};

use super::outcome::{InvokeError, Outcome};

/// Pieces that may wait for the caller. A piece is what one read of the worker's connection gave, at most 400 KiB or so.
const PIECES_WAITING_MAX: usize = 8;

/// Where an invocation's end is told, and its response on the way there if the caller wants it as it comes.
pub(super) struct Reply {
    outcome: oneshot::Sender<Result<Outcome, InvokeError>>,
    pieces: Option<mpsc::Sender<Bytes>>,
}

impl Reply {
    /// For a caller that waits for the whole response.
    pub(super) fn whole() -> (Self, oneshot::Receiver<Result<Outcome, InvokeError>>) {
        let (outcome, answer) = oneshot::channel();
        (Self { outcome, pieces: None }, answer)
    }

    /// For a caller that takes the response piece by piece.
    pub(super) fn streaming() -> (Self, ResponseStream) {
        let (outcome, end) = oneshot::channel();
        let (sender, pieces) = mpsc::channel(PIECES_WAITING_MAX);
        let stream = ResponseStream { seen: None, pieces, end: Some(end), ended: None };
        (Self { outcome, pieces: Some(sender) }, stream)
    }

    /// The way for pieces, once: the first answer that a runtime begins has it.
    pub(super) fn take_pieces(&mut self) -> Option<mpsc::Sender<Bytes>> {
        self.pieces.take()
    }

    /// Tells the end. A caller that went away needs no answer.
    pub(super) fn send(self, outcome: Result<Outcome, InvokeError>) {
        let _ = self.outcome.send(outcome);
    }
}

/// The response of a function that was called by [`Runner::invoke_streaming`](super::Runner::invoke_streaming).
///
/// Dropping it does not stop the function.
#[derive(Debug)]
pub struct ResponseStream {
    /// The piece by which the caller learnt that there is a response.
    seen: Option<Bytes>,
    pieces: mpsc::Receiver<Bytes>,
    end: Option<oneshot::Receiver<Result<Outcome, InvokeError>>>,
    /// The end, when it is known and has not been handed out.
    ended: Option<Outcome>,
}

/// What a response stream brings.
#[derive(Debug)]
pub enum ResponsePiece {
    /// Some bytes of the response, never none.
    Data(Bytes),
    /// The end of the invocation, always last. Its payload is empty if the function succeeded, else the error object; data that
    /// came before is then the beginning of a response that was never finished.
    End(Outcome),
}

impl ResponseStream {
    /// Waits until the function has begun to answer or the invocation is over.
    pub(super) async fn begun(mut self) -> Result<Self, InvokeError> {
        match std::future::poll_fn(|context| self.poll_next(context)).await.transpose()? {
            Some(ResponsePiece::Data(data)) => self.seen = Some(data),
            Some(ResponsePiece::End(outcome)) => self.ended = Some(outcome),
            None => {}
        }
        Ok(self)
    }

    /// The next piece; `None` after the end.
    ///
    /// # Errors
    ///
    /// When the runner went down before the invocation had an end. Nothing follows.
    pub fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<ResponsePiece, InvokeError>>> {
        if let Some(data) = self.seen.take() {
            return Poll::Ready(Some(Ok(ResponsePiece::Data(data))));
        }
        if let Some(outcome) = self.ended.take() {
            return Poll::Ready(Some(Ok(ResponsePiece::End(outcome))));
        }
        if let Some(data) = ready!(self.pieces.poll_recv(context)) {
            return Poll::Ready(Some(Ok(ResponsePiece::Data(data))));
        }
        let Some(end) = &mut self.end else { return Poll::Ready(None) };
        let outcome = ready!(Pin::new(end).poll(context));
        self.end = None;
        let mut outcome = match outcome.unwrap_or(Err(InvokeError::ShuttingDown)) {
            Ok(outcome) => outcome,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        if outcome.function_error.is_none() && !outcome.payload.is_empty() {
            // A function that does not stream has answered at once: its answer is the only piece.
            let payload = std::mem::take(&mut outcome.payload);
            self.ended = Some(outcome);
            return Poll::Ready(Some(Ok(ResponsePiece::Data(payload))));
        }
        Poll::Ready(Some(Ok(ResponsePiece::End(outcome))))
    }
}
