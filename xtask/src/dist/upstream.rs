//! What the proxies of the training stand in front of: a small document and one of 1 MiB, on connections that stay open.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use anyhow::Result;

const SMALL: &[u8] = b"{\"ok\":true}";
const LARGE_BYTES: usize = 1024 * 1024;

/// Serves on a port of the loopback interface until this program ends; answers the port.
pub(super) fn start() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // A proxy may close a connection whenever it likes.
            thread::spawn(move || serve(stream).ok());
        }
    });
    Ok(port)
}

fn serve(stream: TcpStream) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut output = stream.try_clone()?;
    let mut input = BufReader::new(stream);
    let large = vec![b'x'; LARGE_BYTES];
    let mut line = String::new();
    loop {
        line.clear();
        if input.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let content = if line.contains("/large") { &large } else { SMALL };
        while line.trim_end() != "" {
            line.clear();
            input.read_line(&mut line)?;
        }
        let length = content.len();
        write!(output, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n")?;
        output.write_all(content)?;
    }
}
