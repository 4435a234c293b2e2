//! The canonical request: the one spelling of a request that signer and verifier agree on.
//! AWS page: "Create a signed AWS API request", step 1.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};

use super::key::{hexadecimal, sha256_hexadecimal};
use super::{ALGORITHM, CredentialScope, Payload, SigningTime, UNSIGNED_PAYLOAD, WireRequest};

/// Everything but RFC 3986's unreserved characters.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The service that takes paths as they are.
const S3: &str = "s3";

/// The query parameter that holds a presigned request's signature and is not part of what it signs.
const SIGNATURE_PARAMETER: &str = "X-Amz-Signature";

/// A request's canonical form. Header values need not be text, so that it is bytes.
pub(super) struct CanonicalRequest(Vec<u8>);

impl CanonicalRequest {
    /// `signed_headers` are lower-case and sorted.
    pub(super) fn new(
        request: &WireRequest<'_>,
        service: &str,
        signed_headers: &[Box<str>],
        payload_hash: &str,
    ) -> Self {
        let mut canonical = Vec::with_capacity(512);
        canonical.extend_from_slice(request.method.as_bytes());
        canonical.push(b'\n');
        canonical.extend_from_slice(canonical_path(request.path, service).as_bytes());
        canonical.push(b'\n');
        canonical.extend_from_slice(canonical_query(request.query).as_bytes());
        canonical.push(b'\n');
        for name in signed_headers {
            canonical.extend_from_slice(name.as_bytes());
            canonical.push(b':');
            append_header_values(&mut canonical, request, name);
            canonical.push(b'\n');
        }
        canonical.push(b'\n');
        canonical.extend_from_slice(signed_headers.join(";").as_bytes());
        canonical.push(b'\n');
        canonical.extend_from_slice(payload_hash.as_bytes());
        Self(canonical)
    }

    pub(super) fn string_to_sign(&self, time: &SigningTime, scope: &CredentialScope) -> String {
        format!("{ALGORITHM}\n{}\n{scope}\n{}", time.text, sha256_hexadecimal(&self.0))
    }

    pub(super) fn to_text(&self) -> String {
        String::from_utf8_lossy(&self.0).into_owned()
    }
}

/// The payload's hash as the canonical request ends with it.
pub(super) fn payload_hash(request: &WireRequest<'_>) -> String {
    match (request.header_text("x-amz-content-sha256"), request.payload) {
        (Some(UNSIGNED_PAYLOAD), _) => UNSIGNED_PAYLOAD.to_owned(),
        (_, Payload::Bytes(bytes)) => sha256_hexadecimal(bytes),
        (_, Payload::Sha256(hash)) => hexadecimal(&hash),
    }
}

/// All values of a header, joined by commas, without spaces around them and with single spaces inside.
fn append_header_values(canonical: &mut Vec<u8>, request: &WireRequest<'_>, name: &str) {
    let values = request.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    for (position, (_, value)) in values.enumerate() {
        if position > 0 {
            canonical.push(b',');
        }
        let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        for (position, word) in words.enumerate() {
            if position > 0 {
                canonical.push(b' ');
            }
            canonical.extend_from_slice(word);
        }
    }
}

/// S3 takes the path as it is named; every other service normalises it and encodes what the wire has once more.
fn canonical_path(path: &str, service: &str) -> String {
    let encode = |bytes: &[u8]| percent_encode(bytes, ENCODED).to_string();
    let segments: Vec<String> = if service == S3 {
        path.split('/').skip(1).map(|segment| encode(&percent_decode_str(segment).collect::<Vec<u8>>())).collect()
    } else {
        normalise(path).into_iter().map(|segment| encode(segment.as_bytes())).collect()
    };
    format!("/{}", segments.join("/"))
}

/// The segments of a path without empty ones, `.` and `..`; the last is empty where the path ends with a slash.
fn normalise(path: &str) -> Vec<&str> {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    if path.ends_with('/') && !segments.is_empty() {
        segments.push("");
    }
    segments
}

/// The parameters, each encoded in one way, sorted by name and then by value.
fn canonical_query(query: &str) -> String {
    let encode = |text: &str| {
        let spaced = text.replace('+', " ");
        let decoded: Vec<u8> = percent_decode_str(&spaced).collect();
        percent_encode(&decoded, ENCODED).to_string()
    };
    let mut parameters: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(name), encode(value))
        })
        .filter(|(name, _)| name != SIGNATURE_PARAMETER)
        .collect();
    parameters.sort_unstable();
    let pairs: Vec<String> = parameters.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}
