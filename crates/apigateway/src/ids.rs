//! New identifiers: lower-case letters and digits, fit to be a DNS label, unique where it matters.

use std::sync::{Mutex, PoisonError};

use crate::failure::{Failure, Result};

/// The length of the ids of REST APIs and of their root resources.
const LONG: usize = 10;
/// The length of all other ids.
const SHORT: usize = 6;
/// The length of an extended request id without its padding.
const EXTENDED: usize = 15;
/// How often a taken id is replaced by another draw. Two thousand million short ids make even the second draw rare.
const DRAWS_MAX: u32 = 16;

/// A source of identifiers. They name things and protect nothing, so they need not be secret.
#[derive(Debug)]
pub struct Ids(Mutex<fastrand::Rng>);

impl Ids {
    /// Identifiers that differ from run to run.
    #[must_use]
    pub fn random() -> Self {
        Self(Mutex::new(fastrand::Rng::new()))
    }

    /// The same identifiers in every run, for tests.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self(Mutex::new(fastrand::Rng::with_seed(seed)))
    }

    /// Ten letters and digits.
    pub(crate) fn long(&self) -> String {
        self.draw(LONG)
    }

    /// Six letters and digits.
    pub(crate) fn short(&self) -> String {
        self.draw(SHORT)
    }

    /// A version 4 UUID in its usual text form, as request ids are.
    pub(crate) fn uuid(&self) -> String {
        let bits = self.0.lock().unwrap_or_else(PoisonError::into_inner).u128(..);
        let versioned = bits & !(0xf << 76) & !(0x3 << 62) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{versioned:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// An extended request id: fifteen signs of base64 and a `=`.
    pub(crate) fn extended_request_id(&self) -> String {
        self.draw(EXTENDED) + "="
    }

    fn draw(&self, length: usize) -> String {
        const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
        let mut rng = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (0..length).map(|_| char::from(ALPHABET[rng.usize(..ALPHABET.len())])).collect()
    }
}

/// Draws ids until `taken` says that one is free.
pub(crate) fn fresh<Id>(draw: impl Fn() -> String, mut taken: impl FnMut(&Id) -> Result<bool>) -> Result<Id>
where
    Id: std::str::FromStr,
{
    for _ in 0..DRAWS_MAX {
        let Ok(id) = draw().parse::<Id>() else { continue };
        if !taken(&id)? {
            return Ok(id);
        }
    }
    Err(Failure::concurrent_modification())
}
