//! The one place that reads the wall clock.

/// Now.
#[expect(clippy::disallowed_methods, reason = "the edge of the process; everything else takes the time as a value")]
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}
