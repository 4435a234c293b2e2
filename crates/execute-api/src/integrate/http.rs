//! HTTP backends: the `HTTP` and `HTTP_PROXY` integration types.
//!
//! Developer Guide, "HTTP integrations for REST APIs in API Gateway". Requests are never repeated and redirects never followed;
//! answers are read whole before anything of them goes to the client.

pub(crate) mod client;
mod egress;
pub(crate) mod request;
mod tls;

pub(crate) use client::{HttpAnswer, HttpClient};
pub use egress::{Egress, InvalidNetwork, Network};
pub(crate) use request::{HeaderPairs, HttpRequest};
pub use tls::BackendTls;
