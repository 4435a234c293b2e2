//! Points in time as AWS puts them on the wire.

use serde::{Deserialize, Serialize};

/// Seconds since 1970-01-01T00:00:00Z: the timestamps of API Gateway's control plane, JSON numbers on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EpochSeconds(pub i64);

impl From<jiff::Timestamp> for EpochSeconds {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_second())
    }
}

impl EpochSeconds {
    /// The same instant as a [`jiff::Timestamp`], for formatting; an instant beyond its range is the nearest it can hold.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        EpochMillis(self.0.saturating_mul(1000)).timestamp()
    }
}

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EpochMillis(pub i64);

impl From<jiff::Timestamp> for EpochMillis {
    fn from(time: jiff::Timestamp) -> Self {
        Self(time.as_millisecond())
    }
}

impl EpochMillis {
    /// The same instant as a [`jiff::Timestamp`], for formatting; an instant beyond its range is the nearest it can hold.
    #[must_use]
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
}
