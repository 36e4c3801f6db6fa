//! Time-based codes: SHA-1, six digits, thirty seconds.

use totp_rs::{Algorithm, Builder};

use crate::domain::secret::Secret;

/// How long a code is current, in seconds.
pub(super) const PERIOD: u64 = 30;

/// The key that an account and its authenticator share.
pub(super) struct Totp(totp_rs::Totp);

impl Totp {
    /// The key, and its base32 form for the person's authenticator.
    pub(super) fn new(key: &Secret<Vec<u8>>) -> (Self, Secret<String>) {
        let key = totp_rs::Secret::from(key.expose().as_slice());
        let base32 = Secret::from(key.to_base32());
        let totp = Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(6)
            .with_step_duration(PERIOD)
            .with_secret(key)
            .with_account_name("")
            // Keys under 128 bits are issued by registries, hence by this one.
            .build_noncompliant();
        (Self(totp), base32)
    }

    /// The code of one step of thirty seconds, counted since 1970.
    pub(super) fn code(&self, step: u64) -> Secret<String> {
        Secret::from(self.0.generate(step * PERIOD).to_string())
    }

    /// The step that a code belongs to: the current one, the one before or the one after.
    pub(super) fn step_of(&self, code: &Secret<String>, now: u64) -> Option<u64> {
        let step = now / PERIOD;
        // Every one is compared, so that the time taken does not tell which one fits.
        [Some(step), step.checked_sub(1), step.checked_add(1)]
            .into_iter()
            .flatten()
            .filter(|step| self.code(*step).matches(code))
            .fold(None, |found, step| found.or(Some(step)))
    }
}

/// The address that an authenticator takes over.
pub(super) fn otpauth(
    issuer: &str,
    user: &str,
    base32: &Secret<String>,
    parameters: bool,
) -> Secret<String> {
    let issuer = encoded(issuer);
    let mut url = Secret::with_capacity(256);
    let text = url.expose_mut();
    for part in [
        "otpauth://totp/",
        &issuer,
        ":",
        &encoded(user),
        "?secret=",
        base32.expose(),
        "&issuer=",
        &issuer,
    ] {
        text.push_str(part);
    }
    if parameters {
        text.push_str("&algorithm=SHA1&digits=6&period=30");
    }
    url
}

/// Percent-encoding that is right in a path and in a query alike: a blank is `%20` in both.
fn encoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p13_the_vectors_of_rfc_6238_in_their_last_six_digits() {
        let (totp, _) = Totp::new(&Secret::new(b"12345678901234567890".to_vec()));
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp.code(time / PERIOD).expose(), code, "at {time}");
        }
    }

    #[test]
    fn p13_a_code_serves_one_step_either_way_and_no_further() {
        let (totp, _) = Totp::new(&Secret::new(vec![7; 10]));
        let now = 1_000_000 * PERIOD + 12;
        for distance in 0..=3_i64 {
            for step in [1_000_000 + distance, 1_000_000 - distance] {
                let step = u64::try_from(step).expect("a positive step");
                let found = totp.step_of(&totp.code(step), now);
                assert_eq!(found, (distance <= 1).then_some(step));
            }
        }
    }

    #[test]
    fn an_address_names_issuer_and_account_and_needs_no_unescaped_sign() {
        let key = Secret::from("ABCD");
        assert_eq!(
            otpauth("Örtlich & Co", "a b", &key, true).expose(),
            "otpauth://totp/%C3%96rtlich%20%26%20Co:a%20b?secret=ABCD&issuer=%C3%96rtlich%20%26%20Co\
             &algorithm=SHA1&digits=6&period=30"
        );
    }
}
