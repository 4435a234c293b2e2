//! Content-addressed bytes: deployment packages of functions, named by their SHA-256.

use std::{fmt, str::FromStr};

/// The largest blob. AWS Lambda's own limit for a package is 250 MB unzipped; nothing larger can ever be used.
pub const BLOB_BYTES_MAX: usize = 256 * 1024 * 1024;

/// The SHA-256 digest of some bytes, and the name under which they are stored.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256Hash([u8; Self::LENGTH]);

impl Sha256Hash {
    /// The digest's length in bytes.
    pub const LENGTH: usize = 32;

    /// The digest of `bytes`.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let mut hash = [0; Self::LENGTH];
        // SHA-256 yields 32 bytes, so both sides have one length; zip makes that need no proof.
        for (to, from) in hash.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        Self(hash)
    }

    /// The digest's bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl From<[u8; Sha256Hash::LENGTH]> for Sha256Hash {
    /// A digest that was computed elsewhere.
    fn from(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }
}

impl fmt::Display for Sha256Hash {
    /// 64 lower-case hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sha256Hash({self})")
    }
}

/// A text that is not a SHA-256 digest in hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a SHA-256 digest of 64 hexadecimal digits")]
pub struct InvalidHash;

impl FromStr for Sha256Hash {
    type Err = InvalidHash;

    fn from_str(text: &str) -> Result<Self, InvalidHash> {
        if text.len() != 2 * Self::LENGTH || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(InvalidHash);
        }
        let mut hash = [0; Self::LENGTH];
        for (to, pair) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
            let digits = std::str::from_utf8(pair).map_err(|_| InvalidHash)?;
            *to = u8::from_str_radix(digits, 16).map_err(|_| InvalidHash)?;
        }
        Ok(Self(hash))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_abc_is_that_of_fips_180() {
        let text = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Sha256Hash::of(b"abc").to_string(), text);
        assert_eq!(text.parse(), Ok(Sha256Hash::of(b"abc")));
    }

    #[test]
    fn only_64_hexadecimal_digits_are_a_digest() {
        for text in [String::new(), "0".repeat(63), "0".repeat(65), "g".repeat(64), "+f".repeat(32), "é".repeat(32)] {
            assert_eq!(text.parse::<Sha256Hash>(), Err(InvalidHash), "{text}");
        }
    }
}
