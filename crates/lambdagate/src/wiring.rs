//! The joints between the crates: stages and custom domain names out of the store, functions and roles behind the data plane's ports, logs, metrics, test
//! invocation.

mod client_identity;
mod credentials;
mod domains;
mod function_logs;
mod functions;
mod logs;
mod metrics;
mod stages;
mod test_invoke;

pub(crate) use credentials::LocalRoles;
pub(crate) use domains::DomainLoader;
pub(crate) use function_logs::{Terminal, function_logs};
pub(crate) use functions::{LocalFunctions, lambda_answer};
pub(crate) use logs::GatewayLogs;
pub(crate) use metrics::GatewayMetrics;
pub(crate) use stages::StageLoader;
pub(crate) use test_invoke::{authorizer_tester, test_invoker};
