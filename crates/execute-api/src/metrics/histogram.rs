//! How often each time occurred, in whole milliseconds.

use std::time::Duration;

use super::whole_ms;

/// Different times that one datum carries ("PutMetricData" of the CloudWatch API reference).
pub(super) const VALUES_MAX: usize = 150;

/// Times and their counts, in the order of the times.
#[derive(Debug, Default)]
pub(super) struct Histogram {
    counts: Vec<(u32, u32)>,
}

impl Histogram {
    /// Counts a time. Returns whether there is no room for another one.
    pub(super) fn add(&mut self, time: Duration) -> bool {
        let time_ms = whole_ms(time);
        match self.counts.binary_search_by_key(&time_ms, |(known, _)| *known) {
            Ok(at) => self.counts[at].1 = self.counts[at].1.saturating_add(1),
            Err(at) => self.counts.insert(at, (time_ms, 1)),
        }
        self.counts.len() >= VALUES_MAX
    }

    /// The times in milliseconds and their counts.
    pub(super) fn values(&self) -> Vec<(f64, f64)> {
        self.counts.iter().map(|(time_ms, count)| (f64::from(*time_ms), f64::from(*count))).collect()
    }

    /// Empty again, with its room kept.
    pub(super) fn clear(&mut self) {
        self.counts.clear();
    }
}
