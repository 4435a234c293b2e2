//! As much of an HTTP client as setting up a gateway takes: one request, one connection, one answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Sends a request and answers the JSON of its 2xx response (`null` for an empty one); anything else is an error.
pub(super) fn send(port: u16, method: &str, target: &str, body: &[u8]) -> Result<Value> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    let length = body.len();
    write!(stream, "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n")?;
    write!(stream, "Accept: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let (head, content) = answer.split_once("\r\n\r\n").context("an answer without an end of its head")?;
    if !head.starts_with("HTTP/1.1 2") {
        bail!("{method} {target}: {}\n{content}", head.lines().next().unwrap_or_default());
    }
    if content.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(content)?) }
}
