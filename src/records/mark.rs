//! By what a secret value is recognised later, without being kept.

use rand::RngCore as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::domain::secret::Secret;

/// Salt and digest of a value, in hexadecimal digits; a token has too many possible values to be guessed by it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark(String, String);

impl Mark {
    /// With a salt of its own.
    pub fn of(value: &Secret<String>) -> Self {
        let mut salt = [0; 16];
        rand::rng().fill_bytes(&mut salt);
        let salt = hex(&salt);
        let digest = digested(&salt, value);
        Self(salt, digest)
    }

    /// Whether it is this value's.
    pub fn is_of(&self, value: &Secret<String>) -> bool {
        let Self(salt, digest) = self;
        bool::from(digested(salt, value).as_bytes().ct_eq(digest.as_bytes()))
    }
}

fn digested(salt: &str, value: &Secret<String>) -> String {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(value.expose());
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}
