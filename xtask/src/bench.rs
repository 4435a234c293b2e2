//! Throughput, latency, CPU time and memory of the gateway beside its peers, in one run on one machine.
//!
//! The same load generator drives all targets of a scenario in turns; rounds interleave so that a change of the machine's mood
//! meets all of them. What counts is the ratio of the medians.

pub(crate) mod http;
mod process;
mod peer;
mod runtimes;
pub(crate) mod gateway;
mod load;
mod scenario;
mod growth;
mod control;
mod report;

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum as _;

use crate::bench::load::Load;
use crate::bench::scenario::{Field, Scenario};
use crate::tool;
use crate::workspace::Workspace;

/// What to drive, how long and how hard.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Scenarios to run; all of them unless named
    #[arg(value_enum)]
    scenarios: Vec<Scenario>,
    /// Instead of scenarios: deploy so many APIs, start anew, and compare one of them with all of them
    #[arg(long, conflicts_with = "scenarios", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    growth: Option<u32>,
    /// Build with the profile `release` instead of `dist`: faster to build, slower to run
    #[arg(long)]
    quick: bool,
    /// Instead of building one: measure this gateway
    #[arg(long, conflicts_with = "quick", value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Rounds; the median of each target's rounds is reported
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: u32,
    /// Seconds of load per target and round
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=60))]
    seconds: u32,
    /// Connections that are open at the same time
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=256))]
    connections: u32,
}

/// Builds, starts all servers, drives them and prints a table per scenario.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    tool::require_interpreters()?;
    let chosen = if options.scenarios.is_empty() { Scenario::value_variants() } else { &options.scenarios };
    let driven: Vec<Scenario> = chosen.iter().copied().filter(|scenario| *scenario != Scenario::Control).collect();
    let is_driven = options.growth.is_some() || !driven.is_empty();
    if is_driven {
        require_load_and_peers()?;
    }
    let program = &program(workspace, options)?;

    let Options { rounds, seconds, connections, .. } = *options;
    if is_driven {
        let load = Load { workspace, connections, seconds };
        println!("\nmedians of {rounds} rounds of {seconds} s, {connections} connections");
        if let Some(apis) = options.growth {
            return growth::run(workspace, program, &load, rounds, apis);
        }
        let field = Field::start(workspace, program, connections)?;
        driven.iter().try_for_each(|scenario| field.run(*scenario, &load, rounds))?;
    }
    if chosen.contains(&Scenario::Control) {
        println!("\nmedians of {rounds} rounds, one caller");
        control::run(workspace, program, rounds)?;
    }
    Ok(())
}

fn require_load_and_peers() -> Result<()> {
    tool::require("nginx", "-v", "the peer to compare with, on Debian: apt-get install nginx")?;
    load::require_wrk()?;
    tool::require("cmake", "--version", "one of Pingora's libraries is built with it, on Debian: apt-get install cmake")
}

/// The gateway to measure, which is built unless one was named.
fn program(workspace: &Workspace, options: &Options) -> Result<PathBuf> {
    if let Some(binary) = &options.binary {
        return std::path::absolute(binary).with_context(|| format!("no path: {}", binary.display()));
    }
    let profile = if options.quick { "release" } else { "dist" };
    tool::run(&mut workspace.cargo(&["build", "--package", "lambdagate", "--profile", profile]))?;
    Ok(workspace.binary(profile))
}
