//! Measurements of the rest of the process, on their way to the store.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    sync::Arc,
    time::Duration,
};

use definition::{Scope, time::EpochMillis};
use jiff::{SignedDuration, Timestamp};
use store::{Datapoint, MetricKey, Store, Transaction};
use tokio::runtime::Handle;

use super::datapoint;
use crate::ingest::{Item, Queue, Sink};

/// Rows that one step of a sweep takes away.
const SWEEP_ROWS_MAX: usize = 2000;
/// How long AWS keeps datapoints of a minute; here they are not kept at all any longer.
pub(crate) const RETENTION: Duration = Duration::from_hours(15 * 24);
/// Between two reports of measurements that there is no room for.
const REPORT_PERIOD: SignedDuration = SignedDuration::from_mins(1);

/// What was measured of one metric within a minute.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDatum {
    /// The metric's account.
    pub account: Arc<str>,
    /// The metric's region.
    pub region: Arc<str>,
    /// The metric's namespace, such as `AWS/ApiGateway`.
    pub namespace: Arc<str>,
    /// The metric's name.
    pub name: Arc<str>,
    /// The metric's dimensions, in any order.
    pub dimensions: Vec<(String, String)>,
    /// The unit, as the service spells it: `Count`, `Milliseconds`, `None`.
    pub unit: &'static str,
    /// A moment within the minute, in milliseconds since 1970.
    pub minute_ms: i64,
    /// The values and how often each occurred. What is not finite or occurred no times is left out.
    pub values: Vec<(f64, f64)>,
}

/// Takes measurements and adds them up in the store, in the background. A clone is the same writer.
#[derive(Debug, Clone)]
pub struct MetricWriter {
    queue: Queue<MetricDatum>,
}

impl MetricWriter {
    /// A writer over `store`. Its work, which includes taking away what is too old, is done on `runtime`.
    #[must_use]
    pub fn start(store: Store, runtime: &Handle, clock: fn() -> Timestamp) -> Self {
        Self { queue: Queue::start(MetricSink { store, clock, quiet_until: Timestamp::UNIX_EPOCH }, runtime) }
    }

    /// Queues a measurement. It never waits: when the queue is full it is dropped, and the drop is counted and reported.
    pub fn put(&self, datum: MetricDatum) {
        self.queue.put(datum);
    }

    /// Waits until everything that was put before is stored.
    pub async fn flush(&self) {
        self.queue.flush().await;
    }
}

impl Item for MetricDatum {
    fn bytes(&self) -> usize {
        let dimensions: usize = self.dimensions.iter().map(|(name, value)| name.len() + value.len()).sum();
        size_of::<Self>() + dimensions + self.values.len() * size_of::<(f64, f64)>()
    }
}

struct MetricSink {
    store: Store,
    clock: fn() -> Timestamp,
    /// Until then nothing is said of measurements that there is no room for.
    quiet_until: Timestamp,
}

impl Sink<MetricDatum> for MetricSink {
    const WHAT: &'static str = "measurements";

    async fn write(&mut self, batch: Vec<MetricDatum>) {
        let mut additions = Additions::default();
        for datum in batch {
            additions.add_datum(datum);
        }
        let job = move |transaction: &mut Transaction<'_>| {
            additions.store_fitting(|place, datapoint| add(transaction, place, datapoint))
        };
        match self.store.write(job).await {
            Ok(0) => {}
            Ok(left_out) => self.report(left_out),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "measurements cannot be stored");
            }
        }
    }

    async fn sweep(&mut self) -> bool {
        let kept_ms = i64::try_from(RETENTION.as_millis()).unwrap_or(i64::MAX);
        let before = EpochMillis((self.clock)().as_millisecond().saturating_sub(kept_ms));
        let swept = self.store.write(move |transaction| transaction.sweep_metrics(before, SWEEP_ROWS_MAX)).await;
        swept.unwrap_or_else(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "old datapoints cannot be removed");
            false
        })
    }
}

