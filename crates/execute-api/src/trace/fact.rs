//! The facts of a trace: what a step did, as values.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;

use crate::{Failure, request::Headers, template::Phase, trace::secrets::Secrets};

/// Names and values, in order.
pub type Pairs = Vec<(String, String)>;

/// What a step did.
#[derive(Debug)]
pub enum Fact {
    /// A request reached a method and has the id that no client can choose.
    Received {
        /// The id.
        extended_request_id: String,
    },
    /// The method was looked for.
    Routed(Routing),
    /// The method lets the caller through.
    Authorized {
        /// What it demands, such as `NONE`.
        demand: String,
    },
    /// Keys and usage plans let the caller through.
    Admitted(Admission),
    /// The limits of method and account let the request through.
    WithinLimits,
    /// Execution starts with this request.
    Started(MethodRequest),
    /// The request has what its method demands.
    Validated(Checks),
    /// The response cache was asked.
    LookedUp {
        /// Whether it had the response.
        hit: bool,
    },
    /// A body was made, or passed on.
    Mapped(BodyMapping),
    /// No template fits the content type, and the body may not pass without.
    NoTemplate {
        /// The content types that have a template.
        templates: Vec<String>,
    },
    /// The backend is called.
    Called(IntegrationRequest),
    /// The backend answered.
    Answered(IntegrationResponse),
    /// A function behind mappings failed, which a selection pattern may make something of.
    FunctionFailed {
        /// The function's error message.
        message: String,
        /// The invocation's request id.
        request_id: String,
    },
    /// An integration response was looked for.
    Selected(Selection),
    /// The method response, before the gateway's own headers.
    Responded(MethodResponse),
    /// The request was served.
    Completed {
        /// The status.
        status: u16,
    },
    /// The request was answered with a gateway response.
    Failed(Refusal),
    /// A line of the execution log that no other fact gives.
    Line(String),
}

/// Which method serves a request, and which might have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Routing {
    /// The client's method, and the path below the stage.
    pub http_method: String,
    /// The path below the stage, raw.
    pub path: String,
    /// Whether a browser asks before a call across origins.
    pub is_preflight: bool,
    /// The method that serves it.
    pub chosen: Option<Route>,
    /// Methods that do not, the nearest first.
    pub rejected: Vec<RejectedRoute>,
}

/// A method of an API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method, or `ANY`.
    pub http_method: String,
    /// The resource's path template.
    pub resource_path: String,
}

/// A method that does not serve a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRoute {
    /// The method.
    pub route: Route,
    /// Why it does not.
    pub reason: RejectedBecause,
}

/// Why a method does not serve a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RejectedBecause {
    /// The path is that of the resource, the HTTP method is not.
    HttpMethod,
    /// The segment of this number, from 1, is another.
    Segment {
        /// From 1.
        number: usize,
        /// The resource's.
        wanted: String,
        /// The request's.
        found: String,
    },
    /// The path ends too early or goes on too long.
    Length {
        /// Segments of the resource.
        wanted: usize,
        /// Segments of the request.
        found: usize,
    },
    /// It fits, and another method fits better.
    LessSpecific,
}

/// What was checked of keys and plans.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The request's id.
    pub request_id: String,
    /// The API.
    pub api_id: String,
    /// The stage.
    pub stage: String,
    /// The client's HTTP method.
    pub http_method: String,
    /// The resource's path template.
    pub resource_path: String,
}

/// A request as its execution starts with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodRequest {
    /// The request's id.
    pub request_id: String,
    /// The client's HTTP method.
    pub http_method: String,
    /// The path below the stage, raw.
    pub path: String,
    /// Path parameters.
    pub path_parameters: Pairs,
    /// Query parameters.
    pub query: Pairs,
    /// Headers.
    pub headers: Pairs,
    /// The body, out of its content coding.
    pub body: Bytes,
}

