//! What a signed request claims, in its `Authorization` header or its presigned query.
//! AWS page: "Authentication methods" of Signature Version 4.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use super::date::DATE_DIGITS;
use super::rejection::{Parameter, Rejection};
use super::verification::PRESIGNED_SECONDS_MAX;
use super::{ALGORITHM, WireRequest};

/// The most headers that one signature may cover.
pub const SIGNED_HEADERS_MAX: usize = 200;

/// What every scope ends with.
const TERMINATOR: &str = "aws4_request";

/// Whose key signs, and what the key is derived for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CredentialScope {
    access_key_id: Box<str>,
    date: Box<str>,
    region: Box<str>,
    service: Box<str>,
}

/// What a signed request claims.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authorization {
    scope: CredentialScope,
    /// Lower-case, sorted, each once.
    signed_headers: Box<[Box<str>]>,
    signature: Box<str>,
    presigned: Option<Presigned>,
    header_hash: Option<Box<str>>,
}

/// What only a presigned query says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presigned {
    /// `X-Amz-Date` as it was read.
    pub(super) date: Box<str>,
    /// How long the signature lives, from its date on.
    pub(super) expires_seconds: u32,
    /// `X-Amz-Security-Token`.
    pub(super) security_token: Option<Box<str>>,
}

impl CredentialScope {
    /// The scope of a signature to be made. `date` is `yyyymmdd`.
    pub(super) fn new(access_key_id: &str, date: &str, region: &str, service: &str) -> Self {
        Self { access_key_id: access_key_id.into(), date: date.into(), region: region.into(), service: service.into() }
    }

    /// Reads `{access key id}/{yyyymmdd}/{region}/{service}/aws4_request`.
    pub fn parse(text: &str) -> Result<Self, Rejection> {
        let parts: Vec<&str> = text.splitn(6, '/').collect();
        let &[access_key_id, date, region, service, terminator] = parts.as_slice() else {
            return Err(Rejection::MalformedCredential { text: text.to_owned() });
        };
        let date_valid = date.len() == DATE_DIGITS && date.bytes().all(|byte| byte.is_ascii_digit());
        if [access_key_id, region, service].contains(&"") || !date_valid {
            return Err(Rejection::MalformedCredential { text: text.to_owned() });
        }
        if terminator != TERMINATOR {
            return Err(Rejection::WrongTerminator { text: terminator.to_owned() });
        }
        Ok(Self::new(access_key_id, date, region, service))
    }

    /// The public half of the access key.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The day, as `yyyymmdd`.
    #[must_use]
    pub fn date(&self) -> &str {
        &self.date
    }

    /// The region that the request is meant for.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The service that the request is meant for, by its signing name: `apigateway`, `lambda`, `execute-api`, …
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }
}

impl fmt::Display for CredentialScope {
    /// Without the access key id, as the string to sign has it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}/{}/{TERMINATOR}", self.date, self.region, self.service)
    }
}

impl Authorization {
    /// Reads the claim of a request: its `Authorization` header, or without one its query.
    pub fn of(request: &WireRequest<'_>) -> Result<Self, Rejection> {
        match request.header("authorization") {
            Some(value) => Self::from_header(&String::from_utf8_lossy(value)),
            None => Self::from_query(request.query)?.ok_or(Rejection::MissingToken),
        }
    }

