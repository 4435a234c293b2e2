//! The protocols that clients of CloudWatch speak: RPC v2 CBOR the newest ones, JSON 1.0 some, forms with XML the old ones.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use serde_json::{Value, json};

use super::{Outcome, cbor, document::Document, failure::Failure, query_form};
use crate::{
    account::Answer,
    xml::{self, Fault, Xml},
};

/// What names this service in `X-Amz-Target`, before the operation.
pub const TARGET_PREFIX: &str = "GraniteServiceVersion20100801.";
/// What names this service in the path of a request in CBOR, before the operation.
pub const PATH_PREFIX: &str = "/service/GraniteServiceVersion20100801/operation/";
/// The longest request, decompressed ("PutMetricData").
const REQUEST_BYTES_MAX: usize = 1024 * 1024;
const NAMESPACE: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";
/// What stands before the names of errors in CBOR and JSON.
const ERROR_NAMESPACE: &str = "com.amazonaws.cloudwatch";

/// How a request is written, and its answer too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// RPC v2 CBOR.
    Cbor,
    /// JSON 1.0.
    Json,
    /// A form, answered in XML.
    Query,
}

impl Protocol {
    pub(super) fn of(request: &Request<Bytes>) -> Self {
        if request.uri().path().starts_with(PATH_PREFIX) {
            Self::Cbor
        } else if request.headers().contains_key("x-amz-target") {
            Self::Json
        } else {
            Self::Query
        }
    }

    /// The operation's name and its input.
    pub(super) fn read(self, request: &Request<Bytes>) -> Result<(String, Document), Failure> {
        let body = decompressed(request)?;
        match self {
            Self::Cbor => {
                let operation = request.uri().path().strip_prefix(PATH_PREFIX).unwrap_or_default().to_owned();
                let input = if body.is_empty() {
                    Document::Structure(Vec::new())
                } else {
                    cbor::decode(&body).map_err(Failure::MalformedCbor)?
                };
                Ok((operation, input))
            }
            Self::Json => {
                let target = request.headers().get("x-amz-target").and_then(|target| target.to_str().ok());
                let operation = target.unwrap_or_default();
                let operation = operation.strip_prefix(TARGET_PREFIX).unwrap_or(operation).to_owned();
                let body = if body.is_empty() { b"{}" } else { body.as_ref() };
                let value = serde_json::from_slice(body).map_err(|_| Failure::Malformed("it is not valid JSON"))?;
                Ok((operation, of_json(value)))
            }
            Self::Query if request.method() == Method::POST => query_form::decode(&body),
            Self::Query => query_form::decode(request.uri().query().unwrap_or_default().as_bytes()),
        }
    }

    /// The response of an operation.
    pub(super) fn respond(self, operation: &str, outcome: Outcome, request_id: &str) -> Response<Bytes> {
        let (status, failure) = match &outcome {
            Ok(_) => (StatusCode::OK, None),
            Err(failure) => (failure.status(), Some((failure.query_code(), status_party(failure.status())))),
        };
        let body = match self {
            Self::Cbor => cbor_body(outcome),
            Self::Json => json_body(outcome),
            Self::Query => xml_body(operation, outcome, request_id),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type()));
        if self == Self::Cbor {
            headers.insert(HeaderName::from_static("smithy-protocol"), HeaderValue::from_static("rpc-v2-cbor"));
        }
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            headers.insert(HeaderName::from_static("x-amzn-requestid"), request_id);
        }
        // Clients that once spoke forms go on to know errors by the codes of those.
        if let (Self::Cbor | Self::Json, Some((code, party))) = (self, failure)
            && let Ok(error) = HeaderValue::from_str(&format!("{code};{party}"))
        {
            headers.insert(HeaderName::from_static("x-amzn-query-error"), error);
        }
        response
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Cbor => "application/cbor",
            Self::Json => "application/x-amz-json-1.0",
            Self::Query => "text/xml",
        }
    }
}

/// Whose fault it is, as errors of forms say.
fn status_party(status: StatusCode) -> &'static str {
    if status.is_server_error() { "Receiver" } else { "Sender" }
}

