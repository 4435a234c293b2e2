//! Bare servers that the gateway is compared with: as little as hyper needs to do the same work, and nothing else.
//!
//! * `hello PORT`: answers a constant, as a mock method does.
//! * `proxy PORT UPSTREAM_PORT`: passes requests on to loopback, as an HTTP proxy method does.
//! * `runtime-loop PORT RUNTIME_PORT`: hands requests to Lambda runtimes, as a Lambda proxy method does.
//!
//! Like the gateway each runs one single-threaded runtime and one socket per core.

mod hello;
mod proxy;
mod runtime_loop;
mod serve;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = |position: usize| arguments.get(position).and_then(|text| text.parse::<u16>().ok());
    match (arguments.first().map(String::as_str), port(1), port(2)) {
        (Some("hello"), Some(at), None) => hello::run(at),
        (Some("proxy"), Some(at), Some(upstream)) => proxy::run(at, upstream),
        (Some("runtime-loop"), Some(at), Some(runtime_api)) => runtime_loop::run(at, runtime_api),
        _ => {
            eprintln!("usage: bench-peers hello PORT | proxy PORT UPSTREAM_PORT | runtime-loop PORT RUNTIME_PORT");
            return ExitCode::from(64);
        }
    }
    ExitCode::SUCCESS
}