/// What a method demands of its requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Checks {
    /// Required parameters, as `method.request.header.X`.
    pub parameters: Vec<String>,
    /// Content types with a model.
    pub models: Vec<String>,
}

/// How a body came about.
#[derive(Debug)]
pub struct BodyMapping {
    /// Which message it belongs to.
    pub phase: Phase,
    /// What made it.
    pub by: MappedBy,
    /// What was mapped.
    pub input: Bytes,
    /// What came of it, or what the template's engine says.
    pub output: Result<Bytes, String>,
    /// What the template overrode.
    pub overridden: Pairs,
    /// How long it took.
    pub took: Duration,
}

/// What made a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappedBy {
    /// A template.
    Template {
        /// Its source.
        source: String,
    },
    /// Nothing: the body passed as it was.
    Passthrough {
        /// The content types that have a template.
        templates: Vec<String>,
    },
}

/// The call of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationRequest {
    /// Where it goes.
    pub url: String,
    /// Its headers.
    pub headers: Pairs,
    /// Its body.
    pub body: Bytes,
    /// The function, if it is one.
    pub function: Option<CalledFunction>,
}

/// A function and in whose name it is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CalledFunction {
    /// The function's ARN.
    pub arn: String,
    /// The method that calls, as policies name it.
    pub source_arn: String,
    /// The role that the gateway takes on; without one it calls in its own name.
    pub role: Option<String>,
}

/// The answer of a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationResponse {
    /// Its status.
    pub status: u16,
    /// How long it took.
    pub latency: Duration,
    /// The rest of it.
    pub answer: Answer,
}

/// What a backend answered besides its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its headers.
    pub headers: Pairs,
    /// Its body, if it was read before it went on.
    pub body: Option<Bytes>,
    /// The backend's own id of the request.
    pub request_id: Option<String>,
}

/// How an integration response was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    /// What selection patterns are matched with.
    pub text: String,
    /// The candidates, in the order in which they were tried.
    pub candidates: Vec<Candidate>,
    /// The status of the one chosen.
    pub chosen: Option<u16>,
}

/// An integration response that could have been chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its status.
    pub status: u16,
    /// Its selection pattern; absent: the default.
    pub pattern: Option<String>,
    /// Whether the method declares a response of its status.
    pub declared: bool,
}

/// A response, before the gateway's own headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MethodResponse {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: Pairs,
    /// The body, if it was made before it went on.
    pub body: Option<Bytes>,
}

/// The gateway's own answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub failure: Failure,
    /// The status that the client gets.
    pub status: u16,
}

impl Fact {
    /// Masks credentials.
    pub(super) fn redact(&mut self, secrets: &mut Secrets) {
        match self {
            Self::Started(request) => {
                secrets.take_query(&mut request.query);
                secrets.take_headers(&mut request.headers);
            }
            Self::Called(request) => {
                secrets.take_url(&mut request.url);
                secrets.take_headers(&mut request.headers);
            }
            Self::Answered(response) => secrets.take_headers(&mut response.answer.headers),
            Self::Responded(response) => secrets.take_headers(&mut response.headers),
            Self::Received { .. }
            | Self::Routed(_)
            | Self::Authorized { .. }
            | Self::Admitted(_)
            | Self::WithinLimits
            | Self::Validated(_)
            | Self::LookedUp { .. }
            | Self::Mapped(_)
            | Self::NoTemplate { .. }
            | Self::FunctionFailed { .. }
            | Self::Selected(_)
            | Self::Completed { .. }
            | Self::Failed(_)
            | Self::Line(_) => {}
        }
    }
}

/// Headers as names and values.
pub(crate) fn pairs(headers: &Headers) -> Pairs {
    headers.iter().map(|header| (header.name().to_owned(), header.value().into_owned())).collect()
}

/// Borrowed names and values as owned ones.
pub(crate) fn owned(pairs: Vec<(Cow<'_, str>, Cow<'_, str>)>) -> Pairs {
    pairs.into_iter().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}
