//! Metrics: one row per metric and minute, and what sweeps take away.

use std::ops::ControlFlow;

use definition::time::EpochMillis;
use store::{Datapoint, Metric, MetricId, MetricKey, Reader, Result, Store, Transaction};

use super::{in_memory, scope, scope_in};

fn key(name: &str, dimensions: &[(&str, &str)]) -> MetricKey {
    let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    MetricKey { scope: scope(), namespace: "N".to_owned(), name: name.to_owned(), dimensions }
}

fn datapoint(value: f64) -> Datapoint {
    Datapoint { samples: 1.0, sum: value, minimum: value, maximum: value, samples_by_value: vec![(value, 1.0)] }
}

/// Adds a value to the sum of a minute.
async fn add(store: &Store, key: MetricKey, minute: i64, unit: &'static str, value: f64) {
    let job = move |transaction: &mut Transaction<'_>| -> Result<()> {
        let metric = transaction.ensure_metric(&key, EpochMillis(minute))?;
        transaction.update_datapoint(metric, EpochMillis(minute), unit, |stored| match stored {
            None => datapoint(value),
            Some(stored) => Datapoint { sum: stored.sum + value, ..stored },
        })
    };
    store.write(job).await.unwrap();
}

/// Minute, unit and sum of a metric's datapoints.
async fn sums(store: &Store, key: MetricKey, from: i64, to: i64) -> Vec<(i64, String, f64)> {
    let read = move |reader: &Reader<'_>| -> Result<Vec<(i64, String, f64)>> {
        let mut sums = Vec::new();
        let Some(metric) = reader.metric(&key)? else { return Ok(sums) };
        reader.scan_datapoints(metric, EpochMillis(from), EpochMillis(to), |minute, unit, datapoint| {
            assert_eq!(datapoint.samples_by_value.len(), 1);
            sums.push((minute.0, unit, datapoint.sum));
            ControlFlow::Continue(())
        })?;
        Ok(sums)
    };
    store.read(read).await.unwrap()
}

async fn names(store: &Store, after: i64, since: i64) -> Vec<String> {
    let read = move |reader: &Reader<'_>| -> Result<Vec<String>> {
        let mut names = Vec::new();
        reader.scan_metrics(&scope(), MetricId(after), EpochMillis(since), |metric: Metric| {
            names.push(metric.key.name);
            ControlFlow::Continue(())
        })?;
        Ok(names)
    };
    store.read(read).await.unwrap()
}

#[tokio::test]
async fn a_minute_is_one_datapoint_per_unit_and_dimensions() {
    let store = in_memory();
    add(&store, key("m", &[]), 0, "Count", 1.0).await;
    add(&store, key("m", &[]), 0, "Count", 2.0).await;
    add(&store, key("m", &[]), 0, "Bytes", 4.0).await;
    add(&store, key("m", &[]), 60_000, "Count", 8.0).await;
    add(&store, key("m", &[("a", "b")]), 0, "Count", 16.0).await;

    let expected = [(0, "Bytes".to_owned(), 4.0), (0, "Count".to_owned(), 3.0), (60_000, "Count".to_owned(), 8.0)];
    assert_eq!(sums(&store, key("m", &[]), 0, 60_001).await, expected);
    assert_eq!(sums(&store, key("m", &[]), 0, 60_000).await, expected[..2]);
    assert_eq!(sums(&store, key("m", &[("a", "b")]), 0, 1).await, [(0, "Count".to_owned(), 16.0)]);
    let elsewhere = MetricKey { scope: scope_in("eu-west-1"), ..key("m", &[]) };
    assert_eq!(sums(&store, elsewhere, 0, 60_001).await, []);
}

#[tokio::test]
async fn old_datapoints_go_and_metrics_without_any_with_them() {
    let store = in_memory();
    add(&store, key("old", &[]), 0, "Count", 1.0).await;
    add(&store, key("new", &[]), 0, "Count", 1.0).await;
    add(&store, key("new", &[]), 60_000, "Count", 2.0).await;
    assert_eq!(names(&store, 0, 0).await, ["old", "new"]);
    assert_eq!(names(&store, 1, 0).await, ["new"]);
    assert_eq!(names(&store, 0, 60_000).await, ["new"]);

    let sweep = async || store.write(|transaction| transaction.sweep_metrics(EpochMillis(60_000), 2)).await.unwrap();
    assert!(sweep().await);
    assert!(!sweep().await);
    assert_eq!(names(&store, 0, 0).await, ["new"]);
    assert_eq!(sums(&store, key("new", &[]), 0, i64::MAX).await, [(60_000, "Count".to_owned(), 2.0)]);
    store.write(|transaction: &mut Transaction<'_>| transaction.clear()).await.unwrap();
    assert_eq!(names(&store, 0, 0).await, Vec::<String>::new());
}
