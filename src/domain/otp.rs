//! One-time passwords: the enrolment secret, and what a typed code says about it.

use std::fmt;
use std::ops::Deref;

use totp_rs::{Algorithm, Builder, Totp};
use url::Url;

use super::qr::Modules;
use super::secret::Secret;
use super::text::Text;

/// The longest code of a clock or a mail.
const OF_A_CLOCK: usize = 8;

/// The code of a web challenge.
const OF_A_PAGE: usize = 16;

/// True for what is not a code of a clock, a mail or a page, such as a recovery code: it serves once, and is never
/// sent twice. `other`: it came from a page, or where a page or a mail gives codes; digits alone, which some
/// registries make recovery codes of, may be of those then.
pub fn serves_once(code: &Secret<String>, other: bool) -> bool {
    let code = code.expose();
    let longest = if other { OF_A_PAGE } else { OF_A_CLOCK };
    code.len() > longest || !digits(code)
}

/// What a code that serves once looks like, for a sentence.
pub fn looks_like(code: &Secret<String>) -> &'static str {
    let code = code.expose();
    if code.len() <= OF_A_PAGE && digits(code) {
        "a recovery code, or the code of a web page"
    } else {
        "a recovery code"
    }
}

fn digits(code: &str) -> bool {
    code.bytes().all(|b| b.is_ascii_digit())
}

/// A code that is about to be sent, or was, and what is known of where it came from.
#[derive(Debug)]
pub struct Otp {
    code: Secret<String>,
    other: bool,
}

impl Otp {
    /// `other` as for [`serves_once`].
    pub const fn new(code: Secret<String>, other: bool) -> Self {
        Self { code, other }
    }

    /// Whether it is never sent twice.
    pub fn once(&self) -> bool {
        serves_once(&self.code, self.other)
    }

    /// The code itself.
    pub const fn secret(&self) -> &Secret<String> {
        &self.code
    }
}

impl Deref for Otp {
    type Target = Secret<String>;

    fn deref(&self) -> &Secret<String> {
        &self.code
    }
}

/// A typed code without blanks and line ends (promise P17).
pub fn stripped(typed: &Secret<String>) -> Secret<String> {
    let mut code = Secret::with_capacity(typed.expose().len());
    code.expose_mut()
        .extend(typed.expose().chars().filter(|c| !c.is_whitespace()));
    code
}

/// How far around the present a typed code is looked for, in seconds.
const SEARCHED: u64 = 10 * 60;

/// A set-up in progress: the registry's URL, byte for byte, and what can be read from it.
///
/// It lives as long as the wizard does (promise P14). The program checks a typed code with it
/// and never makes one for the person.
pub struct Enrolment {
    url: Secret<String>,
    key: Secret<String>,
    modules: Option<Modules>,
    totp: Totp,
    /// The account's name as the authenticator will show it.
    pub account: Text,
    /// The issuer as the authenticator will show it.
    pub issuer: Text,
    /// How many digits a code has.
    pub digits: u8,
    /// How long a code is current, in seconds.
    pub period: u64,
}

/// Why a registry's set-up URL cannot be used. Never quotes the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EnrolmentError {
    /// Not an `otpauth://` URL.
    #[error("it is not an otpauth address")]
    NotOtpauth,
    /// A counter-based set-up, or another type than `totp`.
    #[error("it is not for time-based codes")]
    NotTotp,
    /// No `secret` parameter.
    #[error("it has no secret")]
    NoSecret,
    /// A `secret` that is not base32.
    #[error("its secret is not base32")]
    BadSecret,
    /// `digits`, `period` or `algorithm` outside what authenticators know.
    #[error("its {0} is not one that authenticators know")]
    Unusable(&'static str),
}

/// What a typed code turns out to be, by the enrolment's own secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diagnosis {
    /// A code that a registry should take: of the current step, or the one before or after.
    Current,
    /// A code of this key, for another time: seconds from now, negative when it lags behind.
    OtherTime(i64),
    /// No code of this key within ten minutes either way.
    OtherKey,
    /// Not of the right shape; how many digits a code has.
    NotACode(u8),
}

