//! Formatting, lints and documentation: what needs no test to be seen.

use anyhow::Result;

use crate::tool;
use crate::workspace::Workspace;

/// Formatting, then clippy; a warning is an error.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    tool::run(&mut workspace.cargo(&["fmt", "--all", "--", "--check"]))?;
    tool::run(&mut workspace.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))
}

/// The documentation of every crate; a broken link is an error.
pub(crate) fn document(workspace: &Workspace) -> Result<()> {
    let mut doc = workspace.cargo(&["doc", "--workspace", "--no-deps", "--document-private-items"]);
    tool::run(doc.env("RUSTDOCFLAGS", "-D warnings"))
}
