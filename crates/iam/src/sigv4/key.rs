//! Secret keys and the keys derived from them.

use std::fmt;

use aws_lc_rs::{constant_time, digest, hmac};

use super::CredentialScope;

/// The secret half of an access key.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(Box<str>);

/// The key that signs the requests of one day, region and service.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl SecretKey {
    /// Wraps a secret, which any text may be.
    #[must_use]
    pub fn new(secret: impl Into<Box<str>>) -> Self {
        Self(secret.into())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SecretKey(…)")
    }
}

impl SigningKey {
    /// Derives the key of a scope. It stays the same all day, so that it may be kept.
    #[must_use]
    pub fn derive(secret: &SecretKey, scope: &CredentialScope) -> Self {
        let mut key = hmac::Key::new(hmac::HMAC_SHA256, format!("AWS4{}", secret.0).as_bytes());
        for part in [scope.date(), scope.region(), scope.service(), "aws4_request"] {
            key = hmac::Key::new(hmac::HMAC_SHA256, hmac::sign(&key, part.as_bytes()).as_ref());
        }
        Self(key)
    }

    /// The signature of a string to sign, in hexadecimal digits.
    #[must_use]
    pub fn signature(&self, string_to_sign: &str) -> String {
        hexadecimal(hmac::sign(&self.0, string_to_sign.as_bytes()).as_ref())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("SigningKey(…)")
    }
}

pub(super) fn sha256_hexadecimal(bytes: &[u8]) -> String {
    hexadecimal(digest::digest(&digest::SHA256, bytes).as_ref())
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0f)]).collect()
}

/// Compares without telling by the time it takes where the texts differ.
pub(super) fn equal_secrets(left: &str, right: &str) -> bool {
    constant_time::verify_slices_are_equal(left.as_bytes(), right.as_bytes()).is_ok()
}
