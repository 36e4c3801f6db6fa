//! Codes in an encrypted file, in the age format: other programs open it, too.
//!
//! `x.age` is encrypted to a key pair of its own; `x.key.age` holds the key, encrypted by a passphrase. The pair is made
//! and tried out before the codes exist, so that sealing them later needs no passphrase and takes no time.

mod format;
mod left;
mod open;
mod pair;

pub use format::{LARGEST_WORK, WORK};
pub(super) use left::{Left, codes_as_written, key_as_written, left, remove_key};
pub use open::open_codes;
pub use pair::{Order, Pair};

use serde::{Deserialize, Serialize};

use super::marks::digest;

/// The digests of both files as they were written. They are of encrypted bytes, and tell nothing about any code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seals {
    /// Of the file with the codes.
    pub codes: String,
    /// Of the file with the key.
    pub key: String,
}

impl Seals {
    fn of(codes: &[u8], key: &str) -> Self {
        Self {
            codes: digest(&[codes]),
            key: key.to_owned(),
        }
    }
}
