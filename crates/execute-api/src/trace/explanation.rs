//! A trace as `explain` tells it: the story of one request, for the person who built the API.
//!
//! An [`Explanation`] is what is kept, sent and printed; its texts are excerpts, and credentials in them are masked. It is made
//! from the trace of a request that was asked to be explained, and from nothing else.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::{
    observe::Ended,
    template::Phase,
    trace::{
        Event, Fact, Trace, advice,
        fact::{
            self, BodyMapping, IntegrationRequest, IntegrationResponse, MappedBy, MethodRequest, MethodResponse, Pairs,
            Refusal, RejectedBecause, Routing, Selection,
        },
    },
};

mod story;

/// Bytes of a text that an explanation quotes.
const EXCERPT_BYTES_MAX: usize = 8 * 1024;
/// Names and values that an explanation quotes of one list.
const PAIRS_MAX: usize = 64;

/// The story of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// The request's id, as the client got it in `x-amzn-RequestId`.
    pub request_id: String,
    /// The API.
    pub api_id: String,
    /// The stage.
    pub stage: String,
    /// The client's HTTP method.
    pub http_method: String,
    /// The path with the stage in front.
    pub path: String,
    /// The status that the client got.
    pub status: u16,
    /// When the request arrived, in milliseconds since 1970.
    pub received_at_ms: i64,
    /// From the request's arrival to its response, in microseconds.
    pub took_us: u64,
    /// What happened, in order.
    pub steps: Vec<TimedStep>,
    /// What would help, if anything.
    pub advice: Vec<String>,
}

/// A step and when it was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TimedStep {
    /// Counted from the request's arrival, in microseconds.
    pub at_us: u64,
    /// What was done.
    #[serde(flatten)]
    pub step: Step,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "camelCase", rename_all_fields = "camelCase")]
#[expect(
    missing_docs,
    reason = "each field is named after what it holds; the facts that they come from are documented"
)]
pub enum Step {
    /// A method was looked for.
    Route { chosen: Option<String>, rejected: Vec<Rejected> },
    /// The caller was let through.
    Authorize { demand: String },
    /// The request is within every limit.
    Throttle,
    /// Execution began with this request.
    Request { path_parameters: Pairs, query: Pairs, headers: Pairs, body: String },
    /// The request has what its method demands.
    Validate { parameters: Vec<String>, models: Vec<String> },
    /// The response cache was asked.
    Cache { hit: bool },
    /// A template made a body.
    Template {
        phase: String,
        source: String,
        input: String,
        output: Option<String>,
        error: Option<String>,
        overridden: Pairs,
        took_us: u64,
    },
    /// A body passed as it was.
    Passthrough { phase: String, templates: Vec<String> },
    /// No template fits the content type, and the body may not pass.
    NoTemplate { templates: Vec<String> },
    /// The backend was called.
    Call {
        url: String,
        headers: Pairs,
        body: String,
        function: Option<String>,
        source_arn: Option<String>,
        role: Option<String>,
    },
    /// The backend answered.
    Answer { status: u16, took_us: u64, headers: Pairs, body: Option<String> },
    /// The function failed.
    FunctionError { message: String },
    /// An integration response was looked for.
    Select { text: String, tried: Vec<Tried>, chosen: Option<u16> },
    /// The response was made.
    Response { status: u16, headers: Pairs, body: Option<String> },
    /// The gateway answered itself.
    Failure { status: u16, reason: String },
    /// Something that a step had to say.
    Note { text: String },
}

/// A method that does not serve the request, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// Method and path template.
    pub method: String,
    /// Why.
    pub reason: String,
}

/// An integration response that could have been chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Its status.
    pub status: u16,
    /// Its selection pattern; absent: the default.
    pub pattern: Option<String>,
}

impl Explanation {
    /// The story of a request that has ended.
    pub(crate) fn of(ended: &Ended<'_>, trace: &Trace) -> Self {
        let context = ended.context;
        let teller = Teller { trace };
        Self {
            request_id: context.request_id.to_owned(),
            api_id: context.api_id.to_owned(),
            stage: context.stage.to_owned(),
            http_method: context.http_method.to_owned(),
            path: teller.text(context.path.as_bytes()),
            status: ended.status,
            received_at_ms: context.request_time.0,
            took_us: micros(ended.latency),
            steps: trace.events().iter().filter_map(|event| teller.step(event)).collect(),
            advice: advice::advice(trace.events()).iter().map(|advice| teller.text(advice.as_bytes())).collect(),
        }
    }
}

/// Tells facts, without the secrets of their request.
struct Teller<'t> {
    trace: &'t Trace,
}

