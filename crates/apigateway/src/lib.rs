//! The control plane of API Gateway REST APIs: a wire operation becomes rules over the store's records.
//!
//! [`ControlPlane::handle`] takes a request of the service `apigateway` and answers it. The table of all operations is
//! [`operations`](OPERATIONS); each resource noun has a module with its operations, its wire structs and its patch table. An
//! operation is one transaction: it is done whole and durable, or not at all.
//!
//! This crate runs no request of an API. `TestInvokeMethod` hands the current definition to a function that the binary's wiring
//! supplies ([`TestInvoker`]), and `TestInvokeAuthorizer` likewise ([`AuthorizerTester`]). Who may call what is decided before, by the listener. "Amazon API Gateway Version 1 API Reference".

mod failure;
mod ids;
mod wire;
mod patch;
mod call;
mod security_policy;
mod operations;
mod control_plane;

mod rest_apis;
mod resources;
mod methods;
mod method_responses;
mod integrations;
mod integration_responses;
mod mapping;
mod models;
mod request_validators;
mod authorizers;
mod gateway_responses;
mod snapshots;
mod deployments;
mod stages;
mod documentation;
mod exports;
mod import;
mod sdks;
mod check;
mod project;
mod test_invoke;
mod account;
mod api_keys;
mod usage_plans;
mod usage_plan_keys;
mod usage;
mod domain_names;
mod base_path_mappings;
mod access_associations;
mod vpc_links;
mod client_certificates;
mod tags;

pub use account::AccountThrottle;
pub use authorizers::{AuthorizerTest, AuthorizerTestResult, AuthorizerTester};
pub use check::check_document;
pub use control_plane::{BODY_BYTES_MAX, ControlPlane};
pub use failure::{Failure, Result};
pub use ids::Ids;
pub use operations::{OPERATIONS, Operation};
pub use project::{Applied, Project};
pub use test_invoke::{TestInvocation, TestInvocationResult, TestInvoker};
pub use usage::add_usage;
