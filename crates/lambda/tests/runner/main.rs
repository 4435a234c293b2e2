//! Functions in real worker processes: what AWS documents about runtimes, seen from the caller of the runner.

#![expect(clippy::unwrap_used, reason = "a helper of a test may fail it")]

mod fixture;
mod lifecycle;
mod limits;
mod node;
mod provided;
mod python;
mod runtime_api;
mod streaming;
