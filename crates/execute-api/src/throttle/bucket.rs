//! The token bucket that every limit is made of: so many requests at once, refilled at so many per second.
//!
//! It is kept as the generic cell rate algorithm: a bucket is one number, the time at which it will be full again. All threads
//! draw from it without a lock (Developer Guide, "Throttle requests to your REST APIs for better throughput in API Gateway").

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::time::Instant;

/// The longest time that a bucket may take to fill, in nanoseconds: 146 years. Sums of it and of a process's age fit in 64 bits.
const FILL_NS_MAX: u64 = 1 << 62;
const NANOS_PER_SECOND: f64 = 1e9;

/// A limit as users set it: requests per second, and how many may come at once. Either of 0 admits nothing.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateLimit {
    rate: f64,
    burst: u32,
}

impl RateLimit {
    /// A limit; `None` when a number is negative, which stands for no limit, or when the rate is none.
    #[must_use]
    pub fn new(rate: f64, burst: i64) -> Option<Self> {
        let burst = u32::try_from(burst).ok()?;
        (rate >= 0.0 && rate.is_finite()).then_some(Self { rate, burst })
    }

    /// Requests per second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.rate
    }

    /// Requests at once.
    #[must_use]
    pub fn burst(&self) -> u32 {
        self.burst
    }

    /// How long one request takes to be refilled. Rounded up, so that no rate is ever exceeded; rates of which a bucket would not
    /// fill within [`FILL_NS_MAX`] are taken as one of which it does.
    fn interval_ns(&self) -> u64 {
        let longest = FILL_NS_MAX / u64::from(self.burst.max(1));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the quotient is positive, and a cast of what is too large, or infinite, gives the largest number"
        )]
        let exact = (NANOS_PER_SECOND / self.rate).ceil() as u64;
        exact.clamp(1, longest)
    }
}

/// A bucket of tokens, one per request. A new one is full.
///
/// It has a cache line of its own: cores that draw from it do not slow down those that read what lies beside it.
#[derive(Debug)]
#[repr(align(128))]
pub struct Bucket {
    limit: RateLimit,
    interval_ns: u64,
    /// How far ahead of now the time of fullness may lie: the burst.
    tolerance_ns: u64,
    origin: Instant,
    /// When the bucket will be full again, in nanoseconds since `origin`.
    full_at_ns: AtomicU64,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub fn new(limit: RateLimit, now: Instant) -> Self {
        let interval_ns = limit.interval_ns();
        let admits = limit.rate > 0.0;
        let tolerance_ns = if admits { interval_ns * u64::from(limit.burst) } else { 0 };
        Self { limit, interval_ns, tolerance_ns, origin: now, full_at_ns: AtomicU64::new(0) }
    }

    /// What it was made for.
    #[must_use]
    pub fn limit(&self) -> RateLimit {
        self.limit
    }

    /// Takes a token; says whether there was one. Times may come out of order by as much as threads' clocks are read apart.
    pub fn take(&self, now: Instant) -> bool {
        let elapsed = now.saturating_duration_since(self.origin);
        let now_ns = u64::try_from(elapsed.as_nanos()).map_or(FILL_NS_MAX, |ns| ns.min(FILL_NS_MAX));
        let take = |full_at_ns: u64| {
            let full_at_ns = full_at_ns.max(now_ns) + self.interval_ns;
            (full_at_ns - now_ns <= self.tolerance_ns).then_some(full_at_ns)
        };
        // Nothing else is published by this number, so its own order is enough.
        self.full_at_ns.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }
}

#[cfg(test)]
mod tests;
