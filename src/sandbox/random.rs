//! Values that only the registry makes: tokens, keys, recovery codes, a password.

use std::fmt::Write as _;

use rand::Rng as _;

use crate::domain::secret::Secret;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Words that are easily told apart and typed.
const WORDS: [&str; 32] = [
    "amber", "anchor", "basil", "birch", "cedar", "cobalt", "copper", "ember", "fennel", "garnet",
    "harbor", "hazel", "indigo", "island", "juniper", "kettle", "lagoon", "lantern", "maple",
    "meadow", "nutmeg", "olive", "orchid", "pebble", "quartz", "ribbon", "saddle", "thistle",
    "tundra", "velvet", "willow", "zephyr",
];

/// A token in npm's format: `npm_`, thirty random characters, and six that check them.
pub(super) fn token() -> Secret<String> {
    let mut value = Secret::with_capacity(40);
    let text = value.expose_mut();
    text.push_str("npm_");
    let mut rng = rand::rng();
    for _ in 0..30 {
        text.push(char::from(BASE62[rng.random_range(0..BASE62.len())]));
    }
    let mut sum = crc32(&text.as_bytes()[4..]);
    let mut check = [b'0'; 6];
    for digit in check.iter_mut().rev() {
        *digit = BASE62[(sum % 62) as usize];
        sum /= 62;
    }
    text.extend(check.map(char::from));
    value
}

/// A token's handle that tells nothing of its value. Hexadecimal and not a UUID, since npm masks every UUID that it prints.
pub(super) fn key() -> String {
    hex64().expose().clone()
}

/// Recovery codes of a shape that npm's prompt takes: 64 hexadecimal digits.
pub(super) fn recovery_codes() -> Vec<Secret<String>> {
    (0..5).map(|_| hex64()).collect()
}

/// The name of a page or of a browser's visit: about 143 bits, hence not to be guessed. Not a
/// UUID, which npm masks in what it prints.
pub(super) fn id() -> Secret<String> {
    let mut rng = rand::rng();
    let mut text = Secret::with_capacity(24);
    for _ in 0..24 {
        let digit = BASE62[rng.random_range(0..BASE62.len())];
        text.expose_mut().push(char::from(digit));
    }
    text
}

/// The one-time password of an approval in the browser: sixteen digits, as npm's registry gives.
pub(super) fn web_code() -> Secret<String> {
    digits(16)
}

/// The one-time password of a mail: eight digits, as npm's registry sends.
pub(super) fn mail_code() -> Secret<String> {
    digits(8)
}

fn digits(count: usize) -> Secret<String> {
    let mut rng = rand::rng();
    let mut text = Secret::with_capacity(count);
    for _ in 0..count {
        text.expose_mut()
            .push(char::from(rng.random_range(b'0'..=b'9')));
    }
    text
}

/// A password that is fit to be typed by a person.
pub(super) fn password() -> Secret<String> {
    let mut rng = rand::rng();
    let mut word = || WORDS[rng.random_range(0..WORDS.len())];
    let words = format!("{}-{}-{}", word(), word(), word());
    Secret::from(format!("{words}-{}", rng.random_range(1000..10_000)))
}

/// The key of an authenticator's entry.
pub(super) fn totp_key(bytes: usize) -> Secret<Vec<u8>> {
    let mut key = Secret::new(vec![0; bytes]);
    rand::rng().fill(key.expose_mut().as_mut_slice());
    key
}

fn hex64() -> Secret<String> {
    let mut text = Secret::with_capacity(64);
    let bytes: [u8; 32] = rand::rng().random();
    for byte in bytes {
        // Writing into a string cannot fail.
        let _ = write!(text.expose_mut(), "{byte:02x}");
    }
    text
}

/// CRC-32 as in IEEE 802.3.
fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    !crc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_npm_s_format_and_its_check() {
        assert_eq!(
            crc32(b"123456789"),
            0xcbf4_3926,
            "the published check value"
        );
        let value = token();
        let body = value.expose().strip_prefix("npm_").expect("a prefix");
        assert_eq!(body.len(), 36);
        let sum = body[30..].bytes().fold(0_u64, |sum, b| {
            let digit = BASE62.iter().position(|c| *c == b).expect("base 62");
            sum * 62 + digit as u64
        });
        assert_eq!(sum, u64::from(crc32(&body.as_bytes()[..30])));
        assert!(!token().matches(&value));
    }

    #[test]
    fn keys_and_codes_are_64_hexadecimal_digits() {
        let codes = recovery_codes();
        for text in codes
            .iter()
            .map(|code| code.expose().clone())
            .chain([key()])
        {
            assert_eq!(text.len(), 64);
            assert!(text.bytes().all(|b| b.is_ascii_hexdigit()));
        }
        assert!(!codes[0].matches(&codes[1]));
        assert!(password().chars() > 10);
        for (code, length) in [(web_code(), 16), (mail_code(), 8)] {
            assert_eq!(code.chars(), length);
            assert!(code.expose().bytes().all(|b| b.is_ascii_digit()));
        }
        assert!(!id().matches(&id()) && id().chars() == 24);
    }
}
