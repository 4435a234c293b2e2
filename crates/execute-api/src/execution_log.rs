//! A trace as the execution log tells it: the lines that TestInvokeMethod returns and that a stage's execution log holds.
//!
//! Developer Guide, "Execution logging for REST APIs"; the lines' order is the specification's 7.7 and 8.2.

use std::{
    fmt::{Arguments, Write as _},
    time::Duration,
};

use crate::trace::{
    Event, Fact, Trace,
    fact::{Admission, Answer, IntegrationRequest, IntegrationResponse, MethodRequest, MethodResponse, Pairs, Refusal},
};

/// Lines are cut after this many bytes.
pub const LINE_BYTES_MAX: usize = 1024;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When it was written, counted from the log's start.
    pub at: Duration,
    /// The text, without time or line end.
    pub text: String,
}

/// Who reads the log, and so which lines it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Whoever tested a method: everything.
    TestInvocation,
    /// A stage's log group.
    Stage(Detail),
}

/// How much a stage's log tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// What went wrong: `ERROR`.
    Errors,
    /// Also each step: `INFO`.
    Steps,
    /// Also headers and bodies: `INFO` with `dataTraceEnabled`.
    Data,
}

/// The lines of a trace for a reader, each behind `prefix`, which counts towards its length.
#[must_use]
pub fn lines(trace: &Trace, reader: Reader, prefix: &str) -> Vec<Line> {
    let mut log = Log { trace, reader, prefix, at: Duration::ZERO, lines: Vec::new() };
    for event in trace.events() {
        log.tell(event);
    }
    log.lines
}

/// A log under construction.
struct Log<'t> {
    trace: &'t Trace,
    reader: Reader,
    prefix: &'t str,
    at: Duration,
    lines: Vec<Line>,
}

