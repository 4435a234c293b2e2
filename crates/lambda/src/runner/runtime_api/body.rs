//! The bodies that a worker posts: collected within a limit, or passed on as they come.

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, StatusCode};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};
use tokio::sync::mpsc;

use super::super::platform_error::{PlatformError, RESPONSE_BYTES_MAX};
use super::{Answer, problem};

/// Why a body cannot be a function's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    TooLarge { limit: u64 },
    Truncated,
}

impl Unfit {
    pub(super) fn platform_error(self) -> PlatformError {
        match self {
            Self::TooLarge { limit } => PlatformError::ResponseTooLarge { limit },
            Self::Truncated => PlatformError::TruncatedResponse,
        }
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Self::TooLarge { limit } => problem(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                &format!("Exceeded maximum allowed payload size ({limit} bytes)."),
            ),
            Self::Truncated => {
                problem(StatusCode::BAD_REQUEST, "TruncatedHTTPRequest", "HTTP request detected as truncated")
            }
        }
    }
}

/// Reads a body and its trailers. A body of one frame, the ordinary case, is not copied.
pub(super) async fn collect(body: &mut Incoming) -> Result<(Bytes, Option<HeaderMap>), Unfit> {
    const TOO_LARGE: Unfit = Unfit::TooLarge { limit: RESPONSE_BYTES_MAX };
    let announced = body.size_hint().lower();
    if announced > RESPONSE_BYTES_MAX {
        return Err(TOO_LARGE);
    }
    let mut first = Bytes::new();
    let mut all = BytesMut::new();
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame.map_err(|_| Unfit::Truncated)?.into_data() {
            Ok(data) if first.is_empty() => first = data,
            Ok(data) => {
                if all.is_empty() {
                    all.reserve(usize::try_from(announced).unwrap_or(0).max(first.len() + data.len()));
                    all.extend_from_slice(&first);
                }
                all.extend_from_slice(&data);
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
        if all.len().max(first.len()) as u64 > RESPONSE_BYTES_MAX {
            return Err(TOO_LARGE);
        }
    }
    Ok((if all.is_empty() { first } else { all.freeze() }, trailers))
}

/// Hands each frame on as it comes and answers the trailers. The worker is read no faster than the pieces are taken; when
/// nobody takes them any more the rest is read all the same, because the function is not to notice.
pub(super) async fn pass_on(
    body: &mut Incoming,
    pieces: mpsc::Sender<Bytes>,
    limit: u64,
) -> Result<Option<HeaderMap>, Unfit> {
    let mut passed: u64 = 0;
    let mut trailers = None;
    while let Some(frame) = body.frame().await {
        match frame.map_err(|_| Unfit::Truncated)?.into_data() {
            Ok(data) if data.is_empty() => {}
            Ok(data) => {
                passed = passed.saturating_add(data.len() as u64);
                if passed > limit {
                    return Err(Unfit::TooLarge { limit });
                }
                let _ = pieces.send(data).await;
            }
            Err(frame) => trailers = frame.into_trailers().ok(),
        }
    }
    Ok(trailers)
}
