//! What is measured: each scenario sets the gateway beside servers that do the same work.

use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::bench::gateway::Gateway;
use crate::bench::load::{Load, Sample, Target};
use crate::bench::peer::{self, Peer};
use crate::bench::process::free_port;
use crate::bench::report;
use crate::bench::runtimes::Runtimes;
use crate::workspace::Workspace;

const ORDER: &str = "bench/order.json";

/// A scenario's name on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Scenario {
    /// A mock method against constants of nginx and bare hyper
    Mock,
    /// A mock method whose body is validated against a model
    Validation,
    /// An HTTP proxy with a small answer against nginx, bare hyper and Pingora
    ProxySmall,
    /// An HTTP proxy with an answer of 1 MiB against the same
    ProxyLarge,
    /// A Lambda proxy against a bare Runtime API loop with the same function
    LambdaProxy,
    /// A Lambda function behind mapping templates against the same loop
    LambdaCustom,
    /// Control calls: an API made call by call, imports, and pages of lists, against moto's server
    Control,
}

impl Scenario {
    fn title(self) -> &'static str {
        match self {
            Self::Mock => "Mock",
            Self::Validation => "Mock with body validation",
            Self::ProxySmall => "HTTP proxy, small answer",
            Self::ProxyLarge => "HTTP proxy, 1 MiB answer",
            Self::LambdaProxy => "Lambda proxy",
            Self::LambdaCustom => "Lambda custom with templates",
            Self::Control => "Control calls",
        }
    }
}

/// The servers of all scenarios.
pub(super) struct Field {
    upstream: Peer,
    nginx: Peer,
    hello: Peer,
    hyper_proxy: Peer,
    pingora: Peer,
    runtime_loop: Peer,
    _runtimes: Runtimes,
    gateway: Gateway,
    order: String,
}

impl Field {
    /// Builds the peers and starts everything.
    pub(super) fn start(workspace: &Workspace, program: &Path, connections: u32) -> Result<Self> {
        peer::build(workspace)?;
        let upstream = Peer::upstream(workspace)?;
        let runtime_port = free_port()?;
        let runtime_loop = Peer::runtime_loop(workspace, runtime_port)?;
        Ok(Self {
            nginx: Peer::nginx(workspace, &upstream)?,
            hello: Peer::hello(workspace)?,
            hyper_proxy: Peer::hyper_proxy(workspace, &upstream)?,
            pingora: Peer::pingora(workspace, &upstream)?,
            // As many as the gateway starts for as many callers.
            _runtimes: Runtimes::start(workspace, connections, runtime_port)?,
            gateway: Gateway::start(workspace, program, upstream.port)?,
            order: fs::read_to_string(workspace.path(ORDER))?,
            runtime_loop,
            upstream,
        })
    }

    /// Drives a scenario's targets in interleaved rounds and prints its table.
    pub(super) fn run(&self, scenario: Scenario, load: &Load<'_>, rounds: u32) -> Result<()> {
        let targets = self.targets(scenario);
        for target in &targets {
            load.warm_up(target)?;
        }
        let mut samples = Vec::new();
        for round in 1..=rounds {
            eprintln!("{}: round {round}", scenario.title());
            samples.push(targets.iter().map(|target| load.drive(target)).collect::<Result<Vec<Sample>>>()?);
        }
        report::print(scenario.title(), &targets, &samples);
        Ok(())
    }

    /// The yardstick first.
    fn targets(&self, scenario: Scenario) -> Vec<Target> {
        let Self { nginx, gateway, .. } = self;
        let posted = |target: Target| Target { body: Some(self.order.clone()), ..target };
        let proxies = |path: &str| {
            vec![
                nginx.target("nginx proxy_pass", &format!("/proxy{path}")),
                self.upstream.target("(the upstream itself)", path),
                self.hyper_proxy.target("bare hyper proxy", path),
                self.pingora.target("Pingora proxy", path),
                gateway.target("gateway", path),
            ]
        };
        match scenario {
            Scenario::Mock => vec![
                nginx.target("nginx return 200", "/"),
                self.hello.target("bare hyper", "/"),
                gateway.target("gateway", "/mock"),
            ],
            Scenario::Validation => vec![
                posted(nginx.target("nginx return 200", "/")),
                posted(self.hello.target("bare hyper", "/")),
                posted(gateway.target("gateway", "/validated")),
            ],
            Scenario::ProxySmall => proxies("/small"),
            Scenario::ProxyLarge => proxies("/large"),
            Scenario::LambdaProxy => {
                vec![self.runtime_loop.target("bare Runtime API loop", "/"), gateway.target("gateway", "/lambda")]
            }
            Scenario::LambdaCustom => vec![
                posted(self.runtime_loop.target("bare Runtime API loop", "/")),
                posted(gateway.target("gateway", "/custom")),
            ],
            // One caller, whose calls are timed one by one.
            Scenario::Control => Vec::new(),
        }
    }
}
