//! The commands of the command line.

mod dev;
mod explain;
mod import;
mod render;
mod serve;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(config) => serve::run(config)?,
        Command::Dev(dev) => dev::run(dev)?,
        Command::Explain(explain) => explain::run(&explain)?,
        Command::Render(render) => return Ok(render::run(&render)),
        Command::Import(import) => return Ok(import::run(&import)),
    }
    Ok(ExitCode::SUCCESS)
}
