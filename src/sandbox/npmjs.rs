//! What [`Policy::Npmjs`](super::Policy::Npmjs) does otherwise, and its words.
//!
//! Words that npm documents are npm's own. The others are ours, and say so: what npm's registry really
//! answers there is not confirmed.

use std::time::Duration;

use jiff::Timestamp;

use super::account::{Account, Registry, Rules};
use super::auth::{By, Caller};
use super::call::Call;
use super::options::Policy;
use super::reply::Refusal;
use super::shelf::Draft;

/// To who wants to enrol an authenticator. Ours: it was announced that this is closed, and what the
/// registry answers to a client that tries it all the same is not known.
pub(super) const CLOSED: &str = "Authenticator apps can no longer be added: new set-ups of time-based codes (TOTP) are closed. \
     Add a security key on the website, under Account, Two-Factor Authentication.";

/// To a token that bypasses the second factor and wants to change the account. npm's own.
const BYPASS: &str =
    "Granular access tokens that bypass two-factor authentication may not perform this action.";

/// To who manages tokens by something else than a session. Ours: npm documents the rule, not the words.
const NO_SESSION: &str =
    "Tokens are managed by a session alone, and this is none. Sign in with npm login.";

/// To a bearer that is not accepted, for whatever reason. npm's own.
pub(super) const UNAUTHORIZED: &str = "Unauthorized";

/// To an account without a second factor: a code is on its way. npm's own.
pub(super) const BY_MAIL: &str = "A One Time Password (OTP) by email is required.";

/// To a code that is not right. npm's own.
pub(super) const WRONG_CODE: &str = "invalid OTP";

/// For how long a hold lasts.
const HOLD: Duration = Duration::from_hours(72);

/// What was done that an intruder might have done: for a while nothing that matters is published and no
/// token made.
pub(super) struct Hold {
    until: Timestamp,
    cause: Cause,
}

/// Why there is a [`Hold`].
#[derive(Clone, Copy)]
pub(super) enum Cause {
    RecoveryCode,
    Address,
}

impl Hold {
    pub(super) fn new(cause: Cause, now: Timestamp) -> Self {
        Self {
            until: now.saturating_add(HOLD).unwrap_or(now),
            cause,
        }
    }
}

impl Account {
    /// Refuses while there is a hold. The words are ours.
    pub(super) fn check_hold(&self, now: Timestamp) -> Result<(), Refusal> {
        let Some(hold) = self.hold.as_ref().filter(|hold| hold.until > now) else {
            return Ok(());
        };
        let (why, barred) = match hold.cause {
            Cause::RecoveryCode => (
                "a recovery code was used",
                "neither publish, create tokens nor change two-factor authentication",
            ),
            Cause::Address => (
                "its e-mail address was changed",
                "neither publish nor create tokens",
            ),
        };
        Err(Refusal::forbidden(format!(
            "This account is on hold until {}, because {why}: for 72 hours it can {barred}.",
            hold.until.strftime("%Y-%m-%d %H:%M UTC")
        )))
    }
}

impl Account {
    /// Refuses a change of the second factor while a recovery code holds the account.
    pub(super) fn check_factor_hold(&self, now: Timestamp) -> Result<(), Refusal> {
        match &self.hold {
            Some(Hold {
                cause: Cause::RecoveryCode,
                ..
            }) => self.check_hold(now),
            _ => Ok(()),
        }
    }
}

impl Rules {
    /// What a sign-in gives.
    pub(super) fn session(&self, now: Timestamp) -> Draft {
        match self.policy {
            Policy::Classic => Draft::default(),
            Policy::Npmjs => Draft {
                unlisted: true,
                expires: now.checked_add(self.session_life).ok(),
                ..Draft::default()
            },
        }
    }
}

impl Registry {
    /// Refuses a token that bypasses the second factor, whatever it wants to change.
    pub(super) fn no_bypass(&self, caller: &Caller) -> Result<(), Refusal> {
        match self.token(caller) {
            Some(token) if self.rules.policy == Policy::Npmjs && token.draft.bypass_2fa => {
                Err(Refusal::forbidden(BYPASS))
            }
            _ => Ok(()),
        }
    }

    /// The caller of a request about tokens that changes nothing.
    pub(super) fn token_reader(&mut self, call: &Call) -> Result<Caller, Refusal> {
        if self.rules.policy == Policy::Classic {
            return self.reader(call);
        }
        let caller = self.identify(call)?;
        self.by_session(caller)
    }

    /// The caller of a request that changes tokens.
    pub(super) fn token_writer(&mut self, call: &Call) -> Result<Caller, Refusal> {
        if self.rules.policy == Policy::Classic {
            return self.writer(call);
        }
        let caller = self.identify(call)?;
        self.no_bypass(&caller)?;
        self.by_session(caller)
    }

    fn by_session(&self, caller: Caller) -> Result<Caller, Refusal> {
        let session = match caller.by {
            By::Token(id) => self.shelf.get(id).is_some_and(|token| token.draft.unlisted),
            By::Password => false,
        };
        if session {
            Ok(caller)
        } else {
            Err(Refusal::forbidden(NO_SESSION))
        }
    }
}