impl Log<'_> {
    fn tell(&mut self, event: &Event) {
        self.at = event.at;
        match &event.fact {
            Fact::Received { extended_request_id } => {
                self.write(Detail::Steps, format_args!("Extended Request Id: {extended_request_id}"));
            }
            Fact::Admitted(admission) => self.admitted(admission),
            Fact::Started(request) => self.started(request),
            Fact::Called(request) => self.called(request),
            Fact::Answered(response) => self.answered(response),
            Fact::FunctionFailed { message, request_id } => {
                let message = self.masked(message);
                self.write(
                    Detail::Errors,
                    format_args!(
                        "Lambda execution failed with status 200 due to customer function error: {message}. Lambda request \
                         id: {request_id}"
                    ),
                );
            }
            Fact::Responded(response) => self.responded(response),
            Fact::Completed { status } => {
                self.write(Detail::Steps, format_args!("Successfully completed execution"));
                self.write(Detail::Steps, format_args!("Method completed with status: {status}"));
            }
            Fact::Failed(Refusal { failure, status }) => {
                self.write(Detail::Errors, format_args!("{}", self.masked(&failure.log_line())));
                self.write(Detail::Errors, format_args!("Method completed with status: {status}"));
            }
            Fact::Line(text) => self.write(Detail::Steps, format_args!("{}", self.masked(text))),
            Fact::Routed(_)
            | Fact::Authorized { .. }
            | Fact::WithinLimits
            | Fact::Validated(_)
            | Fact::LookedUp { .. }
            | Fact::Mapped(_)
            | Fact::NoTemplate { .. }
            | Fact::Selected(_) => {}
        }
    }

    fn admitted(&mut self, admission: &Admission) {
        let Admission { request_id, api_id, stage, http_method, resource_path } = admission;
        self.write(
            Detail::Steps,
            format_args!("Verifying Usage Plan for request: {request_id}. API Key:  API Stage: {api_id}/{stage}"),
        );
        self.write(
            Detail::Steps,
            format_args!(
                "API Key  authorized because method '{http_method} {resource_path}' does not require API Key. Request will \
                 not contribute to throttle or quota limits"
            ),
        );
        self.write(
            Detail::Steps,
            format_args!("Usage Plan check succeeded for API Key  and API Stage {api_id}/{stage}"),
        );
    }

    fn started(&mut self, request: &MethodRequest) {
        let MethodRequest { request_id, http_method, path, path_parameters, query, headers, body } = request;
        self.write(Detail::Steps, format_args!("Starting execution for request: {request_id}"));
        self.write(Detail::Steps, format_args!("HTTP Method: {http_method}, Resource Path: {path}"));
        self.pairs("Method request path", path_parameters);
        self.pairs("Method request query string", query);
        self.pairs("Method request headers", headers);
        self.body("Method request body before transformations", body);
    }

    fn called(&mut self, request: &IntegrationRequest) {
        let IntegrationRequest { url, headers, body, function: _ } = request;
        let url = self.masked(url);
        self.write(Detail::Data, format_args!("Endpoint request URI: {url}"));
        self.pairs("Endpoint request headers", headers);
        self.body("Endpoint request body after transformations", body);
        self.write(Detail::Steps, format_args!("Sending request to {url}"));
    }

    fn answered(&mut self, response: &IntegrationResponse) {
        let IntegrationResponse { status, latency, answer: Answer { headers, body, request_id } } = response;
        let latency_ms = latency.as_millis();
        let received = format_args!("Received response. Status: {status}, Integration latency: {latency_ms} ms");
        self.write(Detail::Steps, received);
        self.pairs("Endpoint response headers", headers);
        if let Some(body) = body {
            self.body("Endpoint response body before transformations", body);
        }
        if let (Some(request_id), Reader::Stage(_)) = (request_id, self.reader) {
            self.write(Detail::Steps, format_args!("AWS Integration Endpoint RequestId : {request_id}"));
        }
    }

    fn responded(&mut self, response: &MethodResponse) {
        if let Some(body) = &response.body {
            self.body("Method response body after transformations", body);
        }
        self.pairs("Method response headers", &response.headers);
    }

    fn pairs(&mut self, title: &str, pairs: &Pairs) {
        if self.wants(Detail::Data) {
            self.write(Detail::Data, format_args!("{title}: {}", self.masked(&java_map(pairs))));
        }
    }

    fn body(&mut self, title: &str, body: &[u8]) {
        if self.wants(Detail::Data) {
            let body = self.trace.masked_beginning(body, LINE_BYTES_MAX);
            self.write(Detail::Data, format_args!("{title}: {body}"));
        }
    }

    /// As much of a text as a line may hold, without secrets.
    fn masked(&self, text: &str) -> String {
        self.trace.masked_beginning(text.as_bytes(), LINE_BYTES_MAX)
    }

    fn wants(&self, detail: Detail) -> bool {
        match self.reader {
            Reader::TestInvocation => true,
            Reader::Stage(wanted) => detail <= wanted,
        }
    }

    fn write(&mut self, detail: Detail, text: Arguments<'_>) {
        if self.wants(detail) {
            let mut line = self.prefix.to_owned();
            // Writing into a string cannot fail; a Display that does leaves the line as far as it came.
            let _ = line.write_fmt(text);
            self.lines.push(Line { at: self.at, text: cut(line) });
        }
    }
}

/// A line within its length.
pub(crate) fn cut(mut line: String) -> String {
    if line.len() > LINE_BYTES_MAX {
        line.truncate(line.floor_char_boundary(LINE_BYTES_MAX));
        line.push_str(" [TRUNCATED]");
    }
    line
}

/// Pairs as Java prints a map: `{a=1, b=2}`.
fn java_map(pairs: &Pairs) -> String {
    let mut text = String::from("{");
    for (position, (name, value)) in pairs.iter().enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        text.push_str(name);
        text.push('=');
        text.push_str(value);
    }
    text.push('}');
    text
}