impl Teller<'_> {
    fn step(&self, event: &Event) -> Option<TimedStep> {
        let step = match &event.fact {
            Fact::Received { .. } | Fact::Admitted(_) | Fact::Completed { .. } => return None,
            Fact::Routed(routing) => self.route(routing),
            Fact::Authorized { demand } => Step::Authorize { demand: demand.clone() },
            Fact::WithinLimits => Step::Throttle,
            Fact::Started(request) => self.request(request),
            Fact::Validated(checks) => {
                Step::Validate { parameters: checks.parameters.clone(), models: checks.models.clone() }
            }
            Fact::LookedUp { hit } => Step::Cache { hit: *hit },
            Fact::Mapped(mapping) => self.mapped(mapping),
            Fact::NoTemplate { templates } => Step::NoTemplate { templates: templates.clone() },
            Fact::Called(request) => self.called(request),
            Fact::Answered(response) => self.answered(response),
            Fact::FunctionFailed { message, .. } => Step::FunctionError { message: self.text(message.as_bytes()) },
            Fact::Selected(selection) => self.selected(selection),
            Fact::Responded(response) => self.responded(response),
            Fact::Failed(Refusal { failure, status }) => {
                Step::Failure { status: *status, reason: self.text(failure.to_string().as_bytes()) }
            }
            Fact::Line(text) => Step::Note { text: self.text(text.as_bytes()) },
        };
        Some(TimedStep { at_us: micros(event.at), step })
    }

    fn request(&self, request: &MethodRequest) -> Step {
        Step::Request {
            path_parameters: self.pairs(&request.path_parameters),
            query: self.pairs(&request.query),
            headers: self.pairs(&request.headers),
            body: self.text(&request.body),
        }
    }

    fn mapped(&self, mapping: &BodyMapping) -> Step {
        let phase = match mapping.phase {
            Phase::Request => "request",
            Phase::Response => "response",
        };
        match &mapping.by {
            MappedBy::Template { source } => Step::Template {
                phase: phase.to_owned(),
                source: self.text(source.as_bytes()),
                input: self.text(&mapping.input),
                output: mapping.output.as_ref().ok().map(|output| self.text(output)),
                error: mapping.output.as_ref().err().map(|error| self.text(error.as_bytes())),
                overridden: self.pairs(&mapping.overridden),
                took_us: micros(mapping.took),
            },
            MappedBy::Passthrough { templates } => {
                Step::Passthrough { phase: phase.to_owned(), templates: templates.clone() }
            }
        }
    }

    fn called(&self, request: &IntegrationRequest) -> Step {
        let function = request.function.as_ref();
        Step::Call {
            url: self.text(request.url.as_bytes()),
            headers: self.pairs(&request.headers),
            body: self.text(&request.body),
            function: function.map(|function| function.arn.clone()),
            source_arn: function.map(|function| function.source_arn.clone()),
            role: function.and_then(|function| function.role.clone()),
        }
    }

    fn answered(&self, response: &IntegrationResponse) -> Step {
        Step::Answer {
            status: response.status,
            took_us: micros(response.latency),
            headers: self.pairs(&response.answer.headers),
            body: response.answer.body.as_ref().map(|body| self.text(body)),
        }
    }

    fn selected(&self, selection: &Selection) -> Step {
        let tried =
            |candidate: &fact::Candidate| Tried { status: candidate.status, pattern: candidate.pattern.clone() };
        Step::Select {
            text: self.text(selection.text.as_bytes()),
            tried: selection.candidates.iter().map(tried).collect(),
            chosen: selection.chosen,
        }
    }

    fn responded(&self, response: &MethodResponse) -> Step {
        Step::Response {
            status: response.status,
            headers: self.pairs(&response.headers),
            body: response.body.as_ref().map(|body| self.text(body)),
        }
    }

    fn route(&self, routing: &Routing) -> Step {
        let method = |route: &fact::Route| format!("{} {}", route.http_method, route.resource_path);
        let rejected = routing.rejected.iter().map(|rejected| {
            let reason = match &rejected.reason {
                RejectedBecause::HttpMethod => format!("the HTTP method is {}", routing.http_method),
                RejectedBecause::Segment { number, wanted, found } => {
                    format!("segment {number} of the path is {found:?}, not {wanted:?}")
                }
                RejectedBecause::Length { wanted, found } => {
                    format!("segments: {found} in the path, {wanted} in the resource")
                }
                RejectedBecause::LessSpecific => "it fits too, but is less specific".to_owned(),
            };
            Rejected { method: method(&rejected.route), reason: self.text(reason.as_bytes()) }
        });
        Step::Route { chosen: routing.chosen.as_ref().map(method), rejected: rejected.collect() }
    }

    fn pairs(&self, pairs: &Pairs) -> Pairs {
        let shown = pairs.iter().take(PAIRS_MAX);
        shown.map(|(name, value)| (self.text(name.as_bytes()), self.text(value.as_bytes()))).collect()
    }

    /// An excerpt of a text, without secrets.
    fn text(&self, text: &[u8]) -> String {
        let mut shown = self.trace.masked_beginning(text, EXCERPT_BYTES_MAX);
        if text.len().max(shown.len()) > EXCERPT_BYTES_MAX {
            shown.truncate(shown.floor_char_boundary(EXCERPT_BYTES_MAX));
            // Writing into a string cannot fail.
            let _ = write!(shown, "… ({} bytes)", text.len());
        }
        shown
    }
}

fn micros(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}
