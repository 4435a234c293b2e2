//! When a certificate is valid (RFC 5280, 4.1.2.5).
//!
//! The TLS library checks this only together with the certificate's issuer, which does not matter here.

use rustls::{CertificateError, pki_types::UnixTime};

/// DER tags on the way to a certificate's validity.
const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The tag of the version, which may be missing.
const VERSION: u8 = 0xa0;
/// A year of two digits is of this century or the last one: those from here on are of the last.
const UTC_TIME_PIVOT: i16 = 50;

/// The first and the last second in which a certificate is valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    not_before: i64,
    not_after: i64,
}

impl Validity {
    /// The validity that a certificate in DER states; `None` when it cannot be read.
    pub(super) fn of(certificate: &[u8]) -> Option<Self> {
        let (certificate, _) = value(certificate, SEQUENCE)?;
        let (mut rest, _) = value(certificate, SEQUENCE)?;
        if let Some((_, after_version)) = value(rest, VERSION) {
            rest = after_version;
        }
        for before_validity in [INTEGER, SEQUENCE, SEQUENCE] {
            (_, rest) = value(rest, before_validity)?;
        }
        let (validity, _) = value(rest, SEQUENCE)?;
        let (not_before, rest) = time(validity)?;
        let (not_after, _) = time(rest)?;
        Some(Self { not_before, not_after })
    }

    /// Whether a certificate may be used now.
    pub(super) fn check(self, now: UnixTime) -> Result<(), CertificateError> {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX);
        if now < self.not_before {
            Err(CertificateError::NotValidYet)
        } else if now > self.not_after {
            Err(CertificateError::Expired)
        } else {
            Ok(())
        }
    }
}

/// A DER value of this tag, and what follows it.
fn value(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, der) = der.split_first()?;
    if found != tag {
        return None;
    }
    let (&first, mut der) = der.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let digits = usize::from(first & 0x7f);
        // A certificate of more than four gigabytes is none.
        if !(1..=4).contains(&digits) {
            return None;
        }
        let (bytes, rest) = der.split_at_checked(digits)?;
        length = bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        der = rest;
    }
    der.split_at_checked(length)
}

/// A point in time in seconds since 1970, and what follows it.
fn time(der: &[u8]) -> Option<(i64, &[u8])> {
    let (text, rest, year_digits) = match value(der, UTC_TIME) {
        Some((text, rest)) => (text, rest, 2),
        None => value(der, GENERALIZED_TIME).map(|(text, rest)| (text, rest, 4))?,
    };
    let digits = text.strip_suffix(b"Z")?;
    if digits.len() != year_digits + 10 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |digits: &[u8]| digits.iter().fold(0_i16, |number, digit| number * 10 + i16::from(digit - b'0'));
    let (year, digits) = digits.split_at_checked(year_digits)?;
    let year = match number(year) {
        year if year_digits == 4 => year,
        year if year < UTC_TIME_PIVOT => 2000 + year,
        year => 1900 + year,
    };
    let mut parts = digits.chunks(2).map(|part| i8::try_from(number(part)));
    let mut part = || parts.next()?.ok();
    let at = jiff::civil::DateTime::new(year, part()?, part()?, part()?, part()?, part()?, 0).ok()?;
    Some((at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second(), rest))
}

#[cfg(test)]
mod tests;
