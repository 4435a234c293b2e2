//! The answer of InvokeWithResponseStream: the function's response as messages of `application/vnd.amazon.eventstream`.
//!
//! Each piece of the response is a `PayloadChunk`; `InvokeComplete` ends the stream and says whether the function failed, since
//! the status was sent long before. AWS: Lambda API reference, "InvokeWithResponseStream".

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::{BufMut, Bytes, BytesMut};
use http_body::{Body, Frame};
use serde_json::{Map, Value, json};

use crate::failure::Failure;
use crate::runner::{FunctionError, InvokeError, Outcome, ResponsePiece, ResponseStream};

/// The content type of the answer.
pub(crate) const CONTENT_TYPE: &str = "application/vnd.amazon.eventstream";

/// The type of a header whose value is text.
const TEXT: u8 = 7;
/// Total length, length of the headers, and the checksum of both.
const PRELUDE_BYTES: usize = 12;
const CHECKSUM_BYTES: usize = 4;

/// The body that a function fills while it runs.
#[derive(Debug)]
pub(crate) struct EventStream {
    response: ResponseStream,
}

impl EventStream {
    pub(crate) fn new(response: ResponseStream) -> Self {
        Self { response }
    }
}

impl Body for EventStream {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let piece = ready!(self.response.poll_next(context));
        Poll::Ready(piece.map(|piece| {
            Ok(Frame::data(match piece {
                Ok(ResponsePiece::Data(data)) => message("PayloadChunk", "application/octet-stream", &data),
                Ok(ResponsePiece::End(outcome)) => message("InvokeComplete", "application/json", &complete(&outcome)),
                Err(error) => message("InvokeComplete", "application/json", &refused(error)),
            }))
        }))
    }
}

/// What the last message says.
fn complete(outcome: &Outcome) -> Vec<u8> {
    let mut members = Map::new();
    if outcome.function_error.is_some() {
        members.insert("ErrorCode".to_owned(), FunctionError::HEADER_VALUE.into());
        members.insert("ErrorDetails".to_owned(), String::from_utf8_lossy(&outcome.payload).into());
    }
    if let Some(tail) = &outcome.log_tail {
        members.insert("LogResult".to_owned(), STANDARD.encode(tail).into());
    }
    Value::from(members).to_string().into_bytes()
}

/// The end of a stream whose invocation has none.
fn refused(error: InvokeError) -> Vec<u8> {
    let failure = Failure::from(error);
    json!({"ErrorCode": failure.error_type(), "ErrorDetails": failure.document().to_string()}).to_string().into_bytes()
}

/// A message: its lengths with their checksum, its headers, its payload, and the checksum of all of it.
fn message(event_type: &str, content_type: &str, payload: &[u8]) -> Bytes {
    let headers = [(":event-type", event_type), (":content-type", content_type), (":message-type", "event")];
    let headers_len: usize = headers.iter().map(|(name, value)| 1 + name.len() + 1 + 2 + value.len()).sum();
    let len = PRELUDE_BYTES + headers_len + payload.len() + CHECKSUM_BYTES;
    let mut message = BytesMut::with_capacity(len);
    // A piece is far smaller than 4 GiB, and a header than 64 KiB.
    message.put_u32(u32::try_from(len).unwrap_or(u32::MAX));
    message.put_u32(u32::try_from(headers_len).unwrap_or(u32::MAX));
    message.put_u32(crc32fast::hash(&message));
    for (name, value) in headers {
        message.put_u8(u8::try_from(name.len()).unwrap_or(u8::MAX));
        message.put_slice(name.as_bytes());
        message.put_u8(TEXT);
        message.put_u16(u16::try_from(value.len()).unwrap_or(u16::MAX));
        message.put_slice(value.as_bytes());
    }
    message.put_slice(payload);
    message.put_u32(crc32fast::hash(&message));
    message.freeze()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vectors of the format's description: the checksums are those of CRC-32 as zlib has it.
    #[test]
    fn a_message_has_its_lengths_and_checksums() {
        let message = message("PayloadChunk", "text/plain", b"abc");
        let number = |at: usize| u32::from_be_bytes(message[at..at + 4].try_into().unwrap());
        assert_eq!(number(0) as usize, message.len());
        let headers = b"\x0b:event-type\x07\x00\x0cPayloadChunk\x0d:content-type\x07\x00\x0atext/plain\x0d:message-type\x07\x00\x05event";
        assert_eq!(number(4) as usize, headers.len());
        assert_eq!(number(8), crc32fast::hash(&message[..8]));
        assert_eq!(&message[12..12 + headers.len()], headers);
        assert_eq!(&message[12 + headers.len()..message.len() - 4], b"abc");
        assert_eq!(number(message.len() - 4), crc32fast::hash(&message[..message.len() - 4]));
        // The check value that every description of this checksum gives.
        assert_eq!(crc32fast::hash(b"123456789"), 0xCBF4_3926);
    }
}
