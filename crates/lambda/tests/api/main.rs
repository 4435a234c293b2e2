//! The Lambda service as its clients see it: requests in, responses out, over a real store and real workers.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

mod fixture;
mod control;
mod configuration;
mod invoke;
mod permissions;
mod versions;
mod events;
mod project;
