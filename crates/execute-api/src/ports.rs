//! What the data plane needs from outside: functions to call, roles to act as, and somewhere to write what it has to tell. The
//! binary's wiring fills it in.

mod roles;

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use definition::{Scope, time::EpochMillis};
use http_body::{Body, Frame};
use http_body_util::{BodyExt as _, combinators::UnsyncBoxBody};

use crate::trace::kept::Explanations;

pub use roles::{Credentials, Destination, Permission, RoleCall, RoleRefusal, RoleSession, Roles};

/// All ports of a gateway.
#[derive(Clone)]
pub struct Ports {
    /// Where functions are reached.
    pub functions: Arc<dyn Functions>,
    /// Where access logs and execution logs go; without it, nowhere.
    pub logs: Option<Arc<dyn LogSink>>,
    /// Where metrics go; without it, nothing is measured.
    pub metrics: Option<Arc<dyn MetricSink>>,
    /// Where explanations are kept; without it, no request is explained.
    pub explanations: Option<Arc<Explanations>>,
}

impl Ports {
    /// Functions, and nobody to tell.
    #[must_use]
    pub fn new(functions: Arc<dyn Functions>) -> Self {
        Self { functions, logs: None, metrics: None, explanations: None }
    }
}

impl fmt::Debug for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ports").finish_non_exhaustive()
    }
}

/// A future that any thread may poll, as ports give them back.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where Lambda functions are reached: workers on this machine, or a remote Invoke endpoint.
pub trait Functions: Send + Sync + 'static {
    /// Calls a function once. Whether the gateway may is decided behind the port, by [`FunctionCall::authority`].
    ///
    /// The future may be dropped when the integration's time is up; the function is not stopped by that.
    fn invoke(&self, call: FunctionCall) -> PortFuture<'_, Result<FunctionAnswer, FunctionRefusal>>;

    /// Calls a function once and answers as soon as it has begun to write its response, or has ended without one. The call is
    /// always one that waits for its function.
    ///
    /// The future and the stream may be dropped; the function is not stopped by that. A port that cannot stream answers with
    /// all of the response at once.
    fn invoke_streaming(&self, call: FunctionCall) -> PortFuture<'_, Result<FunctionStream, FunctionRefusal>> {
        Box::pin(async move { self.invoke(call).await.map(FunctionStream::whole) })
    }
}

/// One call of a function on behalf of a method.
#[derive(Debug, Clone)]
pub struct FunctionCall {
    /// The function's ARN with the qualifier, if any, exactly as the integration names it.
    pub function_arn: String,
    /// The event. For `RequestResponse` and `Event` it must be JSON, and the function is refused it if it isn't.
    pub payload: Bytes,
    /// How the call waits.
    pub invocation_type: InvocationType,
    /// In whose name the call is made.
    pub authority: Authority,
    /// The value of `X-Amzn-Trace-Id` for the function.
    pub trace_id: String,
}

/// How a call waits for its function ("Invoke" of the Lambda API reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InvocationType {
    /// Until the function has answered.
    #[default]
    RequestResponse,
    /// Until the event is durable; the function runs later.
    Event,
    /// Until it is known whether the call would be allowed; the function does not run.
    DryRun,
}

/// In whose name the gateway calls a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// The role of the integration's `credentials`: its trust policy must let `apigateway.amazonaws.com` take it on, and its
    /// policies must allow the call.
    Role {
        /// The role's ARN.
        arn: String,
        /// As [`Authority::Gateway`]'s: what the trust policy may ask for as `aws:SourceArn`.
        source_arn: String,
        /// The account that owns the API: `aws:SourceAccount`.
        source_account: String,
    },
    /// The gateway's own: the function's resource policy must let `apigateway.amazonaws.com` call it from this source.
    Gateway {
        /// `arn:aws:execute-api:{region}:{account}:{api}/{stage}/{METHOD}/{resource path}`.
        source_arn: String,
        /// The account that owns the API.
        source_account: String,
    },
}

/// What came of a call that was made.
#[derive(Debug, Clone)]
pub struct FunctionAnswer {
    /// 200, 202 for `Event`, 204 for `DryRun`.
    pub status: u16,
    /// The function's result or error document; empty for `Event` and `DryRun`.
    pub payload: Bytes,
    /// `X-Amz-Function-Error`, when the function failed.
    pub function_error: Option<String>,
    /// The invocation's request id.
    pub request_id: String,
}

