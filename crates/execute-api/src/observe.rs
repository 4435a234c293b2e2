//! The end of a request, and who hears of it: metrics, the stage's access log and execution log, explanations.
//!
//! What a stage and its methods want told is compiled when the stage is loaded ([`StageWatch`], [`MethodWatch`]), so that a
//! request asks for nothing by name. Sinks never wait. A stage's access log has a line for each request that reached the stage,
//! also those that no method serves; its execution log begins with the method. A response that streams is told when its head is
//! ready: its length is not known then, and its latency is the head's.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use definition::{
    Scope,
    method::HttpMethod,
    rest_api::RestApi,
    stage::{MethodSetting, Stage},
    time::EpochMillis,
};

use crate::{
    Failure,
    access_log::AccessLog,
    cache::CacheOutcome,
    context::RequestContext,
    execution_log::{self, Detail, Reader},
    metrics::{Labels, Meter, MethodLabels},
    ports::{LogEvent, LogSink, MetricSink, Ports},
    request::Headers,
    stage::{LoadedStage, MethodRules},
    trace::{BackendCall, Depth, Trace, explanation::Explanation, kept::Explanations},
};

/// Digits of a log stream's name.
const STREAM_DIGITS: usize = 32;

/// What a stage wants told of its requests.
#[derive(Debug)]
pub(crate) struct StageWatch {
    /// Of all stages that this process loaded, this one.
    pub(crate) serial: u64,
    pub(crate) labels: Arc<Labels>,
    account: Arc<str>,
    region: Arc<str>,
    access_log: Option<AccessLog>,
    /// The name of the execution log's group.
    execution_log: Arc<str>,
}

/// What a stage wants told of one method's requests.
#[derive(Debug, Default)]
pub(crate) struct MethodWatch {
    execution_log: Option<Detail>,
    /// Present when the method has metrics of its own.
    pub(crate) metric_labels: Option<Arc<MethodLabels>>,
}

impl StageWatch {
    /// What a stage wants told; under test invocation, without one, nothing.
    pub(crate) fn of(scope: &Scope, api: &RestApi, stage: Option<&Stage>) -> Self {
        static SERIAL: AtomicU64 = AtomicU64::new(0);
        let name = stage.map_or("", |stage| stage.stage_name.as_str());
        Self {
            serial: SERIAL.fetch_add(1, Ordering::Relaxed),
            labels: Arc::new(Labels::new(scope, &api.name, api.id.as_str(), name)),
            account: scope.account.as_str().into(),
            region: scope.region.as_str().into(),
            access_log: stage.and_then(|stage| AccessLog::of(stage.access_log_settings.as_ref())),
            execution_log: format!("API-Gateway-Execution-Logs_{}/{name}", api.id).into(),
        }
    }

    /// The same for the stage's canary, which has an execution log of its own.
    pub(crate) fn of_canary(self) -> Self {
        Self { execution_log: format!("{}/Canary", self.execution_log).into(), ..self }
    }
}

impl MethodWatch {
    /// What the setting that rules a method asks for.
    pub(crate) fn of(setting: &MethodSetting, resource_path: &str, http_method: HttpMethod) -> Self {
        Self {
            execution_log: match setting.logging_level.as_deref() {
                Some("ERROR") => Some(Detail::Errors),
                Some("INFO") if setting.data_trace_enabled => Some(Detail::Data),
                Some("INFO") => Some(Detail::Steps),
                Some(_) | None => None,
            },
            metric_labels: setting
                .metrics_enabled
                .then(|| Arc::new(MethodLabels::new(resource_path, http_method.as_str()))),
        }
    }
}

/// A request that has been answered.
#[derive(Debug)]
pub(crate) struct Ended<'r> {
    pub(crate) stage: &'r LoadedStage,
    /// What rules the method; absent when none serves the request.
    pub(crate) rules: Option<&'r MethodRules>,
    pub(crate) context: &'r RequestContext<'r>,
    /// Why it was answered with a gateway response.
    pub(crate) failure: Option<&'r Failure>,
    pub(crate) backend: Option<&'r BackendCall>,
    /// Absent when the cache was not asked.
    pub(crate) cache: Option<CacheOutcome>,
    pub(crate) status: u16,
    /// Absent for a body that is still being sent.
    pub(crate) body_bytes: Option<u64>,
    pub(crate) latency: Duration,
}

