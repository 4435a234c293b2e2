//! The data plane's measurements, on their way to CloudWatch.

use account::metrics::{self, MetricWriter};
use execute_api::ports::{MetricDatum, MetricSink};

/// Adds measurements to the account's metrics.
pub(crate) struct GatewayMetrics(pub(crate) MetricWriter);

impl MetricSink for GatewayMetrics {
    fn put(&self, datum: MetricDatum) {
        let MetricDatum { scope, namespace, name, dimensions, unit, minute, values } = datum;
        self.0.put(metrics::MetricDatum {
            account: scope.account.into(),
            region: scope.region.into(),
            namespace: namespace.into(),
            name: name.into(),
            dimensions: dimensions.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            unit: unit.as_str(),
            minute_ms: minute.0,
            values,
        });
    }
}
