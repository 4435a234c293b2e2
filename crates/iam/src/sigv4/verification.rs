//! Verifying the signature of an incoming request.
//!
//! Finding the key is left to the caller, who knows where keys are kept and passes in what it found, which may be
//! nothing. So is the time.

use jiff::{SignedDuration, Timestamp};

use super::authorization::Presigned;
use super::canonical::{CanonicalRequest, payload_hash};
use super::date::basic_format;
use super::key::equal_secrets;
use super::rejection::{Parameter, Rejection};
use super::{Authorization, SecretKey, SigningKey, SigningTime, UNSIGNED_PAYLOAD, WireRequest};

/// How far the clocks of signer and verifier may differ, and how long a signature in a header lives.
pub const SKEW_MAX: SignedDuration = SignedDuration::from_mins(5);

/// The longest life of a presigned request: a week, in seconds.
pub const PRESIGNED_SECONDS_MAX: u32 = 604_800;

/// What is known of an access key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerificationKey {
    /// The secret half.
    pub secret: SecretKey,
    /// The token that must come with it, for temporary credentials.
    pub session_token: Option<Box<str>>,
    /// When temporary credentials end.
    pub expires: Option<Timestamp>,
}

/// What the request must have been signed for.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The signing name of the service that the request came to.
    pub service: &'a str,
    /// The region that the request came to; `None` where every region is served.
    pub region: Option<&'a str>,
    /// The time here.
    pub now: Timestamp,
}

/// Verifies that the owner of `key` made this request, for this service and region, and just now.
///
/// `authorization` is the request's own claim, from [`Authorization::of`]; `key` is what was found under its access key
/// id. Of several faults one is reported, in this order: time and its scope's date, unsigned host, unknown key, session
/// token, age, region, service, signature.
pub fn verify(
    request: &WireRequest<'_>,
    authorization: &Authorization,
    key: Option<&VerificationKey>,
    expected: &Expectation<'_>,
) -> Result<(), Rejection> {
    let time = signing_time(request, authorization)?;
    let scope = authorization.scope();
    if time.date() != scope.date() {
        return Err(Rejection::DateMismatch {
            scope_date: scope.date().to_owned(),
            date: time.date().to_owned(),
            time: time.text,
        });
    }
    if !authorization.signed_headers().iter().any(|name| &**name == "host") {
        return Err(Rejection::UnsignedHost);
    }
    let key = key.ok_or(Rejection::UnknownKey)?;
    check_session(request, authorization, key, expected.now)?;
    check_age(&time, authorization.presigned(), expected.now)?;
    if expected.region.is_some_and(|region| region != scope.region()) {
        return Err(Rejection::WrongRegion);
    }
    if expected.service != scope.service() {
        return Err(Rejection::WrongService { service: expected.service.to_owned() });
    }
    check_signature(request, authorization, key, &time)
}

fn signing_time(request: &WireRequest<'_>, authorization: &Authorization) -> Result<SigningTime, Rejection> {
    let malformed = |text: &str| Rejection::MalformedDate { text: text.to_owned() };
    if let Some(presigned) = authorization.presigned() {
        return SigningTime::parse_basic(&presigned.date).ok_or_else(|| malformed(&presigned.date));
    }
    if let Some(text) = request.header_text("x-amz-date") {
        return SigningTime::parse_basic(text).ok_or_else(|| malformed(text));
    }
    let Some(text) = request.header_text("date") else {
        let missing = vec![Parameter::Date];
        return Err(Rejection::IncompleteHeader { missing, header_hash: authorization.header_hash() });
    };
    SigningTime::parse_date_header(text).ok_or_else(|| malformed(text))
}

/// The token of temporary credentials must be the one that was issued, and must not come with other credentials.
fn check_session(
    request: &WireRequest<'_>,
    authorization: &Authorization,
    key: &VerificationKey,
    now: Timestamp,
) -> Result<(), Rejection> {
    let in_query = authorization.presigned().and_then(|presigned| presigned.security_token.as_deref());
    let presented = in_query.or_else(|| request.header_text("x-amz-security-token"));
    match (&key.session_token, presented) {
        (None, None) => {}
        (Some(issued), Some(presented)) if equal_secrets(issued, presented) => {}
        (Some(_), _) | (None, Some(_)) => return Err(Rejection::UnknownKey),
    }
    if key.expires.is_some_and(|expires| expires <= now) {
        return Err(Rejection::ExpiredToken);
    }
    Ok(())
}

fn check_age(time: &SigningTime, presigned: Option<&Presigned>, now: Timestamp) -> Result<(), Rejection> {
    let lifetime = match presigned {
        Some(presigned) => SignedDuration::from_secs(i64::from(presigned.expires_seconds)),
        None => SKEW_MAX,
    };
    let age = now.duration_since(time.moment);
    // Only at the ends of the calendar, thousands of years away, is there no such moment.
    let shifted = |by: SignedDuration| basic_format(now.checked_add(by).unwrap_or(now));
    if age > lifetime {
        return Err(Rejection::Expired {
            time: time.text.clone(),
            earliest: shifted(-lifetime),
            now: basic_format(now),
            minutes: lifetime.as_mins(),
        });
    }
    if -age > SKEW_MAX {
        return Err(Rejection::NotYetCurrent {
            time: time.text.clone(),
            latest: shifted(SKEW_MAX),
            now: basic_format(now),
            minutes: SKEW_MAX.as_mins(),
        });
    }
    Ok(())
}

fn check_signature(
    request: &WireRequest<'_>,
    authorization: &Authorization,
    key: &VerificationKey,
    time: &SigningTime,
) -> Result<(), Rejection> {
    let scope = authorization.scope();
    let declared = request.header_text("x-amz-content-sha256");
    if let Some(declared) = declared.filter(|declared| declared.starts_with("STREAMING-")) {
        return Err(Rejection::UnsupportedPayload { declared: declared.to_owned() });
    }
    // A presigned request to S3 is made before anyone knows the body.
    let payload = match (authorization.presigned(), scope.service(), declared) {
        (Some(_), "s3", None) => UNSIGNED_PAYLOAD.to_owned(),
        _ => payload_hash(request),
    };
    let canonical = CanonicalRequest::new(request, scope.service(), authorization.signed_headers(), &payload);
    let string_to_sign = canonical.string_to_sign(time, scope);
    let signature = SigningKey::derive(&key.secret, scope).signature(&string_to_sign);
    if !equal_secrets(&signature, authorization.signature()) {
        return Err(Rejection::SignatureMismatch { canonical_request: canonical.to_text(), string_to_sign });
    }
    Ok(())
}
