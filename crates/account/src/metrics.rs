//! Amazon CloudWatch metrics: what was measured, per minute.
//!
//! The rest of the process writes through [`MetricWriter`].

mod datapoint;
mod writer;

pub use writer::{MetricDatum, MetricWriter};
