//! A request's head as the rest of the path reads it: identifiers given out, headers removed and added.
//!
//! Developer Guide, "Amazon API Gateway important notes for REST APIs" (header tables) and "Trace user requests to REST APIs using X-Ray".

use std::{fmt::Write as _, net::IpAddr};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use definition::{method::HttpMethod, time::EpochMillis};
use http::{HeaderName, HeaderValue, Method, header};
use memchr::memchr3;

use crate::{
    Failure,
    address::{self, Address, Form, StagePath},
    request::{ClientRequest, Headers, KnownHeader, QueryParameters},
    stage::LoadedStage,
    trace::kept::EXPLAIN_HEADER,
};

const X_FORWARDED_FOR: KnownHeader = KnownHeader::new("x-forwarded-for", "X-Forwarded-For");
const X_FORWARDED_PORT: KnownHeader = KnownHeader::new("x-forwarded-port", "X-Forwarded-Port");
const X_FORWARDED_PROTO: KnownHeader = KnownHeader::new("x-forwarded-proto", "X-Forwarded-Proto");
/// The field in which requests name their trace.
pub(crate) const TRACE_ID: HeaderName = HeaderName::from_static("x-amzn-trace-id");
/// The field that names a request.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-amzn-requestid");
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_AMZN_TRACE_ID: KnownHeader = KnownHeader::new("x-amzn-trace-id", "X-Amzn-Trace-Id");
const HTTPS: HeaderValue = HeaderValue::from_static("https");
const HTTP: HeaderValue = HeaderValue::from_static("http");
const HEX_DIGITS: &[u8; 16] = b"0123456789abcdef";
/// Bytes of a request target: the quota "URL length" of regional APIs.
const TARGET_BYTES_MAX: usize = 10_240;
/// Bytes of the request line and all header values together: a quota of its own.
const HEAD_BYTES_MAX: usize = 10_240;
/// What a request line has besides method and target: two blanks and the version.
const LINE_FRAME_BYTES: usize = "  HTTP/1.1".len();
/// Hexadecimal digits of a trace's parts: when it began, which one it is, and whose child a request is.
const TRACE_TIME_DIGITS: usize = 8;
const TRACE_RANDOM_DIGITS: usize = 24;
const TRACE_PARENT_DIGITS: usize = 16;
/// Bytes of a trace header that is the gateway's own, and of one with all the parts that a client may add.
const ROOT_BYTES: usize = "Root=1-".len() + TRACE_TIME_DIGITS + "-".len() + TRACE_RANDOM_DIGITS;
const TRACE_ID_BYTES: usize = ROOT_BYTES + ";Parent=".len() + TRACE_PARENT_DIGITS + ";Sampled=0".len();
/// Random bytes of an extended request id: fifteen base64 characters and one `=`.
const EXTENDED_ID_BYTES: usize = 11;

/// A request's head, ready for the path.
#[derive(Debug)]
pub(crate) struct RequestHead {
    /// The HTTP method, after `X-HTTP-Method-Override`.
    pub(crate) method: Method,
    /// The HTTP method of the request line, which says how the response is framed.
    pub(crate) sent_method: Method,
    /// The raw path, below the stage and with the stage in front.
    pub(crate) path: StagePath,
    pub(crate) query: QueryParameters,
    pub(crate) headers: Headers,
    pub(crate) domain_name: Box<str>,
    /// The base path of a custom domain name by which the API was found.
    pub(crate) base_path: Option<Box<str>>,
    pub(crate) request_id: String,
    pub(crate) extended_request_id: String,
    pub(crate) trace_id: String,
    pub(crate) received_at: EpochMillis,
    pub(crate) sender: Sender,
}

/// Who sent a request.
#[derive(Debug, Default)]
pub(crate) struct Sender {
    pub(crate) source_ip: String,
    pub(crate) user_agent: Option<String>,
    pub(crate) api_key: Option<String>,
    pub(crate) api_key_id: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) caller: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) user_arn: Option<String>,
    pub(crate) access_key: Option<String>,
}

