//! The registry's memory: its accounts, their second factor, and what may be asked of an account itself.

use std::time::Duration;

use jiff::Timestamp;

use super::lockout::Lockout;
use super::mail::Outbox;
use super::npmjs::{self, Cause, Hold};
use super::options::{Options, Policy};
use super::packages::Package;
use super::reply::Refusal;
use super::seed::Thief;
use super::shelf::{Range, Shelf};
use super::totp::Totp;
use super::web::Desk;
use crate::domain::secret::Secret;
use crate::domain::tfa::Level;

/// The profile fields that a request replaces as a whole, besides the address.
pub(super) const FIELDS: [&str; 5] = ["fullname", "homepage", "freenode", "twitter", "github"];

/// Everything the registry knows.
pub(super) struct Registry {
    pub(super) accounts: Vec<Account>,
    pub(super) shelf: Shelf,
    pub(super) packages: Vec<Package>,
    pub(super) outbox: Outbox,
    /// Who is in an account besides its owner.
    pub(super) thief: Option<Thief>,
    /// The pages that people may open.
    pub(super) desk: Desk,
    pub(super) rules: Rules,
    /// For how long what the present request revokes lingers.
    pub(super) linger: super::linger::Linger,
}

/// What was chosen when it was started.
pub(super) struct Rules {
    pub(super) policy: Policy,
    pub(super) session_life: Duration,
    pub(super) otp_once: bool,
    pub(super) key_bytes: usize,
    pub(super) issuer: String,
    pub(super) otpauth_parameters: bool,
    pub(super) web: bool,
    pub(super) prefix: String,
}

impl From<&Options> for Rules {
    fn from(options: &Options) -> Self {
        Self {
            policy: options.policy,
            session_life: options.session_life,
            otp_once: options.otp_once,
            key_bytes: options.key_bytes,
            issuer: options.issuer.clone(),
            otpauth_parameters: options.otpauth_parameters,
            web: options.web,
            prefix: options.path().to_owned(),
        }
    }
}

/// One account.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) email: String,
    pub(super) email_verified: bool,
    /// The values of [`FIELDS`], in that order.
    pub(super) fields: [Option<String>; 5],
    pub(super) cidr: Vec<Range>,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    /// Counts the changes; a stale couch document is told by it.
    pub(super) revision: u64,
    pub(super) tfa: Tfa,
    /// The codes that were mailed.
    pub(super) mailed: Vec<TimedCode>,
    pub(super) hold: Option<Hold>,
    pub(super) otp_lock: Lockout,
    password: Secret<String>,
    password_lock: Lockout,
}

/// The second factor of an account.
pub(super) enum Tfa {
    Off,
    Pending {
        totp: Totp,
        level: Level,
    },
    On {
        totp: Totp,
        level: Level,
        recovery: Vec<Secret<String>>,
        /// The latest step whose code has served.
        served: Option<u64>,
        /// The codes that approvals in the browser gave.
        web: Vec<TimedCode>,
    },
}

/// A code that serves for a while.
pub(super) struct TimedCode {
    pub(super) code: Secret<String>,
    pub(super) until: Timestamp,
}

/// Which codes a place takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    /// All: of the authenticator, of an approval in the browser, a recovery code.
    All,
    /// None of an approval: one approval must not lead to the next for ever.
    NoApproval,
}

impl Registry {
    /// The index of the account of that name.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.accounts
            .iter()
            .position(|account| account.name == name)
    }
}

