//! Compression of responses, for APIs that ask for it and clients that name a coding.
//!
//! Developer Guide, "Payload compression for REST APIs in API Gateway".

use std::io::Write as _;

use bytes::Bytes;
use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use http_body::Body as _;

use crate::{
    map_response::{MethodResponse, RESPONSE_BYTES_MAX},
    message_body::{MessageBody, StreamError, TransferMode},
    request::Headers,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// Compresses a response of at least `minimum_bytes` in a coding that the request names.
///
/// # Errors
/// A body that was still being sent broke off, or is too large: only whole payloads are compressed.
pub(super) async fn compress(
    minimum_bytes: usize,
    request: &Headers,
    response: &mut MethodResponse,
) -> Result<(), StreamError> {
    if response.headers.contains("content-encoding") || is_streamed(&response.body) {
        return Ok(());
    }
    let mut accepted = request.iter().filter(|field| field.is_named("accept-encoding"));
    let Some(coding) = accepted.find_map(|field| coding(&field.value())) else { return Ok(()) };
    if response.body.size_hint().exact().is_some_and(|length| length < minimum_bytes as u64) {
        return Ok(());
    }
    let body = response.body.gather(RESPONSE_BYTES_MAX).await?;
    if body.is_empty() || body.len() < minimum_bytes {
        return Ok(());
    }
    let (name, compressed) = match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            ("gzip", encoder.write_all(body).and_then(|()| encoder.finish()))
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            ("deflate", encoder.write_all(body).and_then(|()| encoder.finish()))
        }
    };
    // Writing into a vector cannot fail; if it did, the plain body would still be right.
    if let Ok(compressed) = compressed {
        response.body = Bytes::from(compressed).into();
        response.headers.append_static("Content-Encoding", name);
    }
    Ok(())
}

/// Whether the client is to get each part of a body as it comes.
fn is_streamed(body: &MessageBody) -> bool {
    match body {
        MessageBody::Whole(_) => false,
        MessageBody::Streaming(streaming) => streaming.mode() == TransferMode::Stream,
    }
}

/// The first coding of an `Accept-Encoding` that is ours and not refused by `q=0`; `*` names none.
fn coding(accepted: &str) -> Option<Coding> {
    accepted.split(',').find_map(|entry| {
        let mut parts = entry.split(';').map(str::trim);
        let name = parts.next()?;
        let refused = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)));
        let coding = match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Coding::Gzip,
            "deflate" => Coding::Deflate,
            _ => return None,
        };
        (!refused).then_some(coding)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_coding_that_is_named_and_not_refused_is_used() {
        let cases = [
            ("gzip", Some(Coding::Gzip)),
            ("br, deflate;q=0.5, gzip", Some(Coding::Deflate)),
            ("gzip;q=0, deflate", Some(Coding::Deflate)),
            ("*", None),
            ("identity", None),
            ("", None),
        ];
        for (accepted, expected) in cases {
            assert_eq!(coding(accepted), expected, "{accepted}");
        }
    }
}
