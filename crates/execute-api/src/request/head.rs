//! A request's head as the rest of the path reads it: identifiers given out, headers removed and added.
//!
//! Developer Guide, "Amazon API Gateway important notes for REST APIs" (header tables) and "Trace user requests to REST APIs using X-Ray".

use std::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use definition::{method::HttpMethod, time::EpochMillis};
use http::Method;

use crate::{
    Failure,
    address::{self, Address, Form},
    request::{ClientRequest, Header, Headers, QueryParameters},
    stage::LoadedStage,
};

/// Request headers that nothing behind the listener sees.
const REMOVED: [&str; 12] = [
    "connection",
    "content-length",
    "content-md5",
    "expect",
    "max-forwards",
    "proxy-authenticate",
    "server",
    "te",
    "transfer-encoding",
    "trailer",
    "upgrade",
    "www-authenticate",
];
/// Bytes of a request target: the quota "URL length" of regional APIs.
const TARGET_BYTES_MAX: usize = 10_240;
/// Bytes of the request line and all header values together: a quota of its own.
const HEAD_BYTES_MAX: usize = 10_240;
/// What a request line has besides method and target: two blanks and the version.
const LINE_FRAME_BYTES: usize = "  HTTP/1.1".len();
/// Random bytes of an extended request id: fifteen base64 characters and one `=`.
const EXTENDED_ID_BYTES: usize = 11;

/// A request's head, ready for the path.
#[derive(Debug)]
pub(crate) struct RequestHead {
    /// The HTTP method, after `X-HTTP-Method-Override`.
    pub(crate) method: Method,
    /// The raw path below the stage, starting with `/`.
    pub(crate) path: String,
    /// The raw path with the stage in front.
    pub(crate) context_path: String,
    pub(crate) query: QueryParameters,
    pub(crate) headers: Headers,
    pub(crate) domain_name: String,
    pub(crate) domain_prefix: String,
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
        Some(query) if query.contains(['|', '{', '}']) => Err(Failure::BadQuery),
        Some(_) | None => Ok(()),
    }
}

impl RequestHead {
    /// Takes a client's request apart.
    pub(crate) fn arrive<B>(address: &Address, stage: &LoadedStage, request: ClientRequest<B>) -> (Self, B) {
        let ClientRequest { method, target, mut headers, body, source_ip, local_port, secure, received_at } = request;
        let source_ip = source_ip.to_string();
        let request_id = request_id(&headers);
        let trace_id = trace_id(headers.get("x-amzn-trace-id").as_deref(), received_at);
        let method = overridden_method(&headers).unwrap_or(method);
        headers.remove_all_of(&REMOVED);
        set_forwarded(&mut headers, &source_ip, local_port, secure);
        headers.set("X-Amzn-Trace-Id", &trace_id);
        let domain_name = match address.form() {
            Form::Host { domain_name } => domain_name.to_string(),
            Form::Path => stage.domain_name.to_string(),
        };
        let head = Self {
            method,
            path: address.path().to_owned(),
            context_path: address.context_path().to_owned(),
            query: address::split_target(&target).1.map(QueryParameters::parse).unwrap_or_default(),
            domain_prefix: address::first_label(&domain_name).to_owned(),
            domain_name,
            request_id,
            extended_request_id: extended_request_id(),
            trace_id,
            received_at,
            sender: Sender {
                source_ip,
                user_agent: headers.get("user-agent").map(std::borrow::Cow::into_owned),
                ..Sender::default()
            },
            headers,
        };
        (head, body)
    }

    /// The HTTP method, if it is one that a resource can carry.
    pub(crate) fn known_method(&self) -> Option<HttpMethod> {
        self.method.as_str().parse().ok().filter(|method| *method != HttpMethod::Any)
    }
}

/// A client's own id if it is a UUID, else a new one.
pub(crate) fn request_id(headers: &Headers) -> String {
    let own = headers.get("x-amzn-requestid").and_then(|text| uuid::Uuid::try_parse(&text).ok());
    own.unwrap_or_else(new_uuid).to_string()
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
        let fields = incoming.unwrap_or_default().split(';');
        let mut pairs = fields.filter_map(|field| field.trim().split_once('='));
        pairs.find(|(key, _)| key.eq_ignore_ascii_case(wanted)).map(|(_, value)| value.trim())
    };
    let mut text = if let Some(root) = field("Root").filter(|root| is_trace_root(root)) {
        format!("Root={root}")
    } else {
        let seconds = now.0.div_euclid(1000) & 0xffff_ffff;
        let random = fastrand::u128(..) & ((1 << 96) - 1);
        format!("Root=1-{seconds:08x}-{random:024x}")
    };
    if let Some(parent) = field("Parent").filter(|parent| is_hex(parent, 16)) {
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
    matches!(parts.as_slice(), &["1", seconds, random] if is_hex(seconds, 8) && is_hex(random, 24))
}

fn is_hex(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn overridden_method(headers: &Headers) -> Option<Method> {
    Method::from_bytes(headers.get("x-http-method-override")?.trim().as_bytes()).ok()
}

fn set_forwarded(headers: &mut Headers, source_ip: &str, local_port: u16, secure: bool) {
    let named = headers.iter().filter(|header| header.name().eq_ignore_ascii_case("x-forwarded-for"));
    let mut forwarded_for = String::new();
    for earlier in named.map(Header::value).filter(|earlier| !earlier.is_empty()) {
        forwarded_for.push_str(&earlier);
        forwarded_for.push_str(", ");
    }
    forwarded_for.push_str(source_ip);
    headers.set("X-Forwarded-For", &forwarded_for);
    headers.set("X-Forwarded-Port", itoa::Buffer::new().format(local_port));
    headers.set("X-Forwarded-Proto", if secure { "https" } else { "http" });
}

#[cfg(test)]
mod tests;
