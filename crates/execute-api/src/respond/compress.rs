//! Compression of responses, for APIs that ask for it and clients that name a coding.
//!
//! Developer Guide, "Payload compression for REST APIs in API Gateway".

use std::io::Write as _;

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};

use crate::{map_response::MethodResponse, request::Headers};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
}

/// Compresses a response of at least `minimum_bytes` in a coding that the request names; without a minimum, never.
pub(super) fn compress(minimum_bytes: Option<usize>, request: &Headers, response: &mut MethodResponse) {
    let Some(minimum_bytes) = minimum_bytes else { return };
    if response.body.is_empty() || response.body.len() < minimum_bytes || response.headers.contains("content-encoding")
    {
        return;
    }
    let Some(coding) = request.get("accept-encoding").and_then(|accepted| coding(&accepted)) else { return };
    let (name, compressed) = match coding {
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
            ("gzip", encoder.write_all(&response.body).and_then(|()| encoder.finish()))
        }
        Coding::Deflate => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
            ("deflate", encoder.write_all(&response.body).and_then(|()| encoder.finish()))
        }
    };
    // Writing into a vector cannot fail; if it did, the plain body would still be right.
    if let Ok(compressed) = compressed {
        response.body = compressed.into();
        response.headers.append_static("Content-Encoding", name);
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