    /// Reads the value of an `Authorization` header.
    pub fn from_header(value: &str) -> Result<Self, Rejection> {
        let value = value.trim();
        let header_hash = || STANDARD.encode(digest::digest(&digest::SHA256, value.as_bytes()));
        let invalid_pair = || Rejection::InvalidPair { header_hash: header_hash() };
        let rest = value.strip_prefix(ALGORITHM).ok_or_else(invalid_pair)?;
        if !rest.starts_with([' ', '\t']) {
            return Err(invalid_pair());
        }
        let mut fields = Fields::default();
        for pair in rest.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').ok_or_else(invalid_pair)?;
            match name.trim() {
                "Credential" => fields.credential = Some(value.trim()),
                "SignedHeaders" => fields.signed_headers = Some(value.trim()),
                "Signature" => fields.signature = Some(value.trim()),
                _ => {}
            }
        }
        let (credential, signed_headers, signature) =
            fields.complete().map_err(|missing| Rejection::IncompleteHeader { missing, header_hash: header_hash() })?;
        Ok(Self {
            scope: CredentialScope::parse(credential)?,
            signed_headers: parse_signed_headers(signed_headers)?,
            signature: signature.into(),
            presigned: None,
            header_hash: Some(header_hash().into()),
        })
    }

    /// Reads a presigned query; `None` when it has no `X-Amz-Algorithm`, so that it claims nothing.
    pub fn from_query(query: &str) -> Result<Option<Self>, Rejection> {
        let parameter = |wanted: &str| {
            query.split('&').find_map(|pair| {
                let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
                (decode(name) == wanted).then(|| decode(value))
            })
        };
        let Some(algorithm) = parameter("X-Amz-Algorithm") else { return Ok(None) };
        if algorithm != ALGORITHM {
            return Err(Rejection::UnsupportedAlgorithm { algorithm });
        }
        let credential = parameter("X-Amz-Credential");
        let signed_headers = parameter("X-Amz-SignedHeaders");
        let signature = parameter("X-Amz-Signature");
        let fields = Fields {
            credential: credential.as_deref(),
            signed_headers: signed_headers.as_deref(),
            signature: signature.as_deref(),
        };
        let incomplete = |missing| Rejection::IncompleteQuery { missing };
        let (credential, signed_headers, signature) = fields.complete().map_err(incomplete)?;
        let date = parameter("X-Amz-Date").ok_or_else(|| incomplete(vec![Parameter::Date]))?;
        let expires = parameter("X-Amz-Expires").ok_or_else(|| incomplete(vec![Parameter::Expires]))?;
        let in_range = |seconds: &u32| (1..=PRESIGNED_SECONDS_MAX).contains(seconds);
        let Some(expires_seconds) = expires.parse().ok().filter(in_range) else {
            return Err(Rejection::InvalidExpiry { text: expires });
        };
        Ok(Some(Self {
            scope: CredentialScope::parse(credential)?,
            signed_headers: parse_signed_headers(signed_headers)?,
            signature: signature.into(),
            presigned: Some(Presigned {
                date: date.into(),
                expires_seconds,
                security_token: parameter("X-Amz-Security-Token").map(Into::into),
            }),
            header_hash: None,
        }))
    }

    /// Whose key signs, and what the key is derived for.
    #[must_use]
    pub fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The names of the signed headers, lower-case, sorted, each once.
    #[must_use]
    pub fn signed_headers(&self) -> &[Box<str>] {
        &self.signed_headers
    }

    /// The signature as it was read, which may be any text.
    #[must_use]
    pub fn signature(&self) -> &str {
        &self.signature
    }

    /// What a presigned query says beyond that; `None` for the header form.
    #[must_use]
    pub fn presigned(&self) -> Option<&Presigned> {
        self.presigned.as_ref()
    }

    pub(super) fn header_hash(&self) -> String {
        self.header_hash.as_deref().unwrap_or_default().to_owned()
    }
}

impl Presigned {
    /// How long the signature lives, in seconds from its date on; at most a week.
    #[must_use]
    pub fn expires_seconds(&self) -> u32 {
        self.expires_seconds
    }
}

#[derive(Default)]
struct Fields<'a> {
    credential: Option<&'a str>,
    signed_headers: Option<&'a str>,
    signature: Option<&'a str>,
}

impl<'a> Fields<'a> {
    /// The three fields, or which of them are missing, in AWS's order.
    fn complete(&self) -> Result<(&'a str, &'a str, &'a str), Vec<Parameter>> {
        let present = |field: Option<&'a str>| field.filter(|text| !text.is_empty());
        let fields = (present(self.credential), present(self.signed_headers), present(self.signature));
        if let (Some(credential), Some(signed_headers), Some(signature)) = fields {
            return Ok((credential, signed_headers, signature));
        }
        let mut missing = Vec::new();
        missing.extend(fields.0.is_none().then_some(Parameter::Credential));
        missing.extend(fields.2.is_none().then_some(Parameter::Signature));
        missing.extend(fields.1.is_none().then_some(Parameter::SignedHeaders));
        Err(missing)
    }
}

fn parse_signed_headers(text: &str) -> Result<Box<[Box<str>]>, Rejection> {
    let mut names: Vec<Box<str>> =
        text.split(';').filter(|name| !name.is_empty()).map(|name| name.to_ascii_lowercase().into()).collect();
    if names.len() > SIGNED_HEADERS_MAX {
        return Err(Rejection::TooManySignedHeaders);
    }
    names.sort_unstable();
    names.dedup();
    Ok(names.into())
}

/// A name or value of a query, where a plus sign is a space.
pub(super) fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
