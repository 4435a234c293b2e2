//! A client's request as the listener hands it over, and its parts as the data plane reads them.

use std::{borrow::Cow, net::IpAddr};

use bytes::Bytes;
use definition::time::EpochMillis;
use http::{HeaderMap, HeaderName, HeaderValue};

pub(crate) mod body;
pub(crate) mod head;
mod written_names;

pub use body::BODY_BYTES_MAX;
pub use written_names::{WrittenNames, WrittenNamesBuilder};

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
    /// In lower case: what fields are found by.
    name: HeaderName,
    /// The name as it was written, where that differs.
    written: Option<Bytes>,
    value: HeaderValue,
}

/// A header that the program itself sets: its name in both forms, made when the program is built.
#[derive(Debug)]
pub(crate) struct KnownHeader {
    name: HeaderName,
    written: &'static str,
}

impl KnownHeader {
    /// `name` is `written` in lower case.
    pub(crate) const fn new(name: &'static str, written: &'static str) -> Self {
        Self { name: HeaderName::from_static(name), written }
    }
}

impl Header {
    /// The name as it was written.
    #[must_use]
    pub fn name(&self) -> &str {
        match &self.written {
            None => self.name.as_str(),
            // A field name is a token, and a token is ASCII: the listener took it from a head that had been parsed.
            Some(written) => std::str::from_utf8(written).unwrap_or_default(),
        }
    }

