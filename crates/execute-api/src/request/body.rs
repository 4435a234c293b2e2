//! A request's body: read whole, within the limit, and out of its content coding; or passed on while it arrives.
//!
//! What a proxy to an HTTP backend need not read goes on as it comes, untouched, so that a large upload costs no memory. Everything
//! else is read to its end before anything happens with it.

use std::{
    io::Read,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::header;
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt as _;

use crate::{
    Failure,
    message_body::{MessageBody, StreamError, StreamingBody, TransferMode, read_to_end},
    route::Routed,
    stage::Backend,
    throttle::Admitted,
    trace::Trace,
};

/// Bytes of a request's body, as sent and as decoded: the quota "Payload size" of API Gateway.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;
/// A body that says to be no longer is read whole even if it could be passed on while it arrives: that is cheaper, and a client
/// that breaks off leaves no trace at the backend.
const PASSED_BYTES_MIN: u64 = 64 * 1024;

/// An admitted request with its body.
#[derive(Debug)]
pub(crate) struct Received<'r> {
    pub(crate) routed: &'r Routed<'r>,
    /// The body, without its content coding; streaming only if nothing on the way to the backend reads it.
    pub(crate) body: MessageBody,
}

impl<'r> Received<'r> {
    /// An admitted request whose body is at hand.
    pub(crate) fn whole(admitted: Admitted<'r>, body: Bytes) -> Self {
        Self { routed: admitted.routed(), body: body.into() }
    }

    /// What has been read of the body: all of it, or nothing.
    pub(crate) fn read(&self) -> &[u8] {
        self.body.as_whole().map_or(&[], |bytes| bytes)
    }
}

/// Reads the body of an admitted request, or prepares it for being passed on.
pub(crate) async fn receive<'r, B>(admitted: Admitted<'r>, body: B, trace: &Trace) -> Result<Received<'r>, Failure>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
{
    let routed = admitted.routed();
    let size = body.size_hint();
    if size.lower() > BODY_BYTES_MAX as u64 {
        return Err(Failure::RequestTooLarge { limit: BODY_BYTES_MAX });
    }
    let is_short = size.exact().is_some_and(|bytes| bytes < PASSED_BYTES_MIN);
    let coding = routed.head.headers.value_of(&header::CONTENT_ENCODING);
    let is_coded = coding.as_deref().is_some_and(|coding| !coding.trim().eq_ignore_ascii_case("identity"));
    if !is_short && !is_coded && !trace.is_recording() && passes_unread(routed) {
        let upload = StreamingBody::new(Upload { body, bytes: 0 }, TransferMode::Stream);
        return Ok(Received { routed, body: MessageBody::Streaming(upload) });
    }
    let body = if body.is_end_stream() { Bytes::new() } else { Box::pin(read(body)).await? };
    let body = match coding {
        Some(coding) => decode(body, &coding)?,
        None => body,
    };
    Ok(Received { routed, body: body.into() })
}

/// Whether nothing between here and the backend reads the body.
fn passes_unread(routed: &Routed<'_>) -> bool {
    let Ok(integration) = &routed.method.integration else { return false };
    match &integration.backend {
        Backend::HttpProxy(target, parameters) => {
            let content_type = routed.head.headers.value_of(&header::CONTENT_TYPE);
            let kind = routed.stage.binary_media_types.kind_of(content_type.as_deref());
            !kind.is_changed_by(target.content_handling)
                && !parameters.reads_body()
                && !routed.method.validation.reads_body()
        }
        Backend::Mock(_)
        | Backend::LambdaProxy(_)
        | Backend::LambdaStream { .. }
        | Backend::Lambda(..)
        | Backend::AwsService(..)
        | Backend::Http(..) => false,
    }
}

/// A body that is passed on while it arrives.
struct Upload<B> {
    body: B,
    bytes: usize,
}

impl<B: Body<Data = Bytes> + Unpin> Body for Upload<B> {
    type Data = Bytes;
    type Error = StreamError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, StreamError>>> {
        loop {
            let frame = match ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Ok(frame)) => frame,
                Some(Err(_)) => {
                    let detail = "the request body could not be read".to_owned();
                    return Poll::Ready(Some(Err(StreamError::Broken { detail })));
                }
            };
            // Trailers are for the gateway, which has no use for them.
            let Some(part) = frame.data_ref() else { continue };
            self.bytes += part.len();
            if self.bytes > BODY_BYTES_MAX {
                return Poll::Ready(Some(Err(StreamError::TooLarge { limit: BODY_BYTES_MAX })));
            }
            return Poll::Ready(Some(Ok(frame)));
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

async fn read<B: Body<Data = Bytes>>(body: B) -> Result<Bytes, Failure> {
    let body = body.map_err(|_| Failure::BodyUnreadable);
    read_to_end(body, BODY_BYTES_MAX, || Failure::RequestTooLarge { limit: BODY_BYTES_MAX }).await
}

fn decode(body: Bytes, coding: &str) -> Result<Bytes, Failure> {
    if body.is_empty() {
        return Ok(body);
    }
    match coding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body),
        "gzip" | "x-gzip" => inflate(MultiGzDecoder::new(&body[..])),
        // Senders disagree on whether the zlib wrapper belongs to "deflate"; its first byte tells.
        "deflate" if body[0] & 0x0f == 8 => inflate(ZlibDecoder::new(&body[..])),
        "deflate" => inflate(DeflateDecoder::new(&body[..])),
        _ => Err(Failure::UnsupportedMediaType),
    }
}

fn inflate(decoder: impl Read) -> Result<Bytes, Failure> {
    let mut plain = Vec::new();
    let limit = BODY_BYTES_MAX as u64 + 1;
    decoder.take(limit).read_to_end(&mut plain).map_err(|_| Failure::UnsupportedMediaType)?;
    if plain.len() > BODY_BYTES_MAX {
        return Err(Failure::RequestTooLarge { limit: BODY_BYTES_MAX });
    }
    Ok(plain.into())
}
