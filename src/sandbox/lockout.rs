//! Guessing is made slow.

use std::time::Duration;

use jiff::Timestamp;

use super::reply::Refusal;

/// How many failures in a row close the door.
pub const LOCK_AFTER: u32 = 5;

/// For how long it stays closed. One more failure afterwards closes it again.
pub const LOCKED_FOR: Duration = Duration::from_mins(1);

/// After this long without a failure, they no longer count as "in a row".
const FORGOTTEN_AFTER: Duration = Duration::from_mins(5);

/// The failures of one account with one kind of secret.
#[derive(Default)]
pub(super) struct Lockout {
    failures: u32,
    last: Option<Timestamp>,
}

impl Lockout {
    /// Refuses while the door is closed, whatever is presented.
    pub(super) fn check(&self, now: Timestamp, what: &str) -> Result<(), Refusal> {
        let open_again = self
            .last
            .filter(|_| self.failures >= LOCK_AFTER)
            .and_then(|last| last.checked_add(LOCKED_FOR).ok())
            .filter(|until| *until > now);
        match open_again {
            None => Ok(()),
            Some(until) => {
                let millis = until.duration_since(now).as_millis();
                let seconds = u64::try_from(millis.max(0)).unwrap_or(0).div_ceil(1000);
                Err(Refusal::too_many(what, seconds))
            }
        }
    }

    /// Counts a failure; the one that closes the door is answered as such.
    pub(super) fn failed(&mut self, now: Timestamp, what: &str) -> Result<(), Refusal> {
        let forgotten = self
            .last
            .and_then(|last| last.checked_add(FORGOTTEN_AFTER).ok())
            .is_none_or(|at| at <= now);
        self.failures = if forgotten {
            1
        } else {
            self.failures.saturating_add(1)
        };
        self.last = Some(now);
        self.check(now, what)
    }

    /// A success ends the row.
    pub(super) fn passed(&mut self) {
        *self = Self::default();
    }
}