/// Refuses a head that AWS's own front end would not let through ("Amazon API Gateway important notes for REST APIs" and
/// "Quotas for configuring and running a REST API in API Gateway").
pub(crate) fn check<B>(request: &ClientRequest<B>) -> Result<(), Failure> {
    let ClientRequest { method, target, headers, .. } = request;
    if target.len() > TARGET_BYTES_MAX {
        return Err(Failure::TargetTooLong { limit: TARGET_BYTES_MAX });
    }
    let values: usize = headers.iter().map(|header| header.raw_value().len()).sum();
    if method.as_str().len() + target.len() + LINE_FRAME_BYTES + values > HEAD_BYTES_MAX {
        return Err(Failure::HeadTooLarge { limit: HEAD_BYTES_MAX });
    }
    match address::split_target(target).1 {
        Some(query) if memchr3(b'|', b'{', b'}', query.as_bytes()).is_some() => Err(Failure::BadQuery),
        Some(_) | None => Ok(()),
    }
}

impl RequestHead {
    /// Takes a client's request apart.
    pub(crate) fn arrive<B>(address: Address, stage: &LoadedStage, request: ClientRequest<B>) -> (Self, B) {
        let ClientRequest { method, target, mut headers, body, source_ip, local_port, secure, received_at } = request;
        let source_ip = address_text(source_ip);
        let request_id = request_id(&headers);
        let trace_id = trace_id(headers.value_of(&TRACE_ID).as_deref(), received_at);
        let sent_method = method.clone();
        let method = overridden_method(&headers).unwrap_or(method);
        let forwarded_for = forwarded_for(&headers, &source_ip);
        headers.keep(|name| !is_replaced(name));
        append_text(&mut headers, &X_FORWARDED_FOR, forwarded_for);
        append_text(&mut headers, &X_FORWARDED_PORT, itoa::Buffer::new().format(local_port).to_owned());
        headers.append_known(&X_FORWARDED_PROTO, if secure { HTTPS } else { HTTP });
        append_text(&mut headers, &X_AMZN_TRACE_ID, trace_id.clone());
        let (form, path) = address.into_form_and_path();
        let (domain_name, base_path) = match form {
            Form::Host { domain_name } => (domain_name, None),
            Form::Path => (stage.domain_name.clone(), None),
            Form::CustomDomain { domain_name, base_path } => (domain_name, base_path),
        };
        let head = Self {
            method,
            sent_method,
            path,
            query: address::split_target(&target).1.map(QueryParameters::parse).unwrap_or_default(),
            domain_name,
            base_path,
            request_id,
            extended_request_id: extended_request_id(),
            trace_id,
            received_at,
            sender: Sender {
                source_ip,
                user_agent: headers.value_of(&header::USER_AGENT).map(std::borrow::Cow::into_owned),
                ..Sender::default()
            },
            headers,
        };
        (head, body)
    }

    /// The HTTP method, if it is one that a resource can carry.
    pub(crate) fn known_method(&self) -> Option<HttpMethod> {
        match self.method {
            Method::GET => Some(HttpMethod::Get),
            Method::PUT => Some(HttpMethod::Put),
            Method::POST => Some(HttpMethod::Post),
            Method::DELETE => Some(HttpMethod::Delete),
            Method::PATCH => Some(HttpMethod::Patch),
            Method::OPTIONS => Some(HttpMethod::Options),
            Method::HEAD => Some(HttpMethod::Head),
            _ => None,
        }
    }
}

/// A client's own id if it is a UUID, else a new one.
pub(crate) fn request_id(headers: &Headers) -> String {
    let own = headers.value_of(&REQUEST_ID).and_then(|text| uuid::Uuid::try_parse(&text).ok());
    let mut text = uuid::Uuid::encode_buffer();
    own.unwrap_or_else(new_uuid).hyphenated().encode_lower(&mut text).to_owned()
}

/// A random UUID. It names a request and guards nothing, so a fast generator will do.
fn new_uuid() -> uuid::Uuid {
    uuid::Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid()
}

/// An id that no client can choose.
pub(crate) fn extended_request_id() -> String {
    let mut bytes = [0; EXTENDED_ID_BYTES];
    fastrand::fill(&mut bytes);
    STANDARD.encode(bytes)
}

