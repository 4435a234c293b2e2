//! Account ids and regions, the two parts of an ARN that also stand alone.

use std::fmt;
use std::str::FromStr;

/// The longest region name accepted, in bytes. AWS's own reach 16 (`ap-southeast-1`, `us-isob-east-1`, …).
pub const REGION_BYTES_MAX: usize = 32;

/// The length of every account id.
const ACCOUNT_ID_DIGITS: usize = 12;

/// The id of an AWS account: twelve decimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(Box<str>);

/// A text that is not twelve digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not an account id of twelve digits")]
pub struct InvalidAccountId {
    /// The text that was read.
    pub text: Box<str>,
}

/// The name of a region, such as `eu-west-1`: lower-case letters, digits and inner hyphens.
///
/// Differs from AWS: there is no list of regions; every well-formed name is a region of its own.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region(Box<str>);

/// A text that cannot name a region.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not the name of a region")]
pub struct InvalidRegion {
    /// The text that was read.
    pub text: Box<str>,
}

impl AccountId {
    /// The twelve digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for AccountId {
    type Err = InvalidAccountId;

    fn from_str(text: &str) -> Result<Self, InvalidAccountId> {
        if text.len() != ACCOUNT_ID_DIGITS || !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(InvalidAccountId { text: text.into() });
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Region {
    /// The region's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Region {
    type Err = InvalidRegion;

    fn from_str(text: &str) -> Result<Self, InvalidRegion> {
        let is_region_byte = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let well_formed = (1..=REGION_BYTES_MAX).contains(&text.len())
            && text.bytes().all(is_region_byte)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if !well_formed {
            return Err(InvalidRegion { text: text.into() });
        }
        Ok(Self(text.into()))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}
