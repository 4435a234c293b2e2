//! The load from which the profile comes: the requests of the benchmark's scenarios, over the wire.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::thread;

use anyhow::{Context as _, Result, bail};

use crate::bench::gateway::{Gateway, STAGE};
use crate::bench::http::Answer;
use crate::dist::upstream;
use crate::workspace::Workspace;

const ORDER: &str = "bench/order.json";
/// Connections that are open at the same time.
const CALLERS: usize = 8;
/// How often each caller sends a request that the gateway answers by itself, one that it passes on, one with a large answer, and one
/// that a function answers.
const OWN: usize = 4000;
const PASSED: usize = 2000;
const LARGE: usize = 50;
const FUNCTION: usize = 500;

/// Runs the program under the load, and ends it.
pub(super) fn run(workspace: &Workspace, program: &Path) -> Result<()> {
    let order = fs::read_to_string(workspace.path(ORDER))?;
    let gateway = Gateway::start(workspace, program, upstream::start()?)?;
    for (method, path, body, times) in [
        ("GET", "/mock", "", OWN),
        ("POST", "/validated", &order, OWN),
        ("GET", "/small", "", PASSED),
        ("GET", "/large", "", LARGE),
        ("GET", "/lambda", "", FUNCTION),
        ("POST", "/custom", &order, FUNCTION),
    ] {
        eprintln!("{} requests: {method} {path}", CALLERS * times);
        let host = gateway.host();
        let length = body.len();
        // As browsers and SDKs write their heads, so that the usual number of fields is what is usual here.
        let request = format!(
            "{method} /{STAGE}{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: training\r\nAccept: application/json, text/plain\r\n\
             Accept-Encoding: gzip, deflate\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        drive(gateway.port(), request.as_bytes(), times).with_context(|| format!("{method} {path}"))?;
    }
    Ok(())
}

/// Sends a request over and over on several connections.
fn drive(port: u16, request: &[u8], times: usize) -> Result<()> {
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS).map(|_| scope.spawn(|| call(port, request, times))).collect();
        callers.into_iter().try_for_each(|caller| caller.join().unwrap_or_else(|_| bail!("a caller ended by a panic")))
    })
}

fn call(port: u16, request: &[u8], times: usize) -> Result<()> {
    let mut connection = BufReader::new(TcpStream::connect(("127.0.0.1", port))?);
    connection.get_ref().set_nodelay(true)?;
    for _ in 0..times {
        connection.get_mut().write_all(request)?;
        read_success(&mut connection)?;
    }
    Ok(())
}

/// Reads an answer, which must be a success.
fn read_success(input: &mut impl BufRead) -> Result<Answer> {
    let answer = Answer::read(input)?;
    if answer.status_line.starts_with("HTTP/1.1 200") { Ok(answer) } else { bail!("answered {:?}", answer.status_line) }
}

#[cfg(test)]
mod tests {
    use super::read_success;

    #[test]
    fn an_answer_is_read_to_its_end_and_no_further() {
        let mut input = &b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nX: y\r\n\r\n{}HTTP/1.1 502 Bad Gateway\r\n\r\n"[..];
        assert_eq!(read_success(&mut input).unwrap().content, b"{}");
        assert!(read_success(&mut input).is_err());
    }

    #[test]
    fn an_answer_that_is_no_success_ends_the_training() {
        assert!(read_success(&mut &b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"[..]).is_err());
    }
}
