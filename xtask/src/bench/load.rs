//! The load generator: `wrk`, the same for every target.

use std::process::Command;

use anyhow::{Context, Result, bail};

/// Threads of the generator; a few are enough on one machine, where it shares the cores with its target.
const THREADS: u32 = 2;
const WARM_UP_SECONDS: u32 = 2;

/// Something to send requests to.
pub(super) struct Target {
    /// How the report calls it.
    pub(super) name: &'static str,
    /// Where the requests go.
    pub(super) url: String,
    /// Their `Host` header.
    pub(super) host: String,
}

/// What one run of load showed.
pub(super) struct Sample {
    /// Requests per second.
    pub(super) throughput: f64,
    /// The median latency in milliseconds.
    pub(super) p50_ms: f64,
    /// The 99th percentile of the latency in milliseconds.
    pub(super) p99_ms: f64,
}

/// How hard and how long to drive a target.
pub(super) struct Load {
    /// Connections that are open at the same time.
    pub(super) connections: u32,
    /// Seconds of one run.
    pub(super) seconds: u32,
}

impl Load {
    /// Drives a target for a moment, so that its workers run before anything is measured.
    pub(super) fn warm_up(&self, target: &Target) -> Result<()> {
        self.wrk(target, WARM_UP_SECONDS).map(drop)
    }

    /// Drives a target and measures; an answer other than 2xx or 3xx is an error.
    pub(super) fn drive(&self, target: &Target) -> Result<Sample> {
        let report = self.wrk(target, self.seconds)?;
        parse(&report).with_context(|| format!("cannot read the report of wrk on {}:\n{report}", target.name))
    }

    fn wrk(&self, target: &Target, seconds: u32) -> Result<String> {
        let output = Command::new("wrk")
            .arg(format!("--threads={}", THREADS.min(self.connections)))
            .arg(format!("--connections={}", self.connections))
            .arg(format!("--duration={seconds}s"))
            .args(["--latency", "--header", &format!("Host: {}", target.host), &target.url])
            .output()?;
        let report = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!("wrk on {} failed: {}", target.name, String::from_utf8_lossy(&output.stderr));
        }
        if report.contains("Non-2xx or 3xx responses") || report.contains("Socket errors") {
            bail!("{} did not answer every request:\n{report}", target.name);
        }
        Ok(report)
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

fn parse(report: &str) -> Option<Sample> {
    let value_of = |label: &str| report.lines().find_map(|line| line.trim_start().strip_prefix(label)).map(str::trim);
    Some(Sample {
        throughput: value_of("Requests/sec:")?.parse().ok()?,
        p50_ms: milliseconds(value_of("50%")?)?,
        p99_ms: milliseconds(value_of("99%")?)?,
    })
}

fn milliseconds(text: &str) -> Option<f64> {
    let (digits, factor) = if let Some(digits) = text.strip_suffix("us") {
        (digits, 0.001)
    } else if let Some(digits) = text.strip_suffix("ms") {
        (digits, 1.0)
    } else {
        (text.strip_suffix('s')?, 1000.0)
    };
    digits.parse::<f64>().ok().map(|value| value * factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPORT: &str = "Running 4s test @ http://127.0.0.1:1/\n  2 threads and 16 connections\n  Thread Stats   Avg      Stdev\n  \
        Latency   310.42us  400.00us\n  Latency Distribution\n     50%  250.00us\n     75%  1.10ms\n     99%  1.25s \n\
        Requests/sec:  48211.90\nTransfer/sec:      8.00MB\n";

    #[test]
    fn a_report_becomes_a_sample() {
        let sample = parse(REPORT).expect("a whole report");

        assert!((sample.throughput - 48_211.90).abs() < 0.001);
        assert!((sample.p50_ms - 0.25).abs() < 1e-9);
        assert!((sample.p99_ms - 1250.0).abs() < 1e-9);
    }

    #[test]
    fn a_report_that_lacks_a_line_is_no_sample() {
        assert!(parse(&REPORT.replace("99%", "98%")).is_none());
    }
}
