//! What happened to one request: facts, recorded by the steps as they go, for whoever asks for the story afterwards.
//!
//! Two readers tell it: [`execution_log`](crate::execution_log), for TestInvokeMethod and a stage's execution log, and
//! [`explanation`], for `explain`. Recording is off unless one of them asked for it; a step then pays one branch, and nothing
//! is copied, formatted or allocated. What metrics and access logs tell of every request are a few numbers, which are always kept.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

mod advice;
pub mod explanation;
pub mod fact;
pub mod kept;
pub(crate) mod secrets;

use crate::cache::CacheOutcome;
pub use fact::Fact;
use fact::{Answer, IntegrationResponse};
use secrets::Secrets;

/// A recorder of facts, or nothing at all.
#[derive(Debug, Default)]
pub struct Trace {
    /// What the backend's call came to, once there was one; the last of several.
    pub(crate) backend: Option<BackendCall>,
    /// What the response cache had; absent when it was not asked.
    pub(crate) cache: Option<CacheOutcome>,
    /// Whether the access log shows the backend's own id of the request.
    pub(crate) keeps_backend_request_id: bool,
    recording: Option<Box<Recording>>,
}

/// What metrics and access logs tell of a backend's call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BackendCall {
    pub(crate) called_at: Instant,
    /// Until its answer was there, but for a body that is passed on while it arrives.
    pub(crate) latency: Duration,
    /// What the backend's service answered; absent when there was no answer.
    pub(crate) status: Option<u16>,
    /// What the integration gave: of a proxy function, the function's own status.
    pub(crate) integration_status: Option<u16>,
    /// The service's own id of the request, if the access log shows it.
    pub(crate) request_id: Option<String>,
}

/// How much is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// What went wrong, and nothing else.
    Failures,
    /// What an execution log holds.
    Log,
    /// Also what only an explanation tells: candidates, templates, choices.
    Explanation,
}

#[derive(Debug)]
struct Recording {
    depth: Depth,
    started: Instant,
    events: Vec<Event>,
    secrets: Secrets,
}

/// A fact and when it was recorded.
#[derive(Debug)]
pub struct Event {
    /// Counted from the trace's start.
    pub at: Duration,
    /// What happened.
    pub fact: Fact,
}

impl Trace {
    /// A trace that records nothing and costs nothing.
    #[must_use]
    pub fn off() -> Self {
        Self::default()
    }

    /// A trace that keeps its facts.
    #[must_use]
    pub fn recording(depth: Depth) -> Self {
        let recording = Recording { depth, started: Instant::now(), events: Vec::new(), secrets: Secrets::default() };
        Self { recording: Some(Box::new(recording)), ..Self::default() }
    }

    /// Whether the facts of execution logs are kept; ask before computing what only they need.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.depth >= Depth::Log)
    }

    /// Whether the facts of explanations are kept, too.
    #[must_use]
    pub fn is_explaining(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.depth == Depth::Explanation)
    }

    /// Keeps a fact of execution logs, which is made only if facts are kept.
    #[inline]
    pub(crate) fn record(&mut self, fact: impl FnOnce() -> Fact) {
        self.keep(Depth::Log, fact);
    }

    /// Keeps a fact of what went wrong.
    #[inline]
    pub(crate) fn fail(&mut self, fact: impl FnOnce() -> Fact) {
        self.keep(Depth::Failures, fact);
    }

    /// Keeps a fact that only explanations tell.
    #[inline]
    pub(crate) fn explain(&mut self, fact: impl FnOnce() -> Fact) {
        self.keep(Depth::Explanation, fact);
    }

    #[inline]
    fn keep(&mut self, depth: Depth, fact: impl FnOnce() -> Fact) {
        if let Some(recording) = &mut self.recording
            && recording.depth >= depth
        {
            recording.keep(fact());
        }
    }

    /// Keeps a line of the execution log that no other fact gives: `trace.line(format_args!("Unauthorized request: {id}"))`.
    #[inline]
    pub fn line(&mut self, text: std::fmt::Arguments<'_>) {
        self.record(|| Fact::Line(text.to_string()));
    }

    /// Keeps what the call of a backend that began at `started` came to.
    pub(crate) fn answered(&mut self, status: u16, started: Instant, answer: impl FnOnce() -> Answer) {
        let latency = started.elapsed();
        self.backend = Some(BackendCall {
            called_at: started,
            latency,
            status: Some(status),
            integration_status: Some(status),
            request_id: None,
        });
        self.record(|| Fact::Answered(IntegrationResponse { status, latency, answer: answer() }));
    }

    /// Keeps what the response cache had.
    pub(crate) fn looked_up(&mut self, outcome: Option<CacheOutcome>) {
        self.cache = outcome;
        if let Some(outcome) = outcome {
            self.explain(|| Fact::LookedUp { hit: outcome == CacheOutcome::Hit });
        }
    }

    /// Keeps the id that a service gave to its call, if the access log shows it.
    pub(crate) fn answered_as(&mut self, request_id: &str) {
        if let Some(backend) = self.backend.as_mut().filter(|_| self.keeps_backend_request_id) {
            backend.request_id = Some(request_id.to_owned());
        }
    }

    /// Keeps the status that a proxy function gave.
    pub(crate) fn proxied(&mut self, status: u16) {
        if let Some(backend) = &mut self.backend {
            backend.integration_status = Some(status);
        }
    }

    /// Keeps how long a backend was waited for in vain, if it did not answer.
    pub(crate) fn unanswered(&mut self, started: Instant) {
        self.backend.get_or_insert_with(|| BackendCall {
            called_at: started,
            latency: started.elapsed(),
            status: None,
            integration_status: None,
            request_id: None,
        });
    }

    /// Adds the body to a method response that was recorded before its body was there.
    pub(crate) fn gathered(&mut self, body: &Bytes) {
        let events = self.recording.iter_mut().flat_map(|recording| &mut recording.events);
        for event in events {
            if let Fact::Responded(response) = &mut event.fact {
                response.body.get_or_insert_with(|| body.clone());
            }
        }
    }

    /// What was recorded, first fact first.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.recording.as_ref().map_or(&[], |recording| &recording.events)
    }

    /// The beginning of a text with the request's secrets masked: at least `bytes_max` bytes, if there are so many.
    pub(crate) fn masked_beginning(&self, text: &[u8], bytes_max: usize) -> String {
        match &self.recording {
            Some(recording) => recording.secrets.masked_beginning(text, bytes_max),
            None => Secrets::default().masked_beginning(text, bytes_max),
        }
    }
}

impl Recording {
    /// Secrets are taken out of names and values before they are kept, and remembered for the bodies that repeat them.
    fn keep(&mut self, mut fact: Fact) {
        fact.redact(&mut self.secrets);
        self.events.push(Event { at: self.started.elapsed(), fact });
    }
}

#[cfg(test)]
mod tests;
