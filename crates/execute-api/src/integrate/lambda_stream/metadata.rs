//! What a streamed response begins with: metadata as JSON, eight NUL bytes, and then the body.
//!
//! Developer Guide, "Lambda proxy integration format for response streaming".

use bytes::{Bytes, BytesMut};
use indexmap::IndexMap;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Failure,
    integrate::lambda_proxy::response::{joined_headers, malformed, status, unreadable},
    request::Headers,
    respond::remap::{self, ResponsePath},
};

/// The delimiter lies within so many first bytes of a stream.
const PRELUDE_BYTES_MAX: usize = 16 * 1024;
/// What stands between metadata and body.
const DELIMITER: [u8; 8] = [0; 8];
/// Cookies that a function may set.
const COOKIES_MAX: usize = 1000;

/// Status and headers of a streamed response.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Metadata {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    cookies: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    status_code: Value,
    #[serde(default)]
    headers: Option<IndexMap<String, Value>>,
    #[serde(default)]
    multi_value_headers: Option<IndexMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
}

/// The beginning of a stream, until its metadata are complete.
#[derive(Debug, Default)]
pub(crate) struct Prelude {
    read: BytesMut,
}

impl Prelude {
    /// Takes the next bytes of the stream; the metadata and the first bytes of the body once the delimiter is there.
    ///
    /// # Errors
    ///
    /// When the stream does not begin as one must.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<Option<(Metadata, Bytes)>, Failure> {
        self.read.extend_from_slice(bytes);
        // JSON holds no NUL: the first one begins the delimiter.
        let end = self.read.iter().take(PRELUDE_BYTES_MAX).position(|byte| *byte == 0);
        let read = end.unwrap_or(self.read.len());
        if read + DELIMITER.len() > PRELUDE_BYTES_MAX {
            return Err(malformed(&format!("no delimiter within the first {PRELUDE_BYTES_MAX} bytes")));
        }
        let Some(end) = end else { return Ok(None) };
        let found = &self.read[end..self.read.len().min(end + DELIMITER.len())];
        if found.iter().any(|byte| *byte != 0) {
            return Err(malformed("the metadata do not end with eight NUL bytes"));
        }
        if found.len() < DELIMITER.len() {
            return Ok(None);
        }
        let mut read = std::mem::take(&mut self.read).freeze();
        let metadata = Metadata::parse(&read.split_to(end))?;
        Ok(Some((metadata, read.slice(DELIMITER.len()..))))
    }

    /// What is wrong with a stream that ended before its metadata did.
    pub(crate) fn unfinished() -> Failure {
        malformed("the stream ended before the delimiter")
    }
}

impl Metadata {
    fn parse(text: &[u8]) -> Result<Self, Failure> {
        // A list would fill the members by position, which are no metadata.
        if text.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
            return Err(malformed("the metadata are not a JSON object"));
        }
        let wire: Wire = serde_json::from_slice(text).map_err(|error| unreadable(&error))?;
        let cookies = wire.cookies.unwrap_or_default();
        if cookies.len() > COOKIES_MAX {
            return Err(malformed(&format!("more than {COOKIES_MAX} cookies")));
        }
        Ok(Self {
            status: status(&wire.status_code)?,
            headers: joined_headers(wire.headers.unwrap_or_default(), wire.multi_value_headers.unwrap_or_default())?,
            cookies,
        })
    }

    /// The length of the body, when the function announces one and does not want it chunked.
    pub(crate) fn content_length(&self) -> Option<u64> {
        let named = |wanted: &str| self.headers.iter().rev().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        if named("transfer-encoding").is_some() {
            return None;
        }
        named("content-length").and_then(|(_, value)| value.trim().parse().ok())
    }

    /// The headers for the client: as a proxy function's, but for the framing, which follows the function's wish.
    pub(crate) fn client_headers(&self) -> Headers {
        let mut headers = Headers::default();
        let fields = self.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
        for (name, value) in fields {
            if let Some(name) = remap::client_name(ResponsePath::LambdaProxy, name) {
                headers.append(&name, value);
            }
        }
        for cookie in &self.cookies {
            headers.append("Set-Cookie", cookie);
        }
        headers
    }
}

#[cfg(test)]
mod tests;
