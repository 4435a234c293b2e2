//! The end of a request, and who hears of it: metrics, the stage's access log and execution log, explanations.
//!
//! What a stage and its methods want told is compiled when the stage is loaded ([`StageWatch`], [`MethodWatch`]), so that a
//! request asks for nothing by name. Sinks never wait. A stage's access log has a line for each request that reached the stage,
//! also those that no method serves or whose client did not wait for the answer ([`watched`]); its execution log begins with the
//! method. Of a response that streams, metrics and access log are told when it has been sent ([`sending`]), the steps when its
//! head is ready.

mod watched;
mod sending;

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
use tokio::time::Instant;

use crate::{
    Failure,
    access_log::AccessLog,
    cache::CacheOutcome,
    context::RequestContext,
    execution_log::{self, Detail, Reader},
    failure::GatewayResponseType,
    message_body::StreamingBody,
    metrics::{Labels, Measured, Meter, MethodLabels},
    ports::{LogEvent, LogSink, MetricSink, Ports},
    request::Headers,
    stage::{LoadedMethod, LoadedStage, MethodRules},
    trace::{BackendCall, Depth, Trace, explanation::Explanation, kept::Explanations},
};

use sending::{Sending, ended_at};
pub(crate) use watched::Watched;

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

/// A request that has been answered, or was given up.
#[derive(Debug)]
pub(crate) struct Ended<'r> {
    pub(crate) stage: &'r LoadedStage,
    /// The method and what rules it; absent when none serves the request.
    pub(crate) method: Option<(&'r LoadedMethod, &'r MethodRules)>,
    pub(crate) context: &'r RequestContext<'r>,
    /// Why it was answered with a gateway response.
    pub(crate) failure: Option<&'r Failure>,
    pub(crate) backend: Option<&'r BackendCall>,
    /// Absent when the cache was not asked.
    pub(crate) cache: Option<CacheOutcome>,
    pub(crate) status: u16,
    pub(crate) started: Instant,
    /// Until the response's head was ready.
    pub(crate) latency: Duration,
}

/// How a response went out, once it has.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent<'r> {
    /// Bytes of the body.
    pub(crate) bytes: u64,
    /// From the request's arrival to the end of its response.
    pub(crate) latency: Duration,
    /// From the backend's call to the end of its answer; absent without a call.
    pub(crate) integration_latency: Option<Duration>,
    /// From the backend's call to the first byte of a body that was passed on while it arrived.
    pub(crate) time_to_first_content: Option<Duration>,
    /// What went wrong with the backend, or after it.
    pub(crate) failure: Option<&'r Failure>,
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

    /// Tells everyone of a request whose response is all there.
    fn tell(&self, ended: &Ended<'_>, trace: &Trace, body_bytes: u64) {
        let sent = Sent {
            bytes: body_bytes,
            latency: ended.latency,
            integration_latency: ended.backend.map(|backend| backend.latency),
            time_to_first_content: None,
            failure: ended.integration_failure(),
        };
        self.measure(&ended.measured(&sent), ended.time(ended.latency));
        if let (Some(sink), Some(log)) = (&self.logs, &ended.stage.watch.access_log) {
            sink.put(self.event(ended.stage, &log.group, ended.time(ended.latency), log.line(ended, &sent)));
        }
        self.tell_steps(ended, trace);
    }

    /// Tells of a request's steps now, and everything else when the body that is given back has been sent, or dropped.
    fn tell_when_sent(self: &Arc<Self>, ended: &Ended<'_>, trace: &Trace, body: StreamingBody) -> StreamingBody {
        self.tell_steps(ended, trace);
        if self.metrics.is_none() && self.logs.is_none() {
            return body;
        }
        let mode = body.mode();
        StreamingBody::new(Sending::new(body, ended, self), mode)
    }

    /// Tells of a request's steps: in the execution log, in an explanation.
    fn tell_steps(&self, ended: &Ended<'_>, trace: &Trace) {
        if let Some(sink) = &self.logs
            && let Some(detail) = ended.method.and_then(|(_, rules)| rules.watch.execution_log)
        {
            let prefix = format!("({}) ", ended.context.request_id);
            for line in execution_log::lines(trace, Reader::Stage(detail), &prefix) {
                sink.put(self.event(ended.stage, &ended.stage.watch.execution_log, ended.time(line.at), line.text));
            }
        }
        if let Some(explanations) = self.explanations.as_ref().filter(|_| trace.is_explaining()) {
            explanations.keep(&Explanation::of(ended, trace));
        }
    }

    fn measure(&self, measured: &Measured<'_>, at: EpochMillis) {
        if let Some(sink) = &self.metrics {
            let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
            if meter.count(measured) {
                meter.hand_over(&**sink, at);
            }
        }
    }

    /// Hands over what was measured since the last time.
    pub(crate) fn hand_over_metrics(&self, now: EpochMillis) {
        if let Some(sink) = &self.metrics {
            self.meter.lock().unwrap_or_else(PoisonError::into_inner).hand_over(&**sink, now);
        }
    }

    fn event(&self, stage: &LoadedStage, group: &Arc<str>, at: EpochMillis, text: String) -> LogEvent {
        let StageWatch { account, region, .. } = &stage.watch;
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
        ended_at(self.context.request_time, after)
    }

    fn method_labels(&self) -> Option<&Arc<MethodLabels>> {
        self.method.and_then(|(_, rules)| rules.watch.metric_labels.as_ref())
    }

    fn measured(&self, sent: &Sent<'_>) -> Measured<'_> {
        let watch = &self.stage.watch;
        Measured {
            serial: watch.serial,
            labels: &watch.labels,
            method_labels: self.method_labels(),
            status: self.status,
            cache: self.cache,
            latency: sent.latency,
            integration_latency: sent.integration_latency,
        }
    }

    /// Why the request failed, if it failed with or after its backend.
    fn integration_failure(&self) -> Option<&Failure> {
        let failure = self.failure.filter(|_| self.backend.is_some())?;
        let is_integrations = matches!(
            failure.response_type(),
            Some(
                GatewayResponseType::IntegrationFailure
                    | GatewayResponseType::IntegrationTimeout
                    | GatewayResponseType::ApiConfigurationError
                    | GatewayResponseType::Default5xx
            )
        );
        is_integrations.then_some(failure)
    }
}
