//! The account's own services that a gateway's clients need: IAM roles, STS, CloudWatch Logs and metrics.
//!
//! [`logs`] and [`metrics`] are services of their own, with the writers through which the rest of the process logs and measures.
//! IAM and STS speak the AWS query protocol: [`Account::handle`] takes a request that the listener has recognised as one
//! service's, and whose caller it has established, and answers it. Roles are stored and given back here; what they allow is
//! decided by the crate `iam`, on behalf of whoever acts. AWS pages: "AWS Identity and Access Management API Reference", "AWS
//! Security Token Service API Reference".

mod account;
mod query;
mod paging;
mod role;
mod role_policy;
mod attached_policy;
mod role_tags;
mod caller_identity;
mod xml;
mod failure;

mod ingest;
pub mod logs;
pub mod metrics;

pub use account::{Account, REQUEST_BYTES_MAX, Service};
