//! nginx, answering a constant from memory: the yardstick.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::bench::load::Target;
use crate::bench::process::Server;
use crate::workspace::Workspace;

const CONFIGURATION: &str = "bench/nginx.conf";
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const POLLS_MAX: u32 = 500;

/// A running nginx on a free loopback port.
pub(super) struct Nginx {
    port: u16,
    _server: Server,
}

impl Nginx {
    /// Starts nginx with the benchmark's configuration, its files below `target/bench`.
    pub(super) fn start(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.target("bench/nginx");
        fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let port = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port();
        let template = fs::read_to_string(workspace.path(CONFIGURATION))?;
        let configuration = folder.join("nginx.conf");
        fs::write(&configuration, template.replace("@PORT@", &port.to_string()))?;
        let mut command = workspace.command("nginx");
        command.arg("-p").arg(&folder).arg("-c").arg(&configuration).args(["-e", "stderr"]);
        let nginx = Self { port, _server: Server::start(&mut command)? };
        for _ in 0..POLLS_MAX {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Ok(nginx);
            }
            thread::sleep(POLL_INTERVAL);
        }
        bail!("nginx does not listen on port {port}")
    }

    /// `return 200`.
    pub(super) fn target(&self) -> Target {
        Target { name: "nginx return 200", url: format!("http://127.0.0.1:{}/", self.port), host: "localhost".into() }
    }
}
