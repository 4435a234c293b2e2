//! All tests, one after the other: a failure does not hide the next one, and a summary ends the run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{node, python, tool};

/// Gateways that the conformance suite drives side by side; each test file stays with one of them.
const PYTEST_WORKERS: &str = "2";

/// Builds the workspace and runs every kind of test.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tool::require_interpreters()?;
    let tools = Tools::prepare(workspace)?;
    tool::run(&mut workspace.cargo(&["build", "--workspace"]))?;
    let outcomes = [
        ("Rust tests", tool::run(&mut rust_tests(workspace))),
        ("documentation tests", tool::run(&mut workspace.cargo(&["test", "--workspace", "--doc"]))),
        ("conformance", tool::run(&mut conformance(workspace, &tools, &[]))),
    ];
    summarize(&outcomes)
}

/// Builds the gateway and runs the conformance suite with pytest's own arguments.
pub(crate) fn run_conformance(workspace: &Workspace, pytest: &[String]) -> Result<()> {
    tool::require_interpreters()?;
    let tools = Tools::prepare(workspace)?;
    tool::run(&mut workspace.cargo(&["build", "--package", "lambdagate"]))?;
    tool::run(&mut conformance(workspace, &tools, pytest))
}

/// The clients that the conformance suite drives.
struct Tools {
    python: PathBuf,
    npm_packages: PathBuf,
}

impl Tools {
    fn prepare(workspace: &Workspace) -> Result<Self> {
        Ok(Self { python: python::interpreter(workspace)?, npm_packages: node::packages(workspace)? })
    }
}

fn rust_tests(workspace: &Workspace) -> Command {
    if tool::exists("cargo-nextest", "--version") {
        workspace.cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        workspace.cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
    }
}

fn conformance(workspace: &Workspace, tools: &Tools, pytest: &[String]) -> Command {
    let mut command = workspace.command(&tools.python);
    command.args(["-B", "-m", "pytest", "--numprocesses", PYTEST_WORKERS, "--dist", "loadfile"]);
    command.args(["--rootdir", "conformance", "--config-file", "conformance/pytest.ini"]);
    command.args(if pytest.is_empty() { &[][..] } else { pytest });
    command.arg("conformance").env("LAMBDAGATE_BIN", workspace.binary("debug"));
    command.env("CONFORMANCE_NPM", &tools.npm_packages);
    command
}

fn summarize(outcomes: &[(&str, Result<()>)]) -> Result<()> {
    eprintln!();
    for (name, outcome) in outcomes {
        eprintln!("{} {name}", if outcome.is_ok() { "passed" } else { "FAILED" });
    }
    match outcomes.iter().filter(|(_, outcome)| outcome.is_err()).count() {
        0 => Ok(()),
        failed => bail!("{failed} of {} kinds of tests failed", outcomes.len()),
    }
}