/// The trace header for backends: the root of the client's header, or a new one, with the client's parent and sampling decision.
pub(crate) fn trace_id(incoming: Option<&str>, now: EpochMillis) -> String {
    let field = |wanted: &str| {
        let mut pairs = incoming?.split(';').filter_map(|field| field.trim().split_once('='));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let mut text = String::with_capacity(if incoming.is_none() { ROOT_BYTES } else { TRACE_ID_BYTES });
    text.push_str("Root=");
    if let Some(root) = field("Root").filter(|root| is_trace_root(root)) {
        text.push_str(root);
    } else {
        let seconds = u32::try_from(now.0.div_euclid(1000)).unwrap_or_default();
        let mut random = [0; TRACE_RANDOM_DIGITS / 2];
        fastrand::fill(&mut random);
        text.push_str("1-");
        push_hex(&mut text, &seconds.to_be_bytes());
        text.push('-');
        push_hex(&mut text, &random);
    }
    if let Some(parent) = field("Parent").filter(|parent| is_hex(parent, TRACE_PARENT_DIGITS)) {
        // Writing into a string cannot fail.
        let _ = write!(text, ";Parent={parent}");
    }
    if let Some(sampled) = field("Sampled").filter(|sampled| matches!(*sampled, "0" | "1")) {
        let _ = write!(text, ";Sampled={sampled}");
    }
    text
}

fn is_trace_root(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    matches!(parts.as_slice(), &["1", seconds, random] if is_hex(seconds, TRACE_TIME_DIGITS) && is_hex(random, TRACE_RANDOM_DIGITS))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn overridden_method(headers: &Headers) -> Option<Method> {
    Method::from_bytes(headers.value_of(&METHOD_OVERRIDE)?.trim().as_bytes()).ok()
}

/// Whether a client's header, named in lower case, goes no further than the listener: nothing behind it sees the first dozen,
/// and the gateway puts its own in place of the others.
fn is_replaced(name: &str) -> bool {
    matches!(
        name,
        "connection"
            | "content-length"
            | "content-md5"
            | "expect"
            | "max-forwards"
            | "proxy-authenticate"
            | "server"
            | "te"
            | "transfer-encoding"
            | "trailer"
            | "upgrade"
            | "www-authenticate"
            | "x-forwarded-for"
            | "x-forwarded-port"
            | "x-forwarded-proto"
            | "x-amzn-trace-id"
            | EXPLAIN_HEADER
    )
}

fn append_text(headers: &mut Headers, known: &KnownHeader, text: String) {
    // Both are made of what parsed headers and addresses hold.
    if let Ok(value) = HeaderValue::try_from(text) {
        headers.append_known(known, value);
    }
}

/// What the client says it was forwarded for, and the client.
fn forwarded_for(headers: &Headers, source_ip: &str) -> String {
    let mut text = String::with_capacity(source_ip.len());
    for earlier in headers.iter().filter(|header| *header.key() == FORWARDED_FOR) {
        let earlier = earlier.value();
        if !earlier.is_empty() {
            text.push_str(&earlier);
            text.push_str(", ");
        }
    }
    text.push_str(source_ip);
    text
}

/// An address as text, without the detour of formatting for the kind that nearly all clients have.
fn address_text(address: IpAddr) -> String {
    let IpAddr::V4(address) = address else { return address.to_string() };
    let mut text = String::with_capacity("255.255.255.255".len());
    let digit = |value: u8| char::from(b'0' + value % 10);
    for (position, octet) in address.octets().into_iter().enumerate() {
        if position > 0 {
            text.push('.');
        }
        if octet >= 100 {
            text.push(digit(octet / 100));
        }
        if octet >= 10 {
            text.push(digit(octet / 10));
        }
        text.push(digit(octet));
    }
    text
}

/// Appends bytes, of which a trace's random part has the most, as hexadecimal digits.
fn push_hex(text: &mut String, bytes: &[u8]) {
    let mut digits = [0; TRACE_RANDOM_DIGITS];
    for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
        pair[0] = HEX_DIGITS[usize::from(byte >> 4)];
        pair[1] = HEX_DIGITS[usize::from(byte & 0xf)];
    }
    text.push_str(std::str::from_utf8(&digits[..2 * bytes.len()]).unwrap_or_default());
}

#[cfg(test)]
mod tests;
