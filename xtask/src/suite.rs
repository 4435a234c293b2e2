//! All tests, one after the other: a failure does not hide the next one, and a summary ends the run.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{python, tool};

/// Gateways that the conformance suite drives side by side; each test file stays with one of them.
const PYTEST_WORKERS: &str = "2";

/// Builds the workspace and runs every kind of test.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tool::require_interpreters()?;
    let python = python::interpreter(workspace)?;
    tool::run(&mut workspace.cargo(&["build", "--workspace"]))?;
    let outcomes = [
        ("Rust tests", tool::run(&mut rust_tests(workspace))),
        ("documentation tests", tool::run(&mut workspace.cargo(&["test", "--workspace", "--doc"]))),
        ("conformance", tool::run(&mut conformance(workspace, &python, &[]))),
    ];
    summarize(&outcomes)
}

/// Builds the gateway and runs the conformance suite with pytest's own arguments.
pub(crate) fn run_conformance(workspace: &Workspace, pytest: &[String]) -> Result<()> {
    tool::require_interpreters()?;
    let python = python::interpreter(workspace)?;
    tool::run(&mut workspace.cargo(&["build", "--package", "lambdagate"]))?;
    tool::run(&mut conformance(workspace, &python, pytest))
}

fn rust_tests(workspace: &Workspace) -> Command {
    if tool::exists("cargo-nextest", "--version") {
        workspace.cargo(&["nextest", "run", "--workspace", "--no-fail-fast"])
    } else {
        workspace.cargo(&["test", "--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"])
    }
}

fn conformance(workspace: &Workspace, python: &Path, pytest: &[String]) -> Command {
    let mut command = workspace.command(python);
    command.args(["-B", "-m", "pytest", "--numprocesses", PYTEST_WORKERS, "--dist", "loadfile"]);
    command.args(["--rootdir", "conformance", "--config-file", "conformance/pytest.ini"]);
    command.args(if pytest.is_empty() { &[][..] } else { pytest });
    command.arg("conformance").env("LAMBDAGATE_BIN", workspace.binary("debug"));
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
