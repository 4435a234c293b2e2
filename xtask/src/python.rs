//! Python environments below `target/`, each made from a file of pinned requirements.
//!
//! A stamp inside holds the requirements that it was made from; as long as they are unchanged, it is used again.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::tool;
use crate::workspace::Workspace;

const CONFORMANCE: &str = "conformance/requirements.txt";

/// The interpreter of the conformance suite's environment.
pub(crate) fn interpreter(workspace: &Workspace) -> Result<PathBuf> {
    environment(workspace, "venv", CONFORMANCE)
}

/// The interpreter of an environment in a folder below `target/`, which is made when it is missing or out of date.
pub(crate) fn environment(workspace: &Workspace, folder: &str, requirements: &str) -> Result<PathBuf> {
    let venv = workspace.target(folder);
    let python = venv.join("bin/python");
    let stamp = venv.join("requirements.txt");
    let wanted =
        fs::read_to_string(workspace.path(requirements)).with_context(|| format!("cannot read {requirements}"))?;
    if python.exists() && fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == wanted) {
        return Ok(python);
    }
    if venv.exists() {
        fs::remove_dir_all(&venv).with_context(|| format!("cannot remove {}", venv.display()))?;
    }
    tool::run(workspace.command("python3").args(["-m", "venv"]).arg(&venv))
        .context("cannot make a Python environment, on Debian: apt-get install python3-venv")?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", requirements];
    tool::run(workspace.command(&python).args(pip))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}
