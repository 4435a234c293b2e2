//! AWS Signature Version 4: reading, making and verifying signatures of HTTP requests.
//!
//! [`Authorization`] is what a request claims: whose key, for which day, region and service, and over which headers. A
//! listener needs no more to tell services apart. [`verify`] proves the claim with the key that the caller looked up;
//! [`sign`] makes the headers of an outgoing request. Both walk the same way: canonical request, string to sign,
//! signing key, signature. Differs from AWS: chunk-signed payloads (`STREAMING-…`) are refused.
//! AWS pages: "AWS Signature Version 4 for API requests", "Create a signed AWS API request".

use std::fmt;

use jiff::Timestamp;

mod authorization;
mod canonical;
mod date;
mod key;
mod rejection;
mod signing;
mod verification;
#[cfg(test)]
mod tests;

pub use authorization::{Authorization, CredentialScope, Presigned, SIGNED_HEADERS_MAX};
pub use key::{SecretKey, SigningKey};
pub use rejection::{Parameter, Rejection};
pub use signing::{SignatureHeaders, Signer, sign};
pub use verification::{Expectation, PRESIGNED_SECONDS_MAX, SKEW_MAX, VerificationKey, verify};

/// The only algorithm: HMAC and SHA-256 under a symmetric key.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// What stands for the payload's hash where the signer left the payload out.
pub const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// An HTTP request as it is on the wire, to be signed or verified.
#[derive(Clone, Copy)]
pub struct WireRequest<'a> {
    /// The method, such as `GET`.
    pub method: &'a str,
    /// The path, percent-encoded as it is sent, without the query.
    pub path: &'a str,
    /// The query without its question mark; empty where there is none.
    pub query: &'a str,
    /// The headers in the order of the wire. For HTTP/2, `:authority` has to be given as `host`.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body.
    pub payload: Payload<'a>,
}

/// A request's body, or what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// The whole body.
    Bytes(&'a [u8]),
    /// The SHA-256 of a body that was hashed while it passed.
    Sha256([u8; 32]),
}

impl<'a> WireRequest<'a> {
    /// The first value of a header.
    fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// The first value of a header, if it is text.
    fn header_text(&self, name: &str) -> Option<&'a str> {
        self.header(name).and_then(|value| std::str::from_utf8(value).ok()).map(str::trim)
    }
}

impl fmt::Debug for WireRequest<'_> {
    /// Without headers, query and body, which may hold secrets.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "WireRequest({} {})", self.method, self.path)
    }
}

/// The moment that a signature is made for, and how the string to sign spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SigningTime {
    moment: Timestamp,
    /// `yyyymmddThhmmssZ`
    text: String,
}