    /// The name in lower case.
    #[must_use]
    pub fn key(&self) -> &HeaderName {
        &self.name
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

    /// Whether this is the name, in any letter case.
    #[must_use]
    pub fn is_named(&self, name: &str) -> bool {
        self.name.as_str().eq_ignore_ascii_case(name)
    }

    fn is_written(&self, name: &str) -> bool {
        match &self.written {
            None => self.name.as_str() == name,
            Some(written) => written == name.as_bytes(),
        }
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

/// How many fields a message gains on its way through the gateway.
const FIELDS_ADDED: usize = 4;

impl Headers {
    /// Joins parsed fields with the names as they stood in the head, in order; without such names (HTTP/2) names are lower-case.
    ///
    /// `written` may hold names that the parser dropped; those are skipped, and fields it does not name are appended.
    #[must_use]
    pub fn from_wire(map: HeaderMap, written: Option<&WrittenNames>) -> Self {
        match written {
            // Nearly always the two lists agree name by name, and nothing needs to be looked up.
            Some(written) if names_agree(&map, written) => Self::agreeing(map, written),
            Some(written) => Self::joined(&map, written),
            None => Self::unwritten(map),
        }
    }

    /// As [`Headers::from_wire`], for lists that are the same but for the letter case.
    fn agreeing(map: HeaderMap, written: &WrittenNames) -> Self {
        let mut fields = Vec::with_capacity(map.len() + FIELDS_ADDED);
        for ((name, value), as_written) in map.into_iter().zip(written.iter()) {
            let Some(name) = name else { continue };
            let differs = as_written != name.as_str().as_bytes();
            fields.push(Header { name, written: differs.then(|| written.share(as_written)), value });
        }
        Self { fields }
    }

    /// As [`Headers::from_wire`], for fields whose names are only known in lower case.
    fn unwritten(map: HeaderMap) -> Self {
        let mut fields = Vec::with_capacity(map.len() + FIELDS_ADDED);
        for (name, value) in map {
            // Only the first of several values of a name comes with the name.
            let Some(name) = name.or_else(|| fields.last().map(|field: &Header| field.name.clone())) else { continue };
            fields.push(Header { name, written: None, value });
        }
        Self { fields }
    }

    /// As [`Headers::from_wire`], for lists that differ in order or number.
    fn joined(map: &HeaderMap, written: &WrittenNames) -> Self {
        let mut fields = Vec::with_capacity(map.len() + FIELDS_ADDED);
        for (position, name) in written.iter().enumerate() {
            let earlier = written.iter().take(position);
            let occurrence = earlier.filter(|earlier| earlier.eq_ignore_ascii_case(name)).count();
            let Ok(key) = HeaderName::from_bytes(name) else { continue };
            if let Some(value) = map.get_all(&key).iter().nth(occurrence) {
                fields.push(Header { name: key, written: Some(written.share(name)), value: value.clone() });
            }
        }
        for key in map.keys() {
            if !written.iter().any(|name| name.eq_ignore_ascii_case(key.as_str().as_bytes())) {
                let of_key = map.get_all(key).iter();
                fields.extend(of_key.map(|value| Header { name: key.clone(), written: None, value: value.clone() }));
            }
        }
        Self { fields }
    }

    /// Appends a field. A `name` that is no token is left out; `value` loses characters that a header cannot hold.
    pub fn append(&mut self, name: &str, value: &str) {
        let is_held = |b: u8| b == b'\t' || (b >= 0x20 && b != 0x7f);
        let value = if value.bytes().all(is_held) {
            HeaderValue::from_bytes(value.as_bytes())
        } else {
            HeaderValue::from_bytes(&value.bytes().filter(|b| is_held(*b)).collect::<Vec<u8>>())
        };
        if let Ok(value) = value {
            self.append_raw(name, value);
        }
    }

    /// Puts a field in front of all others. A `name` that is no token is left out; `value` loses characters that a header
    /// cannot hold.
    pub fn prepend(&mut self, name: &str, value: &str) {
        let fields = self.fields.len();
        self.append(name, value);
        if self.fields.len() > fields {
            self.fields.rotate_right(1);
        }
    }

    /// Removes every field of this name, in any letter case.
    pub fn remove(&mut self, name: &str) {
        self.fields.retain(|field| !field.is_named(name));
    }

    /// Removes every field of names that are known when the program is built.
    pub(crate) fn drop_named(&mut self, names: &[HeaderName]) {
        self.fields.retain(|field| !names.contains(&field.name));
    }

    /// Keeps the fields whose name, in lower case, is wanted.
    pub(crate) fn keep(&mut self, is_wanted: impl Fn(&str) -> bool) {
        self.fields.retain(|field| is_wanted(field.name.as_str()));
    }

    /// Gives each field another name, in lower case, or takes it out.
    pub(crate) fn rename(&mut self, name_of: impl Fn(&HeaderName) -> Option<HeaderName>) {
        self.fields.retain_mut(|field| {
            let name = name_of(&field.name);
            field.written = None;
            name.map(|name| field.name = name).is_some()
        });
    }

    /// Puts one field in place of all of this name, in any letter case. A value loses characters that a header cannot hold.
    pub fn set(&mut self, name: &str, value: &str) {
        self.remove(name);
        self.append(name, value);
    }

    /// Appends a field as it came from elsewhere. A `name` that is no token is left out.
    pub fn append_raw(&mut self, name: &str, value: HeaderValue) {
        let Ok(key) = HeaderName::from_bytes(name.as_bytes()) else { return };
        let written = (key.as_str() != name).then(|| Bytes::copy_from_slice(name.as_bytes()));
        self.fields.push(Header { name: key, written, value });
    }

    /// Appends a field whose name is known when the program is built.
    pub(crate) fn append_known(&mut self, known: &KnownHeader, value: HeaderValue) {
        let written = Some(Bytes::from_static(known.written.as_bytes()));
        self.fields.push(Header { name: known.name.clone(), written, value });
    }

    /// Appends a field whose name and value are known when the program is built; one that is common has a [`KnownHeader`].
    pub fn append_static(&mut self, name: &'static str, value: &'static str) {
        self.append_raw(name, HeaderValue::from_static(value));
    }

    /// The fields as a map, on their way to the wire.
    pub(crate) fn into_map(self) -> HeaderMap {
        let mut map = HeaderMap::with_capacity(self.fields.len() + FIELDS_ADDED);
        for Header { name, value, .. } in self.fields {
            // A map that is full, after some ten thousand fields set by a template, takes no more.
            let _ = map.try_append(name, value);
        }
        map
    }

    /// How many fields there are.
    pub(crate) fn count(&self) -> usize {
        self.fields.len()
    }

    /// The last value of the field of a name that is known when the program is built.
    #[must_use]
    pub(crate) fn value_of(&self, name: &HeaderName) -> Option<Cow<'_, str>> {
        self.fields.iter().rev().find(|field| field.name == *name).map(Header::value)
    }

    /// Whether there is a field of a name that is known when the program is built.
    pub(crate) fn has(&self, name: &HeaderName) -> bool {
        self.fields.iter().any(|field| field.name == *name)
    }

    /// Whether there is a field of this name, in any letter case.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.fields.iter().any(|field| field.is_named(name))
    }

    /// All fields, in arrival order.
    pub fn iter(&self) -> impl Iterator<Item = &Header> {
        self.fields.iter()
    }

    /// The last value of the field written exactly so: mappings and validation compare names case-sensitively.
    #[must_use]
    pub fn get_exact(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields.iter().rev().find(|field| field.is_written(name)).map(Header::value)
    }

    /// The last value of the field of this name in any letter case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        self.fields.iter().rev().find(|field| field.is_named(name)).map(Header::value)
    }

    /// The last value of the field of this name in any letter case, as it came.
    #[must_use]
    pub fn get_raw(&self, name: &str) -> Option<&HeaderValue> {
        self.fields.iter().rev().find(|field| field.is_named(name)).map(Header::raw_value)
    }

    /// All values of the field written exactly so, in order.
    pub fn get_all_exact<'a>(&'a self, name: &'a str) -> impl Iterator<Item = Cow<'a, str>> {
        self.fields.iter().filter(move |field| field.is_written(name)).map(Header::value)
    }
}

/// Whether the fields of a map, in its order, have exactly these names.
fn names_agree(map: &HeaderMap, written: &WrittenNames) -> bool {
    let mut written = written.iter();
    let agree = |name: &HeaderName| {
        written.next().is_some_and(|written| written.eq_ignore_ascii_case(name.as_str().as_bytes()))
    };
    map.keys_len() == map.len() && map.keys().all(agree) && written.next().is_none()
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