/// The response of a function that is still writing it.
#[derive(Debug)]
pub struct FunctionStream {
    /// The invocation's request id.
    pub request_id: String,
    /// What the function writes, when it writes it. A function that does not stream has written all of its result at once.
    pub body: UnsyncBoxBody<Bytes, FunctionFailure>,
}

/// The function failed; what it wrote before is not the whole of its response.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the function failed while it answered")]
pub struct FunctionFailure {
    /// The function's error document.
    pub payload: Bytes,
}

impl FunctionStream {
    /// The stream of an answer that is there already.
    #[must_use]
    pub fn whole(answer: FunctionAnswer) -> Self {
        let FunctionAnswer { payload, function_error, request_id, .. } = answer;
        let outcome = if function_error.is_some() { Err(FunctionFailure { payload }) } else { Ok(payload) };
        Self { request_id, body: AnswerBody(Some(outcome)).boxed_unsync() }
    }
}

/// An answer as a body of one piece.
struct AnswerBody(Option<Result<Bytes, FunctionFailure>>);

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = FunctionFailure;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, FunctionFailure>>> {
        Poll::Ready(self.0.take().map(|outcome| outcome.map(Frame::data)))
    }
}

/// Why a call was not made. The client gets a 500 for each; the log gets this text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FunctionRefusal {
    /// No policy lets the gateway call the function.
    #[error("invalid permissions on Lambda function")]
    Permission {
        /// What was missing, for the operator.
        detail: String,
    },
    /// The role cannot be taken on.
    #[error("API Gateway does not have permission to assume the provided role {arn}")]
    Role {
        /// The role's ARN.
        arn: String,
    },
    /// No such function, version or alias.
    #[error("function not found: {arn}")]
    NotFound {
        /// The ARN that was called.
        arn: String,
    },
    /// A concurrency limit is spent.
    #[error("rate exceeded: {reason}")]
    Throttled {
        /// Lambda's reason.
        reason: String,
    },
    /// The payload is not JSON, or too large.
    #[error("the payload was refused: {detail}")]
    Payload {
        /// Lambda's message.
        detail: String,
    },
    /// The function cannot be called now.
    #[error("the function is not available: {detail}")]
    Unavailable {
        /// Why.
        detail: String,
    },
}

/// Where the lines of logs go. A trait, because this crate knows no log service.
pub trait LogSink: Send + Sync + 'static {
    /// Takes a line. It never waits: what cannot be taken is dropped, and the sink counts what it dropped.
    fn put(&self, event: LogEvent);
}

/// A line of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEvent {
    /// The account of the group.
    pub account: Arc<str>,
    /// The region of the group.
    pub region: Arc<str>,
    /// The group's name; a group that does not exist is made.
    pub group: Arc<str>,
    /// The stream's name; a stream that does not exist is made.
    pub stream: Arc<str>,
    /// When it happened.
    pub at: EpochMillis,
    /// The line.
    pub text: String,
}

/// Where measurements go. A trait, because this crate knows no metric service.
pub trait MetricSink: Send + Sync + 'static {
    /// Takes what was measured. It never waits: what cannot be taken is dropped, and the sink counts what it dropped.
    fn put(&self, datum: MetricDatum);
}

/// What was measured of one metric within a minute.
#[derive(Debug, Clone, PartialEq)]
pub struct MetricDatum {
    /// The account and region of the metric.
    pub scope: Scope,
    /// The namespace.
    pub namespace: &'static str,
    /// The metric's name.
    pub name: &'static str,
    /// Its dimensions: names and values.
    pub dimensions: Vec<(&'static str, String)>,
    /// The unit.
    pub unit: MetricUnit,
    /// A moment within the minute.
    pub minute: EpochMillis,
    /// Values and how often each was measured.
    pub values: Vec<(f64, f64)>,
}

/// The units of our metrics ("StandardUnit" of the CloudWatch API reference).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricUnit {
    /// How many.
    Count,
    /// A time.
    Milliseconds,
}

impl MetricUnit {
    /// The unit as CloudWatch spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
        }
    }
}
