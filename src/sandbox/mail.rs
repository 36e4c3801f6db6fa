//! Mail to the accounts: none leaves the process, it is kept to be looked at.

use std::collections::VecDeque;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::account::{Account, Registry, Rules, TimedCode, place};
use super::npmjs::{BY_MAIL, WRONG_CODE};
use super::operation::Operation;
use super::random;
use super::reply::Refusal;
use crate::domain::secret::Secret;

/// For how long a code that was mailed serves.
const SERVES: Duration = Duration::from_mins(10);

/// A code that has less time than this is followed by a new one when a code is asked for; until then
/// nobody's inbox is filled.
const RENEWED: Duration = Duration::from_mins(5);

/// How many mails are kept.
const MOST: usize = 100;

/// One mail with a one-time password.
pub struct Mail {
    /// The address that it goes to.
    pub to: String,
    /// When it was sent.
    pub sent: Timestamp,
    /// What the code is for, as the end of "Somebody wants to …".
    pub purpose: &'static str,
    /// Eight digits.
    pub code: Secret<String>,
    /// Until when it serves.
    pub until: Timestamp,
}

impl Mail {
    pub(super) fn copy(&self) -> Self {
        Self {
            to: self.to.clone(),
            code: Secret::from(self.code.expose().as_str()),
            ..*self
        }
    }
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("to", &self.to)
            .field("sent", &self.sent)
            .field("purpose", &self.purpose)
            .finish_non_exhaustive()
    }
}

/// What was sent, the oldest first.
#[derive(Default)]
pub(super) struct Outbox(VecDeque<Mail>);

impl Outbox {
    pub(super) fn all(&self) -> impl DoubleEndedIterator<Item = &Mail> {
        self.0.iter()
    }

    /// Mails a code, unless one that was mailed a moment ago serves as well.
    pub(super) fn code(&mut self, account: &mut Account, purpose: &'static str, now: Timestamp) {
        let fresh = now.saturating_add(RENEWED).unwrap_or(now);
        account.mailed.retain(|code| code.until > now);
        if account.mailed.iter().any(|code| code.until > fresh) {
            return;
        }
        let code = random::mail_code();
        let until = now.saturating_add(SERVES).unwrap_or(now);
        account.mailed.push(TimedCode {
            code: Secret::from(code.expose().as_str()),
            until,
        });
        if self.0.len() >= MOST {
            self.0.pop_front();
        }
        self.0.push_back(Mail {
            to: account.email.clone(),
            sent: now,
            purpose,
            code,
            until,
        });
    }
}

impl Registry {
    /// Asks an account without a second factor for a code that it gets by mail.
    pub(super) fn mailed_code(
        &mut self,
        account: usize,
        operation: Operation,
        given: Option<&Secret<String>>,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let account = &mut self.accounts[account];
        let Some(given) = given else {
            self.outbox.code(account, operation.words(), now);
            return Err(Refusal::otp(BY_MAIL));
        };
        account.check_mailed(given, &self.rules, &mut self.outbox, operation, now)
    }
}

impl Account {
    /// Checks a code that was mailed. Who sends one when none serves any more is mailed another.
    pub(super) fn check_mailed(
        &mut self,
        given: &Secret<String>,
        rules: &Rules,
        outbox: &mut Outbox,
        operation: Operation,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        self.otp_lock.check(now, "codes")?;
        self.mailed.retain(|code| code.until > now);
        if let Some(index) = place(self.mailed.iter().map(|mailed| &mailed.code), given) {
            if rules.otp_once {
                self.mailed.remove(index);
            }
            self.otp_lock.passed();
            return Ok(());
        }
        self.otp_lock.failed(now, "codes")?;
        if self.mailed.is_empty() {
            outbox.code(self, operation.words(), now);
            return Err(Refusal::otp(BY_MAIL));
        }
        Err(Refusal::otp(WRONG_CODE))
    }
}
