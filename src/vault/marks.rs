//! The marks of used codes: who has the codes can tell which they were, and nobody else.

use jiff::Timestamp;
use rand::Rng as _;
use sha2::{Digest as _, Sha256};

use crate::domain::recovery::UsedCode;
use crate::domain::secret::Secret;

/// Sets these digests apart from all others.
const LABEL: &[u8] = b"npm-warden used recovery code 1\0";

/// Marks a code that was sent.
pub(super) fn used(code: &Secret<String>, at: Timestamp, sure: bool) -> UsedCode {
    let mut salt = [0; 16];
    rand::rng().fill(&mut salt);
    let salt = hex(&salt);
    let digest = of(&salt, code);
    UsedCode {
        at,
        sure,
        mark: format!("{salt}:{digest}"),
    }
}

/// Whether a mark is of this code.
pub(super) fn is_of(used: &UsedCode, code: &Secret<String>) -> bool {
    used.mark
        .split_once(':')
        .is_some_and(|(salt, digest)| digest == of(salt, code))
}

fn of(salt: &str, code: &Secret<String>) -> String {
    digest(&[LABEL, salt.as_bytes(), comparable(code).expose().as_bytes()])
}

/// What registries do not look at is no part of a code: blanks, and the case of a hexadecimal one.
fn comparable(code: &Secret<String>) -> Secret<String> {
    let code = code.expose();
    let is_hex = code
        .chars()
        .all(|c| c.is_ascii_hexdigit() || c.is_whitespace());
    let mut out = Secret::with_capacity(code.len());
    for c in code.chars().filter(|c| !c.is_whitespace()) {
        out.expose_mut()
            .push(if is_hex { c.to_ascii_lowercase() } else { c });
    }
    out
}

/// SHA-256 of these parts, one after the other, in hexadecimal.
pub(super) fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from(DIGITS[usize::from(digit)]))
        .collect()
}
