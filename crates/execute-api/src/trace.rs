//! What happened to one request: facts, recorded by the steps as they go, for whoever asks for the story afterwards.
//!
//! Two readers tell it: [`execution_log`](crate::execution_log), for TestInvokeMethod and a stage's execution log, and
//! [`explanation`], for `explain`. Recording is off unless one of them asked for it; a step then pays one branch, and nothing
//! is copied, formatted or allocated. What metrics and access logs tell of every request are a few numbers, which are always kept.

use std::time::Duration;

use tokio::time::Instant;

pub mod fact;
pub(crate) mod secrets;

pub use fact::Fact;
use fact::{Answer, IntegrationResponse};
use secrets::Secrets;

/// A recorder of facts, or nothing at all.
#[derive(Debug, Default)]
pub struct Trace {
    /// What the backend's call came to, once there was one; the last of several.
    pub(crate) backend: Option<BackendCall>,
    recording: Option<Box<Recording>>,
}

/// What metrics and access logs tell of a backend's call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BackendCall {
    pub(crate) latency: Duration,
    /// Absent when there was no answer.
    pub(crate) status: Option<u16>,
}

/// How much is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
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
        Self { backend: None, recording: Some(Box::new(recording)) }
    }

    /// Whether facts are kept; ask before computing what only they need.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.recording.is_some()
    }

    /// Whether the facts of explanations are kept, too.
    #[must_use]
    pub fn is_explaining(&self) -> bool {
        self.recording.as_ref().is_some_and(|recording| recording.depth == Depth::Explanation)
    }

    /// Keeps a fact of execution logs, which is made only if facts are kept.
    #[inline]
    pub(crate) fn record(&mut self, fact: impl FnOnce() -> Fact) {
        if let Some(recording) = &mut self.recording {
            recording.keep(fact());
        }
    }

    /// Keeps a fact that only explanations tell.
    #[inline]
    pub(crate) fn explain(&mut self, fact: impl FnOnce() -> Fact) {
        if let Some(recording) = &mut self.recording
            && recording.depth == Depth::Explanation
        {
            recording.keep(fact());
        }
    }

    /// Keeps a line of the execution log that no other fact gives: `trace.line(format_args!("Unauthorized request: {id}"))`.
    #[inline]
    pub(crate) fn line(&mut self, text: std::fmt::Arguments<'_>) {
        self.record(|| Fact::Line(text.to_string()));
    }

    /// Keeps what the call of a backend that began at `started` came to.
    pub(crate) fn answered(&mut self, status: u16, started: Instant, answer: impl FnOnce() -> Answer) {
        let latency = started.elapsed();
        self.backend = Some(BackendCall { latency, status: Some(status) });
        self.record(|| Fact::Answered(IntegrationResponse { status, latency, answer: answer() }));
    }

    /// Keeps how long a backend was waited for in vain, if it did not answer.
    pub(crate) fn unanswered(&mut self, started: Instant) {
        self.backend.get_or_insert_with(|| BackendCall { latency: started.elapsed(), status: None });
    }

    /// What was recorded, first fact first.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        self.recording.as_ref().map_or(&[], |recording| &recording.events)
    }

    /// A text of a message's body, with the request's secrets masked.
    pub(crate) fn body_text(&self, body: &[u8]) -> String {
        let text = String::from_utf8_lossy(body);
        match &self.recording {
            Some(recording) => recording.secrets.mask(text.into_owned()),
            None => text.into_owned(),
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
