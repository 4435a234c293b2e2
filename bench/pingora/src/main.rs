//! `bench-pingora PORT UPSTREAM_PORT`: passes requests on to loopback, one thread per core.

use std::process::ExitCode;

use async_trait::async_trait;
use pingora_core::{
    Result,
    server::{Server, configuration::ServerConf},
    upstreams::peer::HttpPeer,
};
use pingora_proxy::{ProxyHttp, Session, http_proxy_service};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Proxy {
    upstream_port: u16,
}

#[async_trait]
impl ProxyHttp for Proxy {
    type CTX = ();

    fn new_ctx(&self) {}

    async fn upstream_peer(&self, _session: &mut Session, _context: &mut ()) -> Result<Box<HttpPeer>> {
        Ok(Box::new(HttpPeer::new(("127.0.0.1", self.upstream_port), false, String::new())))
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = |position: usize| arguments.get(position).and_then(|text| text.parse::<u16>().ok());
    let (Some(at), Some(upstream_port)) = (port(0), port(1)) else {
        eprintln!("usage: bench-pingora PORT UPSTREAM_PORT");
        return ExitCode::from(64);
    };
    let configuration =
        ServerConf { threads: std::thread::available_parallelism().map_or(1, usize::from), ..ServerConf::default() };
    let mut server = Server::new_with_opt_and_conf(None, configuration);
    server.bootstrap();
    let mut service = http_proxy_service(&server.configuration, Proxy { upstream_port });
    service.add_tcp(&format!("127.0.0.1:{at}"));
    server.add_service(service);
    server.run_forever()
}
