//! What a user declares, and nothing about how it is kept, served or run.
//!
//! The nouns of API Gateway's REST APIs, of Lambda functions and of IAM roles as plain values; the grammar of
//! parameter-mapping expressions; the frozen [`ApiSnapshot`] that a deployment points at; and OpenAPI documents read into
//! those nouns and written from them. This crate is pure: bytes and values in, values out. It knows no socket, disk, clock or environment.
//!
//! Each noun's serde form is both how it is stored and, member by member, how AWS spells it on the wire
//! ("Amazon API Gateway Version 1 API Reference", "AWS Lambda API Reference"). What a particular operation adds to or leaves
//! out of that form is the operation's business, in the crate that speaks the wire.

pub mod caller;
pub mod id;
pub mod time;

pub mod rest_api;
pub mod resource;
pub mod method;
pub mod integration;
pub mod mapping;
pub mod model;
pub mod request_validator;
pub mod authorizer;
pub mod gateway_response;
pub mod documentation;
pub mod snapshot;
pub mod deployment;
pub mod stage;
pub mod api_key;
pub mod usage_plan;
pub mod usage;
pub mod domain_name;
pub mod vpc_link;
pub mod client_certificate;

pub mod function;
pub mod role;

pub mod openapi;

pub use caller::{Caller, Scope};
pub use snapshot::ApiSnapshot;
