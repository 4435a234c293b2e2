//! AWS Lambda: functions as records, as wire operations and as running processes.
//!
//! [`Lambda`] is the service: [`Lambda::handle`] answers calls of its API, [`Lambda::invoke_for_gateway`] those of the data
//! plane. [`runner`] executes function versions in local worker processes over the Runtime API; it knows neither the store nor
//! a wire operation. [`worker_init`] is what such a process runs before the function's interpreter replaces it.
//!
//! AWS: Lambda Developer Guide, "Understanding the Lambda execution environment lifecycle" and "Using the Lambda
//! runtime API for custom runtimes"; "Lambda API reference".

mod failure;
mod violations;
mod names;
mod operations;
mod call;
mod service;

mod functions;
mod code;
mod qualifiers;
mod versions;
mod aliases;
mod permissions;
mod tags;
mod account_settings;
mod project;

mod loaded;
mod invoke;
mod invoke_streaming;
mod event_stream;
mod answer;
mod gateway;
mod gateway_stream;
mod invocation;
mod dispatcher;
pub mod runner;
pub mod worker_init;

pub use answer::AnswerBody;
pub use code::{PackageError, unpack};
pub use failure::Failure;
pub use gateway::{Authority, GatewayAnswer, InvocationType, Refusal};
pub use gateway_stream::{BrokenResponse, GatewayStream};
pub use project::FunctionSpec;
pub use service::{BODY_BYTES_MAX, Lambda, LambdaConfig};
