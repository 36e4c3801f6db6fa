//! What can be chosen about the registry, and why it may not start.

use std::net::{Ipv4Addr, SocketAddr};
use std::ops::RangeInclusive;
use std::time::Duration;

use super::clock::Clock;
use super::fault::Fault;
use super::log::Log;
use crate::domain::tfa::Level;

/// The sizes of a TOTP key that [`Options::key_bytes`] takes: 80 bits, as some registries issue, to 512.
pub(super) const KEY_BYTES: RangeInclusive<usize> = 10..=64;

/// How the embedded registry is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where to listen; loopback only. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// A path before every route, such as `/npm/team`; empty for none.
    pub prefix: String,
    /// The rules that the registry follows.
    pub policy: Policy,
    /// How many tokens the account has, the one of its own session counted.
    pub tokens: usize,
    /// Its second factor to begin with.
    pub tfa: StartTfa,
    /// Whether somebody else is in the account: with a token of its owner's, tokens and a session of its own, another
    /// address and another owner of a package. To rehearse an emergency.
    pub under_attack: bool,
    /// How long a session lasts where sessions end by themselves, which they do at [`Policy::Npmjs`].
    pub session_life: Duration,
    /// How long a reply is held back. The request has taken effect by then.
    pub delay: Duration,
    /// Whether a code serves once only, instead of as often as its time lasts.
    pub otp_once: bool,
    /// Whether it has pages in the browser, to sign in and to approve on. Without them it answers
    /// as registries do that know passwords and codes only.
    pub web: bool,
    /// What goes wrong on purpose.
    pub faults: Vec<Fault>,
    /// Where one line per request goes.
    pub log: Log,
    /// The length of a new TOTP key in bytes, 10 to 64.
    pub key_bytes: usize,
    /// The issuer in the `otpauth` address.
    pub issuer: String,
    /// Whether the `otpauth` address spells out algorithm, digits and period.
    pub otpauth_parameters: bool,
    /// Where the time comes from.
    pub clock: Clock,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            prefix: String::new(),
            policy: Policy::Classic,
            tokens: 12,
            tfa: StartTfa::Off,
            under_attack: false,
            session_life: Duration::from_hours(2),
            delay: Duration::ZERO,
            otp_once: false,
            web: true,
            faults: Vec::new(),
            log: Log::Off,
            key_bytes: 20,
            issuer: "npm".to_owned(),
            otpauth_parameters: false,
            clock: Clock::system(),
        }
    }
}

/// A set of rules that a registry follows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Policy {
    /// Codes from an authenticator for everything that is guarded, tokens that need not expire:
    /// what npm's registry did up to 2025, and what private registries do.
    #[default]
    Classic,
    /// What npm's registry does in 2026: no new set-up of codes from an authenticator, granular tokens
    /// that expire, sessions of hours, codes by e-mail for who has no second factor, and a hold after a
    /// recovery code was used.
    Npmjs,
}

/// The second factor that an account has from the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StartTfa {
    /// None.
    #[default]
    Off,
    /// A set-up that was begun for the stronger level and never confirmed.
    Pending,
    /// It is on, with recovery codes that nobody has used.
    On(Level),
}

/// Why the registry did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another address than loopback.
    #[error(
        "The embedded registry listens on this machine only, and {0} is not a loopback address. \
         Use 127.0.0.1 or [::1] with a port."
    )]
    NotLoopback(SocketAddr),
    /// The address could not be had.
    #[error(
        "The embedded registry cannot listen on {address}: {source}. Use another port, or 0 for a free one."
    )]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// A key size that authenticators do not take.
    #[error("A key of {0} bytes is not one that authenticators take. Use 10 to 64.")]
    KeyBytes(usize),
    /// A path prefix that cannot stand in an address.
    #[error(
        "The path prefix must begin with a slash and hold letters, digits, `-`, `_`, `.` and slashes only."
    )]
    Prefix,
}

impl Options {
    /// Checks what can be checked before listening.
    pub(super) fn check(&self) -> Result<(), StartError> {
        if !self.listen.ip().is_loopback() {
            return Err(StartError::NotLoopback(self.listen));
        }
        if !KEY_BYTES.contains(&self.key_bytes) {
            return Err(StartError::KeyBytes(self.key_bytes));
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
        let prefix = self.path();
        if !(prefix.is_empty() || prefix.starts_with('/'))
            || !prefix.chars().all(plain)
            || prefix.contains("//")
        {
            return Err(StartError::Prefix);
        }
        Ok(())
    }

    /// The path prefix without the slash at its end.
    pub(super) fn path(&self) -> &str {
        self.prefix.trim_end_matches('/')
    }
}
