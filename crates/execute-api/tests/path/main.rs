//! The data path as a client and a function see it: requests in, events, calls and responses out.

#![expect(clippy::expect_used, clippy::panic, reason = "a test says what is wrong by panicking")]
#![expect(clippy::needless_pass_by_value, reason = "JSON literals are handed over as they stand")]

mod fixture;

mod custom_domains;
mod custom_integration;
mod endings;
mod gateway_errors;
mod header_tables;
mod hostile;
mod http_backend;
mod https_backend;
mod lambda_proxy;
mod lambda_stream;
mod mock;
mod observability;
mod registry;
mod routing;
mod stage_settings;
mod test_invocation;
