//! The binary as it is published: built twice, the second time with a profile of what the first did under load.
//!
//! A request runs through a few thousand places of a large program, more of them than a core's first-level cache holds. What is left
//! to chance in an ordinary build, which of them lie together and which are inlined, the profile decides.

mod training;
mod upstream;

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::tool;
use crate::workspace::Workspace;

/// Where everything of these builds is, below `target/`.
const FOLDER: &str = "published";
/// Versions of LLVM whose tools Debian and its kin install under names of their own.
const LLVM_VERSIONS: std::ops::RangeInclusive<u32> = 19..=40;

/// Builds the binary; answers where it is.
pub(crate) fn run(workspace: &Workspace) -> Result<PathBuf> {
    tool::require_interpreters()?;
    let tools = profile_tools();
    if tools.is_empty() {
        bail!("llvm-profdata was not found: rustup component add llvm-tools, or on Debian: apt-get install llvm-19");
    }
    let profiles = workspace.target(&format!("{FOLDER}/profiles"));
    if profiles.exists() {
        fs::remove_dir_all(&profiles)?;
    }
    let built = build(workspace, &flag("-Cprofile-generate=", &profiles))?;
    let instrumented = workspace.target(&format!("{FOLDER}/lambdagate-instrumented"));
    fs::copy(built, &instrumented)?;
    training::run(workspace, &instrumented)?;

    let merged = workspace.target(&format!("{FOLDER}/lambdagate.profdata"));
    merge(&tools, &profiles, &merged)?;
    let built = build(workspace, &flag("-Cprofile-use=", &merged))?;
    let published = workspace.target(&format!("{FOLDER}/lambdagate"));
    fs::copy(built, &published)?;
    eprintln!("\n{}", published.display());
    Ok(published)
}

fn flag(name: &str, path: &Path) -> OsString {
    let mut flag = OsString::from(name);
    flag.push(path);
    flag
}

/// Builds the gateway for this host, with a flag of the compiler's; answers where it is.
fn build(workspace: &Workspace, flag: &OsStr) -> Result<PathBuf> {
    let host = host()?;
    let folder = workspace.target(FOLDER);
    let mut cargo = workspace.cargo(&["build", "--package", "lambdagate", "--profile", "dist", "--target", &host]);
    // Flags go to the program and not to what builds it, since the target is named.
    cargo.arg("--target-dir").arg(&folder).env("CARGO_ENCODED_RUSTFLAGS", flag);
    tool::run(&mut cargo)?;
    Ok(folder.join(host).join("dist/lambdagate"))
}

/// The host as the compiler calls it.
fn host() -> Result<String> {
    let output = Command::new("rustc").arg("-vV").output().context("cannot run rustc")?;
    let text = String::from_utf8(output.stdout)?;
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not say for which host it is")
}

/// Programs that may be able to merge profiles: the compiler's own first, then the newest of the system's.
fn profile_tools() -> Vec<OsString> {
    let own = Command::new("rustc").args(["--print", "target-libdir"]).output().ok().map(|output| {
        let library = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
        library.with_file_name("bin").join("llvm-profdata").into_os_string()
    });
    let versioned = LLVM_VERSIONS.rev().map(|version| OsString::from(format!("llvm-profdata-{version}")));
    let candidates = own.into_iter().chain(versioned).chain([OsString::from("llvm-profdata")]);
    candidates.filter(|program| tool::exists(program, "--version")).collect()
}

/// Merges what the instrumented program wrote. A tool reads profiles of its own version of LLVM, and of many others.
fn merge(tools: &[OsString], profiles: &Path, merged: &Path) -> Result<()> {
    let mut written: Vec<PathBuf> = Vec::new();
    for entry in fs::read_dir(profiles).context("the instrumented program has written no profile")? {
        written.push(entry?.path());
    }
    for program in tools {
        let mut command = Command::new(program);
        command.arg("merge").arg("-o").arg(merged).args(&written);
        match tool::run(&mut command) {
            Ok(()) => return Ok(()),
            Err(error) => eprintln!("{error}"),
        }
    }
    bail!("no llvm-profdata of this host can read what the compiler's program wrote: rustup component add llvm-tools")
}
