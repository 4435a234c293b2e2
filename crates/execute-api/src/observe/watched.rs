//! A request from the moment when its method was looked for until all is told of it.
//!
//! Whoever drops the request tells of it, too: the client's connection, which ends while an answer is still being made, drops all
//! that was done for it.

use std::sync::Arc;

use http::Response;
use tokio::time::Instant;

use super::{Ended, Observers};
use crate::{
    Failure,
    context::RequestContext,
    message_body::MessageBody,
    respond::ResponseBody,
    stage::{LoadedMethod, LoadedStage, MethodRules},
    trace::Trace,
};

/// The status that is told of a request whose client did not wait for one: no standard has it, and other gateways tell the same.
const CLIENT_GONE_STATUS: u16 = 499;

/// A request that somebody will hear of, whatever becomes of it.
pub(crate) struct Watched<'r> {
    pub(crate) observers: &'r Arc<Observers>,
    pub(crate) stage: &'r LoadedStage,
    /// The method and what rules it; absent when none serves the request.
    pub(crate) method: Option<(&'r LoadedMethod, &'r MethodRules)>,
    pub(crate) context: &'r RequestContext<'r>,
    pub(crate) trace: Trace,
    pub(crate) started: Instant,
    pub(crate) is_told: bool,
}

impl Watched<'_> {
    /// Tells of a request that was answered: at once, or when the last of its body has been sent.
    pub(crate) fn answered(
        mut self,
        mut response: Response<ResponseBody>,
        failure: Option<&Failure>,
    ) -> Response<ResponseBody> {
        self.is_told = true;
        let ended = self.ended(response.status().as_u16(), failure);
        match std::mem::take(response.body_mut()) {
            MessageBody::Whole(body) => {
                self.observers.tell(&ended, &self.trace, body.len() as u64);
                *response.body_mut() = MessageBody::Whole(body);
            }
            MessageBody::Streaming(body) => {
                let body = self.observers.tell_when_sent(&ended, &self.trace, body);
                *response.body_mut() = MessageBody::Streaming(body);
            }
        }
        response
    }

    fn ended<'e>(&'e self, status: u16, failure: Option<&'e Failure>) -> Ended<'e> {
        Ended {
            stage: self.stage,
            method: self.method,
            context: self.context,
            failure,
            backend: self.trace.backend.as_ref(),
            cache: self.trace.cache,
            status,
            started: self.started,
            latency: self.started.elapsed(),
        }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        // A panic has its own report, and the client is not to blame for it.
        if self.is_told || std::thread::panicking() {
            return;
        }
        self.trace.line(format_args!("The connection ended before there was a response"));
        let ended = self.ended(CLIENT_GONE_STATUS, None);
        self.observers.tell(&ended, &self.trace, 0);
    }
}
