//! The load generator: `wrk`, the same for every target.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::bench::process::{Usage, usage};
use crate::workspace::Workspace;

/// Threads of the generator; a few are enough on one machine, where it shares the cores with its target.
const THREADS: u32 = 2;
const WARM_UP_SECONDS: u32 = 2;
const SCRIPT: &str = "bench/wrk.lua";

/// Something to send requests to.
pub(super) struct Target {
    /// How the report calls it.
    pub(super) name: &'static str,
    /// Where the requests go.
    pub(super) url: String,
    /// Their `Host` headers, which take turns.
    pub(super) hosts: Hosts,
    /// A JSON document to post; without one the requests are `GET`s.
    pub(super) body: Option<String>,
    /// The process whose CPU time and memory count, with its descendants.
    pub(super) server: u32,
}

/// The `Host` headers of requests.
pub(super) enum Hosts {
    /// One.
    One(String),
    /// The lines of a file.
    File(std::path::PathBuf),
}

/// What one run of load showed.
pub(super) struct Sample {
    /// Requests per second.
    pub(super) throughput: f64,
    /// The median latency in milliseconds.
    pub(super) p50_ms: f64,
    /// The 99th percentile of the latency in milliseconds.
    pub(super) p99_ms: f64,
    /// The 99.9th percentile of the latency in milliseconds.
    pub(super) p999_ms: f64,
    /// CPU time of the server per request, in microseconds.
    pub(super) cpu_us: f64,
    /// What the server had used at the end.
    pub(super) usage: Usage,
}

/// How hard and how long to drive a target.
pub(super) struct Load<'w> {
    /// Where the generator's script is.
    pub(super) workspace: &'w Workspace,
    /// Connections that are open at the same time.
    pub(super) connections: u32,
    /// Seconds of one run.
    pub(super) seconds: u32,
}

impl Load<'_> {
    /// Drives a target for a moment, so that its workers run before anything is measured.
    pub(super) fn warm_up(&self, target: &Target) -> Result<()> {
        self.wrk(target, WARM_UP_SECONDS).map(drop)
    }

    /// Drives a target and measures; an answer other than 2xx or 3xx is an error.
    pub(super) fn drive(&self, target: &Target) -> Result<Sample> {
        let before = usage(target.server);
        let report = self.wrk(target, self.seconds)?;
        let usage = usage(target.server);
        let figures =
            parse(&report).with_context(|| format!("cannot read the report on {}:\n{report}", target.name))?;
        if figures.refused > 0.0 || figures.broken > 0.0 {
            bail!("{} did not answer every request:\n{report}", target.name);
        }
        Ok(Sample {
            throughput: figures.requests * 1e6 / figures.duration_us,
            p50_ms: figures.p50_us / 1e3,
            p99_ms: figures.p99_us / 1e3,
            p999_ms: figures.p999_us / 1e3,
            cpu_us: (usage.cpu_seconds - before.cpu_seconds) * 1e6 / figures.requests,
            usage,
        })
    }

    fn wrk(&self, target: &Target, seconds: u32) -> Result<String> {
        let mut wrk = self.workspace.command("wrk");
        wrk.arg(format!("--threads={}", THREADS.min(self.connections)))
            .arg(format!("--connections={}", self.connections))
            .arg(format!("--duration={seconds}s"))
            .arg("--latency")
            .arg("--script")
            .arg(self.workspace.path(SCRIPT));
        match &target.hosts {
            Hosts::One(host) => wrk.arg("--header").arg(format!("Host: {host}")),
            Hosts::File(file) => wrk.env("BENCH_HOSTS", file),
        };
        if let Some(body) = &target.body {
            wrk.env("BENCH_METHOD", "POST").env("BENCH_BODY", body);
        }
        let output = wrk.arg(&target.url).output()?;
        if !output.status.success() {
            bail!("wrk on {} failed: {}", target.name, String::from_utf8_lossy(&output.stderr));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// Fails with a hint when the generator is missing; it has no flag that exits with 0.
pub(crate) fn require_wrk() -> Result<()> {
    Command::new("wrk")
        .arg("--version")
        .output()
        .context("wrk was not found: the load generator, on Debian: apt-get install wrk")
        .map(drop)
}

/// The figures of the script's line.
struct Figures {
    requests: f64,
    duration_us: f64,
    p50_us: f64,
    p99_us: f64,
    p999_us: f64,
    refused: f64,
    broken: f64,
}

fn parse(report: &str) -> Option<Figures> {
    let line = report.lines().find_map(|line| line.strip_prefix("BENCH "))?;
    let figure = |wanted: &str| {
        let mut pairs = line.split_ascii_whitespace().filter_map(|pair| pair.split_once('='));
        pairs.find(|(name, _)| *name == wanted)?.1.parse::<f64>().ok()
    };
    Some(Figures {
        requests: figure("requests").filter(|requests| *requests > 0.0)?,
        duration_us: figure("duration_us")?,
        p50_us: figure("p50_us")?,
        p99_us: figure("p99_us")?,
        p999_us: figure("p999_us")?,
        refused: figure("refused")?,
        broken: figure("broken")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Running 4s test @ http://127.0.0.1:1/\n  2 threads and 16 connections\n\
        BENCH requests=1000 duration_us=500000 p50_us=250 p99_us=1250 p999_us=9000 refused=0 broken=2\n";

    #[test]
    fn a_report_becomes_figures() {
        let figures = parse(REPORT).expect("a whole report");

        let read = [figures.requests, figures.duration_us, figures.p50_us, figures.p999_us, figures.broken];
        assert!(
            read.iter().zip([1000.0, 500_000.0, 250.0, 9000.0, 2.0]).all(|(read, want)| (read - want).abs() < 1e-9)
        );
    }

    #[test]
    fn a_report_that_lacks_a_figure_is_none() {
        assert!(parse(&REPORT.replace("p99_us", "p98_us")).is_none());
        assert!(parse(&REPORT.replace("requests=1000", "requests=0")).is_none());
    }
}
