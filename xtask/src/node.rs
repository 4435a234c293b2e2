//! The npm packages of the conformance suite: `target/npm`, made from the pinned versions in `conformance/package.json`.
//!
//! The copy of that file inside is what it was made from; as long as it is unchanged, the packages are used again.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::tool;
use crate::workspace::Workspace;

const MANIFEST: &str = "conformance/package.json";
/// Written when everything is there.
const STAMP: &str = "made-from.json";

/// The folder of the packages, which are installed when they are missing or out of date.
pub(crate) fn packages(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target("npm");
    let stamp = folder.join(STAMP);
    let wanted = fs::read_to_string(workspace.path(MANIFEST)).with_context(|| format!("cannot read {MANIFEST}"))?;
    if fs::read_to_string(&stamp).is_ok_and(|made_from| made_from == wanted) {
        return Ok(folder);
    }
    tool::require("npm", "--version", "install Node.js 20 or later with npm, on Debian: apt-get install nodejs npm")?;
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    fs::write(folder.join("package.json"), &wanted)?;
    // The packages are run, but nothing of theirs runs while they are installed.
    let install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error"];
    tool::run(Command::new("npm").args(install).current_dir(&folder))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(folder)
}
