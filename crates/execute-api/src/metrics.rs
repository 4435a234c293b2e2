//! What a gateway measures: the metrics of CloudWatch's namespace `AWS/ApiGateway`.
//!
//! Each serving thread's gateway adds up for itself, in cells that exist once a stage was asked for something; about once a second
//! the thread hands the sums to the metric sink and begins anew. A request costs a few additions. Developer Guide, "Amazon API
//! Gateway dimensions and metrics".

use std::{collections::HashMap, sync::Arc, time::Duration};

use definition::{Scope, time::EpochMillis};

use crate::{
    cache::CacheOutcome,
    ports::{MetricDatum, MetricSink, MetricUnit},
};

mod histogram;

use histogram::Histogram;

/// The namespace of API Gateway's metrics.
pub const NAMESPACE: &str = "AWS/ApiGateway";
/// Bytes of a dimension's value ("Dimension" of the CloudWatch API reference).
const DIMENSION_BYTES_MAX: usize = 255;

/// Whom a stage's metrics are about.
#[derive(Debug)]
pub(crate) struct Labels {
    scope: Scope,
    api_name: Box<str>,
    stage: Box<str>,
}

impl Labels {
    /// The labels of a stage. The API goes by its name; one without an ASCII character goes by its id.
    pub(crate) fn new(scope: &Scope, api_name: &str, api_id: &str, stage: &str) -> Self {
        let name: String = api_name.chars().filter(char::is_ascii).collect();
        let name = if name.trim().is_empty() { api_id } else { name.trim() };
        Self { scope: scope.clone(), api_name: dimension(name), stage: dimension(stage) }
    }
}

fn dimension(value: &str) -> Box<str> {
    value[..value.floor_char_boundary(DIMENSION_BYTES_MAX)].into()
}

/// A method whose metrics have dimensions of their own.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct MethodLabels {
    resource: Box<str>,
    method: Box<str>,
}

impl MethodLabels {
    /// The labels of a method.
    pub(crate) fn new(resource_path: &str, http_method: &str) -> Self {
        Self { resource: dimension(resource_path), method: dimension(http_method) }
    }
}

/// What is counted of one request.
#[derive(Debug)]
pub(crate) struct Measured<'r> {
    /// The stage's serial number.
    pub(crate) serial: u64,
    pub(crate) labels: &'r Arc<Labels>,
    /// Present when the method has metrics of its own.
    pub(crate) method_labels: Option<&'r Arc<MethodLabels>>,
    pub(crate) status: u16,
    /// Absent when the cache was not asked.
    pub(crate) cache: Option<CacheOutcome>,
    pub(crate) latency: Duration,
    /// Absent when no backend was called.
    pub(crate) integration_latency: Option<Duration>,
}

/// The sums of one thread since it last handed them over.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// By the stage's serial number.
    stages: HashMap<u64, StageCells>,
}

#[derive(Debug)]
struct StageCells {
    labels: Arc<Labels>,
    all: Cell,
    /// By the method's place in its stage.
    methods: Vec<(Arc<MethodLabels>, Cell)>,
}

/// What requests came to.
#[derive(Debug, Default)]
struct Cell {
    requests: u32,
    client_errors: u32,
    server_errors: u32,
    cache_hits: u32,
    cache_misses: u32,
    latency: Histogram,
    integration_latency: Histogram,
}

impl Meter {
    /// Counts a request. Returns whether a cell is full, and the sums should be handed over at once.
    pub(crate) fn count(&mut self, measured: &Measured<'_>) -> bool {
        let cells = self.stages.entry(measured.serial).or_insert_with(|| StageCells {
            labels: Arc::clone(measured.labels),
            all: Cell::default(),
            methods: Vec::new(),
        });
        let mut full = cells.all.count(measured);
        if let Some(labels) = measured.method_labels {
            let known = cells.methods.iter_mut().position(|(known, _)| Arc::ptr_eq(known, labels));
            let at = known.unwrap_or_else(|| {
                cells.methods.push((Arc::clone(labels), Cell::default()));
                cells.methods.len() - 1
            });
            full |= cells.methods[at].1.count(measured);
        }
        full
    }

    /// Hands everything over and begins anew. Cells that counted nothing since the last time are given up.
    pub(crate) fn hand_over(&mut self, sink: &dyn MetricSink, now: EpochMillis) {
        self.stages.retain(|_, cells| cells.all.requests > 0);
        for StageCells { labels, all, methods } in self.stages.values_mut() {
            let api = || vec![("ApiName", labels.api_name.to_string())];
            let stage = || [api(), vec![("Stage", labels.stage.to_string())]].concat();
            all.hand_over(sink, &labels.scope, now, &api());
            all.hand_over(sink, &labels.scope, now, &stage());
            all.clear();
            methods.retain(|(_, cell)| cell.requests > 0);
            for (method, cell) in methods {
                let own = vec![("Resource", method.resource.to_string()), ("Method", method.method.to_string())];
                cell.hand_over(sink, &labels.scope, now, &[stage(), own].concat());
                cell.clear();
            }
        }
    }
}

impl Cell {
    fn count(&mut self, measured: &Measured<'_>) -> bool {
        self.requests += 1;
        self.client_errors += u32::from((400..500).contains(&measured.status));
        self.server_errors += u32::from(measured.status >= 500);
        match measured.cache {
            Some(CacheOutcome::Hit) => self.cache_hits += 1,
            Some(CacheOutcome::Miss) => self.cache_misses += 1,
            None => {}
        }
        let mut full = self.latency.add(measured.latency);
        if let Some(latency) = measured.integration_latency {
            full |= self.integration_latency.add(latency);
        }
        full || self.requests == u32::MAX
    }

    /// Every request is a sample of both error metrics, 0 or 1, so that their average is a rate.
    fn hand_over(&self, sink: &dyn MetricSink, scope: &Scope, now: EpochMillis, dimensions: &[(&'static str, String)]) {
        let put = |name: &'static str, unit: MetricUnit, values: Vec<(f64, f64)>| {
            if !values.is_empty() {
                let (scope, dimensions) = (scope.clone(), dimensions.to_vec());
                sink.put(MetricDatum { scope, namespace: NAMESPACE, name, dimensions, unit, minute: now, values });
            }
        };
        let rate = |ones: u32, all: u32| {
            let samples = [(1.0, f64::from(ones)), (0.0, f64::from(all - ones))];
            samples.into_iter().filter(|(_, count)| *count > 0.0).collect::<Vec<_>>()
        };
        let lookups = self.cache_hits + self.cache_misses;
        put("Count", MetricUnit::Count, rate(self.requests, self.requests));
        put("4XXError", MetricUnit::Count, rate(self.client_errors, self.requests));
        put("5XXError", MetricUnit::Count, rate(self.server_errors, self.requests));
        put("CacheHitCount", MetricUnit::Count, rate(self.cache_hits, lookups));
        put("CacheMissCount", MetricUnit::Count, rate(self.cache_misses, lookups));
        put("Latency", MetricUnit::Milliseconds, self.latency.values());
        put("IntegrationLatency", MetricUnit::Milliseconds, self.integration_latency.values());
    }

    /// Zero again, with its room kept.
    fn clear(&mut self) {
        let Self { requests, client_errors, server_errors, cache_hits, cache_misses, latency, integration_latency } =
            self;
        for count in [requests, client_errors, server_errors, cache_hits, cache_misses] {
            *count = 0;
        }
        latency.clear();
        integration_latency.clear();
    }
}

/// A time in whole milliseconds.
fn whole_ms(time: Duration) -> u32 {
    u32::try_from(time.as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
