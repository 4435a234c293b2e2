//! ARNs, IAM policies and Signature Version 4: the words in which AWS says who may do what to which thing.
//!
//! * [`arn`] reads and writes Amazon Resource Names and the ARN-shaped integration URIs of API Gateway.
//! * [`pattern`] matches text against the `*` and `?` of policies.
//! * [`policy`] turns policy documents into compiled [`policy::Policy`] values, or says what is wrong and where.
//! * [`evaluate`] decides a request against compiled policies.
//! * [`grant`] answers what the gateway asks before it calls a function or another service.
//! * [`sigv4`] signs requests and verifies signatures.
//!
//! The crate is pure: it knows no socket, disk, environment or clock. Whoever calls it passes the time in.

pub mod arn;
pub mod pattern;
pub mod policy;
pub mod evaluate;
pub mod grant;
pub mod sigv4;
