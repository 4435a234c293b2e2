//! The repository's chores: `cargo xtask <chore>`, so that cargo is the only tool that a newcomer needs.
//!
//! Each chore says what it misses on this host and how to get it; nothing is installed outside `target/`.

mod workspace;
mod tool;
mod python;
mod node;
mod check;
mod suite;
mod bench;
mod dist;
mod bench_vtl;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// The repository's chores.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Formatting and lints
    Check,
    /// All tests: Rust, documentation, and the conformance suite by the AWS CLI and SDK
    Test,
    /// The conformance suite alone
    Conformance {
        /// Arguments of pytest, such as `-k calc -x`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        pytest: Vec<String>,
    },
    /// Everything that must pass before a merge: check, test, and the documentation without warnings
    Ci,
    /// Builds the gateway and runs an example
    Demo {
        /// The project's folder
        #[arg(default_value = "examples/calc")]
        project: PathBuf,
    },
    /// Runs the tests and accepts every golden file as it is now; read the diff before you commit it
    Golden,
    /// Builds the binary as it is published, with a profile of its own load; it ends up in `target/published/`
    Dist,
    /// Throughput and latency against nginx in the same run, on the loopback interface
    Bench(bench::Options),
    /// Mapping templates beside Apache Velocity and velocityjs
    BenchVtl(bench_vtl::Options),
}

fn main() -> Result<()> {
    let workspace = Workspace::find()?;
    match Arguments::parse().chore {
        Chore::Check => check::run(&workspace),
        Chore::Test => suite::run(&workspace),
        Chore::Conformance { pytest } => suite::run_conformance(&workspace, &pytest),
        Chore::Ci => {
            check::run(&workspace)?;
            suite::run(&workspace)?;
            check::document(&workspace)
        }
        Chore::Demo { project } => demo(&workspace, &project),
        Chore::Golden => {
            tool::run(workspace.cargo(&["test", "--workspace", "--no-fail-fast"]).env("INSTA_UPDATE", "always"))
        }
        Chore::Dist => dist::run(&workspace).map(drop),
        Chore::Bench(options) => bench::run(&workspace, &options),
        Chore::BenchVtl(options) => bench_vtl::run(&workspace, &options),
    }
}

fn demo(workspace: &Workspace, project: &PathBuf) -> Result<()> {
    tool::require_interpreters()?;
    tool::run(&mut workspace.cargo(&["build", "--package", "lambdagate"]))?;
    tool::run(workspace.command(workspace.binary("debug")).arg("dev").arg(project))
}
