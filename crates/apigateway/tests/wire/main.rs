//! The control plane as a client sees it: requests in, exact answers and refusals out, over a store in memory.
#![allow(clippy::unwrap_used, clippy::panic, reason = "the functions beside the tests fail the test that calls them")]

mod gateway;

mod protocol;
mod rest_apis;
mod resources;
mod methods;
mod integrations;
mod models;
mod request_validators;
mod authorizers;
mod gateway_responses;
mod deployments;
mod stages;
mod documentation;
mod exports;
mod import;
mod sdks;
mod test_invoke;
mod api_keys;
mod api_key_import;
mod usage_plans;
mod usage_plan_keys;
mod usage;
mod domain_names;
mod base_path_mappings;
mod access_associations;
mod vpc_links;
mod client_certificates;
mod account_and_tags;
