//! HTTP backends: the `HTTP` and `HTTP_PROXY` integration types.
//!
//! Developer Guide, "HTTP integrations for REST APIs in API Gateway". Requests are never repeated and redirects never followed.
//! A custom integration's answer is read whole; a proxy's passes on while it arrives, and so does its request.

mod answer_body;
pub(crate) mod client;
mod connection;
mod egress;
mod pool;
pub(crate) mod request;
mod stream;
mod tls;
mod upload;
pub(crate) mod url;

pub(crate) use answer_body::Transfer;
pub(crate) use client::{HttpAnswer, HttpClient};
pub use egress::{Egress, InvalidNetwork, Network};
pub(crate) use request::{HeaderPairs, HttpRequest};
pub use tls::{Authority, BackendTls, InvalidAuthorities};
pub(crate) use url::BackendUrl;

/// An error with its causes, for the operator.
fn error_chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut detail = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        detail.push_str(": ");
        detail.push_str(&error.to_string());
        cause = error.source();
    }
    detail
}