impl Enrolment {
    /// Reads what the registry sent. Keys shorter than the RFC's 128 bits are taken, since registries issue them.
    pub fn parse(url: Secret<String>) -> Result<Self, EnrolmentError> {
        let parsed = Url::parse(url.expose()).map_err(|_| EnrolmentError::NotOtpauth)?;
        if parsed.scheme() != "otpauth" {
            return Err(EnrolmentError::NotOtpauth);
        }
        if !parsed
            .host_str()
            .is_some_and(|host| host.eq_ignore_ascii_case("totp"))
        {
            return Err(EnrolmentError::NotTotp);
        }
        let mut key = None;
        let mut issuer = None;
        let mut digits = 6;
        let mut period = 30;
        let mut algorithm = Algorithm::SHA1;
        for (name, value) in parsed.query_pairs() {
            match name.as_ref() {
                "secret" => key = Some(Secret::from(value.into_owned())),
                "issuer" => issuer = Some(Text::new(&value)),
                "digits" => {
                    digits = value
                        .parse()
                        .ok()
                        .filter(|n| (6..=8).contains(n))
                        .ok_or(EnrolmentError::Unusable("number of digits"))?;
                }
                "period" => {
                    period = value
                        .parse()
                        .ok()
                        .filter(|n| (1..=300).contains(n))
                        .ok_or(EnrolmentError::Unusable("period"))?;
                }
                "algorithm" => {
                    algorithm = match value.to_ascii_uppercase().as_str() {
                        "SHA1" => Algorithm::SHA1,
                        "SHA256" => Algorithm::SHA256,
                        "SHA512" => Algorithm::SHA512,
                        _ => return Err(EnrolmentError::Unusable("algorithm")),
                    };
                }
                _ => {}
            }
        }
        let key = key
            .filter(|key| !key.is_empty())
            .ok_or(EnrolmentError::NoSecret)?;
        let (label_issuer, account) = label(&parsed);
        let bytes = decode_key(&key).ok_or(EnrolmentError::BadSecret)?;
        let totp = Builder::new()
            .with_algorithm(algorithm)
            .with_digits(digits)
            .with_step_duration(period)
            .with_secret(bytes)
            .with_account_name("")
            .build_noncompliant();
        Ok(Self {
            account,
            issuer: issuer.or(label_issuer).unwrap_or_default(),
            modules: Modules::of(url.expose()),
            url,
            key,
            totp,
            digits,
            period,
        })
    }

    /// The registry's URL, byte for byte: the content of the QR code.
    pub fn url(&self) -> &Secret<String> {
        &self.url
    }

    /// The QR code of that URL; `None` when it is longer than any holds.
    pub fn modules(&self) -> Option<&Modules> {
        self.modules.as_ref()
    }

    /// The key as the registry wrote it, for a person to type.
    pub fn key(&self) -> &Secret<String> {
        &self.key
    }

    /// What a typed code is, at `now` seconds since 1970. Blanks in it are passed over.
    pub fn diagnose(&self, typed: &Secret<String>, now: u64) -> Diagnosis {
        let code = Secret::from(
            typed
                .expose()
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect::<String>(),
        );
        if code.chars() != usize::from(self.digits)
            || !code.expose().chars().all(|c| c.is_ascii_digit())
        {
            return Diagnosis::NotACode(self.digits);
        }
        let fits = |at: u64| Secret::from(self.totp.generate(at).to_string()).matches(&code);
        let steps = SEARCHED / self.period;
        for step in 0..=steps {
            let distance = step * self.period;
            for (at, sign) in [
                (now.checked_sub(distance), -1),
                (now.checked_add(distance), 1),
            ] {
                if at.is_some_and(fits) {
                    return if step <= 1 {
                        Diagnosis::Current
                    } else {
                        Diagnosis::OtherTime(sign * i64::try_from(distance).unwrap_or(i64::MAX))
                    };
                }
            }
        }
        Diagnosis::OtherKey
    }
}

impl fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Enrolment")
            .field("account", &self.account)
            .field("issuer", &self.issuer)
            .field("digits", &self.digits)
            .field("period", &self.period)
            .finish_non_exhaustive()
    }
}

/// The issuer and the account of an `otpauth://totp/Issuer:account` path.
fn label(url: &Url) -> (Option<Text>, Text) {
    let decoded = percent_decoded(url.path().trim_start_matches('/'));
    match decoded.split_once(':') {
        Some((issuer, account)) => (Some(Text::new(issuer)), Text::new(account)),
        None => (None, Text::new(&decoded)),
    }
}

fn percent_decoded(path: &str) -> String {
    // A path has no decoder of its own in `url`; a query has, once `+` is kept from meaning a blank.
    let query = format!("v={}", path.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(query.as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

/// Base32 as people and registries write it: any case, with blanks, hyphens or padding.
fn decode_key(key: &Secret<String>) -> Option<totp_rs::Secret> {
    let plain = Secret::from(
        key.expose()
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-' && *c != '=')
            .map(|c| c.to_ascii_uppercase())
            .collect::<String>(),
    );
    if plain.is_empty() {
        return None;
    }
    totp_rs::Secret::try_from_base32(plain.expose()).ok()
}
