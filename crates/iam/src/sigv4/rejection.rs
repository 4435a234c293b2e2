//! Why a request's signature is not accepted, with the name and words that AWS has for each case.

use std::fmt::Write as _;

use super::ALGORITHM;

/// Why a request's signature is not accepted. The text is what AWS tells the client; it holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The request claims nothing: neither an `Authorization` header nor a presigned query.
    #[error("Missing Authentication Token")]
    MissingToken,
    /// The `Authorization` header is of another scheme, or an element in it has no equal sign.
    #[error(
        "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with \
         Base64): '{header_hash}'."
    )]
    InvalidPair {
        /// SHA-256 of the header in Base64, so that no secret is repeated.
        header_hash: String,
    },
    /// The `Authorization` header, or the request around it, lacks a part.
    #[error("{}", incomplete_header(missing, header_hash))]
    IncompleteHeader {
        /// What is missing.
        missing: Vec<Parameter>,
        /// SHA-256 of the header in Base64, so that no secret is repeated.
        header_hash: String,
    },
    /// The presigned query lacks a parameter, or one is not readable.
    #[error("{}", incomplete_query(missing))]
    IncompleteQuery {
        /// What is missing.
        missing: Vec<Parameter>,
    },
    /// The presigned query names another algorithm.
    #[error("Unsupported AWS 'algorithm': '{algorithm}'.")]
    UnsupportedAlgorithm {
        /// The algorithm that was named.
        algorithm: String,
    },
    /// `X-Amz-Expires` is not a number of seconds from 1 to a week.
    #[error("X-Amz-Expires must be a number of seconds from 1 to 604800, not '{text}'.")]
    InvalidExpiry {
        /// The text that was read.
        text: String,
    },
    /// The credential does not have its five parts.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text}'"
    )]
    MalformedCredential {
        /// The text that was read.
        text: String,
    },
    /// The credential ends in something else than `aws4_request`.
    #[error("Credential should be scoped with a valid terminator: 'aws4_request', not '{text}'.")]
    WrongTerminator {
        /// The text that was read.
        text: String,
    },
    /// More headers are signed than a request may have.
    #[error("Authorization header names too many signed headers.")]
    TooManySignedHeaders,
    /// The time is not in ISO 8601's basic format.
    #[error("Date must be in ISO-8601 'basic format'. Got '{text}'.")]
    MalformedDate {
        /// The text that was read.
        text: String,
    },
    /// The scope's date is not the day of the request's time.
    #[error(
        "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{scope_date}' != \
         '{date}', from '{time}'."
    )]
    DateMismatch {
        /// The date of the scope.
        scope_date: String,
        /// The date of the request's time.
        date: String,
        /// The request's time.
        time: String,
    },
    /// The scope names another region than the request came to.
    #[error("Credential should be scoped to a valid region.")]
    WrongRegion,
    /// The scope names another service than the request came to.
    #[error("Credential should be scoped to correct service: '{service}'.")]
    WrongService {
        /// The service that the request came to.
        service: String,
    },
    /// The `Host` header is not signed, so that the request could be sent elsewhere.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    UnsignedHost,
    /// The access key does not exist, or its session token is missing or another.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// The session that the key belongs to is over.
    #[error("The security token included in the request is expired")]
    ExpiredToken,
    /// The signature is too old.
    #[error("Signature expired: {time} is now earlier than {earliest} ({now} - {minutes} min.)")]
    Expired {
        /// When the signature was made.
        time: String,
        /// The earliest time that is still good.
        earliest: String,
        /// The time here.
        now: String,
        /// How long a signature lives.
        minutes: i64,
    },
    /// The signature is from the future.
    #[error("Signature not yet current: {time} is still later than {latest} ({now} + {minutes} min.)")]
    NotYetCurrent {
        /// When the signature was made.
        time: String,
        /// The latest time that is already good.
        latest: String,
        /// The time here.
        now: String,
        /// How far clocks may differ.
        minutes: i64,
    },
    /// The payload is signed piece by piece, which this project cannot verify.
    #[error("The payload signature '{declared}' is not supported.")]
    UnsupportedPayload {
        /// What `x-amz-content-sha256` says.
        declared: String,
    },
    /// The signature is another one than the request's content and the key make.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access \
         Key and signing method. Consult the service documentation for details.\n\nThe Canonical String for this \
         request should have been\n'{canonical_request}'\n\nThe String-to-Sign should have been\n'{string_to_sign}'\n"
    )]
    SignatureMismatch {
        /// The canonical request as it was computed here.
        canonical_request: String,
        /// The string to sign as it was computed here.
        string_to_sign: String,
    },
}

/// A part that a signed request must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// The credential and its scope.
    Credential,
    /// The signature itself.
    Signature,
    /// The list of signed headers.
    SignedHeaders,
    /// The time of the signature.
    Date,
    /// How long a presigned request lives.
    Expires,
}

impl Rejection {
    /// The error's name on the wire, as in `x-amzn-ErrorType`. The status of all of them is 403.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        match self {
            Self::MissingToken => "MissingAuthenticationTokenException",
            Self::InvalidPair { .. }
            | Self::IncompleteHeader { .. }
            | Self::IncompleteQuery { .. }
            | Self::UnsupportedAlgorithm { .. }
            | Self::InvalidExpiry { .. }
            | Self::MalformedCredential { .. }
            | Self::TooManySignedHeaders
            | Self::MalformedDate { .. } => "IncompleteSignatureException",
            Self::UnknownKey => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            Self::WrongTerminator { .. }
            | Self::DateMismatch { .. }
            | Self::WrongRegion
            | Self::WrongService { .. }
            | Self::UnsignedHost
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::UnsupportedPayload { .. }
            | Self::SignatureMismatch { .. } => "InvalidSignatureException",
        }
    }
}

fn incomplete_header(missing: &[Parameter], header_hash: &str) -> String {
    let mut text = String::new();
    for parameter in missing {
        text.push_str(match parameter {
            Parameter::Credential => "Authorization header requires 'Credential' parameter. ",
            Parameter::Signature => "Authorization header requires 'Signature' parameter. ",
            Parameter::SignedHeaders => "Authorization header requires 'SignedHeaders' parameter. ",
            Parameter::Date | Parameter::Expires => {
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
            }
        });
    }
    // Writing to a string cannot fail.
    let _ = write!(text, "(Hashed with SHA-256 and encoded with Base64) Authorization={header_hash}");
    text
}

fn incomplete_query(missing: &[Parameter]) -> String {
    let sentences: Vec<String> = missing
        .iter()
        .map(|parameter| {
            let name = match parameter {
                Parameter::Credential => "X-Amz-Credential",
                Parameter::Signature => "X-Amz-Signature",
                Parameter::SignedHeaders => "X-Amz-SignedHeaders",
                Parameter::Date => "X-Amz-Date",
                Parameter::Expires => "X-Amz-Expires",
            };
            format!("AWS query-string parameters must include '{name}'.")
        })
        .collect();
    format!("{} Re-examine the query-string parameters for {ALGORITHM}.", sentences.join(" "))
}
