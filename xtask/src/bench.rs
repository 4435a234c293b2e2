//! Throughput and latency of the gateway against nginx, in one run on one machine.
//!
//! The same load generator drives, in turns, nginx answering a constant, a mock method and a Lambda proxy method; rounds
//! interleave so that a change of the machine's mood meets all of them. What counts is the ratio of the medians.

mod http;
mod process;
mod peer;
mod gateway;
mod load;
mod report;

use anyhow::Result;

use crate::bench::gateway::Gateway;
use crate::bench::load::{Load, Sample, Target};
use crate::bench::peer::Nginx;
use crate::tool;
use crate::workspace::Workspace;

/// How long and how hard to drive.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Build with the profile `release` instead of `dist`: faster to build, slower to run
    #[arg(long)]
    quick: bool,
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

/// Builds, starts both servers, drives them and prints the table.
pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    tool::require_interpreters()?;
    tool::require("nginx", "-v", "the peer to compare with, on Debian: apt-get install nginx")?;
    load::require_wrk()?;
    let profile = if options.quick { "release" } else { "dist" };
    tool::run(&mut workspace.cargo(&["build", "--package", "lambdagate", "--profile", profile]))?;

    let nginx = Nginx::start(workspace)?;
    let gateway = Gateway::start(workspace, profile)?;
    let targets = [nginx.target(), gateway.mock(), gateway.lambda_proxy()];
    let load = Load { connections: options.connections, seconds: options.seconds };
    for target in &targets {
        load.warm_up(target)?;
    }
    let rounds = (1..=options.rounds).map(|round| drive(&load, &targets, round)).collect::<Result<Vec<_>>>()?;
    report::print(&targets, &rounds, options.connections);
    Ok(())
}

fn drive(load: &Load, targets: &[Target], round: u32) -> Result<Vec<Sample>> {
    eprintln!("round {round}");
    targets.iter().map(|target| load.drive(target)).collect()
}
