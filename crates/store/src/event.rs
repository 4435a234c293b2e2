//! Asynchronous invocations that were accepted and are not yet done (Lambda Developer Guide, "Invoking a Lambda function
//! asynchronously").
//!
//! The store keeps them and hands them out, each to one claimant at a time, at least once. When to try again, when to give up
//! and where a failure is reported is the runner's to decide.

use definition::{Scope, time::EpochMillis};

/// The largest payload of an asynchronous invocation, as in AWS Lambda's quotas.
pub const EVENT_PAYLOAD_BYTES_MAX: usize = 1024 * 1024;
/// The largest context that is kept beside a payload: AWS's client context of 3,583 bytes, with room for what the runner adds.
pub const EVENT_CONTEXT_BYTES_MAX: usize = 16 * 1024;
/// The most events that wait at one time; further ones are refused until some are done.
pub const EVENTS_MAX: u64 = 100_000;

/// An invocation to be queued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The request id, a UUID; unique.
    pub id: String,
    /// The account and region of the function.
    pub scope: Scope,
    /// The function as it was invoked: with its version or alias, when one was named.
    pub function_arn: String,
    /// The payload, up to [`EVENT_PAYLOAD_BYTES_MAX`].
    pub payload: Vec<u8>,
    /// JSON text of the runner's own (client context, trace header), up to [`EVENT_CONTEXT_BYTES_MAX`].
    pub context: String,
    /// When the invocation was accepted; its age counts from here. It may be claimed from this moment on.
    pub accepted_at: EpochMillis,
}

/// An event that the caller alone may work on until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedEvent {
    /// What was queued.
    pub event: NewEvent,
    /// How many attempts were made and failed so far, as told by `reschedule_event`.
    pub attempts: u32,
    /// When the claim ends and the event may be handed to another.
    pub claimed_until: EpochMillis,
}