/// Those who hear of the requests of one gateway.
pub(crate) struct Observers {
    logs: Option<Arc<dyn LogSink>>,
    /// The name of the log streams that this gateway writes.
    stream: Arc<str>,
    metrics: Option<Arc<dyn MetricSink>>,
    /// Only the gateway's own thread takes it, so that nobody waits.
    meter: Mutex<Meter>,
    explanations: Option<Arc<Explanations>>,
}

impl Observers {
    /// Those that the ports lead to.
    pub(crate) fn of(ports: &Ports) -> Self {
        let mut stream = format!("{:032x}", fastrand::u128(..));
        stream.truncate(STREAM_DIGITS);
        Self {
            logs: ports.logs.clone(),
            stream: stream.into(),
            metrics: ports.metrics.clone(),
            meter: Mutex::default(),
            explanations: ports.explanations.clone(),
        }
    }

    /// Whether the request asks to be explained, or all are.
    pub(crate) fn wants_explanation(&self, headers: &Headers, source_ip: std::net::IpAddr) -> bool {
        self.explanations.as_ref().is_some_and(|explanations| explanations.wants(headers, source_ip))
    }

    /// A trace for a request: as deep as whoever hears of it needs.
    pub(crate) fn trace(&self, stage: &LoadedStage, rules: Option<&MethodRules>, explained: bool) -> Trace {
        let logged = rules.and_then(|rules| rules.watch.execution_log).filter(|_| self.logs.is_some());
        let depth = match logged {
            _ if explained => Some(Depth::Explanation),
            Some(Detail::Errors) => Some(Depth::Failures),
            Some(Detail::Steps | Detail::Data) => Some(Depth::Log),
            None => None,
        };
        let mut trace = depth.map_or_else(Trace::off, Trace::recording);
        trace.keeps_backend_request_id =
            self.logs.is_some() && stage.watch.access_log.as_ref().is_some_and(|log| log.shows_backend_request_id);
        trace
    }

    /// Tells everyone of a request.
    pub(crate) fn tell(&self, ended: &Ended<'_>, trace: &Trace) {
        if let Some(sink) = &self.metrics {
            let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
            if meter.count(ended) {
                meter.hand_over(&**sink, ended.time(ended.latency));
            }
        }
        if let Some(sink) = &self.logs {
            if let Some(log) = &ended.stage.watch.access_log {
                sink.put(self.event(ended, &log.group, ended.time(ended.latency), log.line(ended)));
            }
            if let Some(detail) = ended.rules.and_then(|rules| rules.watch.execution_log) {
                let prefix = format!("({}) ", ended.context.request_id);
                for line in execution_log::lines(trace, Reader::Stage(detail), &prefix) {
                    sink.put(self.event(ended, &ended.stage.watch.execution_log, ended.time(line.at), line.text));
                }
            }
        }
        if let Some(explanations) = self.explanations.as_ref().filter(|_| trace.is_explaining()) {
            explanations.keep(&Explanation::of(ended, trace));
        }
    }

    /// Hands over what was measured since the last time.
    pub(crate) fn hand_over_metrics(&self, now: EpochMillis) {
        if let Some(sink) = &self.metrics {
            self.meter.lock().unwrap_or_else(PoisonError::into_inner).hand_over(&**sink, now);
        }
    }

    fn event(&self, ended: &Ended<'_>, group: &Arc<str>, at: EpochMillis, text: String) -> LogEvent {
        let StageWatch { account, region, .. } = &ended.stage.watch;
        LogEvent {
            account: Arc::clone(account),
            region: Arc::clone(region),
            group: Arc::clone(group),
            stream: Arc::clone(&self.stream),
            at,
            text,
        }
    }
}

impl Ended<'_> {
    /// The time so long after the request's arrival.
    fn time(&self, after: Duration) -> EpochMillis {
        let after_ms = i64::try_from(after.as_millis()).unwrap_or(i64::MAX);
        EpochMillis(self.context.request_time.0.saturating_add(after_ms))
    }
}
