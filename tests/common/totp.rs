//! Time-based codes, computed apart from the program: RFC 4226 and 6238 written out.

use hmac::{Hmac, Mac as _};
use sha1::Sha1;

/// The code of a base32 key at `seconds` since 1970: SHA-1, six digits, thirty seconds.
pub fn code(base32: &str, seconds: u64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(&decode(base32)).unwrap();
    mac.update(&(seconds / 30).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

/// The value of a parameter of an `otpauth://` address.
#[allow(dead_code, reason = "not every test binary sees an address")]
pub fn parameter<'a>(otpauth: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = otpauth.split_once('?')?;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn decode(base32: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0);
    for c in base32.bytes() {
        let digit = match c {
            b'A'..=b'Z' => c - b'A',
            b'2'..=b'7' => c - b'2' + 26,
            _ => panic!("a sign that base32 does not have"),
        };
        bits = bits << 5 | u32::from(digit);
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held).unwrap());
            bits &= (1 << held) - 1;
        }
    }
    bytes
}

#[test]
fn the_published_vector() {
    // RFC 6238, appendix B, in base32 and cut to six digits.
    assert_eq!(code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", 59), "287082");
}
