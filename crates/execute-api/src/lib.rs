//! The data plane: what happens to a request between the listener and its backend, and back.
//!
//! The modules below stand in the order in which a request meets them; [`gateway`] calls them in that order and turns a
//! [`Failure`] into the gateway's own answer. The specification is `execute-api` as AWS documents it (Developer Guide, "API
//! Gateway REST APIs"). What a stage serves was compiled when it was loaded ([`stage`]): nothing is parsed per request that
//! could have been parsed then.
//!
//! This crate knows no store and no process runner: functions are reached through [`ports`], stages are handed in.

pub mod ports;
pub mod stage;
pub mod gateway;

pub mod address;
pub mod request;
pub mod canary;
pub mod route;
pub mod authorize;
pub mod throttle;
pub mod validate;
pub mod cache;
pub mod map_request;
pub mod integrate;
pub mod map_response;
pub mod respond;
pub mod test_invoke;

pub mod context;
pub mod exchange;
pub mod message_body;
pub mod overrides;
pub mod json_path;
pub mod template;
pub mod parameter_mapping;
pub mod content_handling;
pub mod trace;
mod observe;
mod access_log;
pub mod metrics;
pub mod execution_log;
pub mod failure;

pub use failure::Failure;
pub use gateway::Gateway;
