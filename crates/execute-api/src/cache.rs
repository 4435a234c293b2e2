//! The response cache of a stage: a method response is kept and given again to requests of the same key.
//!
//! It is asked after validation and before the request is mapped, and filled after the response was mapped, before it is
//! compressed: status, headers and body of what the client got. Concurrent requests for what is not there each go to the
//! backend. Failures, status codes from 500 on, bodies whose parts pass as they come and bodies of more than
//! [`ENTRY_BODY_BYTES_MAX`] are not kept (Developer Guide, "Cache settings for REST APIs in API Gateway").

use http_body::Body as _;
use tokio::time::Instant;

use crate::{
    Failure,
    map_request::Validated,
    map_response::{MethodResponse, RESPONSE_BYTES_MAX},
    message_body::{MessageBody, TransferMode},
    route::Routed,
};

mod entries;
mod key;
mod policy;

pub(crate) use entries::{CacheBudget, ResponseCache};
pub(crate) use policy::{CachePolicy, cluster_bytes};

use entries::{CachedResponse, Epoch};
use policy::{Invalidation, Unauthorized};

/// The largest body that is cached, in bytes.
pub const ENTRY_BODY_BYTES_MAX: usize = 1_048_576;
/// The longest key that is cached, in bytes; a key may hold parts of a body.
const KEY_BYTES_MAX: usize = 16 * 1024;
/// From here on a status tells of a fault that may be gone the next moment.
const FAULT_STATUS_MIN: u16 = 500;
/// What a client reads whose wish for a fresh response was not granted.
const IGNORED: &str = "199 Cache-control headers were ignored because the caller was unauthorized.";

/// What the cache had for a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheOutcome {
    /// The response.
    Hit,
    /// Nothing, or nothing that the client wanted: the backend answers.
    Miss,
}

/// What becomes of a request after the cache was asked.
#[derive(Debug)]
pub(crate) enum Lookup<'r> {
    /// It is answered.
    Hit(MethodResponse),
    /// The backend has to answer; the answer goes through the slot.
    Miss(Slot<'r>),
}

impl Lookup<'_> {
    /// What is counted; `None` where nothing is cached.
    pub(crate) fn outcome(&self) -> Option<CacheOutcome> {
        match self {
            Self::Hit(_) => Some(CacheOutcome::Hit),
            Self::Miss(slot) => slot.place.as_ref().map(|_| CacheOutcome::Miss),
        }
    }
}

/// Where a response is put for the next request, if anywhere.
#[derive(Debug, Default)]
pub(crate) struct Slot<'r> {
    place: Option<Place<'r>>,
    warn: bool,
}

#[derive(Debug)]
struct Place<'r> {
    policy: &'r CachePolicy,
    key: Box<[u8]>,
    epoch: Epoch,
}

/// Asks the cache for the response to a request.
pub(crate) fn look_up<'r>(validated: &Validated<'r>) -> Result<Lookup<'r>, Failure> {
    let routed = validated.routed();
    let Some(policy) = &routed.rules().cache else { return Ok(Lookup::Miss(Slot::default())) };
    let key = policy.key.of(&routed.exchange(), validated.body())?;
    if key.len() > KEY_BYTES_MAX {
        return Ok(Lookup::Miss(Slot::default()));
    }
    let wish = Wish::of(routed, policy)?;
    let (fresh, warn) = match wish {
        Wish::Any => (false, false),
        Wish::Fresh => (true, false),
        Wish::Ignored { warn } => (false, warn),
    };
    // Read before the backend is asked: a response from before a flush must not be kept after it.
    let epoch = policy.cache.epoch();
    let now = Instant::now();
    if let Some(cached) = policy.cache.get(&key, now).filter(|_| !fresh) {
        return Ok(Lookup::Hit(answer(&cached, routed, warn)));
    }
    Ok(Lookup::Miss(Slot { place: Some(Place { policy, key: key.into(), epoch }), warn }))
}

/// A cached response for this client.
fn answer(cached: &CachedResponse, routed: &Routed<'_>, warn: bool) -> MethodResponse {
    let mut response = cached.response();
    // The trace is that of this request, although it ends here.
    if response.headers.contains("x-amzn-trace-id") {
        response.headers.remove("x-amzn-trace-id");
        response.headers.prepend("X-Amzn-Trace-Id", routed.context.trace_id);
    }
    if warn {
        response.headers.append_static("Warning", IGNORED);
    }
    response
}

impl Slot<'_> {
    /// Whether nothing is to be done with a response.
    pub(crate) fn is_nowhere(&self) -> bool {
        self.place.is_none() && !self.warn
    }

    /// Keeps the response of the backend, if it may be kept, and tells the client what it did not get. A body that is still being
    /// sent is read to its end, unless its parts must pass as they come.
    ///
    /// # Errors
    /// The body broke off, or is larger than any response may be.
    pub(crate) async fn fill(self, response: &mut MethodResponse) -> Result<(), Failure> {
        if let Some(Place { policy, key, epoch }) = self.place
            && response.status < FAULT_STATUS_MIN
            && may_be_kept(&response.body)
        {
            let body = response.body.gather(RESPONSE_BYTES_MAX).await?;
            if body.len() <= ENTRY_BODY_BYTES_MAX {
                let expires_at = Instant::now() + policy.ttl;
                let entry = CachedResponse::new(response.status, &response.headers, body, expires_at, epoch);
                policy.cache.insert(key, entry);
            }
        }
        if self.warn {
            response.headers.append_static("Warning", IGNORED);
        }
        Ok(())
    }
}

/// Whether a body may be read to its end, and is not said to be too large.
fn may_be_kept(body: &MessageBody) -> bool {
    let is_streamed = match body {
        MessageBody::Whole(_) => false,
        MessageBody::Streaming(streaming) => streaming.mode() == TransferMode::Stream,
    };
    !is_streamed && body.size_hint().lower() <= ENTRY_BODY_BYTES_MAX as u64
}

/// What a client says of a cached response, and what is made of it.
enum Wish {
    /// Nothing.
    Any,
    /// It wants a new one, and gets it.
    Fresh,
    /// It wants a new one, and may not.
    Ignored { warn: bool },
}

impl Wish {
    fn of(routed: &Routed<'_>, policy: &CachePolicy) -> Result<Self, Failure> {
        if !asks_for_fresh(routed) {
            return Ok(Self::Any);
        }
        match policy.invalidation {
            Invalidation::ByAnyone => Ok(Self::Fresh),
            // Nobody is authorized: a signature, which would be needed, cannot be verified yet.
            Invalidation::Authorized(Unauthorized::Refused) => Err(Failure::CacheInvalidationRefused),
            Invalidation::Authorized(Unauthorized::Warned) => Ok(Self::Ignored { warn: true }),
            Invalidation::Authorized(Unauthorized::Served) => Ok(Self::Ignored { warn: false }),
        }
    }
}

/// Whether the client's `Cache-Control` says `max-age=0`.
fn asks_for_fresh(routed: &Routed<'_>) -> bool {
    let fields = routed.head.headers.iter().filter(|field| field.name().eq_ignore_ascii_case("cache-control"));
    fields.map(crate::request::Header::value).any(|value| {
        value.split(',').any(|directive| {
            let (name, age) = directive.split_once('=').unwrap_or((directive, ""));
            name.trim().eq_ignore_ascii_case("max-age") && age.trim() == "0"
        })
    })
}
