//! Node.js runtimes for the bare Runtime API loop: the gateway's own bootstrap and function, without the gateway.

use anyhow::Result;

use crate::bench::process::Server;
use crate::workspace::Workspace;

const BOOTSTRAP: &str = "crates/lambda/bootstrap/node/bootstrap.cjs";
const FUNCTION: &str = "bench/function";

/// Runtimes that ask a loop for events.
pub(super) struct Runtimes {
    _servers: Vec<Server>,
}

impl Runtimes {
    /// Starts `count` of them against a Runtime API on this loopback port.
    pub(super) fn start(workspace: &Workspace, count: u32, runtime_port: u16) -> Result<Self> {
        let servers = (0..count).map(|_| {
            let function = workspace.path(FUNCTION);
            let mut node = workspace.command("node");
            node.arg(workspace.path(BOOTSTRAP))
                .env("AWS_LAMBDA_RUNTIME_API", format!("127.0.0.1:{runtime_port}"))
                .env("AWS_LAMBDA_FUNCTION_NAME", "bench")
                .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
                .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
                .env("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench")
                .env("AWS_LAMBDA_LOG_STREAM_NAME", "bench")
                .env("AWS_REGION", "us-east-1")
                .env("LAMBDA_TASK_ROOT", &function)
                .env("_HANDLER", "index.handler")
                .current_dir(&function);
            Server::start(&mut node)
        });
        Ok(Self { _servers: servers.collect::<Result<_>>()? })
    }
}
