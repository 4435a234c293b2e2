//! Metrics and their datapoints, one per minute and unit ("CloudWatch concepts").
//!
//! How values are merged, and what statistics are made of them, is the business of whoever writes and reads.

use std::ops::ControlFlow;

use definition::{Scope, time::EpochMillis};

use crate::{
    error::{Error, Result},
    sqlite::metrics,
    transaction::{Reader, Transaction},
};

/// The most metrics of all accounts and regions: each combination of dimensions is one.
pub const METRICS_MAX: usize = 50_000;

/// Names a metric for as long as it has datapoints; ids grow in the order of creation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(pub i64);

/// What a metric is known by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricKey {
    /// Its account and region.
    pub scope: Scope,
    /// Its namespace, such as `AWS/ApiGateway`.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its dimensions, sorted by name: a metric with more or fewer is another one.
    pub dimensions: Vec<(String, String)>,
}

/// A metric that has datapoints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// Names it in calls of the store.
    pub id: MetricId,
    /// What it is known by.
    pub key: MetricKey,
    /// The newest minute that it has a datapoint of.
    pub last_datum_at: EpochMillis,
}

/// What was measured within a minute, in one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Datapoint {
    /// How many values there were.
    pub samples: f64,
    /// Their sum.
    pub sum: f64,
    /// The least.
    pub minimum: f64,
    /// The greatest.
    pub maximum: f64,
    /// Values and how often each occurred, ascending; what is known of the distribution.
    pub samples_by_value: Vec<(f64, f64)>,
}

impl Reader<'_> {
    /// The metric with exactly these dimensions.
    pub fn metric(&self, key: &MetricKey) -> Result<Option<MetricId>> {
        metrics::find(self.connection(), key)
    }

    /// Shows the metrics after `after` that have a datapoint of the minute `since` or a later one, in the order of creation,
    /// until `visit` breaks.
    pub fn scan_metrics(
        &self,
        scope: &Scope,
        after: MetricId,
        since: EpochMillis,
        visit: impl FnMut(Metric) -> ControlFlow<()>,
    ) -> Result<()> {
        metrics::scan(self.connection(), scope, after, since, visit)
    }

    /// Shows minute, unit and datapoint of a metric's minutes from `from` on and before `to`, ascending, until `visit` breaks.
    pub fn scan_datapoints(
        &self,
        metric: MetricId,
        from: EpochMillis,
        to: EpochMillis,
        visit: impl FnMut(EpochMillis, String, Datapoint) -> ControlFlow<()>,
    ) -> Result<()> {
        metrics::scan_datapoints(self.connection(), metric, from, to, visit)
    }
}

impl Transaction<'_> {
    /// The metric with exactly these dimensions, which comes into being; [`Error::TooLarge`] when there are [`METRICS_MAX`].
    pub fn ensure_metric(&mut self, key: &MetricKey, minute: EpochMillis) -> Result<MetricId> {
        if let Some(id) = metrics::find(self.connection(), key)? {
            return Ok(id);
        }
        let count = metrics::count(self.connection())?;
        if count >= METRICS_MAX {
            return Err(Error::TooLarge { what: "metrics", size: count, limit: METRICS_MAX });
        }
        metrics::insert(self.connection(), key, minute)
    }

    /// Puts what `merge` makes of a datapoint in its place.
    pub fn update_datapoint(
        &mut self,
        metric: MetricId,
        minute: EpochMillis,
        unit: &str,
        merge: impl FnOnce(Option<Datapoint>) -> Datapoint,
    ) -> Result<()> {
        let merged = merge(metrics::datapoint(self.connection(), metric, minute, unit)?);
        metrics::put_datapoint(self.connection(), metric, minute, unit, &merged)
    }

    /// Takes away datapoints of minutes before `before`, and metrics without later ones, up to `rows_max` rows; whether there
    /// may be more of them.
    pub fn sweep_metrics(&mut self, before: EpochMillis, rows_max: usize) -> Result<bool> {
        metrics::sweep(self.connection(), before, rows_max)
    }
}
