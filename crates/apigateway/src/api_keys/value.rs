//! Values of API keys: new ones, and those that a user brings.

use definition::api_key::{ApiKeyValue, InvalidApiKeyValue};
use store::Sha256Hash;

use crate::failure::{Failure, Result};

/// The length of a value that nobody brought.
const GENERATED_CHARS: usize = 40;

/// What such a value consists of.
const ALPHABET: &[u8; 62] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The largest multiple of the alphabet's size that a byte can count to. Bytes from there on are drawn again, so that no letter
/// is likelier than another.
const BYTE_LIMIT: u8 = 248;

/// A value that nobody can guess.
pub(super) fn generate() -> Result<ApiKeyValue> {
    let mut text = String::with_capacity(GENERATED_CHARS);
    let mut bytes = [0; GENERATED_CHARS];
    while text.len() < GENERATED_CHARS {
        aws_lc_rs::rand::fill(&mut bytes)?;
        let fair = bytes.iter().filter(|byte| **byte < BYTE_LIMIT);
        let missing = GENERATED_CHARS - text.len();
        text.extend(fair.take(missing).map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
    }
    parse(&text)
}

/// A value of a user's own.
pub(super) fn parse(text: &str) -> Result<ApiKeyValue> {
    text.parse().map_err(|invalid| match invalid {
        InvalidApiKeyValue::TooShort => {
            Failure::bad_request(format!("API Key value should be at least {} characters", ApiKeyValue::CHARS_MIN))
        }
        InvalidApiKeyValue::TooLong => {
            Failure::bad_request(format!("API Key value exceeds maximum size of {} characters", ApiKeyValue::CHARS_MAX))
        }
        InvalidApiKeyValue::NotVisibleAscii => {
            Failure::bad_request("API Key value should consist of visible ASCII characters")
        }
    })
}

/// The id under which the owner of a value is kept.
pub(super) fn digest(value: &ApiKeyValue) -> String {
    Sha256Hash::of(value.as_str().as_bytes()).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn generated_values_are_letters_and_digits_and_never_the_same() {
        let values: HashSet<String> = (0..200).map(|_| generate().unwrap().as_str().to_owned()).collect();
        assert_eq!(values.len(), 200);
        let letters: HashSet<char> = values.iter().flat_map(|value| value.chars()).collect();
        assert_eq!(letters.len(), ALPHABET.len());
        for value in values {
            assert_eq!(value.len(), GENERATED_CHARS, "{value}");
            assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{value}");
        }
    }

    #[test]
    fn the_limit_is_fair() {
        assert_eq!(usize::from(BYTE_LIMIT) % ALPHABET.len(), 0);
        assert!(usize::from(BYTE_LIMIT) + ALPHABET.len() > 256);
    }
}
