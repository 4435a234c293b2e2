//! The commands of the command line.

mod dev;
mod explain;
mod serve;

use crate::cli::{Cli, Command};

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Serve(config) => serve::run(config),
        Command::Dev(dev) => dev::run(dev),
        Command::Explain(explain) => explain::run(&explain),
    }
}
