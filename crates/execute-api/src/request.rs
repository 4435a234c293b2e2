//! A client's request as the listener hands it over, and its parts as the data plane reads them.

use std::{borrow::Cow, net::IpAddr};

use bytes::Bytes;
use definition::time::EpochMillis;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) mod body;
pub(crate) mod head;

pub use body::BODY_BYTES_MAX;

/// A request off the wire, its body still to be read.
#[derive(Debug)]
pub struct ClientRequest<B> {
    /// The HTTP method as sent.
    pub method: http::Method,
    /// Path and query exactly as sent, never decoded or normalised, starting with `/`.
    pub target: String,
    /// Headers with their names as written.
    pub headers: Headers,
    /// The body.
    pub body: B,
    /// The peer's address.
    pub source_ip: IpAddr,
    /// The port that the request arrived at.
    pub local_port: u16,
    /// Whether it arrived over TLS.
    pub secure: bool,
    /// When its head had been read.
    pub received_at: EpochMillis,
}

/// Header fields in arrival order. Names keep the letter case in which they were written; functions see it.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    fields: Vec<Header>,
}

/// One header field.
#[derive(Debug, Clone)]
pub struct Header {
    name: Name,
    value: HeaderValue,
}

#[derive(Debug, Clone)]
enum Name {
    Canonical(HeaderName),
    Written(Bytes),
}

impl Header {
    /// The name as it was written.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.name {
            Name::Canonical(name) => name.as_str(),
            // A field name is a token, and a token is ASCII: the listener took it from a head that had been parsed.
            Name::Written(bytes) => std::str::from_utf8(bytes).unwrap_or_default(),
        }
    }

    /// The raw value.
    #[must_use]
    pub fn raw_value(&self) -> &HeaderValue {
        &self.value
    }

    /// The value as text: UTF-8 where it is valid, else each byte as the Latin-1 character of its code.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        header_text(&self.value)
    }
}

/// A header value as text: UTF-8 where it is valid, else each byte as the Latin-1 character of its code.
#[must_use]
pub fn header_text(value: &HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    }
}

impl Headers {
    /// Joins parsed fields with the names as they stood in the head, in order; without such names (HTTP/2) names are lower-case.
    ///
    /// `written` may hold names that the parser dropped; those are skipped, and fields it does not name are appended.
    #[must_use]
    pub fn from_wire(map: &HeaderMap, written: Option<&[Bytes]>) -> Self {
        let mut fields = Vec::with_capacity(map.len() + 3);
        let Some(written) = written else {
            fields.extend(
                map.iter().map(|(name, value)| Header { name: Name::Canonical(name.clone()), value: value.clone() }),
            );
            return Self { fields };
        };
        for (position, name) in written.iter().enumerate() {
            let occurrence = written[..position].iter().filter(|earlier| earlier.eq_ignore_ascii_case(name)).count();
            let Ok(key) = HeaderName::from_bytes(name) else { continue };
            if let Some(value) = map.get_all(&key).iter().nth(occurrence) {
                fields.push(Header { name: Name::Written(name.clone()), value: value.clone() });
            }
        }
        for key in map.keys() {
            if !written.iter().any(|name| name.eq_ignore_ascii_case(key.as_str().as_bytes())) {
                fields.extend(
                    map.get_all(key)
                        .iter()
                        .map(|value| Header { name: Name::Canonical(key.clone()), value: value.clone() }),
                );
            }
        }
        Self { fields }
    }

    /// Appends a field. `name` must be a token; `value` loses characters that a header cannot hold.
    pub fn append(&mut self, name: &str, value: &str) {
        let cleaned: Vec<u8> = value.bytes().filter(|&b| b == b'\t' || (b >= 0x20 && b != 0x7f)).collect();
        if let Ok(value) = HeaderValue::from_bytes(&cleaned) {
            self.fields.push(Header { name: Name::Written(Bytes::copy_from_slice(name.as_bytes())), value });
        }
    }

    /// Puts a field in front of all others. `name` must be a token; `value` loses characters that a header cannot hold.
    pub fn prepend(&mut self, name: &str, value: &str) {
        let fields = self.fields.len();
        self.append(name, value);
        if self.fields.len() > fields {
            self.fields.rotate_right(1);
        }
    }

    /// Removes every field of this name, in any letter case.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|field| !field.name().eq_ignore_ascii_case(name));
    }

    /// Removes every field of these names, which are in lower case.
    pub fn remove_all_of(&mut self, names: &[&str]) {
        self.fields.retain(|field| !names.iter().any(|name| field.name().eq_ignore_ascii_case(name)));
    }

    /// Puts one field in place of all of this name, in any letter case. A value loses characters that a header cannot hold.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.append(name, value);
    }

    /// Appends a field as it came from elsewhere.
    pub fn append_raw(&mut self, name: &str, value: HeaderValue) {
        self.fields.push(Header { name: Name::Written(Bytes::copy_from_slice(name.as_bytes())), value });
    }

    /// Appends a field whose name and value are known when the program is built.
    pub fn append_static(&mut self, name: &'static str, value: &'static str) {
        let value = HeaderValue::from_static(value);
        self.fields.push(Header { name: Name::Written(Bytes::from_static(name.as_bytes())), value });
    }

    /// Whether there is a field of this name, in any letter case.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.name().eq_ignore_ascii_case(name))
    }

    /// All fields, in arrival order.
    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.fields.iter()
    }

    /// The last value of the field written exactly so: mappings and validation compare names case-sensitively.
    #[must_use]
    pub fn get_exact(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields.iter().rev().find(|field| field.name() == name).map(Header::value)
    }

    /// The last value of the field of this name in any letter case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields.iter().rev().find(|field| field.name().eq_ignore_ascii_case(name)).map(Header::value)
    }

    /// All values of the field written exactly so, in order.
    pub fn get_all_exact<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        self.fields.iter().filter(move |field| field.name() == name).map(Header::value)
    }
}

/// Path parameters by name, in template order; values are raw, never percent-decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathParameters(pub Vec<(String, String)>);

impl PathParameters {
    /// The value of the parameter of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Query parameters in order, names and values percent-decoded once, `+` as a blank; `;` separates like `&`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueryParameters(pub Vec<(String, String)>);

impl QueryParameters {
    /// Reads the text after `?`. Bytes that are not UTF-8 after decoding become U+FFFD.
    #[must_use]
    pub fn parse(query: &str) -> Self {
        let pairs = query.split(['&', ';']).filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        });
        Self(pairs.collect())
    }

    /// The last value of the parameter of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// All values of the parameter of this name, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
