//! Other servers that do the same work: nginx, bare hyper, Pingora, a bare Runtime API loop, moto's server.

use std::fs::{self, File};
use std::process::Command;

use anyhow::{Context, Result};

use crate::bench::load::{Hosts, Target};
use crate::bench::process::{Server, free_port};
use crate::python;
use crate::tool;
use crate::workspace::Workspace;

const NGINX: &str = "bench/nginx.conf";
const UPSTREAM: &str = "bench/upstream.conf";
const MOTO_REQUIREMENTS: &str = "bench/requirements.txt";
/// The large document's bytes.
const LARGE_BYTES: usize = 1024 * 1024;

/// A server on a loopback port.
pub(super) struct Peer {
    /// Where it listens.
    pub(super) port: u16,
    server: Server,
}

impl Peer {
    /// nginx, answering a constant and passing `/proxy/` on.
    pub(super) fn nginx(workspace: &Workspace, upstream: &Self) -> Result<Self> {
        nginx(workspace, NGINX, "bench/nginx", upstream.port)
    }

    /// nginx again, as what all proxies stand in front of.
    pub(super) fn upstream(workspace: &Workspace) -> Result<Self> {
        let files = workspace.target("bench/upstream/files");
        fs::create_dir_all(&files)?;
        fs::write(files.join("large"), vec![b'x'; LARGE_BYTES])?;
        nginx(workspace, UPSTREAM, "bench/upstream", 0)
    }

    /// Bare hyper, answering a constant.
    pub(super) fn hello(workspace: &Workspace) -> Result<Self> {
        let port = free_port()?;
        Self::start(workspace.command(workspace.target("bench/peers/release/bench-peers")).arg("hello"), port, None)
    }

    /// Bare hyper, passing everything on.
    pub(super) fn hyper_proxy(workspace: &Workspace, upstream: &Self) -> Result<Self> {
        let program = workspace.target("bench/peers/release/bench-peers");
        Self::start(workspace.command(program).arg("proxy"), free_port()?, Some(upstream.port))
    }

    /// Pingora, passing everything on.
    pub(super) fn pingora(workspace: &Workspace, upstream: &Self) -> Result<Self> {
        let program = workspace.target("bench/pingora/release/bench-pingora");
        Self::start(&mut workspace.command(program), free_port()?, Some(upstream.port))
    }

    /// Bare hyper between clients and the runtimes that ask on `runtime_port`.
    pub(super) fn runtime_loop(workspace: &Workspace, runtime_port: u16) -> Result<Self> {
        let program = workspace.target("bench/peers/release/bench-peers");
        Self::start(workspace.command(program).arg("runtime-loop"), free_port()?, Some(runtime_port))
    }

    /// moto's server, from an environment of its own; it writes a line per request, which goes into a file.
    pub(super) fn moto(workspace: &Workspace) -> Result<Self> {
        let python = python::environment(workspace, "bench/moto", MOTO_REQUIREMENTS)?;
        let port = free_port()?;
        let mut command = workspace.command(python.with_file_name("moto_server"));
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        let log = File::create(workspace.target("bench/moto.log"))?;
        command.stdout(log.try_clone()?).stderr(log);
        Ok(Self { port, server: Server::start_on(&mut command, port)? })
    }

    fn start(command: &mut Command, port: u16, second_port: Option<u16>) -> Result<Self> {
        command.arg(port.to_string()).args(second_port.map(|port| port.to_string()));
        Ok(Self { port, server: Server::start_on(command, port)? })
    }

    /// Requests to a path of this server.
    pub(super) fn target(&self, name: &'static str, path: &str) -> Target {
        Target {
            name,
            url: format!("http://127.0.0.1:{}{path}", self.port),
            hosts: Hosts::One("localhost".into()),
            body: None,
            server: self.server.id(),
        }
    }
}

/// Builds what is written for the comparison, with the settings of the published gateway.
pub(super) fn build(workspace: &Workspace) -> Result<()> {
    for name in ["peers", "pingora"] {
        let manifest = workspace.path(&format!("bench/{name}/Cargo.toml"));
        let mut cargo = workspace.cargo(&["build", "--release", "--manifest-path"]);
        tool::run(cargo.arg(manifest).env("CARGO_TARGET_DIR", workspace.target(&format!("bench/{name}"))))?;
    }
    Ok(())
}

/// Starts nginx with a configuration of ours, its files below `target/`.
fn nginx(workspace: &Workspace, configuration: &str, folder: &str, upstream_port: u16) -> Result<Peer> {
    let folder = workspace.target(folder);
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let port = free_port()?;
    let text = fs::read_to_string(workspace.path(configuration))?
        .replace("@PORT@", &port.to_string())
        .replace("@UPSTREAM_PORT@", &upstream_port.to_string());
    let configuration = folder.join("nginx.conf");
    fs::write(&configuration, text)?;
    let mut command = workspace.command("nginx");
    command.arg("-p").arg(&folder).arg("-c").arg(&configuration).args(["-e", "stderr"]);
    Ok(Peer { port, server: Server::start_on(&mut command, port)? })
}
