//! A request's body: read whole, within the limit, and out of its content coding.

use std::io::Read;

use bytes::Bytes;
use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http_body::Body;
use http_body_util::BodyExt as _;

use crate::{Failure, message_body::read_to_end, route::Routed, throttle::Admitted};

/// Bytes of a request's body, as sent and as decoded: the quota "Payload size" of API Gateway.
pub const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// An admitted request with its body.
#[derive(Debug)]
pub(crate) struct Received<'r> {
    pub(crate) routed: &'r Routed<'r>,
    /// The body, without its content coding.
    pub(crate) body: Bytes,
}

impl<'r> Received<'r> {
    /// An admitted request whose body is at hand.
    pub(crate) fn whole(admitted: Admitted<'r>, body: Bytes) -> Self {
        Self { routed: admitted.routed(), body }
    }
}

/// Reads the body of an admitted request.
pub(crate) async fn receive<B>(admitted: Admitted<'_>, body: B) -> Result<Received<'_>, Failure>
where
    B: Body<Data = Bytes>,
{
    let routed = admitted.routed();
    let body = read(body).await?;
    let body = match routed.head.headers.get("content-encoding") {
        Some(coding) => decode(body, &coding)?,
        None => body,
    };
    Ok(Received { routed, body })
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
