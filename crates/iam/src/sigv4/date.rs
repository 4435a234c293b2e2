//! Times as Signature Version 4 spells them: `yyyymmddThhmmssZ`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::fmt::rfc2822;
use jiff::tz::TimeZone;

use super::SigningTime;

/// The digits of the date in a signing time and a credential scope.
pub(super) const DATE_DIGITS: usize = "yyyymmdd".len();

impl SigningTime {
    /// The second that the moment falls into.
    pub(super) fn at(moment: Timestamp) -> Self {
        Self { moment, text: basic_format(moment) }
    }

    /// Reads ISO 8601's basic format, and no other.
    pub(super) fn parse_basic(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let shape_matches = bytes.len() == "yyyymmddThhmmssZ".len()
            && bytes.iter().enumerate().all(|(position, byte)| match position {
                8 => *byte == b'T',
                15 => *byte == b'Z',
                _ => byte.is_ascii_digit(),
            });
        if !shape_matches {
            return None;
        }
        let civil: DateTime = text[..15].parse().ok()?;
        let moment = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
        Some(Self { moment, text: text.to_owned() })
    }

    /// Reads a `Date` header: HTTP's format or ISO 8601's basic one.
    pub(super) fn parse_date_header(text: &str) -> Option<Self> {
        Self::parse_basic(text).or_else(|| rfc2822::parse(text).ok().map(|moment| Self::at(moment.timestamp())))
    }

    /// `yyyymmdd`
    pub(super) fn date(&self) -> &str {
        &self.text[..DATE_DIGITS]
    }
}

pub(super) fn basic_format(moment: Timestamp) -> String {
    moment.strftime("%Y%m%dT%H%M%SZ").to_string()
}
