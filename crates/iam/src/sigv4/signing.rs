//! Signing outgoing requests, in the header form.

use jiff::Timestamp;

use super::canonical::{CanonicalRequest, payload_hash};
use super::{ALGORITHM, CredentialScope, SecretKey, SigningKey, SigningTime, WireRequest};

/// Who signs, and for which region and service.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The public half of the access key.
    pub access_key_id: &'a str,
    /// The secret half.
    pub secret: &'a SecretKey,
    /// The token of temporary credentials.
    pub session_token: Option<&'a str>,
    /// The region of the endpoint.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

/// The headers that make a request a signed one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureHeaders {
    /// `authorization`
    pub authorization: String,
    /// `x-amz-date`
    pub date: String,
    /// `x-amz-security-token`, with temporary credentials.
    pub security_token: Option<String>,
}

/// Signs a request with all the headers that it has, of which `host` should be one, and those of the answer, which the
/// caller adds. Earlier values of these are not looked at and must be dropped.
#[must_use]
pub fn sign(request: &WireRequest<'_>, signer: &Signer<'_>, now: Timestamp) -> SignatureHeaders {
    let time = SigningTime::at(now);
    let added = ["authorization", "x-amz-date", "x-amz-security-token"];
    let is_added = |name: &str| added.iter().any(|added| added.eq_ignore_ascii_case(name));
    let mut headers: Vec<(&str, &[u8])> = request.headers.iter().filter(|(name, _)| !is_added(name)).copied().collect();
    headers.push(("x-amz-date", time.text.as_bytes()));
    if let Some(token) = signer.session_token {
        headers.push(("x-amz-security-token", token.as_bytes()));
    }
    let mut names: Vec<Box<str>> = headers.iter().map(|(name, _)| name.to_ascii_lowercase().into()).collect();
    names.sort_unstable();
    names.dedup();
    let request = WireRequest { headers: &headers, ..*request };

    let scope = CredentialScope::new(signer.access_key_id, time.date(), signer.region, signer.service);
    let canonical = CanonicalRequest::new(&request, signer.service, &names, &payload_hash(&request));
    let signature = SigningKey::derive(signer.secret, &scope).signature(&canonical.string_to_sign(&time, &scope));
    SignatureHeaders {
        authorization: format!(
            "{ALGORITHM} Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            signer.access_key_id,
            names.join(";")
        ),
        security_token: signer.session_token.map(str::to_owned),
        date: time.text,
    }
}