impl Account {
    pub(super) fn new(
        name: String,
        email: String,
        password: Secret<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            name,
            email,
            email_verified: false,
            fields: [const { None }; 5],
            cidr: Vec::new(),
            created: now,
            updated: now,
            revision: 1,
            tfa: Tfa::Off,
            mailed: Vec::new(),
            hold: None,
            otp_lock: Lockout::default(),
            password,
            password_lock: Lockout::default(),
        }
    }

    /// Marks a change.
    pub(super) fn touch(&mut self, now: Timestamp) {
        self.updated = now;
        self.revision += 1;
    }

    /// The couch revision.
    pub(super) fn rev(&self) -> String {
        format!("{}-{:032x}", self.revision, self.created.as_millisecond())
    }

    /// Checks the password. Failures in a row close the door for a while.
    pub(super) fn check_password(
        &mut self,
        given: &Secret<String>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.password_lock.check(now, "passwords")?;
        if self.password.matches(given) {
            self.password_lock.passed();
            return Ok(());
        }
        self.password_lock.failed(now, "passwords")?;
        Err(Refusal::password("The password is not right."))
    }

    pub(super) fn set_password(&mut self, password: Secret<String>) {
        self.password = password;
    }

    /// The rules for a new password.
    pub(super) fn password_rules(name: &str, new: &Secret<String>) -> Result<(), Refusal> {
        if new.chars() <= 10 {
            return Err(Refusal::bad(
                "A password has to be longer than 10 characters.",
            ));
        }
        let lower = Secret::from(new.expose().to_lowercase());
        if lower.expose().contains(&name.to_lowercase()) {
            return Err(Refusal::bad("A password may not contain the user name."));
        }
        Ok(())
    }

    /// Checks a one-time password: a code of the authenticator, one of an approval in the browser,
    /// or an unused recovery code.
    pub(super) fn check_otp(
        &mut self,
        given: Option<&Secret<String>>,
        takes: Takes,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let Tfa::On {
            totp,
            recovery,
            served,
            web,
            ..
        } = &mut self.tfa
        else {
            return Ok(());
        };
        let Some(given) = given else {
            // npm's own words; some clients know the challenge by them.
            return Err(Refusal::otp(
                "You must provide a one-time pass. Upgrade your client to npm@latest in order to use 2FA.",
            ));
        };
        let once = rules.otp_once;
        self.otp_lock.check(now, "codes")?;
        let why = match totp.step_of(given, seconds(now)) {
            Some(step) if once && served.is_some_and(|served| step <= served) => {
                "This one-time password was used already. Wait for the next one."
            }
            Some(step) => {
                *served = (*served).max(Some(step));
                self.otp_lock.passed();
                return Ok(());
            }
            None => "The one-time password is not right, or no longer.",
        };
        web.retain(|web| web.until > now);
        if takes == Takes::All
            && let Some(index) = place(web.iter().map(|web| &web.code), given)
        {
            if once {
                web.remove(index);
            }
            self.otp_lock.passed();
            return Ok(());
        }
        if let Some(index) = place(recovery.iter(), given) {
            recovery.remove(index);
            self.otp_lock.passed();
            if rules.policy == Policy::Npmjs {
                self.hold = Some(Hold::new(Cause::RecoveryCode, now));
            }
            return Ok(());
        }
        self.otp_lock.failed(now, "codes")?;
        Err(Refusal::otp(match rules.policy {
            Policy::Classic => why,
            Policy::Npmjs => npmjs::WRONG_CODE,
        }))
    }
}

/// Where the code stands. Every one is compared, so that the time taken does not tell which one fits.
pub(super) fn place<'a>(
    codes: impl Iterator<Item = &'a Secret<String>>,
    given: &Secret<String>,
) -> Option<usize> {
    codes
        .enumerate()
        .filter(|(_, code)| code.matches(given))
        .fold(None, |found, (index, _)| found.or(Some(index)))
}

/// Seconds since 1970, as time-based codes count them.
pub(super) fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.as_second()).unwrap_or(0)
}

/// What a user name may be.
pub(super) fn name_rules(name: &str) -> Result<(), Refusal> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_.~".contains(c);
    if name.is_empty() || name.len() > 214 || name.starts_with('.') || !name.chars().all(plain) {
        return Err(Refusal::bad(
            "A user name has lower-case letters, digits, `-`, `_`, `.` and `~`, at most 214, and begins with no dot.",
        ));
    }
    Ok(())
}

/// What an address may be.
pub(super) fn email_rules(email: &str) -> Result<(), Refusal> {
    let right = email.len() <= 254
        && email.split_once('@').is_some_and(|(user, host)| {
            !user.is_empty()
                && host
                    .split_once('.')
                    .is_some_and(|(site, top)| !site.is_empty() && !top.is_empty())
        });
    if right {
        Ok(())
    } else {
        Err(Refusal::bad(
            "The e-mail address is not one: it needs a name, an @ and a host with a dot.",
        ))
    }
}