impl MetricSink {
    fn report(&mut self, left_out: usize) {
        let now = (self.clock)();
        if now >= self.quiet_until {
            self.quiet_until = now.saturating_add(REPORT_PERIOD).unwrap_or(Timestamp::MAX);
            tracing::warn!(
                left_out,
                "measurements of new metrics were dropped: there are as many metrics as there may be"
            );
        }
    }
}

/// A metric, a minute and a unit.
type Place = (MetricKey, EpochMillis, String);

/// Datapoints that are to be added to those in the store.
#[derive(Debug, Default)]
pub(crate) struct Additions {
    by_place: BTreeMap<Place, Datapoint>,
}

impl Additions {
    fn add_datum(&mut self, datum: MetricDatum) {
        let Some(datapoint) = datapoint::of_values(&datum.values) else { return };
        let scope = Scope { account: datum.account.to_string(), region: datum.region.to_string() };
        let (namespace, name) = (datum.namespace.to_string(), datum.name.to_string());
        let mut dimensions = datum.dimensions;
        dimensions.sort();
        let key = MetricKey { scope, namespace, name, dimensions };
        self.add(key, datapoint::minute_of(EpochMillis(datum.minute_ms)), datum.unit.to_owned(), datapoint);
    }

    pub(crate) fn add(&mut self, key: MetricKey, minute: EpochMillis, unit: String, datapoint: Datapoint) {
        match self.by_place.entry((key, minute, unit)) {
            Entry::Vacant(place) => {
                place.insert(datapoint);
            }
            Entry::Occupied(mut place) => datapoint::merge(place.get_mut(), &datapoint),
        }
    }

    /// Adds them; all or none.
    pub(crate) fn store(self, transaction: &mut Transaction<'_>) -> store::Result<()> {
        self.by_place.into_iter().try_for_each(|(place, datapoint)| add(transaction, place, datapoint))
    }

    /// Adds them but for those of new metrics when there are as many as there may be, which must not cost the others. How many
    /// were left out.
    fn store_fitting(self, mut add: impl FnMut(Place, Datapoint) -> store::Result<()>) -> store::Result<usize> {
        let mut left_out = 0;
        for (place, datapoint) in self.by_place {
            match add(place, datapoint) {
                Err(store::Error::TooLarge { what: "metrics", .. }) => left_out += 1,
                added => added?,
            }
        }
        Ok(left_out)
    }
}

/// Adds a datapoint to what is stored in its place.
fn add(transaction: &mut Transaction<'_>, (key, minute, unit): Place, datapoint: Datapoint) -> store::Result<()> {
    let metric = transaction.ensure_metric(&key, minute)?;
    transaction.update_datapoint(metric, minute, &unit, |stored| match stored {
        None => datapoint,
        Some(mut stored) => {
            datapoint::merge(&mut stored, &datapoint);
            stored
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn additions(names: &[&str]) -> Additions {
        let mut additions = Additions::default();
        for name in names {
            additions.add_datum(MetricDatum {
                account: "123456789012".into(),
                region: "eu-west-1".into(),
                namespace: "AWS/ApiGateway".into(),
                name: (*name).into(),
                dimensions: Vec::new(),
                unit: "Count",
                minute_ms: 0,
                values: vec![(1.0, 1.0)],
            });
        }
        additions
    }

    #[test]
    fn a_new_metric_without_room_costs_the_others_nothing() {
        let mut added = Vec::new();
        let left_out = additions(&["known", "new", "other"]).store_fitting(|(key, ..), _| {
            if key.name == "new" {
                return Err(store::Error::TooLarge { what: "metrics", size: 50_000, limit: 50_000 });
            }
            added.push(key.name);
            Ok(())
        });
        assert_eq!((left_out.unwrap(), added), (1, vec!["known".to_owned(), "other".to_owned()]));
    }

    #[test]
    fn whatever_else_goes_wrong_is_told() {
        let stored = additions(&["a", "b"]).store_fitting(|_, _| Err(store::Error::Closed));
        assert!(matches!(stored, Err(store::Error::Closed)));
    }
}
