//! As much of an HTTP client as calling a control plane takes: one request at a time, on a connection that stays open.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Some servers take long over a large document.
const TIMEOUT: Duration = Duration::from_mins(2);

/// A client of one server on the loopback interface.
pub(super) struct Client {
    port: u16,
    /// Lines of each request's head beside those of HTTP itself.
    fields: String,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    /// A client that says nothing of itself.
    pub(super) fn new(port: u16) -> Self {
        Self { port, fields: String::new(), connection: None }
    }

    /// A client whose requests are marked, but not signed, as those of a service's SDK: some servers find the service by it.
    pub(super) fn of_service(port: u16, service: &str) -> Self {
        let scope = format!("bench/20200101/us-east-1/{service}/aws4_request");
        let fields = format!("Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n");
        Self { port, fields, connection: None }
    }

    /// Sends a request and answers the JSON of its 2xx response (`null` for an empty one); anything else is an error.
    pub(super) fn send(&mut self, method: &str, target: &str, body: &[u8]) -> Result<Value> {
        let (port, fields, length) = (self.port, &self.fields, body.len());
        let mut request = format!(
            "{method} {target} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n\
             Accept: application/json\r\n{fields}Content-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        request.extend_from_slice(body);
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connect(port)?,
        };
        connection.get_mut().write_all(&request)?;
        let answer = Answer::read(&mut connection).with_context(|| format!("{method} {target}"))?;
        if answer.leaves_open {
            self.connection = Some(connection);
        }
        let content = String::from_utf8_lossy(&answer.content);
        if !answer.status_line.starts_with("HTTP/1.1 2") {
            bail!("{method} {target}: {}\n{content}", answer.status_line);
        }
        if content.is_empty() { Ok(Value::Null) } else { Ok(serde_json::from_str(&content)?) }
    }
}

/// Sends one request on a connection of its own; see [`Client::send`].
pub(super) fn send(port: u16, method: &str, target: &str, body: &[u8]) -> Result<Value> {
    Client::new(port).send(method, target, body)
}

fn connect(port: u16) -> Result<BufReader<TcpStream>> {
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

/// An answer whose end its length or its connection's end tells.
pub(crate) struct Answer {
    pub(crate) status_line: String,
    pub(crate) content: Vec<u8>,
    /// Whether the connection can take another request.
    leaves_open: bool,
}

impl Answer {
    /// Reads an answer, and nothing behind it.
    pub(crate) fn read(input: &mut impl BufRead) -> Result<Self> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if input.read_line(&mut line)? == 0 {
                bail!("an answer without an end of its head");
            }
            match line.trim_end() {
                "" => break,
                line => lines.push(line.to_owned()),
            }
        }
        let field = |wanted: &str| {
            let mut fields = lines.iter().filter_map(|line| line.split_once(':'));
            fields.find(|(name, _)| name.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
        };
        let length: Option<u64> = field("Content-Length").map(str::parse).transpose()?;
        let closes = field("Connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let mut content = Vec::new();
        match length {
            Some(length) => input.take(length).read_to_end(&mut content)?,
            None if closes => input.read_to_end(&mut content)?,
            None => bail!("an answer whose length is not known"),
        };
        if length.is_some_and(|length| length != content.len() as u64) {
            bail!("an answer that ends too early");
        }
        let status_line = lines.into_iter().next().context("an answer without a status line")?;
        Ok(Self { status_line, content, leaves_open: !closes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<(String, bool)> {
        let answer = Answer::read(&mut text.as_bytes())?;
        Ok((String::from_utf8(answer.content)?, answer.leaves_open))
    }

    #[test]
    fn an_answer_ends_where_its_length_or_its_connection_does() {
        let check = |text: &str, content: &str, leaves_open: bool| {
            assert_eq!(read(text).expect(text), (content.to_owned(), leaves_open));
        };

        check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}HTTP", "{}", true);
        check("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}", "{}", false);
        check("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{ }", "{ }", false);
    }

    #[test]
    fn an_answer_that_is_cut_off_is_none() {
        let check = |text: &str| assert!(read(text).is_err(), "{text}");

        check("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}");
        check("HTTP/1.1 200 OK\r\n\r\n{}");
        check("HTTP/1.1 200 OK\r\nconte");
    }
}