/// The body as it was before a client compressed it, which SDKs do with large ones.
fn decompressed(request: &Request<Bytes>) -> Result<Bytes, Failure> {
    let encoding = request.headers().get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes);
    let body = match encoding {
        None | Some(b"identity" | b"") => request.body().clone(),
        Some(b"gzip") => {
            let mut plain = Vec::new();
            // One byte more than allowed tells what is too long.
            let limit = u64::try_from(REQUEST_BYTES_MAX).unwrap_or(u64::MAX) + 1;
            let read = GzDecoder::new(request.body().as_ref()).take(limit).read_to_end(&mut plain);
            read.map_err(|_| Failure::Malformed("it is not valid gzip"))?;
            plain.into()
        }
        Some(_) => return Err(Failure::Malformed("its Content-Encoding is none of gzip and identity")),
    };
    if body.len() > REQUEST_BYTES_MAX {
        return Err(Failure::RequestTooLarge);
    }
    Ok(body)
}

fn of_json(value: Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(flag) => Document::Bool(flag),
        Value::Number(number) => number.as_f64().map_or(Document::Null, Document::Number),
        Value::String(text) => Document::Text(text),
        Value::Array(items) => Document::List(items.into_iter().map(of_json).collect()),
        Value::Object(members) => {
            Document::Structure(members.into_iter().map(|(name, value)| (name, of_json(value))).collect())
        }
    }
}

fn cbor_body(outcome: Outcome) -> Bytes {
    let document = match outcome {
        Ok(None) => return Bytes::new(),
        Ok(Some(output)) => output,
        Err(failure) => Document::structure([
            ("__type", Document::Text(format!("{ERROR_NAMESPACE}#{}", failure.shape()))),
            ("message", Document::Text(failure.message())),
        ]),
    };
    cbor::encode(&document).into()
}

fn json_body(outcome: Outcome) -> Bytes {
    let value = match outcome {
        Ok(None) => return Bytes::new(),
        Ok(Some(output)) => to_json(&output),
        Err(failure) => {
            json!({ "__type": format!("{ERROR_NAMESPACE}#{}", failure.shape()), "message": failure.message() })
        }
    };
    value.to_string().into()
}

fn to_json(document: &Document) -> Value {
    match document {
        Document::Null => Value::Null,
        Document::Bool(flag) => (*flag).into(),
        Document::Number(number) => (*number).into(),
        Document::Text(text) => text.as_str().into(),
        Document::Time(time) => cbor::seconds(*time).into(),
        Document::List(items) => items.iter().map(to_json).collect(),
        Document::Structure(members) | Document::Map(members) => {
            members.iter().map(|(name, value)| (name.clone(), to_json(value))).collect()
        }
    }
}

fn xml_body(operation: &str, outcome: Outcome, request_id: &str) -> Bytes {
    let text = match outcome {
        Ok(output) => {
            let answer = output.map_or(Answer::Done, |output| {
                let mut xml = Xml::default();
                write_xml(&mut xml, &output);
                Answer::Result(xml)
            });
            xml::response(operation, NAMESPACE, answer, request_id)
        }
        Err(failure) => {
            let party = status_party(failure.status());
            xml::error(NAMESPACE, &Fault { party, code: failure.query_code(), message: failure.message() }, request_id)
        }
    };
    text.into()
}

/// Writes the content of an element.
fn write_xml(xml: &mut Xml, document: &Document) {
    match document {
        Document::Null => {}
        Document::Bool(flag) => xml.escape(if *flag { "true" } else { "false" }),
        Document::Number(number) => xml.escape(&format!("{number:?}")),
        Document::Text(text) => xml.escape(text),
        Document::Time(time) => xml.escape(&time.timestamp().to_string()),
        Document::List(items) => {
            for item in items {
                xml.element("member", |xml| write_xml(xml, item));
            }
        }
        Document::Structure(members) => {
            for (name, value) in members {
                xml.element(name, |xml| write_xml(xml, value));
            }
        }
        Document::Map(entries) => {
            for (key, value) in entries {
                xml.element("entry", |xml| {
                    xml.text("key", key);
                    xml.element("value", |xml| write_xml(xml, value));
                });
            }
        }
    }
}
